"""The ranges of ids into which a large full read is cut, as they stand in PostgreSQL.

A plan is one row a range. A worker takes a range up by one conditional update that raises ``attempts``; whatever it
notes afterwards is noted only while that number, the run and the plan are still the same. So a worker that was
paused until another one had taken its range over can add nothing to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from towpath.features.replicate import runs, staging
from towpath.features.replicate.staging import Part
from towpath.features.replicate.tables import runs as runs_table
from towpath.features.replicate.tables import staged_parts, staged_ranges

__all__ = ["Claim", "Plan", "Unread", "adopt", "claim", "finish", "found", "keep", "note", "rows_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What is to be read before a run can go on."""

    #: First ids of the ranges.
    lows: Sequence[int]
    #: Records that the whole read will bring.
    expected: int | None
    #: Queue and key of the ranges' jobs.
    queue: str
    key: str

    def to_json(self) -> dict[str, Any]:
        """Plain values, as the run's job keeps them on record."""
        return {"ranges": list(self.lows), "expected": self.expected, "queue": self.queue, "key": self.key}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a stream's full read is cut, and how far it has come."""

    #: Odoo's clock when the plan was made: what the cursor becomes.
    through: datetime
    #: Seconds by which it was ahead of ours then; None where nobody looked.
    ahead: float | None
    planned_at: datetime
    #: First ids of the ranges that are not read to their end.
    unread: Sequence[int]
    #: Staged so far, in order of id.
    parts: Sequence[Part]
    #: Whether a range was taken up more than once.
    cut_off: bool
    #: Sentences of the ranges, each once.
    remarks: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One worker's hold on one range. The ids are ``low <= id < high``; None: without end."""

    stream_id: str
    run_id: str
    low: int
    high: int | None
    signature: str
    through: datetime
    ahead: float | None
    planned_at: datetime
    attempt: int
    #: What was staged of it before.
    parts: Sequence[Part]


def keep(
    db: sa.Connection,
    stream_id: str,
    run_id: str,
    sign: str,
    through: datetime,
    lows: Sequence[int],
    *,
    ahead: float | None = None,
) -> None:
    """Store a plan in place of whatever was staged for the stream.

    :param through: Odoo's clock before the first id was asked for.
    :param ahead: seconds by which it was ahead of ours.
    :param lows: first ids of the ranges, ascending; the last range has no end.
    """
    staging.clear(db, stream_id)
    ends = [*lows[1:], None]
    rows = [
        {
            "stream_id": stream_id,
            "low": low,
            "high": high,
            "signature": sign,
            "through": through,
            "ahead": ahead,
            "run_id": run_id,
        }
        for low, high in zip(lows, ends, strict=True)
    ]
    db.execute(staged_ranges.insert(), rows)


def found(db: sa.Connection, stream_id: str, sign: str) -> Plan | None:
    """The stream's plan when it can still be used; otherwise it is forgotten."""
    rows = db.execute(
        staged_ranges.select().where(staged_ranges.c.stream_id == stream_id).order_by(staged_ranges.c.low)
    ).all()
    if not rows:
        return None
    parts = db.execute(
        staged_parts.select()
        .where(staged_parts.c.stream_id == stream_id)
        .order_by(staged_parts.c.low, staged_parts.c.position)
    ).all()
    now = db.execute(sa.select(sa.func.now())).scalar_one()
    newest = max([rows[0].planned_at, *(part.staged_at for part in parts)])
    if any(row.signature != sign for row in [*rows, *parts]) or now - newest > staging.YOUNG:
        staging.clear(db, stream_id)
        return None
    return Plan(
        through=rows[0].through,
        ahead=rows[0].ahead,
        planned_at=rows[0].planned_at,
        unread=[row.low for row in rows if not row.done],
        parts=[staging.part_of(part) for part in parts],
        cut_off=any(row.attempts > 1 for row in rows),
        remarks=list(dict.fromkeys(sentence for row in rows for sentence in row.remarks)),
    )


