"""The durable job behind a run: what it does, and how it ends.

The job may be started again at any moment by a process that takes over: everything it has reached stands in
the table's commits and in the staged parts, and that is where it goes on. A full read of a large model is cut into
ranges of ids; each is a job of its own, which any process of this database may do, while this one waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog

from towpath.commit_point import commit_point
from towpath.errors import RightMissingError, TowpathError
from towpath.features.replicate import (
    batches,
    changes,
    full,
    idle,
    missed,
    proof,
    range_wait,
    remask,
    run_log,
    runs,
    staging,
    streams,
    work,
)
from towpath.features.replicate.cursor import Cursor, set_back
from towpath.features.replicate.followers import FOLLOWERS
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.prepare import open_odoo, prepare, table_of
from towpath.features.replicate.progress import Report
from towpath.features.replicate.ranges import Unread
from towpath.features.replicate.runs import Effort, Outcome, Run
from towpath.features.replicate.streams import FULL_TABLE, Stream
from towpath.features.replicate.work import Interrupted, Work
from towpath.hub import Hub
from towpath.jobs import Context, State
from towpath.odoo import Odoo
from towpath.odoo.schema import to_json

__all__ = ["replicate", "table_of"]

log = structlog.get_logger(__name__)

#: What a step of a run gives: how the run ended, or what is to be done before the next step.
Said = Outcome | dict[str, Any]


def replicate(hub: Hub, context: Context, payload: dict[str, Any]) -> dict[str, Any]:
    """Execute one run. The payload is ``{"run_id": ...}``; the result is the run's record."""
    run_id: str = payload["run_id"]
    hub.jobs().listen(run_id, run_log.Writer(hub.store, run_id))
    try:
        return _steps(hub, context, run_id)
    except BaseException:  # also what leaves a job that was cancelled between two of its steps
        _close_cancelled(hub, run_id)
        raise


def _steps(hub: Hub, context: Context, run_id: str) -> dict[str, Any]:
    def step(name: str, do: Callable[[_Attempt], Said]) -> dict[str, Any]:
        said: dict[str, Any] = context.step(name, execute, hub, context, run_id, do)
        return said

    turn = 0
    said = step("replicate", _Attempt.read)
    while "ranges" in said:
        jobs = range_wait.start(context, run_id, said, turn)
        said = step("ranges", partial(_Attempt.wait, jobs=jobs, expected=said["expected"]))
        turn += 1
        if "waited" in said:
            said = step("replicate", partial(_Attempt.read, turn=turn))
    return said


def _close_cancelled(hub: Hub, run_id: str) -> None:
    """Close the run of a job that was cancelled where no step could do it, so that its ranges stop and its stream is free."""
    job = None if hub.closed else hub.jobs().get(run_id)
    if job is not None and job.state is State.CANCELLED:

        def close(db: sa.Connection) -> bool:
            # The rival is a step that closes the run itself: whoever comes second changes nothing.
            return runs.end(db, run_id, Outcome(state="cancelled", message=runs.why_cancelled(db, run_id)))

        patiently(hub.store, close)


def execute(hub: Hub, context: Context, run_id: str, do: Callable[[_Attempt], Said]) -> dict[str, Any]:
    """Do a part of a run; whatever goes wrong ends the run with a sentence, not the process."""
    with hub.store.begin() as db:
        run = runs.find(db, run_id)
        if run.state not in runs.OPEN:
            return run.to_json()  # ended by a process that died before it could say so
        stream = streams.find(db, run.stream_id)
    attempt = _Attempt(hub=hub, context=context, run=run, stream=stream)
    try:
        outcome = do(attempt)
    except Interrupted:
        outcome = attempt.interrupted()
    except TowpathError as problem:
        if problem.details.get("cancelled") and context.cancelled:
            outcome = attempt.interrupted()
        else:
            outcome = attempt.failed(_sentence(problem, stream), type(problem).__name__)
    except sa.exc.OperationalError:
        outcome = attempt.failed(
            "Towpath's PostgreSQL did not answer; see that it runs, then run the stream again.",
            "RetryLaterError",
        )
    except Exception as problem:  # an ended run with a reason is worth more than a job that never ends
        log.exception("run_failed", run_id=run_id, stream=stream.table_name)
        outcome = attempt.failed(
            f"Something unexpected happened ({type(problem).__name__}); see the log.", "GiveUpError"
        )
    if isinstance(outcome, Outcome):
        return _end(hub, context, attempt, outcome)
    patiently(hub.store, lambda db: runs.spend(db, run_id, attempt.effort))
    return outcome


