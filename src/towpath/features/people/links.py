"""Links that work once: to set Towpath up, and to choose a new password."""

from __future__ import annotations

import secrets
from datetime import timedelta

import sqlalchemy as sa

from towpath.access import Role, who
from towpath.errors import SignInError
from towpath.features.people.granting import grant
from towpath.features.people.sessions import digest, end_others
from towpath.features.people.tables import grants, one_time_links
from towpath.features.people.users import User, add, find, store_password
from towpath.hub import Hub
from towpath.logins import password as passwords

__all__ = ["choose_password", "first_run_token", "is_first_run", "password_token", "set_up"]

_SETUP, _PASSWORD = "setup", "password"
_SETUP_LIVES, _PASSWORD_LIVES = timedelta(days=7), timedelta(hours=24)


def is_first_run(db: sa.Connection) -> bool:
    """Whether nobody administers the installation yet."""
    admin = (grants.c.role == Role.ADMIN.value) & grants.c.connection_id.is_(None)
    return db.execute(sa.select(grants.c.id).where(admin).limit(1)).first() is None


def first_run_token(hub: Hub) -> str | None:
    """A fresh one-time token for the set-up of the first administrator; None when there is one.

    Those of earlier starts work no longer.
    """
    with hub.store.begin() as db:
        if not is_first_run(db):
            return None
        db.execute(one_time_links.delete().where(one_time_links.c.purpose == _SETUP))
        return _made(db, _SETUP, None, _SETUP_LIVES)


def set_up(hub: Hub, token: str, *, login: str, name: str, password: str, email: str | None = None) -> User:
    """Make the first administrator. The token is used up by it, and only by it.

    :raises InputError: login, name or password are not valid; the token still works then.
    :raises SignInError: the token does not work (any more).
    """
    with hub.store.begin() as db:
        _look(db, token, _SETUP)
    passwords.check(password, [login, name, email or ""])
    digested = passwords.digest(password)
    with hub.store.begin() as db:
        _use(db, token, _SETUP)
        if not is_first_run(db):
            raise SignInError("Towpath has an administrator already; ask them to add you.")
        user = add(db, login=login, name=name, email=email, password_hash=digested)
        hub.store.audit(who(), "setup", f"user/{user.login}", connection=db)
        grant(hub, Role.ADMIN, user_id=user.id, db=db)
    return user


def password_token(hub: Hub, user_id: str) -> str:
    """A fresh one-time token with which a person chooses their password; earlier ones work no longer."""
    with hub.store.begin() as db:
        user = find(db, user_id)
        same = (one_time_links.c.purpose == _PASSWORD) & (one_time_links.c.user_id == user_id)
        db.execute(one_time_links.delete().where(same))
        hub.store.audit(who(), "password.link", f"user/{user.login}", connection=db)
        return _made(db, _PASSWORD, user_id, _PASSWORD_LIVES)


def choose_password(hub: Hub, token: str, password: str) -> User:
    """Keep a new password for the person of a link. All their sessions end.

    :raises InputError: the password is too weak; the link still works then.
    :raises SignInError: the link does not work (any more).
    """
    with hub.store.begin() as db:
        person = find(db, str(_look(db, token, _PASSWORD)))
    passwords.check(password, [person.login, person.name, person.email or ""])
    digested = passwords.digest(password)
    with hub.store.begin() as db:
        user_id = _use(db, token, _PASSWORD)
        store_password(db, str(user_id), digested)
        end_others(db, str(user_id))
        user = find(db, str(user_id))
        hub.store.audit(f"user:{user.login}", "password.set", f"user/{user.login}", connection=db)
    return user


def _made(db: sa.Connection, purpose: str, user_id: str | None, lives: timedelta) -> str:
    token = secrets.token_urlsafe(24)
    now = sa.func.now()
    row = {"token_hash": digest(token), "purpose": purpose, "user_id": user_id, "expires_at": now + lives}
    db.execute(one_time_links.insert().values(row))
    return token


def _works(token: str, purpose: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        one_time_links.c.token_hash == digest(token),
        one_time_links.c.purpose == purpose,
        one_time_links.c.used_at.is_(None),
        one_time_links.c.expires_at > sa.func.now(),
    )


def _look(db: sa.Connection, token: str, purpose: str) -> str | None:
    """Whose link it is, before anything costly is done for a stranger's."""
    row = db.execute(sa.select(one_time_links.c.user_id).where(_works(token, purpose))).one_or_none()
    return _person(row, purpose)


def _use(db: sa.Connection, token: str, purpose: str) -> str | None:
    """Use a link up. Rival: the same link opened twice; one of them finds it used."""
    used = one_time_links.update().where(_works(token, purpose)).values(used_at=sa.func.now())
    return _person(db.execute(used.returning(one_time_links.c.user_id)).one_or_none(), purpose)


def _person(row: sa.Row[tuple[str | None]] | None, purpose: str) -> str | None:
    if row is None:
        raise SignInError(
            "This link does not work any more; ask for a new one."
            if purpose == _PASSWORD
            else "This set-up link does not work any more; start Towpath again for a new one."
        )
    person: str | None = row.user_id
    return person
