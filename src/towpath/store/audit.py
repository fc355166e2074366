"""The audit: one row per outside effect, chained by SHA-256 over canonical JSON (facts §7).

Each row's ``hash`` covers its own columns and the hash of the row before, and ``number`` has no gaps: an
edited, removed or reordered row is found by :func:`verify`. Removal of the newest rows, and a chain that was written
anew, are found by signed checkpoints (`store.checkpoints`) and by an :class:`AuditHead` that was noted elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from towpath.secrets.redaction import redact
from towpath.secrets.signing import PublicKey
from towpath.store.checkpoints import Checkpoint, checkpoints, faults, newest
from towpath.store.tables import audit

__all__ = ["AuditCheck", "AuditEntry", "AuditHead", "append", "head", "holds", "verify"]

_LOCK = 7_403_211_951
_START = "0" * 64
_CHUNK = 2000
_ANEW = "the chain up to here was written anew"


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
    #: Where the check began: 0 at the first row there ever was, else the row that a signed statement vouches for.
    start: int = 0
    #: Signed statements that were checked.
    signed: int = 0
    #: The newest row that a good checkpoint vouches for; 0 for none.
    signed_through: int = 0

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
        "action": _storable(action),  # a word of ours, never one that somebody typed
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


def holds(connection: sa.Connection, known: AuditHead) -> bool:
    """Whether a row that was noted earlier is there as it was, or was removed behind a statement that says so."""
    there = connection.scalar(sa.select(audit.c.hash).where(audit.c.number == known.number))
    if there is not None:
        return bool(there == known.hash)
    removed = newest(connection, "removal")
    return known.number == 0 or (removed is not None and removed.number >= known.number)


def verify(
    connection: sa.Connection,
    *,
    known: Sequence[AuditHead] = (),
    trusted: Mapping[str, PublicKey] | None = None,
    since_checkpoint: bool = False,
) -> AuditCheck:
    """Read the chain, oldest first, and report the first row that does not fit.

    It begins behind the newest signed removal of old rows. The connection should be in a transaction that sees one
    state (repeatable read), else a removal meanwhile looks like a gap.

    :param known: heads noted earlier: a chain that has become shorter, or was written anew, is found by it.
    :param trusted: keys whose checkpoints are believed, by id; None leaves signatures unchecked, for who has no key.
    :param since_checkpoint: begin at the newest checkpoint and believe it for what is before.
    """
    statements = checkpoints(connection)
    believed = [one for one in statements if since_checkpoint or one.kind == "removal"]
    last = max(believed, key=lambda one: one.number, default=None)
    start = AuditHead(number=last.number, hash=last.hash) if last else AuditHead(number=0, hash=_START)
    for one, reason in ([] if trusted is None else faults(statements, trusted))[:1]:
        return AuditCheck(
            rows=0,
            head=start,
            start=start.number,
            wrong_number=one.number,
            reason=reason,
            signed=len(statements),
        )
    walk = _Walk(start, statements, known)
    found = walk.through(connection)
    signed = [one.number for one in statements if one.number <= walk.before.number]
    return AuditCheck(
        rows=walk.before.number - start.number,
        head=walk.before,
        start=start.number,
        signed=len(statements),
        signed_through=max(signed, default=0),
        wrong_number=found[0] if found else None,
        reason=found[1] if found else None,
    )


class _Walk:
    """One reading of the chain; ``before`` is the last row that fits."""

    def __init__(self, start: AuditHead, statements: list[Checkpoint], known: Sequence[AuditHead]) -> None:
        self.before = start
        self._removed = max((one.number for one in statements if one.kind == "removal"), default=0)
        heads = [(one.number, one.hash) for one in statements] + [(one.number, one.hash) for one in known]
        self._expected = dict(heads)
        self._contradicted = next(
            (number for number, hash_ in heads if self._expected[number] != hash_), None
        )

    def through(self, connection: sa.Connection) -> tuple[int, str] | None:
        """Read to the end; the number that is wrong and why, if any."""
        return self._beginning(connection) or self._rows(connection) or self._end()

    def _beginning(self, connection: sa.Connection) -> tuple[int, str] | None:
        if self._contradicted is not None:
            return self._contradicted, _ANEW
        first = connection.scalar(sa.select(sa.func.min(audit.c.number)))
        if first is not None and first <= self._removed:
            return first, "the row stands where all rows were removed"
        if first is not None and first > self._removed + 1:
            return self._removed + 1, f"rows {self._removed + 1} to {first - 1} were removed"
        if self.before.number > self._removed:  # at a checkpoint whose row must still be there
            row = sa.select(audit.c.hash).where(audit.c.number == self.before.number)
            if (there := connection.scalar(row)) != self.before.hash:
                return self.before.number, _ANEW if there else "rows were removed from the end"
        return None

    def _rows(self, connection: sa.Connection) -> tuple[int, str] | None:
        while True:
            query = sa.select(audit).where(audit.c.number > self.before.number)
            rows = connection.execute(query.order_by(audit.c.number).limit(_CHUNK)).mappings().all()
            for row in rows:
                if reason := _wrong(row, self.before, self._expected):
                    return self.before.number + 1, reason
                self.before = AuditHead(number=row["number"], hash=row["hash"])
            if len(rows) < _CHUNK:
                return None

    def _end(self) -> tuple[int, str] | None:
        last = max(self._expected, default=0)
        if last <= self.before.number:
            return None
        number = self.before.number + 1
        return number, f"rows {number} to {last} were removed from the end"


def _wrong(row: Mapping[Any, Any], before: AuditHead, expected: Mapping[int, str]) -> str | None:
    if row["number"] != before.number + 1:
        return f"rows {before.number + 1} to {row['number'] - 1} were removed"
    if row["prev_hash"] != before.hash:
        return "the row does not follow the one before it"
    if row["hash"] != _hash(row):
        return "the row was changed after it was written"
    if expected.get(row["number"], row["hash"]) != row["hash"]:
        return _ANEW
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
    # a person may type a key where something else belongs; the audit is kept for longer than any secret
    return redact(_storable(text))


def _storable(text: str) -> str:
    """The text without what PostgreSQL can not hold."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
