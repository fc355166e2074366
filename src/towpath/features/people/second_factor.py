"""One-time codes of a person: set up, asked for, never taken twice; and recovery codes (S3.2fa)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from towpath.access import who
from towpath.errors import ConflictError, InputError, NotFoundError, SignInError
from towpath.features.people import attempts
from towpath.features.people.sessions import end_others
from towpath.features.people.tables import recovery_codes, sessions, users
from towpath.features.people.users import User, find
from towpath.hub import Hub
from towpath.logins import totp

__all__ = [
    "Enrolment",
    "confirm",
    "enrol",
    "forget",
    "give_code",
    "new_recovery_codes",
    "recovery_left",
    "switch_off",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What an authenticator app needs; shown once."""

    secret: str
    address: str
    #: An SVG document.
    picture: str


def _owner(user_id: str) -> str:
    return f"totp/{user_id}"


def _pending(user_id: str) -> str:
    return f"totp-pending/{user_id}"


def forget(hub: Hub, db: sa.Connection, user_id: str) -> None:
    """Remove the secrets of somebody who is deleted."""
    for owner in (_owner(user_id), _pending(user_id)):
        hub.cabinet.remove(owner, connection=db)


def enrol(hub: Hub, user_id: str) -> Enrolment:
    """Begin to set up one-time codes: nothing is asked for until :func:`confirm`.

    :raises ConflictError: they are set up already.
    """
    with hub.store.begin() as db:
        user = find(db, user_id)
        if user.totp_since is not None:
            raise ConflictError(
                "One-time codes are set up already; switch them off before you set up another app."
            )
        secret = totp.new_secret()
        hub.cabinet.put(_pending(user_id), secret, connection=db)
    address = totp.address(secret, user.login)
    return Enrolment(secret=secret, address=address, picture=totp.picture(address))


def confirm(hub: Hub, user_id: str, code: str, *, session_id: str | None) -> list[str]:
    """Ask for codes from now on, as the app gives the right one; the recovery codes, shown once.

    :raises InputError: the code is wrong.
    :raises RateLimitedError: too many were.
    """
    attempts.begin(hub, code=user_id)
    try:
        secret = hub.cabinet.get(_pending(user_id)).reveal()
    except NotFoundError:
        raise ConflictError("Begin again: the picture to scan is not known any more.") from None
    step = totp.step_of(secret, code)
    if step is None:
        raise InputError(
            "That is not the code that the app shows now; check the clock of your device and try again."
        )
    with hub.store.begin() as db:
        # Rival: the same page confirmed twice.
        on = users.update().where(users.c.id == user_id, users.c.totp_since.is_(None))
        if not db.execute(on.values(totp_since=sa.func.now(), totp_step=step)).rowcount:
            raise ConflictError("One-time codes are set up already.")
        hub.cabinet.put(_owner(user_id), secret, connection=db)
        hub.cabinet.remove(_pending(user_id), connection=db)
        if session_id is not None:
            given = sessions.update().where(sessions.c.id == session_id)
            db.execute(given.values(code_needed=True, code_given_at=sa.func.now()))
        # Whoever else is signed in as them has given no code.
        end_others(db, user_id, session_id)
        codes = _fresh_codes(db, user_id)
        attempts.succeeded(db, code=user_id)
        hub.store.audit(who(), "totp.on", f"user/{find(db, user_id).login}", connection=db)
    return codes


def give_code(hub: Hub, *, user_id: str, session_id: str, code: str) -> None:
    """Complete a sign-in with a code of the app, or with a recovery code, which is used up.

    :raises SignInError: the code is wrong or was used before.
    :raises RateLimitedError: too many were.
    """
    attempts.begin(hub, code=user_id)
    secret = hub.cabinet.get(_owner(user_id)).reveal()
    step = totp.step_of(secret, code)
    with hub.store.begin() as db:
        recovery = False
        if step is not None:
            # No code is taken twice, not even by two sign-ins at the same moment.
            fresh = (users.c.id == user_id) & sa.or_(users.c.totp_step.is_(None), users.c.totp_step < step)
            taken = db.execute(users.update().where(fresh).values(totp_step=step)).rowcount
        else:
            same = (
                (recovery_codes.c.user_id == user_id)
                & (recovery_codes.c.code_hash == _digest(user_id, code))
                & recovery_codes.c.used_at.is_(None)
            )
            taken = db.execute(recovery_codes.update().where(same).values(used_at=sa.func.now())).rowcount
            recovery = bool(taken)
        if taken:
            waiting = (
                (sessions.c.id == session_id)
                & (sessions.c.user_id == user_id)
                & sessions.c.ended_at.is_(None)
            )
            db.execute(sessions.update().where(waiting).values(code_given_at=sa.func.now()))
            attempts.succeeded(db, code=user_id)
        details = {"recovery_code": True} if recovery else {}
        result = "ok" if taken else "refused"
        hub.store.audit(who(), "session.code", f"session/{session_id}", result, details, connection=db)
    if not taken:
        raise SignInError("That code is wrong or was used already; wait for the next one and try again.")


def switch_off(hub: Hub, user_id: str) -> User:
    """Ask for codes no longer; the recovery codes are void. An administrator does so for who lost the app (S3.2fa.6)."""
    with hub.store.begin() as db:
        db.execute(users.update().where(users.c.id == user_id).values(totp_since=None, totp_step=None))
        db.execute(recovery_codes.delete().where(recovery_codes.c.user_id == user_id))
        hub.cabinet.remove(_owner(user_id), connection=db)
        user = find(db, user_id)
        hub.store.audit(who(), "totp.off", f"user/{user.login}", connection=db)
    return user


def new_recovery_codes(hub: Hub, user_id: str) -> list[str]:
    """Fresh recovery codes; the old ones are void.

    :raises ConflictError: one-time codes are not set up.
    """
    with hub.store.begin() as db:
        user = find(db, user_id)
        if user.totp_since is None:
            raise ConflictError("Set up one-time codes first; recovery codes stand in for them.")
        codes = _fresh_codes(db, user_id)
        hub.store.audit(who(), "totp.recovery_codes", f"user/{user.login}", connection=db)
    return codes


def recovery_left(hub: Hub, user_id: str) -> int:
    """How many recovery codes are unused."""
    mine = (recovery_codes.c.user_id == user_id) & recovery_codes.c.used_at.is_(None)
    with hub.store.begin() as db:
        return int(db.execute(sa.select(sa.func.count()).where(mine)).scalar_one())


def _fresh_codes(db: sa.Connection, user_id: str) -> list[str]:
    codes = totp.recovery_codes()
    db.execute(recovery_codes.delete().where(recovery_codes.c.user_id == user_id))
    rows = [{"user_id": user_id, "code_hash": _digest(user_id, code)} for code in codes]
    db.execute(recovery_codes.insert(), rows)
    return codes


def _digest(user_id: str, code: str) -> bytes:
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return hashlib.sha256(f"{user_id}/{plain}".encode()).digest()
