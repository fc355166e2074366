"""Scheduled runs leave when working hours begin in which no run starts by itself, and go on when they are over.

A run leaves at its next page, as one that a person cancels: what is committed and staged stays, and the run that is owed
from then on goes on behind it. A run that a person started, or joined, stays.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.features.connections import service as connections
from towpath.features.replicate import runs as run_records
from towpath.features.replicate.tables import owed_runs, runs, streams
from towpath.hub import Hub

__all__ = ["FULL", "SYNC", "leave", "owe"]

FULL, SYNC = "full", "sync"


def leave(hub: Hub) -> list[str]:
    """Tell scheduled runs of connections that are to be spared now to end, and owe them; the runs' ids."""
    open_ones = (
        sa.select(runs.c.id, runs.c.kind, runs.c.stream_id, streams.c.connection_id)
        .join(streams, streams.c.id == runs.c.stream_id)
        .where(runs.c.state.in_(run_records.OPEN), runs.c.by_itself)
    )
    leaving = []
    with hub.store.begin() as db:
        found = db.execute(open_ones).all()
        if not found:
            return []
        now: datetime = db.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        held = connections.held(db, hub, now)
        for run in found:
            until = held.get(run.connection_id)
            # The rivals are the run's own end, and a person who makes it theirs.
            if until is None or not run_records.hold(db, run.id):
                continue
            leaving.append(run.id)
            owe(db, run.stream_id, FULL if run.kind == FULL else SYNC, now)
            # What people are told, as of a run that comes due in these hours.
            timed = (streams.c.id == run.stream_id, streams.c.schedule.is_not(None))
            db.execute(streams.update().where(*timed).values(next_run_at=until))
    for run_id in leaving:
        _cancel(hub, run_id)
    return leaving


def _cancel(hub: Hub, run_id: str) -> None:
    """As often as it takes: a process that dies before leaves the run open, and the next look finds it."""
    job = hub.jobs().get(run_id)
    if job is not None and not job.state.ended:
        hub.jobs().cancel(run_id)
    with hub.store.begin() as db:
        outcome = run_records.Outcome(state="cancelled", message=run_records.HELD)
        # The rival is a process that begins with it now: then it closes it, as it sees the job cancelled.
        run_records.end(db, run_id, outcome, attempt=0)


def owe(db: sa.Connection, stream_id: str, kind: str, now: datetime) -> None:
    """Note that a run is owed; what is noted already stays, and is not waited for."""
    db.execute(insert(owed_runs).values(stream_id=stream_id, kind=kind, since=now).on_conflict_do_nothing())
