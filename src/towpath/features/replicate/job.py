"""The durable job behind a run: what it does, and how it ends.

The job may be started again at any moment by a process that takes over: everything it has reached stands in
the table's commits and in the staged parts, and that is where it goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from towpath.errors import RightMissingError, TowpathError
from towpath.features.connections import service as connections
from towpath.features.replicate import changes, full, runs, streams, work
from towpath.features.replicate.cursor import Cursor, set_back
from towpath.features.replicate.followers import FOLLOWERS
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.progress import Report
from towpath.features.replicate.runs import Effort, Outcome, Run
from towpath.features.replicate.streams import FULL_TABLE, Stream
from towpath.features.replicate.work import Interrupted, Work
from towpath.hub import Hub
from towpath.jobs import Context, State
from towpath.lake.table import Table
from towpath.odoo import Attempt, Odoo, RetryObserver
from towpath.odoo.currencies import money_decimals
from towpath.odoo.drift import drift
from towpath.odoo.schema import Model, discover, from_json, to_json

__all__ = ["replicate", "table_of"]

log = structlog.get_logger(__name__)


def replicate(hub: Hub, context: Context, payload: dict[str, Any]) -> dict[str, Any]:
    """Execute one run. The payload is ``{"run_id": ...}``; the result is the run's record."""
    run_id: str = payload["run_id"]
    result: dict[str, Any] = context.step("replicate", execute, hub, context, run_id)
    return result


def execute(hub: Hub, context: Context, run_id: str) -> dict[str, Any]:
    """Read what the run is to read; whatever goes wrong ends the run with a sentence, not the process."""
    with hub.store.begin() as db:
        run = runs.find(db, run_id)
        if run.state not in runs.OPEN:
            return run.to_json()  # ended by a process that died before it could say so
        stream = streams.find(db, run.stream_id)
    attempt = _Attempt(hub=hub, context=context, run=run, stream=stream)
    try:
        outcome = attempt.read()
    except Interrupted:
        outcome = attempt.interrupted()
    except TowpathError as problem:
        if problem.details.get("cancelled") and context.cancelled:
            outcome = attempt.interrupted()
        else:
            outcome = attempt.failed(_sentence(problem, stream))
    except sa.exc.OperationalError:
        outcome = attempt.failed(
            "Towpath's PostgreSQL did not answer; see that it runs, then run the stream again."
        )
    except Exception as problem:  # an ended run with a reason is worth more than a job that never ends
        log.exception("run_failed", run_id=run_id, stream=stream.table_name)
        outcome = attempt.failed(f"Something unexpected happened ({type(problem).__name__}); see the log.")
    return _end(hub, context, attempt, outcome)


@dataclass(slots=True, kw_only=True)
class _Attempt:
    """One attempt at a run: a run that was cut off has several."""

    hub: Hub
    context: Context
    run: Run
    stream: Stream
    #: 0 before the run was begun.
    number: int = 0
    effort: Effort = field(default_factory=Effort)
    remarks: list[str] = field(default_factory=list)

    def read(self) -> Outcome:
        """Do the work of the run."""
        started = time.monotonic()
        observe = _waiting(self.context, self.run.id, self.stream)
        with (
            _cancel_of(self.context) as cancel,
            connections.open_odoo(
                self.hub, self.stream.connection_id, cancel=cancel, observe=observe
            ) as odoo,
        ):
            try:
                return _run(self, odoo)
            finally:
                seconds = round(time.monotonic() - started, 3)
                self.effort = Effort(calls=odoo.calls, bytes=odoo.bytes_read, seconds=seconds)

    def interrupted(self) -> Outcome:
        """The outcome of a run that somebody cancelled.

        :raises Interrupted: (or what the engine wants instead) the process is closing, or another one has the run.
        """
        job = None if self.hub.closed else self.hub.jobs().get(self.run.id)
        if job is None or job.state is not State.CANCELLED:
            self.context.check()
            raise Interrupted
        return self._stopped("cancelled", "Cancelled; the next run goes on where this one stopped.")

    def failed(self, message: str) -> Outcome:
        """The outcome of a run that met a problem."""
        return self._stopped("failed", message)

    def _stopped(self, state: str, message: str) -> Outcome:
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
        )


@contextmanager
def _cancel_of(context: Context) -> Iterator[threading.Event]:
    """An event that is set soon after the run is to be left: it ends waits for Odoo."""
    cancel, over = threading.Event(), threading.Event()

    def watch() -> None:
        while not over.wait(0.25):
            if context.cancelled:
                cancel.set()
                return

    thread = threading.Thread(target=watch, name="cancel", daemon=True)
    thread.start()
    try:
        yield cancel
    finally:
        over.set()
        thread.join()


def _waiting(context: Context, run_id: str, stream: Stream) -> RetryObserver:
    """Tells people that the run waits for Odoo, and why."""

    def observe(attempt: Attempt) -> None:
        report = Report(
            event="waiting",
            run_id=run_id,
            stream=stream.table_name,
            message=f"waiting {attempt.wait:.0f} s: {attempt.error.message}",
        )
        context.report(**report.to_json())

    return observe


def _sentence(problem: TowpathError, stream: Stream) -> str:
    if isinstance(problem, RightMissingError) and stream.model not in problem.message:
        return f"{stream.model} can not be read: {problem.message}"
    return problem.message


