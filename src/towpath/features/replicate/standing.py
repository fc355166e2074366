"""How many streams stand at once, in few queries: for pages that show all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from towpath.features.replicate.runs import OPEN, Run
from towpath.features.replicate.status import lags
from towpath.features.replicate.streams import Stream, listed
from towpath.features.replicate.tables import runs, streams
from towpath.hub import Hub

__all__ = ["Hour", "Standing", "Standings", "standings"]

_HOURS = 24
#: Longest list of newest runs.
_RUNS = 12
#: Rows that a run changed in its table.
_CHANGED = runs.c.rows_inserted + runs.c.rows_updated + runs.c.rows_deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One stream with its newest run that has ended, and the one under way."""

    stream: Stream
    #: Seconds that the table is behind Odoo's clock; None before the first run has succeeded.
    lag: float | None
    ended: Run | None
    under_way: Run | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What was done in one hour that begins at ``start``."""

    start: datetime
    runs: int
    failed: int
    #: Rows that came in, changed or went.
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """All streams that were asked for, their newest runs and the last 24 hours, by PostgreSQL's clock ``now``."""

    now: datetime
    streams: list[Standing]
    #: The newest runs that changed something, failed or are under way, the newest first.
    newest: list[Run]
    hours: list[Hour]


def standings(hub: Hub, connection_ids: Collection[str] | None = None) -> Standings:
    """How the streams of these connections stand; None for all."""
    with hub.store.begin() as db:
        now: datetime = db.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        known = [
            stream
            for stream in listed(db)
            if connection_ids is None or stream.connection_id in connection_ids
        ]
        ids = [stream.id for stream in known]
        late = lags(db, ids, now)
        ended = _ended(db, ids)
        held = [stream.active_run_id for stream in known if stream.active_run_id]
        open_now = {run.id: run for run in _runs(db, runs.select().where(runs.c.id.in_(held)))}
        newest = _runs(
            db,
            runs.select()
            .where(runs.c.stream_id.in_(ids), sa.or_(runs.c.state != "succeeded", _CHANGED > 0))
            .order_by(runs.c.created_at.desc())
            .limit(_RUNS),
        )
        hours = _hours(db, ids, now)
    found = []
    for stream in known:
        run = open_now.get(stream.active_run_id or "")
        found.append(
            Standing(
                stream=stream,
                lag=late.get(stream.id),
                ended=ended.get(stream.id),
                under_way=run if run is not None and run.state in OPEN else None,
            )
        )
    return Standings(now=now, streams=found, newest=newest, hours=hours)


def _ended(db: sa.Connection, ids: Collection[str]) -> dict[str, Run]:
    last = (
        sa.select(runs)
        .where(runs.c.stream_id == streams.c.id, runs.c.ended_at.is_not(None))
        .order_by(runs.c.ended_at.desc())
        .limit(1)
        .lateral()
    )
    query = sa.select(last).select_from(streams).join(last, sa.true()).where(streams.c.id.in_(ids))
    return {run.stream_id: run for run in _runs(db, query)}


def _hours(db: sa.Connection, ids: Collection[str], now: datetime) -> list[Hour]:
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=_HOURS - 1)
    start = sa.func.date_trunc("hour", runs.c.created_at, "UTC").label("start")
    query = (
        sa.select(
            start,
            sa.func.count(),
            sa.func.count().filter(runs.c.state == "failed"),
            sa.cast(sa.func.coalesce(sa.func.sum(_CHANGED), 0), sa.BigInteger),
        )
        .where(runs.c.stream_id.in_(ids), runs.c.created_at >= first)
        .group_by(start)
    )
    seen = {row[0]: row for row in db.execute(query)}
    found = []
    for number in range(_HOURS):
        hour = first + timedelta(hours=number)
        _, count, failed, rows = seen.get(hour, (hour, 0, 0, 0))
        found.append(Hour(start=hour, runs=count, failed=failed, rows=rows))
    return found


def _runs(db: sa.Connection, query: sa.Select[Any]) -> list[Run]:
    return [Run(**row._asdict()) for row in db.execute(query)]
