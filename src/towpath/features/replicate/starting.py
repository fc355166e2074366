"""Starting runs and waiting for them: who has nothing new is told by one call, the others become one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from towpath.access import who
from towpath.errors import ConflictError, RetryLaterError, TowpathError
from towpath.features.replicate import batches, idle, runs, streams
from towpath.features.replicate.batches import BATCH, JOB
from towpath.features.replicate.progress import Report
from towpath.features.replicate.runs import COMPARE, PROOFS, VERIFY, Run
from towpath.features.replicate.streams import Stream
from towpath.hub import Hub
from towpath.jobs import State

__all__ = ["cancel", "prove", "retry", "start", "sync", "verify"]

Listener = Callable[[Mapping[str, Any]], None]


def start(
    hub: Hub,
    chosen: Iterable[Stream],
    *,
    full: bool = False,
    by_itself: bool = False,
    on_progress: Listener | None = None,
) -> list[str]:
    """Start a run for each stream and return the runs' ids, in the streams' order.

    A stream that has nothing new gets a run that has ended already. One whose last run was cut off goes on with that
    run. Several runs are one batch, which publishes a manifest when they have ended. Of the runs of one
    connection two are executed at a time; a process that ends leaves them to the next one.

    :param by_itself: no person asked for it, so it leaves when working hours say so.
    """
    wanted = list(chosen)
    ended = {} if full else idle.look(hub, wanted)
    if on_progress is not None:
        for stream in wanted:
            if stream.id in ended:
                report = Report(event="ended", run_id=ended[stream.id], stream=stream.table_name)
                on_progress(report.to_json())
    busy = [stream for stream in wanted if stream.id not in ended]
    taken = {stream.id: _take(hub, stream, full=full, by_itself=by_itself) for stream in busy}
    return _start(hub, wanted, busy, ended, taken, on_progress=on_progress)


def _start(
    hub: Hub,
    wanted: Sequence[Stream],
    busy: Sequence[Stream],
    ended: Mapping[str, str],
    taken: Mapping[str, tuple[str, bool]],
    *,
    on_progress: Listener | None,
) -> list[str]:
    run_ids = {stream_id: run_id for stream_id, (run_id, _) in taken.items()}
    if not busy:
        return [ended[stream.id] for stream in wanted]
    engine, many = hub.jobs(), len(busy) > 1
    if many:
        with hub.store.begin() as db:
            number = batches.create(db, [stream.id for stream in wanted], run_ids)
        engine.start(BATCH, batches.job_id(number), {"number": number})
    for stream in busy:
        # The batch starts its runs as well, should we die here. A single new run starts in this process at once; a
        # queue is looked at a few times a second only.
        run_id, new = taken[stream.id]
        queued = many or not new or not hub.works
        engine.start(
            JOB,
            run_id,
            {"run_id": run_id},
            queue=JOB if queued else None,
            key=stream.connection_id if queued else None,
            on_progress=on_progress,
        )
    return [run_ids.get(stream.id) or ended[stream.id] for stream in wanted]


def _take(
    hub: Hub, stream: Stream, *, full: bool = False, kind: str | None = None, by_itself: bool = False
) -> tuple[str, bool]:
    """The run to execute for a stream, and whether it is new."""
    while True:
        with hub.store.begin() as db:
            run_id, new = runs.queue(db, stream.id, full=full, kind=kind, by_itself=by_itself)
        job = None if new else hub.jobs().get(run_id)
        if job is None or not job.state.ended:
            if not (new or by_itself or kind):
                with hub.store.begin() as db:  # apart: the end of a run locks it before its stream
                    runs.adopt(db, run_id)
            return run_id, new
        # Its job came to an end without closing the run; nobody would ever work on it again.
        _give_back(hub, run_id)


def _give_back(hub: Hub, run_id: str) -> None:
    """Close a run whose job has ended, so that its stream is free."""
    job = hub.jobs().get(run_id)
    cancelled = job is not None and job.state is State.CANCELLED
    lost = "The run was cut off and could not be taken up again; the next run goes on where it stopped."
    with hub.store.begin() as db:
        why = runs.why_cancelled(db, run_id) if cancelled else lost
        runs.end(db, run_id, runs.Outcome(state="cancelled" if cancelled else "failed", message=why))


def sync(
    hub: Hub, chosen: Iterable[Stream], *, full: bool = False, on_progress: Listener | None = None
) -> Iterator[Run]:
    """Run streams and give each run as it ends; at the end the manifest of the batch is published.

    :param full: read everything again, after the run that was cut off or is under way if there is one.
    """
    wanted = list(chosen)
    numbers = set()
    for stream, run_id in zip(wanted, start(hub, wanted, full=full, on_progress=on_progress), strict=True):
        run = _ended(hub, run_id)
        if run.kind in PROOFS or (full and run.kind != "full"):
            (again,) = start(hub, [stream], full=full, on_progress=on_progress)
            run = _ended(hub, again)
        numbers.add(run.batch)
        yield run
    for number in numbers - {None}:
        _wait(hub, batches.job_id(number or 0))


def verify(
    hub: Hub, chosen: Iterable[Stream], *, repair: bool = True, on_progress: Listener | None = None
) -> Iterator[Run]:
    """Prove whole tables, one after the other, and give each run as it ends.

    Such a run holds its stream like any other; where one is under way it is waited for.

    :param repair: read again what differs.
    """
    kind = VERIFY if repair else COMPARE
    for stream in chosen:
        while True:
            run_id, new = _take(hub, stream, kind=kind)
            queued = not new or not hub.works
            hub.jobs().start(
                JOB,
                run_id,
                {"run_id": run_id},
                queue=JOB if queued else None,
                key=stream.connection_id if queued else None,
                on_progress=on_progress,
            )
            run = _ended(hub, run_id)
            if run.kind == kind:
                break
        yield run


def prove(hub: Hub, chosen: Iterable[Stream], *, repair: bool = True) -> list[str]:
    """Start proofs of whole tables and return the runs' ids, in the streams' order; :func:`verify` also waits.

    :raises ConflictError: a run of another kind holds one of the streams; proofs before it are started.
    """
    kind = VERIFY if repair else COMPARE
    run_ids = []
    for stream in chosen:
        run_id, new = _take(hub, stream, kind=kind)
        with hub.store.begin() as db:
            run = runs.find(db, run_id)
        if run.kind != kind:
            raise ConflictError(
                f"{stream.table_name} is being read at the moment; prove it when that run has ended.",
                details={"run_id": run_id},
            )
        queued = not new or not hub.works
        hub.jobs().start(
            JOB,
            run_id,
            {"run_id": run_id},
            queue=JOB if queued else None,
            key=stream.connection_id if queued else None,
        )
        run_ids.append(run_id)
    return run_ids


def cancel(hub: Hub, run_id: str) -> Run:
    """Tell a run to end: at once when it waits for its turn, else at its next page. What is written stays.

    :raises NotFoundError: there is no such run.
    :raises ConflictError: it has ended already.
    """
    with hub.store.begin() as db:
        run = runs.find(db, run_id)
        stream = streams.find(db, run.stream_id)
    if run.state not in runs.OPEN:
        raise ConflictError(f"The run has ended already ({run.state}); there is nothing to cancel.")
    engine = hub.jobs()
    job = engine.get(run.id)
    if job is not None and not job.state.ended:
        engine.cancel(run.id)
    outcome = runs.Outcome(state="cancelled", message="Cancelled before it began.")
    with hub.store.begin() as db:
        # The rival is a process that begins with the run now: then it closes it, as it sees the job cancelled.
        runs.end(db, run.id, outcome, attempt=0)
        hub.store.audit(who(), "run.cancel", f"stream/{stream.path}", connection=db)
        return runs.find(db, run.id)


def retry(hub: Hub, run_id: str) -> str:
    """Start again what a run did that failed or was cancelled; the new run's id.

    :raises NotFoundError: there is no such run.
    :raises ConflictError: it has not ended.
    """
    with hub.store.begin() as db:
        run = runs.find(db, run_id)
        stream = streams.find(db, run.stream_id)
    if run.state in runs.OPEN:
        raise ConflictError("The run has not ended; cancel it first, or wait for it.")
    if run.kind in PROOFS:
        (again,) = prove(hub, [stream], repair=run.kind == VERIFY)
    else:
        (again,) = start(hub, [stream], full=run.kind == "full")
    hub.store.audit(who(), "run.retry", f"stream/{stream.path}")
    return again


def _ended(hub: Hub, run_id: str) -> Run:
    """The run when its job has ended."""
    with hub.store.begin() as db:
        run = runs.find(db, run_id)
    if run.state not in runs.OPEN:
        return run
    if not _wait(hub, run_id):
        _give_back(hub, run_id)
    with hub.store.begin() as db:
        return runs.find(db, run_id)


def _wait(hub: Hub, job_id: str) -> bool:
    """Wait for a job; False when it ended in an error."""
    try:
        hub.jobs().wait(job_id)
    except RetryLaterError:
        raise
    except TowpathError:
        return False
    return True
