"""From a cookie or a token to who asks and what they may do: one query for each request."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from towpath.access import Actor, Grant, Right, Role
from towpath.features.people import policy, tokens
from towpath.features.people.sessions import digest
from towpath.features.people.tables import api_tokens, grants, memberships, sessions, users
from towpath.hub import Hub

__all__ = ["actor_of", "grants_of"]

#: How often at most a use is noted.
_NOTED = timedelta(minutes=1)
_NOW = sa.func.now()

_HELD = (
    sa.select(
        sa.func.coalesce(
            sa.func.json_agg(sa.func.json_build_array(grants.c.role, grants.c.connection_id)),
            sa.text("'[]'::json"),
        )
    )
    .where(
        sa.or_(
            grants.c.user_id == users.c.id,
            grants.c.group_id.in_(
                sa.select(memberships.c.group_id).where(memberships.c.user_id == users.c.id)
            ),
        )
    )
    .scalar_subquery()
    .label("held")
)

#: Built once: every request asks one of the two.
_SESSION = (
    sa.select(
        users.c.id.label("user_id"),
        users.c.login,
        users.c.name,
        users.c.totp_since,
        sessions.c.id,
        sessions.c.own_codes,
        sessions.c.code_needed,
        sessions.c.code_given_at,
        (sessions.c.used_at < _NOW - _NOTED).label("stale"),
        policy.KEPT,
        _HELD,
    )
    .join(users, users.c.id == sessions.c.user_id)
    .where(
        sessions.c.token_hash == sa.bindparam("hash"),
        sessions.c.ended_at.is_(None),
        sessions.c.expires_at > _NOW,
        sessions.c.used_at > _NOW - sa.bindparam("idle", type_=sa.Interval()),
        users.c.disabled_at.is_(None),
    )
)
_TOKEN = (
    sa.select(
        users.c.id.label("user_id"),
        users.c.name,
        api_tokens.c.secret_hash,
        api_tokens.c.rights,
        api_tokens.c.connection_ids,
        sa.or_(
            api_tokens.c.used_at.is_(None),
            api_tokens.c.used_at < _NOW - _NOTED,
            api_tokens.c.used_from.is_distinct_from(sa.bindparam("address", type_=sa.Text())),
        ).label("stale"),
        _HELD,
    )
    .join(users, users.c.id == api_tokens.c.user_id)
    .where(
        api_tokens.c.id == sa.bindparam("token"),
        api_tokens.c.revoked_at.is_(None),
        sa.or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > _NOW),
        users.c.disabled_at.is_(None),
    )
)


def actor_of(hub: Hub, *, session: str | None, bearer: str | None, address: str) -> Actor | None:
    """Who a session's or an API token's text stands for; None when it is not valid (any more).

    A token wins over a session.
    """
    if bearer is not None:
        return _by_token(hub, bearer, address)
    return _by_session(hub, session, address) if session else None


def grants_of(db: sa.Connection, user_id: str) -> tuple[Grant, ...]:
    """What a person was granted, by themselves and by their groups."""
    return _granted(db.execute(sa.select(_HELD).where(users.c.id == user_id)).scalar_one())


def _by_session(hub: Hub, text: str, address: str) -> Actor | None:
    given = {"hash": digest(text), "idle": timedelta(hours=hub.settings.session_idle_hours)}
    with hub.store.begin() as db:
        row = db.execute(_SESSION, given).one_or_none()
        if row is None:
            return None
        if row.stale:
            # Many requests come at once; one of them writes.
            late = (sessions.c.id == row.id) & (sessions.c.used_at < _NOW - _NOTED)
            db.execute(sessions.update().where(late).values(used_at=_NOW, address=address[:64]))
        held = _granted(row.held)
        pending = None
        if row.code_needed and row.code_given_at is None:
            pending = "code"
        elif row.own_codes and row.totp_since is None and policy.wants_code(row.code_roles, held):
            pending = "enrol"
    return Actor(
        name=f"user:{row.login}",
        title=row.name,
        user_id=row.user_id,
        session_id=row.id,
        grants=() if pending else held,
        pending=pending,
    )


def _by_token(hub: Hub, text: str, address: str) -> Actor | None:
    found = tokens.parts(text)
    if found is None:
        return None
    token_id, secret = found
    given = {"token": token_id, "address": address[:64]}
    with hub.store.begin() as db:
        row = db.execute(_TOKEN, given).one_or_none()
        if row is None or not hmac.compare_digest(bytes(row.secret_hash), digest(secret)):
            return None
        if row.stale:
            used = {"used_at": _NOW, "used_from": address[:64]}
            db.execute(api_tokens.update().where(api_tokens.c.id == token_id).values(used))
    return Actor(
        name=f"token:{token_id}",
        title=row.name,
        user_id=row.user_id,
        token_id=token_id,
        grants=_limited(_granted(row.held), row.connection_ids),
        scopes=frozenset(Right(right) for right in row.rights if right in set(Right)),
    )


def _granted(held: list[Any]) -> tuple[Grant, ...]:
    known = set(Role)
    return tuple(
        Grant(role=Role(role), connection_id=connection_id) for role, connection_id in held if role in known
    )


def _limited(held: tuple[Grant, ...], connection_ids: list[str] | None) -> tuple[Grant, ...]:
    """The grants, on no other connections than those that a token is for."""
    if connection_ids is None:
        return held
    limited = {
        Grant(role=grant.role, connection_id=connection_id)
        for grant in held
        for connection_id in ([grant.connection_id] if grant.connection_id else connection_ids)
        if connection_id in connection_ids
    }
    return tuple(sorted(limited, key=str))