def _end(hub: Hub, context: Context, attempt: _Attempt, outcome: Outcome) -> dict[str, Any]:
    run_id, stream = attempt.run.id, attempt.stream

    def close(db: sa.Connection) -> Run:
        if runs.end(db, run_id, outcome, attempt.effort, attempt=attempt.number or None):
            hub.store.audit("system", "run.end", f"stream/{stream.path}", outcome.state, connection=db)
        return runs.find(db, run_id)

    ended = patiently(hub.store, close)
    if ended.state in runs.OPEN:
        raise Interrupted  # another process has taken the run over and ends it
    report = Report(
        event="ended",
        run_id=run_id,
        stream=stream.table_name,
        rows=ended.rows_read,
        message=ended.message if ended.state == "failed" else None,
    )
    context.report(**report.to_json())
    return ended.to_json()


def table_of(hub: Hub, stream: Stream) -> Table:
    """The Delta table of a stream."""
    return Table(f"{hub.lake_root}/{stream.path}", hub.settings.storage_options)


def _run(attempt: _Attempt, odoo: Odoo) -> Outcome:
    hub, context, run, stream = attempt.hub, attempt.context, attempt.run, attempt.stream
    table = table_of(hub, stream)
    model = discover(odoo, stream.model)
    remarks = attempt.remarks
    remarks += [model.note] if model.note else []
    changed, bare = False, _is_bare(model, stream)
    if stream.schema is not None and not bare:
        difference = drift(from_json(stream.schema), model)
        remarks += difference.sentences()
        changed = bool(difference.added or difference.retyped)
    fields = model.choose(["id"] if bare else _still_there(stream, model, remarks))
    at_work = Work(
        run_id=run.id,
        stream=stream,
        odoo=odoo,
        model=model,
        fields=fields,
        money_decimals=_money(odoo, stream, model, fields),
        filter=work.parsed_filter(odoo, model, stream.filter),
        table=table,
        store=hub.store,
        tell=context.report,
        stopped=lambda: context.cancelled,
        overlap=timedelta(seconds=hub.settings.overlap_seconds),
        page_rows=hub.settings.page_rows,
        remarks=remarks,
    )
    before = work.cursor_of(table, stream)
    number = patiently(hub.store, lambda db: runs.begin(db, run.id, before.to_json()))
    if number is None:
        raise Interrupted
    attempt.number = at_work.attempt = number
    if bare and before.through is not None:
        after = changes.read_over(at_work, before, keep_cursor=True)
    else:
        after = _read(at_work, before, again=changed or run.kind == "full" or stream.reread_at is not None)
        for follow in FOLLOWERS:
            after = follow(at_work, after)
    if not bare:

        def remember(db: sa.Connection) -> None:
            streams.remember(db, stream.id, schema=to_json(model), money_decimals=at_work.money_decimals)
            streams.reread(db, stream, run.id)

        patiently(hub.store, remember)
    return Outcome(
        state="succeeded",
        totals=after.totals_of(run.id),
        cursor_after=after.to_json(),
        remarks=at_work.sentences(),
    )


def _is_bare(model: Model, stream: Stream) -> bool:
    """Whether Odoo could only tell the ids of a model that was known better before (S2.54).

    Then the table keeps what it has: only new and deleted records show, and the cursor stays, so that the next
    run that knows the fields again reads what was missed.
    """
    return (
        set(model.fields) == {"id"}
        and stream.schema is not None
        and set(from_json(stream.schema).fields) > {"id"}
    )


def _money(odoo: Odoo, stream: Stream, model: Model, fields: Sequence[str]) -> int | None:
    """Decimals of the monetary columns: as at the first run, or now when there was none."""
    if stream.schema is not None and stream.sync_type != FULL_TABLE:
        return stream.money_decimals
    if not any(model.fields[name].type == "monetary" for name in fields):
        return stream.money_decimals
    return money_decimals(odoo)


def _still_there(stream: Stream, model: Model, remarks: list[str]) -> list[str] | None:
    """The fields asked for, without those that are gone since; they were reported as drift."""
    if stream.fields is None:
        return None
    gone = [name for name in stream.fields if name not in model.fields]
    if gone:
        remarks.append(f"Left out, because the model no longer shows them: {', '.join(gone)}.")
    return [name for name in stream.fields if name in model.fields]


def _read(at_work: Work, before: Cursor, *, again: bool) -> Cursor:
    """Choose how to read, by sync type and by what the table holds."""
    if before.ended(at_work.run_id):
        return before  # a process died after the last commit of this run and before saying so
    full_table = at_work.stream.sync_type == FULL_TABLE
    published = before.window is not None and before.run_id == at_work.run_id
    if before.through is None or (full_table and not published):
        before = full.read_everything(at_work, before)
        return before if before.window is None else changes.read_changes(at_work, before)
    if full_table:
        return changes.read_changes(at_work, before)
    at_work.clock()
    ahead, overlap = at_work.ahead(), at_work.overlap
    if set_back(before.ahead, ahead, overlap):
        at_work.remarks.append(
            "Odoo's clock was set back since the last run, so all records were read again."
        )
        anew = before.window is None or set_back(before.window.ahead, ahead, overlap)
        return changes.read_over(at_work, before, anew=anew)
    if again:
        return changes.read_over(at_work, before)
    if not at_work.model.has_write_date:
        at_work.remarks.append(
            f"{at_work.model.name} does not say when a record changed, so all of it was read."
        )
        return changes.read_over(at_work, before)
    return changes.read_changes(at_work, before)
