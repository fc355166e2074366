"""Signed statements over the audit: how far the chain had come, and that old rows were taken away.

A bare chain does not tell when its end is cut off or when all of it is written anew (facts §7). A checkpoint does:
it signs number, hash and time of one row. A removal signs the same, and says that this row and all before it are
gone; the chain is then verified from the row behind it, whose ``prev_hash`` is the signed hash. Both are kept for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.secrets.signing import PublicKey, SigningKey
from towpath.store.tables import audit, audit_checkpoints

__all__ = ["Checkpoint", "checkpoint", "checkpoints", "faults", "newest", "remove_through", "take_turns"]

_PRUNING = 7_403_211_954


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One signed statement about the row ``number``."""

    kind: Literal["checkpoint", "removal"]
    number: int
    hash: str
    at: datetime
    key_id: str
    signature: str

    @property
    def message(self) -> bytes:
        """What is signed: canonical JSON (keys sorted, no spaces)."""
        return _message(self.kind, self.number, self.hash, self.at, self.key_id)

    def to_json(self) -> dict[str, Any]:
        """Plain values, together with the signed text: all that somebody else needs to check it."""
        return {
            "kind": self.kind,
            "number": self.number,
            "hash": self.hash,
            "at": _time(self.at),
            "key_id": self.key_id,
            "signature": self.signature,
            "signed": self.message.decode(),
        }


def _message(kind: str, number: int, hash: str, at: datetime, key_id: str) -> bytes:  # the column's name
    import orjson

    said = {
        "at": _time(at),
        "hash": hash,
        "key": key_id,
        "number": str(number),
        "what": f"towpath audit {kind}",
    }
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def checkpoint(connection: sa.Connection, key: SigningKey) -> Checkpoint | None:
    """Sign the newest row; None when there is no row. A row that is signed already is not signed again."""
    row = connection.execute(
        sa.select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    ).one_or_none()
    return None if row is None else _state(connection, key, "checkpoint", row.number, row.hash)


def _state(
    connection: sa.Connection,
    key: SigningKey,
    kind: Literal["checkpoint", "removal"],
    number: int,
    hash: str,  # the column's name
) -> Checkpoint:
    at = datetime.now(UTC)
    values = {"kind": kind, "number": number, "hash": hash, "at": at, "key_id": key.public.id}
    values["signature"] = key.sign(_message(kind, number, hash, at, key.public.id))
    # the rival is another process that signs the same row: its statement is as good as ours
    connection.execute(insert(audit_checkpoints).values(values).on_conflict_do_nothing())
    found = connection.execute(
        sa.select(audit_checkpoints).where(
            audit_checkpoints.c.kind == kind, audit_checkpoints.c.number == number
        )
    ).one()
    return Checkpoint(**found._asdict())


def checkpoints(connection: sa.Connection, *, after: int = -1, limit: int | None = None) -> list[Checkpoint]:
    """The statements about rows behind ``after``, oldest first."""
    query = sa.select(audit_checkpoints).where(audit_checkpoints.c.number > after)
    query = query.order_by(audit_checkpoints.c.number, audit_checkpoints.c.kind).limit(limit)
    return [Checkpoint(**row._asdict()) for row in connection.execute(query)]


def newest(connection: sa.Connection, kind: str | None = None) -> Checkpoint | None:
    """The statement about the newest row, of one kind or of any."""
    query = sa.select(audit_checkpoints).order_by(audit_checkpoints.c.number.desc()).limit(1)
    if kind is not None:
        query = query.where(audit_checkpoints.c.kind == kind)
    row = connection.execute(query).one_or_none()
    return Checkpoint(**row._asdict()) if row else None


def faults(
    statements: Sequence[Checkpoint], trusted: Mapping[str, PublicKey]
) -> list[tuple[Checkpoint, str]]:
    """Statements that can not be believed, each with the reason."""
    found = []
    for one in statements:
        key = trusted.get(one.key_id)
        if key is None:
            found.append(
                (one, f"the {one.kind} at row {one.number} is signed with an unknown key ({one.key_id})")
            )
        elif not key.signed(one.message, one.signature):
            found.append((one, f"the {one.kind} at row {one.number} was changed after it was signed"))
    return found


def take_turns(connection: sa.Connection) -> None:
    """Wait for a removal by another process to end, until this transaction does."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_PRUNING)))


def remove_through(connection: sa.Connection, key: SigningKey, number: int) -> tuple[Checkpoint, int]:
    """Take away row ``number`` and all before it, and leave a signed statement; gives it and how many rows went.

    All in the caller's transaction: the statement and the removal are both there or neither. Whoever calls has
    verified the chain up to there, and took its turn (:func:`take_turns`) before it looked which rows are there.
    """
    hash_ = connection.execute(sa.select(audit.c.hash).where(audit.c.number == number)).scalar_one()
    stated = _state(connection, key, "removal", number, hash_)
    gone = connection.execute(audit.delete().where(audit.c.number <= number)).rowcount
    return stated, gone
