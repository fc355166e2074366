"""The durable job behind a run: what it does, and how it ends.

The job may be started again at any moment by a process that takes over: everything it has reached stands in
the table's commits and in the staged parts, and that is where it goes on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from towpath.errors import RightMissingError, TowpathError
from towpath.features.connections import service as connections
from towpath.features.replicate import changes, full, runs, streams, work
from towpath.features.replicate.cursor import Cursor
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
        stream = streams.find(db, run.stream_id)
    started = time.monotonic()
    outcome = Outcome(state="failed")
    effort = Effort()
    try:
        observe = _waiting(context, run_id, stream)
        with connections.open_odoo(hub, stream.connection_id, observe=observe) as odoo:
            try:
                outcome = _run(hub, context, run, stream, odoo)
            finally:
                effort = Effort(
                    calls=odoo.calls, bytes=odoo.bytes_read, seconds=round(time.monotonic() - started, 3)
                )
    except Interrupted:
        job = hub.jobs().get(run_id)
        if job is None or job.state is not State.CANCELLED:
            raise  # the process is closing: the next one goes on with this run
        outcome = Outcome(
            state="cancelled", message="Cancelled; the next run goes on where this one stopped."
        )
    except TowpathError as problem:
        outcome = Outcome(state="failed", message=_sentence(problem, stream))
    except Exception as problem:  # an ended run with a reason is worth more than a job that never ends
        log.exception("run_failed", run_id=run_id, stream=stream.table_name)
        outcome = Outcome(
            state="failed", message=f"Something unexpected happened ({type(problem).__name__}); see the log."
        )
    return _end(hub, context, run_id, stream, outcome, effort)


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


def _end(
    hub: Hub, context: Context, run_id: str, stream: Stream, outcome: Outcome, effort: Effort
) -> dict[str, Any]:
    with hub.store.begin() as db:
        runs.end(db, run_id, outcome, effort)
        ended = runs.find(db, run_id)
        hub.store.audit("system", "run.end", f"stream/{stream.path}", outcome.state, connection=db)
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


def _run(hub: Hub, context: Context, run: Run, stream: Stream, odoo: Odoo) -> Outcome:
    table = table_of(hub, stream)
    model = discover(odoo, stream.model)
    remarks = [model.note] if model.note else []
    changed = False
    if stream.schema is not None:
        difference = drift(from_json(stream.schema), model)
        remarks += difference.sentences()
        changed = bool(difference.added or difference.retyped)
    fields = model.choose(_still_there(stream, model, remarks))
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
    before = at_work.cursor()
    with hub.store.begin() as db:
        runs.begin(db, run.id, before.to_json())
    after = _read(at_work, before, again=changed or run.kind == "full")
    with hub.store.begin() as db:
        streams.remember(db, stream.id, schema=to_json(model), money_decimals=at_work.money_decimals)
    return Outcome(
        state="succeeded",
        totals=after.totals_of(run.id),
        cursor_after=after.to_json(),
        remarks=at_work.sentences(),
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
    if at_work.stream.sync_type == FULL_TABLE or before.through is None:
        return full.read_everything(at_work)
    if again:
        return changes.read_over(at_work, before)
    if not at_work.model.has_write_date:
        at_work.remarks.append(
            f"{at_work.model.name} does not say when a record changed, so all of it was read."
        )
        return changes.read_over(at_work, before)
    return changes.read_changes(at_work, before)