@dataclass(slots=True, kw_only=True)
class _Attempt:
    """One attempt at a run: a run that was cut off has several, and so has one that was cut into ranges."""

    hub: Hub
    context: Context
    run: Run
    stream: Stream
    #: 0 before the run was begun.
    number: int = 0
    effort: Effort = field(default_factory=Effort)
    remarks: list[str] = field(default_factory=list)

    def read(self, *, turn: int = 0) -> Said:
        """Do the work of the run, or say which ranges are to be read first.

        :param turn: how often ranges were waited for.
        """
        started = time.monotonic()
        with open_odoo(self.hub, self.context, self.run.id, self.stream) as odoo:
            try:
                return _run(self, odoo, turn)
            finally:
                seconds = round(time.monotonic() - started, 3)
                self.effort = Effort(calls=odoo.calls, bytes=odoo.bytes_read, seconds=seconds)

    def wait(self, *, jobs: dict[int, str], expected: int) -> Said:
        """Wait for the ranges of the run.

        :raises TowpathError: why one of them could not be read.
        """
        started = time.monotonic()
        try:
            range_wait.wait(self.hub, self.context, self.run.id, self.stream, jobs, expected)
        except Interrupted:
            if self._is_cancelled():
                range_wait.cancel(self.hub.jobs(), jobs.values())
            raise
        finally:
            self.effort = Effort(seconds=round(time.monotonic() - started, 3))
        return {"waited": self.effort.seconds}

    def _is_cancelled(self) -> bool:
        job = None if self.hub.closed else self.hub.jobs().get(self.run.id)
        return job is not None and job.state is State.CANCELLED

    def interrupted(self) -> Outcome:
        """The outcome of a run that somebody cancelled.

        :raises Interrupted: (or what the engine wants instead) the process is closing, or another one has the run.
        """
        if not self._is_cancelled():
            self.context.check()
            raise Interrupted
        why = patiently(self.hub.store, lambda db: runs.why_cancelled(db, self.run.id))
        return self._stopped("cancelled", why)

    def failed(self, message: str, kind: str) -> Outcome:
        """The outcome of a run that met a problem of a kind (its class in ``towpath.errors``)."""
        return self._stopped("failed", message, kind)

    def _stopped(self, state: str, message: str, kind: str | None = None) -> Outcome:
        """With the counts of what was committed before: they stand in the table."""
        cursor = Cursor()
        with suppress(TowpathError, OSError):  # a folder that can not be read may be what went wrong
            cursor = work.cursor_of(table_of(self.hub, self.stream), self.stream)
        return Outcome(
            state=state,
            message=message,
            totals=cursor.totals_of(self.run.id),
            cursor_after=cursor.to_json() if cursor.through else None,
            remarks=self.remarks,
            error_kind=kind,
        )


def _sentence(problem: TowpathError, stream: Stream) -> str:
    if isinstance(problem, RightMissingError) and stream.model not in problem.message:
        return f"{stream.model} can not be read: {problem.message}"
    return problem.message


def _end(hub: Hub, context: Context, attempt: _Attempt, outcome: Outcome) -> dict[str, Any]:
    run_id, stream = attempt.run.id, attempt.stream
    commit_point("run_closing")

    def close(db: sa.Connection) -> Run:
        if runs.end(db, run_id, outcome, attempt.effort, attempt=attempt.number or None):
            hub.store.audit("system", "run.end", f"stream/{stream.path}", outcome.state, connection=db)
        return runs.find(db, run_id)

    ended = patiently(hub.store, close)
    if ended.state in runs.OPEN:
        raise Interrupted  # another process has taken the run over and ends it
    commit_point("run_ended")
    report = Report(
        event="ended",
        run_id=run_id,
        stream=stream.table_name,
        rows=ended.rows_read,
        message=ended.message if ended.state == "failed" else None,
    )
    context.report(**report.to_json())
    return ended.to_json()


