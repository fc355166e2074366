"""How a run starts its ranges and waits for them, wherever they are read."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from towpath.errors import GiveUpError, NotFoundError, TowpathError
from towpath.features.replicate import ranges
from towpath.features.replicate.progress import Report
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.work import Interrupted
from towpath.hub import Hub
from towpath.jobs import Context, JobEngine, Listener, State

__all__ = ["JOB", "cancel", "start", "wait"]

#: Name of the job that reads one range.
JOB = "read_range"

#: Seconds between looks at the ranges' jobs: one query for all of them.
LOOK = 0.25
#: Seconds between reports of how far they are, and between looks while PostgreSQL is away.
TELL = 1.0


def start(context: Context, run_id: str, said: Mapping[str, Any], turn: int) -> dict[int, str]:
    """Start a job for each range that is to be read; first id -> job id.

    The ids are of this run and this turn: a later run, or the same one after the model changed, starts them anew.
    """
    return {
        low: context.start(
            JOB,
            f"{run_id}-{turn}-{low}",
            {"run_id": run_id, "low": low},
            queue=said["queue"],
            key=said["key"],
        )
        for low in said["ranges"]
    }


def wait(
    hub: Hub, context: Context, run_id: str, stream: Stream, jobs: Mapping[int, str], expected: int | None
) -> None:
    """Wait until all ranges have ended, and tell meanwhile how far they are.

    :raises Interrupted: the run is to be left.
    :raises TowpathError: why a range could not be read; the others are cancelled, what they have staged stays.
    """
    if context.cancelled:
        raise Interrupted
    engine = hub.jobs()
    heard: dict[int, int] = {}
    for low, job_id in jobs.items():
        engine.listen(job_id, _ear(context, heard, low))
    left, told = set(jobs.values()), 0.0
    while left:
        if context.cancelled:
            raise Interrupted
        try:
            states = engine.states(left)
        except (
            sa.exc.OperationalError
        ):  # the server is being restarted; the ranges' own work waits for it too
            time.sleep(TELL)
            continue
        ended = {job_id for job_id in left if states.get(job_id, State.FAILED).ended}
        left -= ended
        for job_id in ended:
            if states.get(job_id) is not State.DONE:
                cancel(engine, left)
                raise _reason(engine, job_id)
        if time.monotonic() - told > TELL:
            told = time.monotonic()
            _tell(hub, context, run_id, stream, heard, expected)
        if left:
            time.sleep(LOOK)


def _ear(context: Context, heard: dict[int, int], low: int) -> Listener:
    """Hears a range that is read in this process, which knows more than what is noted."""

    def hear(report: Mapping[str, Any]) -> None:
        if report["event"] == "waiting":
            context.report(**report)
        else:
            heard[low] = report["rows"]

    return hear


def _tell(
    hub: Hub,
    context: Context,
    run_id: str,
    stream: Stream,
    heard: Mapping[int, int],
    expected: int | None,
) -> None:
    try:
        with hub.store.begin() as db:
            noted = ranges.rows_of(db, stream.id)
    except sa.exc.OperationalError:
        return
    rows = sum(max(noted.get(low, 0), heard.get(low, 0)) for low in {*noted, *heard})
    report = Report(event="reading", run_id=run_id, stream=stream.table_name, rows=rows, expected=expected)
    context.report(**report.to_json())


def _reason(engine: JobEngine, job_id: str) -> TowpathError:
    job = engine.get(job_id)
    if job is not None and job.error is not None:
        return job.error
    return GiveUpError("A part of the read was cancelled; the next run goes on where this one stopped.")


def cancel(engine: JobEngine, jobs: Collection[str]) -> None:
    """Tell ranges to end; what they have staged stays."""
    for job_id in jobs:
        try:
            engine.cancel(job_id)
        except NotFoundError:  # not started yet: it finds its run closed
            continue
