"""The audit: one row per outside effect, chained by SHA-256 over canonical JSON (facts §7).

Each row's ``hash`` covers its own columns and the hash of the row before, and ``number`` has no gaps: an
edited, removed or reordered row is found by :func:`verify`. Removal of the newest rows is found when the
:class:`AuditHead` of an earlier day is given to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from towpath.store.tables import audit

__all__ = ["AuditCheck", "AuditEntry", "AuditHead", "append", "head", "verify"]

_LOCK = 7_403_211_951
_START = "0" * 64
_CHUNK = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One row of the audit as it was written."""

    number: int
    at: datetime
    actor: str
    action: str
    object: str
    result: str
    details: Mapping[str, Any]
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """The newest row's number and hash; ``(0, "000...")`` when there is none."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCheck:
    """What :func:`verify` found: ``rows`` checked, and the first number that is wrong with the reason."""

    rows: int
    head: AuditHead
    wrong_number: int | None = None
    reason: str | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.wrong_number is None


def append(
    connection: sa.Connection,
    *,
    actor: str,
    action: str,
    object: str,
    result: str = "ok",
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one row inside the caller's transaction.

    Writers wait for each other until their transaction ends, so make it the last statement. ``details``
    must hold what JSON can hold and no secret; numbers with a fraction are kept as text.
    """
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    before = head(connection)
    columns: dict[str, Any] = {
        "number": before.number + 1,
        "at": datetime.now(UTC),
        "actor": _plain(actor),
        "action": _plain(action),
        "object": _plain(object),
        "result": _plain(result),
        "details": _plain(dict(details or {})),
        "prev_hash": before.hash,
    }
    columns["hash"] = _hash(columns)
    connection.execute(audit.insert().values(columns))
    return AuditEntry(**columns)


def head(connection: sa.Connection) -> AuditHead:
    """The newest row's number and hash."""
    newest = sa.select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return AuditHead(number=row.number, hash=row.hash) if row else AuditHead(number=0, hash=_START)


def verify(connection: sa.Connection, *, known: AuditHead | None = None) -> AuditCheck:
    """Read the whole chain, oldest first, and report the first row that does not fit.

    ``known`` is a head noted earlier: a chain that has become shorter, or was written anew, is found by it.
    """
    before = AuditHead(number=0, hash=_START)
    while True:
        query = sa.select(audit).where(audit.c.number > before.number).order_by(audit.c.number).limit(_CHUNK)
        rows = connection.execute(query).mappings().all()
        for row in rows:
            number = before.number + 1
            reason = _wrong(row, before, known)
            if reason:
                return AuditCheck(rows=number - 1, head=before, wrong_number=number, reason=reason)
            before = AuditHead(number=row["number"], hash=row["hash"])
        if len(rows) < _CHUNK:
            break
    if known and known.number > before.number:
        return AuditCheck(
            rows=before.number,
            head=before,
            wrong_number=before.number + 1,
            reason=f"rows {before.number + 1} to {known.number} were removed from the end",
        )
    return AuditCheck(rows=before.number, head=before)


def _wrong(row: Mapping[Any, Any], before: AuditHead, known: AuditHead | None) -> str | None:
    if row["number"] != before.number + 1:
        return f"rows {before.number + 1} to {row['number'] - 1} were removed"
    if row["prev_hash"] != before.hash:
        return "the row does not follow the one before it"
    if row["hash"] != _hash(row):
        return "the row was changed after it was written"
    if known and known.number == row["number"] and known.hash != row["hash"]:
        return "the chain up to here was written anew"
    return None


def _hash(row: Mapping[Any, Any]) -> str:
    import orjson

    covered = {
        name: row[name] for name in ("number", "actor", "action", "object", "result", "details", "prev_hash")
    }
    covered["at"] = row["at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    covered["number"] = str(row["number"])
    return hashlib.sha256(orjson.dumps(covered, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _plain(value: Any) -> Any:
    """The value in a form that PostgreSQL's jsonb gives back unchanged."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -(2**53) <= value <= 2**53 else str(value)
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
