"""What replication offers to the other features, the command line and the server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from towpath.errors import RetryLaterError, TowpathError
from towpath.features.connections import service as connections
from towpath.features.replicate import discover, runs, streams
from towpath.features.replicate.choice import Choice
from towpath.features.replicate.discover import Offer
from towpath.features.replicate.editing import Edited, add, edit, pause, resume
from towpath.features.replicate.runs import Run
from towpath.features.replicate.streams import Stream
from towpath.hub import Hub
from towpath.jobs import State
from towpath.lake.catalog import TableRef

__all__ = [
    "Choice",
    "Edited",
    "add",
    "choose",
    "edit",
    "offers",
    "pause",
    "recent_runs",
    "remove",
    "resume",
    "start",
    "sync",
    "tables",
]

#: Name of the queue, and of the job, that executes runs.
JOB = "replicate"


def offers(hub: Hub, connection: str, *, search: str | None = None, group: str | None = None) -> list[Offer]:
    """Models of a connection that can become streams (S2.6-S2.8).

    :raises TowpathError: the connection is not known or can not be used.
    """
    known = connections.find(hub, connection)
    with hub.store.begin() as db:
        taken = [stream.model for stream in streams.listed(db, connection_id=known.id)]
    with connections.open_odoo(hub, known.id) as odoo:
        models = [
            model
            for model in odoo.models()
            if not (model.abstract or model.transient or model.readable is False)
        ]
    return discover.matching(models, search=search, group=group, taken=taken)


def remove(hub: Hub, name: str) -> list[Stream]:
    """Forget streams by id, model or table name. Their tables stay.

    :raises NotFoundError: none bears that name.
    """
    with hub.store.begin() as db:
        found = streams.named(db, name)
        for stream in found:
            streams.remove(db, stream.id)
            hub.store.audit("cli", "stream.remove", f"stream/{stream.path}", connection=db)
    return found


def choose(hub: Hub, names: Iterable[str] = (), *, connection: str | None = None) -> list[Stream]:
    """The streams a person named, or all (of one connection).

    :raises NotFoundError: a name is not known.
    """
    connection_id = connections.find(hub, connection).id if connection else None
    with hub.store.begin() as db:
        wanted = list(names)
        if not wanted:
            return streams.listed(db, connection_id=connection_id)
        found = {s.id: s for name in wanted for s in streams.named(db, name, connection_id=connection_id)}
        return list(found.values())


def start(
    hub: Hub,
    chosen: Iterable[Stream],
    *,
    full: bool = False,
    on_progress: Callable[[Mapping[str, Any]], None] | None = None,
) -> list[str]:
    """Queue a run for each stream and return the runs' ids.

    A stream whose last run was cut off goes on with that run. Of the runs of one connection two are
    executed at a time; a process that ends leaves them to the next one.
    """
    wanted = list(chosen)
    alone = len(wanted) == 1
    return [_start(hub, stream, full=full, alone=alone, on_progress=on_progress) for stream in wanted]


def _start(
    hub: Hub,
    stream: Stream,
    *,
    full: bool,
    alone: bool,
    on_progress: Callable[[Mapping[str, Any]], None] | None,
) -> str:
    engine = hub.jobs()
    while True:
        with hub.store.begin() as db:
            run_id, new = runs.queue(db, stream.id, full=full)
        job = None if new else engine.get(run_id)
        if job is None or not job.state.ended:
            break
        # Its job came to an end without closing the run; nobody would ever work on it again.
        _give_back(hub, run_id)
    # A single new run starts here at once; a queue is looked at a few times a second only.
    now = new and alone
    engine.start(
        JOB,
        run_id,
        {"run_id": run_id},
        queue=None if now else JOB,
        key=None if now else stream.connection_id,
        on_progress=on_progress,
    )
    return run_id


def _give_back(hub: Hub, run_id: str) -> None:
    """Close a run whose job has ended, so that its stream is free."""
    job = hub.jobs().get(run_id)
    cancelled = job is not None and job.state is State.CANCELLED
    outcome = runs.Outcome(
        state="cancelled" if cancelled else "failed",
        message="Cancelled; the next run goes on where this one stopped."
        if cancelled
        else "The run was cut off and could not be taken up again; the next run goes on where it stopped.",
    )
    with hub.store.begin() as db:
        runs.end(db, run_id, outcome)


def sync(
    hub: Hub,
    chosen: Iterable[Stream],
    *,
    full: bool = False,
    on_progress: Callable[[Mapping[str, Any]], None] | None = None,
) -> Iterator[Run]:
    """Run streams and give each run as it ends.

    :param full: read everything again, after the run that was cut off or is under way if there is one.
    """
    wanted = list(chosen)
    for stream, run_id in zip(wanted, start(hub, wanted, full=full, on_progress=on_progress), strict=True):
        run = _ended(hub, run_id)
        if full and run.kind != "full":
            run = _ended(hub, _start(hub, stream, full=True, alone=True, on_progress=on_progress))
        yield run


def _ended(hub: Hub, run_id: str) -> Run:
    """The run when its job has ended."""
    try:
        hub.jobs().wait(run_id)
    except RetryLaterError:
        raise
    except TowpathError:
        _give_back(hub, run_id)
    with hub.store.begin() as db:
        return runs.find(db, run_id)


def recent_runs(hub: Hub, *, stream: str | None = None, limit: int = 20) -> list[tuple[Run, Stream]]:
    """The newest runs with their streams."""
    with hub.store.begin() as db:
        chosen = streams.named(db, stream) if stream else streams.listed(db)
        by_id = {entry.id: entry for entry in chosen}
        found = runs.recent(db, stream_ids=list(by_id), limit=limit)
    return [(run, by_id[run.stream_id]) for run in found]


def tables(hub: Hub) -> list[TableRef]:
    """The tables of all streams, for the catalog."""
    with hub.store.begin() as db:
        return [
            TableRef(
                layer=stream.layer,
                folder=stream.folder,
                name=stream.table_name,
                uri=f"{hub.lake_root}/{stream.path}",
                model=stream.model,
                description=stream.description,
                storage_options=hub.settings.storage_options,
            )
            for stream in streams.listed(db)
        ]
