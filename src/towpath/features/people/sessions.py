"""Sessions: what a browser shows in place of a password, kept as a digest alone."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from towpath.access import who
from towpath.errors import NotFoundError
from towpath.features.people.tables import sessions
from towpath.hub import Hub

__all__ = ["Session", "begin", "digest", "end", "end_others", "listed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as its owner may see it."""

    id: str
    user_id: str
    method: str
    address: str
    device: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime


_SHOWN = tuple(sessions.c[name] for name in Session.__slots__)


def digest(text: str) -> bytes:
    """What is kept of a random token: 256 bits need no slow digest."""
    return hashlib.sha256(text.encode()).digest()


def begin(
    hub: Hub,
    db: sa.Connection,
    *,
    user_id: str,
    method: str,
    address: str,
    device: str,
    own_codes: bool = True,
    code_needed: bool,
) -> str:
    """Begin a session; the text that the browser keeps. What has ended for a month is forgotten on the way."""
    token = secrets.token_urlsafe(32)
    now = sa.func.now()
    db.execute(sessions.delete().where(sessions.c.expires_at < now - timedelta(days=30)))
    row = {
        "id": uuid.uuid4().hex[:12],
        "token_hash": digest(token),
        "user_id": user_id,
        "method": method,
        "address": address[:64],
        "device": _printable(device)[:200],
        "expires_at": now + timedelta(days=hub.settings.session_days),
        "own_codes": own_codes,
        "code_needed": code_needed,
    }
    db.execute(sessions.insert().values(row))
    return token


def listed(hub: Hub, user_id: str) -> list[Session]:
    """The sessions of a person that still work, the one used last first."""
    idle = timedelta(hours=hub.settings.session_idle_hours)
    query = (
        sa.select(*_SHOWN)
        .where(
            sessions.c.user_id == user_id,
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > sa.func.now(),
            sessions.c.used_at > sa.func.now() - idle,
        )
        .order_by(sessions.c.used_at.desc())
        .limit(200)
    )
    with hub.store.begin() as db:
        return [Session(**row._asdict()) for row in db.execute(query)]


def end(hub: Hub, session_id: str, *, user_id: str | None = None) -> None:
    """End a session; one that has ended stays so.

    :param user_id: only when it is this person's.
    :raises NotFoundError: there is none.
    """
    mine = sa.true() if user_id is None else sessions.c.user_id == user_id
    with hub.store.begin() as db:
        ended = sessions.update().where(sessions.c.id == session_id, mine)
        ended = ended.values(ended_at=sa.func.coalesce(sessions.c.ended_at, sa.func.now()))
        if not db.execute(ended).rowcount:
            raise NotFoundError("There is no such session; it may have ended.")
        hub.store.audit(who(), "session.end", f"session/{session_id}", connection=db)


def end_others(db: sa.Connection, user_id: str, but: str | None = None) -> int:
    """End all sessions of a person, but one; how many."""
    others = sa.true() if but is None else sessions.c.id != but
    ended = sessions.update().where(sessions.c.user_id == user_id, sessions.c.ended_at.is_(None), others)
    return db.execute(ended.values(ended_at=sa.func.now())).rowcount


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())
