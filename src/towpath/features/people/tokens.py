"""API tokens ``tp_<id>_<secret>``: limited to rights, to connections and in time, shown once."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from towpath.access import Right, who
from towpath.errors import InputError, NotFoundError
from towpath.features.people.sessions import digest
from towpath.features.people.tables import api_tokens
from towpath.hub import Hub

__all__ = ["LONGEST", "Token", "add", "listed", "parts", "revoke"]

#: Days that a token may live.
LONGEST = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as its owner may see it; its text is shown once, when it is made."""

    id: str
    user_id: str | None
    name: str
    rights: list[str]
    connection_ids: list[str] | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    used_at: datetime | None
    used_from: str | None
    revoked_at: datetime | None


_SHOWN = tuple(api_tokens.c[name] for name in Token.__slots__)


def add(
    hub: Hub,
    *,
    user_id: str,
    name: str,
    rights: Collection[Right],
    days: int,
    connection_ids: Collection[str] | None = None,
) -> tuple[Token, str]:
    """Make a token for a person; the token and its text. It never may more than the person at the time of its use.

    :raises InputError: no name, no right, or it would live too long.
    """
    title = " ".join(name.split())
    if not 1 <= len(title) <= 100 or not title.isprintable():
        raise InputError("Give the token a name of 1 to 100 characters that says what uses it.")
    if not rights:
        raise InputError("Choose at least one right for the token.")
    if not 1 <= days <= LONGEST:
        raise InputError(f"A token lives 1 to {LONGEST} days; choose so many.")
    token_id, secret = uuid.uuid4().hex[:12], secrets.token_urlsafe(32)
    row = {
        "id": token_id,
        "secret_hash": digest(secret),
        "user_id": user_id,
        "name": title,
        "rights": sorted(right.value for right in rights),
        "connection_ids": sorted(set(connection_ids)) if connection_ids is not None else None,
        "created_by": who(),
        "expires_at": datetime.now(UTC) + timedelta(days=days),
    }
    with hub.store.begin() as db:
        db.execute(api_tokens.insert().values(row))
        details = {"name": title, "rights": row["rights"], "days": days}
        hub.store.audit(who(), "token.add", f"token/{token_id}", details=details, connection=db)
        made = db.execute(sa.select(*_SHOWN).where(api_tokens.c.id == token_id)).one()
    return Token(**made._asdict()), f"tp_{token_id}_{secret}"


def listed(hub: Hub, *, user_id: str | None = None) -> list[Token]:
    """Tokens that were not revoked, of a person or of all, the newest first."""
    mine = sa.true() if user_id is None else api_tokens.c.user_id == user_id
    query = sa.select(*_SHOWN).where(mine, api_tokens.c.revoked_at.is_(None))
    with hub.store.begin() as db:
        return [
            Token(**row._asdict())
            for row in db.execute(query.order_by(api_tokens.c.created_at.desc()).limit(1000))
        ]


def revoke(hub: Hub, token_id: str, *, user_id: str | None = None) -> None:
    """Let a token work no longer; one that is revoked stays so.

    :param user_id: only when it is this person's.
    :raises NotFoundError: there is none.
    """
    mine = sa.true() if user_id is None else api_tokens.c.user_id == user_id
    revoked = api_tokens.update().where(api_tokens.c.id == token_id, mine)
    with hub.store.begin() as db:
        if not db.execute(
            revoked.values(revoked_at=sa.func.coalesce(api_tokens.c.revoked_at, sa.func.now()))
        ).rowcount:
            raise NotFoundError("There is no such token; see the list of tokens.")
        hub.store.audit(who(), "token.revoke", f"token/{token_id}", connection=db)


def parts(text: str) -> tuple[str, str] | None:
    """Id and secret of a token's text; None when it is none of ours."""
    kind, _, rest = text.partition("_")
    token_id, _, secret = rest.partition("_")
    return (token_id, secret) if kind == "tp" and len(token_id) == 12 and len(secret) >= 40 else None
