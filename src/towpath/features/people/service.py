"""What people offer to the server, the command line and the other features."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from towpath.access import Actor, Grant, who
from towpath.errors import SignInError
from towpath.features.people import attempts, entering, granting, methods, proving, sessions, users
from towpath.features.people.actors import actor_of, grants_of
from towpath.features.people.belonging import groups_of
from towpath.features.people.links import (
    choose_password,
    first_run_token,
    is_first_run,
    password_token,
    set_up,
)
from towpath.features.people.tables import users as table
from towpath.features.people.users import User
from towpath.hub import Hub
from towpath.logins import password as passwords

__all__ = [
    "Opened",
    "User",
    "actor_after_code",
    "actor_of",
    "add_user",
    "change_password",
    "choose_password",
    "first_run_token",
    "groups_of",
    "is_first_run",
    "open_session",
    "password_token",
    "set_up",
    "sign_in",
    "sign_in_by_ldap",
]

_REFUSED = "The login or the password is not right; check both and try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session that was begun."""

    user: User
    #: What the browser keeps.
    token: str
    #: Whether a one-time code is still to be given.
    code_needed: bool


def add_user(
    hub: Hub,
    *,
    login: str,
    name: str,
    email: str | None = None,
    password: str | None = None,
    grants: Iterable[Grant] = (),
) -> User:
    """Add a person with roles; without a password they choose one by a link (`password_token`).

    :raises InputError: login, name or password are not valid.
    :raises ConflictError: the login is taken.
    """
    if password is not None:
        passwords.check(password, [login, name, email or ""])
    digested = passwords.digest(password) if password is not None else None
    with hub.store.begin() as db:
        user = users.add(db, login=login, name=name, email=email, password_hash=digested)
        for one in grants:
            granting.grant(hub, one.role, user_id=user.id, connection_id=one.connection_id, db=db)
        hub.store.audit(who(), "user.add", f"user/{user.login}", connection=db)
    return user


def sign_in(hub: Hub, *, login: str, password: str, address: str, device: str) -> Opened:
    """Begin a session by login and password.

    Whether the login exists shows neither in the sentence nor in the time it takes.

    :raises SignInError: they do not belong together, or the person is disabled.
    :raises RateLimitedError: there were too many failures.
    """
    login = login.strip().casefold()[:100]
    with hub.store.begin() as db:
        row = db.execute(table.select().where(table.c.login == login)).one_or_none()
    counted = attempts.counted_at(hub, login, row.id if row is not None else None, address)
    attempts.begin(hub, **counted)
    known = row.password_hash if row is not None and row.disabled_at is None else None
    if not passwords.fits(known, password) or row is None:
        # What was typed as a login may be a password in the wrong place.
        whom = f"user/{login}" if row is not None else "user/unknown"
        hub.store.audit("anybody", "session.begin", whom, "refused")
        raise SignInError(_REFUSED)
    if passwords.outdated(row.password_hash):
        with hub.store.begin() as db:
            users.store_password(db, row.id, passwords.digest(password))
    with hub.store.begin() as db:
        attempts.succeeded(db, **counted)
    return open_session(hub, row.id, method="password", address=address, device=device)


def sign_in_by_ldap(
    hub: Hub, method_id: str, *, login: str, password: str, address: str, device: str
) -> Opened:
    """Begin a session by login and password of a directory (S3.ldap).

    :raises SignInError: the directory refuses them, or they may not come for the first time.
    :raises RateLimitedError: there were too many failures.
    :raises TowpathError: the directory can not be asked.
    """
    from towpath.logins import ldap

    method = methods.find(hub, method_id, kind="ldap")
    login = login.strip().casefold()[:100]
    counted = attempts.counted_at(
        hub, f"{method.id}/{login}", entering.known_by_login(hub, method, login), address
    )
    attempts.begin(hub, **counted)
    try:
        identity = ldap.prove(methods.directory_of(hub, method), login, password)
    except SignInError:
        hub.store.audit("anybody", "session.begin", "user/unknown", "refused", {"method": method.title})
        raise
    with hub.store.begin() as db:
        attempts.succeeded(db, **counted)
    user_id = entering.enter(hub, method, identity)
    return open_session(hub, user_id, method=method.id, address=address, device=device)


def open_session(
    hub: Hub, user_id: str, *, method: str, address: str, device: str, own_codes: bool = True
) -> Opened:
    """Begin a session of a person who has proved who they are.

    :param own_codes: whether one-time codes of ours belong to it; not where another service is trusted to have asked
        for a second factor of its own.
    """
    with hub.store.begin() as db:
        user = users.find(db, user_id)
        if user.disabled_at is not None:
            raise SignInError("This account is disabled; ask an administrator of Towpath.")
        code_needed = own_codes and user.totp_since is not None
        token = sessions.begin(
            hub,
            db,
            user_id=user.id,
            method=method,
            address=address,
            device=device,
            own_codes=own_codes,
            code_needed=code_needed,
        )
        details = {"method": method}
        hub.store.audit(
            f"user:{user.login}", "session.begin", f"user/{user.login}", details=details, connection=db
        )
    return Opened(user=user, token=token, code_needed=code_needed)


def actor_after_code(db: sa.Connection, actor: Actor) -> Actor:
    """Who a person is once the second step of their sign-in is done."""
    held = grants_of(db, str(actor.user_id))
    return replace(actor, grants=held, pending=None)


def change_password(hub: Hub, user_id: str, *, current: str, new: str, session_id: str | None) -> int:
    """Keep a new password; the person's other sessions end, as many as are answered.

    :raises InputError: the current one is not right, or the new one is too weak.
    """
    proving.own_password(hub, user_id, current)
    with hub.store.begin() as db:
        user = users.find(db, user_id)
    passwords.check(new, [user.login, user.name, user.email or ""])
    digested = passwords.digest(new)
    with hub.store.begin() as db:
        users.store_password(db, user_id, digested)
        users.forget_links(db, user_id)
        ended = sessions.end_others(db, user_id, session_id)
        hub.store.audit(who(), "password.set", f"user/{user.login}", connection=db)
    return ended
