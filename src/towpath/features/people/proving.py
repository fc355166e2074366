"""That it is really the person who asks, before something that a forgotten screen should not allow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import sqlalchemy as sa

from towpath.errors import InputError, SignInError
from towpath.features.people import attempts, methods, users
from towpath.features.people.tables import identities, sessions, sign_in_methods
from towpath.features.people.tables import users as table
from towpath.hub import Hub
from towpath.logins import password as passwords

__all__ = ["own_password", "proof_of", "proved_again"]

#: How long ago somebody without any password may have come from another service.
_JUST_NOW = timedelta(minutes=10)
_WRONG = "That is not your password; enter the one you sign in with."


def proof_of(hub: Hub, session_id: str | None) -> Literal["password", "sign_in"]:
    """What :func:`proved_again` asks for in this session."""
    row = _session(hub, session_id)
    return "sign_in" if row is not None and row.kind == "oidc" and not row.has_password else "password"


def proved_again(hub: Hub, user_id: str, session_id: str | None, password: str) -> None:
    """Go on only with the password that the person signed in with, ours or the directory's.

    Who has none at all, as they come from an OpenID issuer, must have come a moment ago.

    :raises InputError: it is not right, or they have to sign in again.
    :raises RateLimitedError: there were too many failures.
    :raises TowpathError: the directory can not be asked.
    """
    row = _session(hub, session_id)
    if row is None or row.kind is None or (row.kind == "oidc" and row.has_password):
        own_password(hub, user_id, password)
    elif row.kind == "ldap":
        _directory(hub, user_id, row.method, password)
    elif not row.fresh:
        raise InputError(
            "You signed in a while ago; sign out, sign in again, and do this within ten minutes."
        )


def own_password(hub: Hub, user_id: str, password: str) -> None:
    """Go on only with the person's password of Towpath's own.

    :raises InputError: it is not right.
    :raises RateLimitedError: there were too many failures.
    """
    attempts.begin(hub, code=f"password/{user_id}")
    with hub.store.begin() as db:
        known = users.fetch(db, user_id)["password_hash"]
    if not passwords.fits(known, password):
        raise InputError(_WRONG)
    with hub.store.begin() as db:
        attempts.succeeded(db, code=f"password/{user_id}")


def _directory(hub: Hub, user_id: str, method_id: str, password: str) -> None:
    from towpath.logins import ldap

    method = methods.find(hub, method_id, kind="ldap")
    attempts.begin(hub, code=f"password/{user_id}")
    here = (identities.c.method_id == method_id) & (identities.c.user_id == user_id)
    query = sa.select(identities.c.login).where(here, identities.c.login.is_not(None))
    with hub.store.begin() as db:
        login = db.execute(query.order_by(identities.c.linked_at.desc()).limit(1)).scalar_one_or_none()
    if login is None:
        raise InputError("The directory has to tell who you are; sign out, sign in again, and do this then.")
    try:
        proved = ldap.prove(methods.directory_of(hub, method), login, password)
    except SignInError:
        raise InputError(_WRONG) from None
    with hub.store.begin() as db:
        # The login may be somebody else's there by now.
        same = db.execute(sa.select(identities.c.user_id).where(here, identities.c.subject == proved.subject))
        if same.first() is None:
            raise InputError(_WRONG)
        attempts.succeeded(db, code=f"password/{user_id}")


def _session(hub: Hub, session_id: str | None) -> Any:
    """How the person signed in: `method`, its `kind` (null: the password), `has_password`, and whether it is `fresh`."""
    query = (
        sa.select(
            sessions.c.method,
            sign_in_methods.c.kind,
            table.c.password_hash.is_not(None).label("has_password"),
            (sessions.c.created_at > sa.func.now() - _JUST_NOW).label("fresh"),
        )
        .join(table, table.c.id == sessions.c.user_id)
        .outerjoin(sign_in_methods, sign_in_methods.c.id == sessions.c.method)
        .where(sessions.c.id == session_id)
    )
    with hub.store.begin() as db:
        return db.execute(query).one_or_none()
