"""Runs: one execution of a stream with its state, counts and what a person should know about it.

Every change of state is one conditional update, so that two processes never both believe they own a run.
The states: queued -> running -> succeeded | failed | cancelled.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from towpath.errors import NotFoundError
from towpath.features.replicate.cursor import Totals
from towpath.features.replicate.tables import runs, streams

__all__ = [
    "CANCELLED",
    "HELD",
    "Effort",
    "Outcome",
    "Run",
    "adopt",
    "begin",
    "end",
    "find",
    "hold",
    "holds",
    "idle",
    "join",
    "queue",
    "recent",
    "spend",
    "versions_left",
    "why_cancelled",
]

OPEN = ("queued", "running")
CANCELLED = "Cancelled; the next run goes on where this one stopped."
#: Of a scheduled run that left for working hours.
HELD = "Stopped, as working hours have begun; it goes on by itself when they are over."
#: Kinds of runs that read nothing new and prove a whole table: with and without repair.
VERIFY, COMPARE = PROOFS = ("verify", "compare")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a stream, as stored."""

    id: str
    stream_id: str
    #: ``sync`` goes on from the cursor; ``full`` reads everything again; ``idle`` found nothing to do; ``verify`` and
    #: ``compare`` prove the whole table, with and without repair.
    kind: str
    state: str
    message: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    #: How often the run was taken up; more than 1 after a crash.
    attempts: int
    rows_read: int
    rows_inserted: int
    rows_updated: int
    rows_deleted: int
    calls: int
    bytes: int
    seconds: float
    cursor_before: dict[str, Any] | None
    cursor_after: dict[str, Any] | None
    remarks: list[str]
    #: The run over many streams it was part of.
    batch: int | None = None
    #: Odoo's count, the table's count and how their checksums compare.
    proof: dict[str, Any] | None = None
    #: Address of the stream's table, and of those beside it -> the version this run left.
    versions: dict[str, int] | None = None
    #: Name of the class of the error it ended with.
    error_kind: str | None = None
    #: Whether it started by its schedule, or after another stream.
    by_itself: bool = False

    def to_json(self) -> dict[str, Any]:
        """The run as plain values."""
        return {
            name: value.isoformat() if isinstance(value := getattr(self, name), datetime) else value
            for name in self.__slots__
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """What a run cost: calls made, bytes received, seconds passed."""

    calls: int = 0
    bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended."""

    state: str
    totals: Totals = field(default_factory=Totals)
    cursor_after: dict[str, Any] | None = None
    message: str | None = None
    remarks: list[str] = field(default_factory=list)
    #: Address of the stream's table, and of those beside it -> the version the run left.
    versions: dict[str, int] | None = None
    #: Name of the class of the error.
    error_kind: str | None = None


def queue(
    db: sa.Connection,
    stream_id: str,
    *,
    full: bool = False,
    kind: str | None = None,
    by_itself: bool = False,
) -> tuple[str, bool]:
    """The run to execute for a stream: a new one, or the one that holds the stream already.

    :param kind: of a new run; None: ``full`` or ``sync``.
    :returns: its id, and whether it is new. A run that was cut off keeps the stream until it is finished.
    """
    # The row is locked before anything is asked: one statement alone would look for the holder's run in the
    # state of before the wait, and two processes would both believe they own the stream.
    held = db.execute(
        sa.select(streams.c.active_run_id).where(streams.c.id == stream_id).with_for_update()
    ).one_or_none()
    if held is None:
        raise NotFoundError(f"There is no stream {stream_id}; see `towpath stream list`.")
    if held.active_run_id is not None:
        state = db.execute(
            sa.select(runs.c.state).where(runs.c.id == held.active_run_id)
        ).scalar_one_or_none()
        if state in OPEN:
            return held.active_run_id, False
    run_id = uuid.uuid4().hex
    db.execute(streams.update().where(streams.c.id == stream_id).values(active_run_id=run_id))
    db.execute(
        runs.insert().values(
            id=run_id,
            stream_id=stream_id,
            kind=kind or ("full" if full else "sync"),
            state="queued",
            by_itself=by_itself,
        )
    )
    return run_id, True


def adopt(db: sa.Connection, run_id: str) -> None:
    """Make a run that started by itself a person's: it stays in working hours. The rival is :func:`hold`."""
    theirs = (runs.c.id == run_id, runs.c.state.in_(OPEN), runs.c.by_itself)
    db.execute(runs.update().where(*theirs).values(by_itself=False, message=None))


def hold(db: sa.Connection, run_id: str) -> bool:
    """Note why a run that started by itself is about to be told to end. False when it has ended, or is a person's."""
    own = (runs.c.id == run_id, runs.c.state.in_(OPEN), runs.c.by_itself)
    return db.execute(runs.update().where(*own).values(message=HELD)).rowcount > 0


def why_cancelled(db: sa.Connection, run_id: str) -> str:
    """The sentence for a run whose job was cancelled."""
    noted = db.execute(sa.select(runs.c.message).where(runs.c.id == run_id)).scalar_one_or_none()
    return noted or CANCELLED


def idle(db: sa.Connection, cursors: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Record for each stream id that Odoo was asked and had nothing new; their cursors stay. The runs' ids."""
    ids = {stream_id: uuid.uuid4().hex for stream_id in cursors}
    if ids:
        # Nothing is held and nothing changes, so no rival has to be minded.
        db.execute(
            # PostgreSQL's clock, like all runs: what follows this stream goes by it.
            runs.insert().values(started_at=sa.func.now(), ended_at=sa.func.now()),
            [
                {
                    "id": ids[stream_id],
                    "stream_id": stream_id,
                    "kind": "idle",
                    "state": "succeeded",
                    "attempts": 1,
                    "calls": 1,
                    "cursor_before": cursor,
                    "cursor_after": cursor,
                }
                for stream_id, cursor in cursors.items()
            ],
        )
    return ids


def join(db: sa.Connection, run_ids: Sequence[str], batch: int) -> None:
    """Note which batch runs belong to; one that belongs to another stays there."""
    db.execute(runs.update().where(runs.c.id.in_(run_ids), runs.c.batch.is_(None)).values(batch=batch))


def begin(db: sa.Connection, run_id: str, cursor: dict[str, Any]) -> int | None:
    """Mark a run as running.

    :returns: the number of the attempt; None when the run has ended already.
    """
    attempt: int | None = db.execute(
        runs.update()
        .where(runs.c.id == run_id, runs.c.state.in_(OPEN))
        .values(
            state="running",
            attempts=runs.c.attempts + 1,
            started_at=sa.func.coalesce(runs.c.started_at, sa.func.now()),
            cursor_before=sa.func.coalesce(
                runs.c.cursor_before, sa.type_coerce(cursor, runs.c.cursor_before.type)
            ),
        )
        .returning(runs.c.attempts)
    ).scalar_one_or_none()
    return attempt


def holds(db: sa.Connection, run_id: str, attempt: int, *, lock: bool = False) -> bool:
    """Whether this attempt still owns the run: it is open, and no other process has taken it up since.

    :param lock: nobody may take it up before the transaction ends.
    """
    query = sa.select(runs.c.id).where(
        runs.c.id == run_id, runs.c.attempts == attempt, runs.c.state.in_(OPEN)
    )
    return db.execute(query.with_for_update() if lock else query).first() is not None


def spend(db: sa.Connection, run_id: str, effort: Effort) -> None:
    """Add to what a run has cost so far."""
    db.execute(
        runs.update()
        .where(runs.c.id == run_id)
        .values(
            calls=runs.c.calls + effort.calls,
            bytes=runs.c.bytes + effort.bytes,
            seconds=runs.c.seconds + effort.seconds,
        )
    )


def end(
    db: sa.Connection,
    run_id: str,
    outcome: Outcome,
    effort: Effort | None = None,
    *,
    attempt: int | None = None,
) -> bool:
    """Close a run and give its stream back. False when it was closed before.

    :param attempt: only when this attempt still owns the run.
    """
    effort = effort or Effort()
    totals = outcome.totals
    done = db.execute(
        runs.update()
        .where(
            runs.c.id == run_id,
            runs.c.state.in_(OPEN),
            sa.true() if attempt is None else runs.c.attempts == attempt,
        )
        .values(
            state=outcome.state,
            message=outcome.message,
            ended_at=sa.func.now(),
            rows_read=totals.read,
            rows_inserted=totals.inserted,
            rows_updated=totals.updated,
            rows_deleted=totals.deleted,
            calls=runs.c.calls + effort.calls,
            bytes=runs.c.bytes + effort.bytes,
            seconds=runs.c.seconds + effort.seconds,
            cursor_after=outcome.cursor_after if outcome.cursor_after is not None else sa.null(),
            remarks=outcome.remarks,
            versions=outcome.versions if outcome.versions is not None else sa.null(),
            error_kind=outcome.error_kind,
        )
    )
    if done.rowcount == 0:
        return False
    db.execute(streams.update().where(streams.c.active_run_id == run_id).values(active_run_id=None))
    return True


def find(db: sa.Connection, run_id: str) -> Run:
    """The run of that id (or whose id begins so).

    :raises NotFoundError: there is none.
    """
    row = db.execute(
        runs.select().where(runs.c.id.startswith(run_id, autoescape=True)).limit(1)
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no run {run_id}; see `towpath sync runs`.")
    return Run(**row._asdict())


def versions_left(db: sa.Connection, stream_id: str, run_id: str | None, before: datetime) -> dict[str, int]:
    """The versions that a run left; those of the last run before that time where it left none, or is none."""
    last = (
        sa.select(runs.c.versions)
        .where(runs.c.stream_id == stream_id, runs.c.versions.is_not(None))
        .order_by(runs.c.created_at.desc())
        .limit(1)
    )
    own = None if run_id is None else db.execute(last.where(runs.c.id == run_id)).scalar_one_or_none()
    found = own or db.execute(last.where(runs.c.created_at <= before)).scalar_one_or_none()
    return dict(found or {})


def recent(db: sa.Connection, *, stream_ids: Sequence[str], limit: int = 20) -> list[Run]:
    """Runs of these streams, the newest first."""
    query = (
        runs.select().where(runs.c.stream_id.in_(stream_ids)).order_by(runs.c.created_at.desc()).limit(limit)
    )
    return [Run(**row._asdict()) for row in db.execute(query)]
