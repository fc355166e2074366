"""Users: who may sign in, and that one administrator always remains."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from towpath.access import Role, who
from towpath.errors import ConflictError, InputError, NotFoundError
from towpath.features.people.tables import api_tokens, grants, memberships, one_time_links, sessions, users
from towpath.hub import Hub

__all__ = [
    "User",
    "add",
    "administers",
    "by_login",
    "edit",
    "fetch",
    "find",
    "forget_links",
    "keep_administrator",
    "listed",
    "login_of",
    "store_password",
]

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
#: Held while administrators become fewer: two who remove each other at the same moment take turns.
_LOCK = 7_403_211_960


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person as others may see them."""

    id: str
    login: str
    name: str
    email: str | None
    #: ``local``, ``oidc`` or ``ldap``.
    source: str
    language: str | None
    theme: str | None
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool
    password_set_at: datetime | None
    #: Since when one-time codes are asked for.
    totp_since: datetime | None


_SHOWN = (
    users.c.id,
    users.c.login,
    users.c.name,
    users.c.email,
    users.c.source,
    users.c.language,
    users.c.theme,
    users.c.created_at,
    users.c.disabled_at,
    users.c.password_hash.is_not(None).label("has_password"),
    users.c.password_set_at,
    users.c.totp_since,
)


def login_of(text: str) -> str:
    """A login as it is kept: small letters.

    :raises InputError: it is none.
    """
    login = text.strip().casefold()
    if not _LOGIN.fullmatch(login):
        raise InputError(
            "A login is 1 to 100 letters, digits or any of . _ @ + -, such as an e-mail address; choose another."
        )
    return login


def add(
    db: sa.Connection,
    *,
    login: str,
    name: str,
    email: str | None = None,
    source: str = "local",
    password_hash: str | None = None,
) -> User:
    """Add a person, in the caller's transaction.

    :raises InputError: the login or name is not valid.
    :raises ConflictError: the login is taken.
    """
    row = {
        "id": uuid.uuid4().hex[:12],
        "login": login_of(login),
        "name": _name(name),
        "email": _email(email),
        "source": source,
        "password_hash": password_hash,
        "password_set_at": sa.func.now() if password_hash else None,
    }
    try:
        with db.begin_nested():
            db.execute(users.insert().values(row))
    except IntegrityError:
        raise ConflictError(f"There is a user '{row['login']}' already; choose another login.") from None
    return find(db, str(row["id"]))


def find(db: sa.Connection, user_id: str) -> User:
    """The person of that id.

    :raises NotFoundError: there is none.
    """
    row = db.execute(sa.select(*_SHOWN).where(users.c.id == user_id)).one_or_none()
    if row is None:
        raise NotFoundError("There is no such user; see the list of people.")
    return User(**row._asdict())


def by_login(db: sa.Connection, login: str) -> User:
    """The person who signs in by that name.

    :raises NotFoundError: there is none.
    """
    row = db.execute(sa.select(*_SHOWN).where(users.c.login == login.strip().casefold())).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no user '{login}'; see `towpath user list`.")
    return User(**row._asdict())


def fetch(db: sa.Connection, user_id: str) -> Mapping[str, Any]:
    """The whole row, digest of the password included: for the checks of this feature alone."""
    row = db.execute(users.select().where(users.c.id == user_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("There is no such user; see the list of people.")
    return dict(row)


def listed(db: sa.Connection, *, after: str = "", limit: int = 100) -> list[User]:
    """People by login, after the one named."""
    query = sa.select(*_SHOWN).where(users.c.login > after).order_by(users.c.login).limit(limit)
    return [User(**row._asdict()) for row in db.execute(query)]


def edit(
    hub: Hub, user_id: str, news: Mapping[str, Any], *, check: Callable[[User], None] = lambda _: None
) -> User:
    """Change name, email, language, theme, or whether the person is disabled (which ends sessions and tokens).

    :param check: looks at the person as they are before, while nobody else can change them; what it raises is raised.
    :raises ConflictError: nobody who may manage people would remain.
    """
    values: dict[str, Any] = {}
    if "name" in news:
        values["name"] = _name(news["name"])
    if "email" in news:
        values["email"] = _email(news["email"])
    values |= {key: news[key] for key in ("language", "theme") if key in news}
    with hub.store.begin() as db:
        # The rival is another administrator: who comes second is shown what the first has made of it.
        db.execute(sa.select(users.c.id).where(users.c.id == user_id).with_for_update())
        before = find(db, user_id)
        check(before)
        if "disabled" in news and bool(news["disabled"]) != (before.disabled_at is not None):
            values["disabled_at"] = sa.func.now() if news["disabled"] else None
        if values:
            db.execute(users.update().where(users.c.id == user_id).values(values))
        if news.get("disabled"):
            ended = sa.func.now()
            db.execute(
                sessions.update()
                .where(sessions.c.user_id == user_id, sessions.c.ended_at.is_(None))
                .values(ended_at=ended)
            )
            db.execute(
                api_tokens.update()
                .where(api_tokens.c.user_id == user_id, api_tokens.c.revoked_at.is_(None))
                .values(revoked_at=ended)
            )
            forget_links(db, user_id)
            keep_administrator(db)
        after = find(db, user_id)
        changed = sorted(key for key in values if key != "disabled_at")
        details: dict[str, Any] = {"changed": changed} if changed else {}
        if "disabled_at" in values:
            details["disabled"] = after.disabled_at is not None
        if details:
            hub.store.audit(who(), "user.edit", f"user/{after.login}", details=details, connection=db)
    return after


def store_password(db: sa.Connection, user_id: str, password_hash: str) -> None:
    """Keep the digest of a new password. The caller ends what the old one had opened."""
    values = {"password_hash": password_hash, "password_set_at": sa.func.now()}
    db.execute(users.update().where(users.c.id == user_id).values(values))


def forget_links(db: sa.Connection, user_id: str) -> None:
    """Void the links that let a person choose a password: one in wrong hands must not outlast what was done about it."""
    db.execute(one_time_links.delete().where(one_time_links.c.user_id == user_id))


def administers() -> sa.ColumnElement[bool]:
    """Of a row of users: it administers the whole installation, by itself or by a group, and is not disabled."""
    belongs = sa.select(memberships.c.group_id).where(memberships.c.user_id == users.c.id)
    return sa.and_(
        users.c.disabled_at.is_(None),
        sa.exists().where(
            grants.c.role == Role.ADMIN.value,
            grants.c.connection_id.is_(None),
            sa.or_(grants.c.user_id == users.c.id, grants.c.group_id.in_(belongs)),
        ),
    )


def keep_administrator(db: sa.Connection) -> None:
    """Go on only if somebody remains who administers the whole installation and can sign in.

    Called at the end of whatever takes roles away, in its transaction.

    :raises ConflictError: nobody would.
    """
    db.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    if db.execute(sa.select(users.c.id).where(administers()).limit(1)).first() is None:
        raise ConflictError(
            "Nobody would be left who administers Towpath; make somebody else an Admin first."
        )


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise InputError("A name is 1 to 100 printable characters; correct it.")
    return name


def _email(text: str | None) -> str | None:
    if text is None or not text.strip():
        return None
    email = text.strip()
    if not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,190}", email):
        raise InputError("That is no e-mail address; correct it or leave it out.")
    return email