def adopt(db: sa.Connection, stream_id: str, run_id: str) -> None:
    """Go on with the plan of an earlier run.

    The rivals are that run's workers, which may not know yet that it ended: the new run's id takes their hold away.
    """
    db.execute(
        staged_ranges.update()
        .where(staged_ranges.c.stream_id == stream_id, staged_ranges.c.run_id != run_id)
        .values(run_id=run_id)
    )


def claim(db: sa.Connection, stream_id: str, run_id: str, low: int) -> Claim | None:
    """Take a range up; None when it is done, given up or another run's.

    The rival is a worker that holds the range and was taken for dead. Its last note is either committed before this
    update, and then among the parts here, or finds the number raised.
    """
    is_open = sa.select(runs_table.c.id).where(runs_table.c.id == run_id, runs_table.c.state.in_(runs.OPEN))
    row = db.execute(
        staged_ranges.update()
        .where(
            staged_ranges.c.stream_id == stream_id,
            staged_ranges.c.low == low,
            staged_ranges.c.run_id == run_id,
            staged_ranges.c.done.is_(False),
            is_open.exists(),
        )
        .values(attempts=staged_ranges.c.attempts + 1)
        .returning(*staged_ranges.c)
    ).one_or_none()
    if row is None:
        return None
    parts = db.execute(
        staged_parts.select()
        .where(staged_parts.c.stream_id == stream_id, staged_parts.c.low == low)
        .order_by(staged_parts.c.position)
    ).all()
    return Claim(
        stream_id=stream_id,
        run_id=run_id,
        low=low,
        high=row.high,
        signature=row.signature,
        through=row.through,
        ahead=row.ahead,
        planned_at=row.planned_at,
        attempt=row.attempts,
        parts=[staging.part_of(part) for part in parts],
    )


def _mine(held: Claim) -> sa.ColumnElement[bool]:
    """The range, as long as the claim holds."""
    return sa.and_(
        staged_ranges.c.stream_id == held.stream_id,
        staged_ranges.c.low == held.low,
        staged_ranges.c.run_id == held.run_id,
        staged_ranges.c.planned_at == held.planned_at,
        staged_ranges.c.attempts == held.attempt,
        staged_ranges.c.done.is_(False),
    )


def note(db: sa.Connection, held: Claim, part: Part) -> bool:
    """Note a part whose file is written. False when the range is not ours any more.

    The rival is a worker that takes the range over: the row is locked, so that it either waits for our part and goes
    on behind it, or has raised the number before, and then nothing is added.
    """
    is_open = sa.select(runs_table.c.id).where(
        runs_table.c.id == held.run_id, runs_table.c.state.in_(runs.OPEN)
    )
    mine = db.execute(sa.select(staged_ranges.c.low).where(_mine(held), is_open.exists()).with_for_update())
    if mine.first() is None:
        return False
    staging.add(db, held.stream_id, held.signature, part, low=held.low)
    return True


def finish(db: sa.Connection, held: Claim, *, calls: int, received: int, remarks: Sequence[str]) -> bool:
    """Note that a range was read to its end, and what it cost. False when it is not ours any more.

    The rivals are the same as in :func:`note`; the run is told the cost in the same transaction, so that it is
    counted once.
    """
    ended = db.execute(
        staged_ranges.update()
        .where(_mine(held))
        .values(
            done=True,
            calls=staged_ranges.c.calls + calls,
            bytes=staged_ranges.c.bytes + received,
            remarks=list(remarks),
        )
    )
    if ended.rowcount == 0:
        return False
    runs.spend(db, held.run_id, runs.Effort(calls=calls, bytes=received))
    return True


def rows_of(db: sa.Connection, stream_id: str) -> Mapping[int, int]:
    """Rows staged so far, by the first id of their range."""
    return {
        low: int(rows)
        for low, rows in db.execute(
            sa.select(staged_parts.c.low, sa.func.sum(staged_parts.c.rows))
            .where(staged_parts.c.stream_id == stream_id)
            .group_by(staged_parts.c.low)
        )
    }
