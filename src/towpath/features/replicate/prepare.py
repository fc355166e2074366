"""Getting ready to read: the client that listens for the job's end, the model as it is now, and the work.

A run does it, and so does each range of a full read, in whatever process it is read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from towpath.features.connections import service as connections
from towpath.features.replicate import work
from towpath.features.replicate.masked import masks_of
from towpath.features.replicate.progress import Report
from towpath.features.replicate.streams import FULL_TABLE, Stream, overlap_of
from towpath.features.replicate.work import Work
from towpath.hub import Hub
from towpath.jobs import Context
from towpath.lake.table import Table
from towpath.odoo import Attempt, Odoo, RetryObserver
from towpath.odoo.currencies import money_decimals
from towpath.odoo.drift import drift
from towpath.odoo.schema import Model, discover, from_json

__all__ = ["Prepared", "open_odoo", "prepare", "table_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The work of a run, and what was seen of the model on the way."""

    work: Work
    #: Odoo could only tell the ids of a model that was known better before (S2.54).
    #: Then the table keeps what it has: only new and deleted records show, and the cursor stays, so that the next
    #: run that knows the fields again reads what was missed.
    bare: bool
    #: Fields have come or have another type since the last run.
    changed: bool


def table_of(hub: Hub, stream: Stream, suffix: str = "") -> Table:
    """The Delta table of a stream, or one beside it whose name has something added."""
    return Table(f"{hub.lake_root}/{stream.path}{suffix}", hub.settings.storage_options)


@contextmanager
def open_odoo(hub: Hub, context: Context, run_id: str, stream: Stream) -> Iterator[Odoo]:
    """A client for the stream's database. Its waits end when the job is to be left, and are told to listeners."""
    observe = _waiting(context, run_id, stream)
    with (
        _cancel_of(context) as cancel,
        connections.open_odoo(hub, stream.connection_id, cancel=cancel, observe=observe) as odoo,
    ):
        yield odoo


@contextmanager
def _cancel_of(context: Context) -> Iterator[threading.Event]:
    """An event that is set soon after the job is to be left: it ends waits for Odoo."""
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


def prepare(
    hub: Hub, context: Context, odoo: Odoo, run_id: str, stream: Stream, remarks: list[str]
) -> Prepared:
    """Look at the model and choose what is read.

    :param remarks: gets a sentence for everything a person should know of it.
    :raises TowpathError: the model can not be read, or the filter does not fit it any more.
    """
    model = discover(odoo, stream.model)
    remarks += [model.note] if model.note else []
    changed, bare = False, _is_bare(model, stream)
    if stream.schema is not None and not bare:
        difference = drift(from_json(stream.schema), model)
        remarks += difference.sentences()
        changed = bool(difference.added or difference.retyped)
    masks = masks_of(hub, stream, model)
    chosen = model.choose(["id"] if bare else _still_there(stream, model, remarks))
    fields = tuple(name for name in chosen if name not in masks or masks[name].kind != "drop")
    settings = hub.settings
    at_work = Work(
        run_id=run_id,
        stream=stream,
        odoo=odoo,
        model=model,
        fields=fields,
        money_decimals=_money(odoo, stream, model, fields),
        masks=masks,
        filter=work.parsed_filter(odoo, model, stream.filter),
        table=table_of(hub, stream),
        beside=lambda suffix: table_of(hub, stream, suffix),
        store=hub.store,
        tell=context.report,
        stopped=lambda: context.cancelled,
        overlap=overlap_of(stream, settings.overlap_seconds),
        page_rows=settings.page_rows,
        range_rows=settings.range_rows,
        proof_rows=settings.proof_rows,
        witness=_witness(hub, context, stream),
        remarks=remarks,
    )
    return Prepared(work=at_work, bare=bare, changed=changed)


def _witness(hub: Hub, context: Context, stream: Stream) -> Callable[[], AbstractContextManager[Odoo]] | None:
    """How to open the connection that may see more, where the stream's connection names one."""
    witness_id = connections.find_by_id(hub, stream.connection_id).witness_id
    if witness_id is None:
        return None

    @contextmanager
    def opened() -> Iterator[Odoo]:
        with (
            _cancel_of(context) as cancel,
            connections.open_odoo(hub, witness_id, cancel=cancel) as odoo,
        ):
            yield odoo

    return opened


def _is_bare(model: Model, stream: Stream) -> bool:
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