def _run(attempt: _Attempt, odoo: Odoo, turn: int) -> Said:
    hub, run, stream = attempt.hub, attempt.run, attempt.stream
    prepared = prepare(hub, attempt.context, odoo, run.id, stream, attempt.remarks)
    at_work = prepared.work
    before = work.cursor_of(at_work.table, stream)
    number = patiently(hub.store, lambda db: runs.begin(db, run.id, before.to_json()))
    if number is None:
        raise Interrupted
    attempt.number = at_work.attempt = number
    commit_point("run_begun")
    begun = Report(
        event="started",
        run_id=run.id,
        stream=stream.table_name,
        message=None if number == 1 else f"taken up again, for the {number - 1}. time",
    )
    attempt.context.report(**begun.to_json())
    if run.kind in runs.PROOFS:
        after = proof.verify(at_work, before, repair=run.kind == runs.VERIFY)
        patiently(hub.store, lambda db: streams.was_late(db, stream.id, at_work.late))
        return Outcome(
            state="succeeded",
            totals=after.totals_of(run.id),
            cursor_after=after.to_json(),
            remarks=at_work.sentences(),
        )
    # Before anything is read: what comes after the sight is new to the next run. One that goes on where another
    # attempt, or other processes, have read before can not say so.
    first = number == 1 and turn == 0 and not prepared.bare
    sight = idle.take(at_work) if first else None
    at_work.counted = sight.figures.count if sight else None
    anew = False
    if prepared.bare and before.through is not None:
        after = changes.read_over(at_work, before, keep_cursor=True)
    else:
        again = remask.rewrite(at_work, before) or prepared.changed
        again = again or run.kind == "full" or stream.reread_at is not None
        again = missed.readable_again(at_work) or again
        # Whether all is read again by this attempt, from the first record on.
        anew = first and again and before.through is not None and before.window is None
        found = _read(at_work, before, again=again, turn=turn)
        if isinstance(found, Unread):
            return found.to_json()
        after = found
        for follow in FOLLOWERS:
            after = follow(at_work, after)
        patiently(hub.store, lambda db: _note(db, at_work, sight))
    if not prepared.bare:

        def remember(db: sa.Connection) -> None:
            schema = to_json(at_work.model)
            streams.remember(db, stream.id, schema=schema, money_decimals=at_work.money_decimals)
            streams.reread(db, stream, run.id)
            if anew:
                streams.caught_up(db, stream)
            # A process that died right behind its publication left what it had staged. The rival is one that has
            # taken this run up since, and may need it.
            if runs.holds(db, run.id, number, lock=True):
                staging.clear(db, stream.id)

        patiently(hub.store, remember)
    return Outcome(
        state="succeeded",
        totals=after.totals_of(run.id),
        cursor_after=after.to_json(),
        remarks=at_work.sentences(),
        versions=batches.versions_of(hub, stream),
    )


def _note(db: sa.Connection, at_work: Work, sight: idle.Sight | None) -> None:
    """Keep what the run learnt about Odoo for the next one."""
    stream = at_work.stream
    if at_work.late:
        streams.was_late(db, stream.id, at_work.late)
    # A table that lacks what was seen, as Odoo did not give it when it was asked, is not left alone as if it were whole.
    whole = sight is not None and at_work.table.exists and at_work.table.count() == sight.figures.count
    kept = (
        replace(sight, sequence=at_work.table.sequence(stream.app_id)).to_json() if sight and whole else None
    )
    streams.seen(db, [stream.id], kept)


def _read(at_work: Work, before: Cursor, *, again: bool, turn: int) -> Cursor | Unread:
    """Choose how to read, by sync type and by what the table holds."""
    ended = before.ended(at_work.run_id)
    if ended and not at_work.model.has_write_date:
        return before
    full_table = at_work.stream.sync_type == FULL_TABLE
    published = before.window is not None and before.run_id == at_work.run_id
    if before.through is None or (full_table and not published and not ended):
        found = full.read_everything(at_work, before, turn=turn)
        if isinstance(found, Unread):
            return found
        return found if found.window is None else changes.read_changes(at_work, found)
    at_work.clock()
    ahead, overlap = at_work.ahead(), at_work.overlap
    if before.set_back(ahead, overlap):
        at_work.remarks.append(
            "Odoo's clock was set back since the last run, so all records were read again."
        )
        anew = before.window is None or set_back(before.window.ahead, ahead, overlap)
        return changes.read_over(at_work, before, anew=anew)
    if full_table or ended:
        # A process died after the last commit of this run and before saying so, or after it had published. Whoever
        # goes on with it now wants to see what has changed since then, too.
        return changes.read_changes(at_work, before)
    if again:
        return changes.read_over(at_work, before)
    if not at_work.model.has_write_date:
        at_work.remarks.append(
            f"{at_work.model.name} does not say when a record changed, so all of it was read."
        )
        return changes.read_over(at_work, before)
    return changes.read_changes(at_work, before)
