"""Upkeep of the tables of streams: small parts are joined, and what no kept state needs is removed (S2.18).

Once a day for each table by whichever worker comes first, or now by hand. A worker that dies in the middle leaves a
whole table; the rest is done the next day.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from towpath.commit_point import commit_point
from towpath.errors import TowpathError
from towpath.features.replicate import service, streams
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import run_log, runs
from towpath.features.replicate.tables import streams as rows
from towpath.hub import Hub
from towpath.lake import manifest
from towpath.lake.retention import retention
from towpath.lake.upkeep import Swept

__all__ = ["Kept", "Pruned", "claim", "keep_up", "prune", "tick"]

log = structlog.get_logger(__name__)

#: How long a manifest is kept at least: as long as the log of a table tells of its states when nothing is said.
_LEAST = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What upkeep did to one table."""

    #: ``layer/folder/table``.
    table: str
    #: By how many parts there are fewer, because small ones were joined.
    joined: int
    swept: Swept

    @property
    def anything(self) -> bool:
        """Whether there was something to do."""
        return bool(self.joined or self.swept.parts or self.swept.orphans or self.swept.log_files)

    def to_json(self) -> dict[str, Any]:
        """Plain values: table, joined, and what was removed (parts, orphans, log_files, size in bytes)."""
        return {"table": self.table, "joined": self.joined, **asdict(self.swept)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What was forgotten of the past beside the tables."""

    #: Records of runs that found nothing new.
    idle_runs: int = 0
    #: Manifests of states that no table keeps.
    manifests: int = 0


def tick(hub: Hub) -> None:
    """Keep up the tables whose time has come; called by every worker about once a second."""
    done = False
    while not hub.closed and (stream := claim(hub)) is not None:
        done = True
        try:
            keep_up(hub, stream)
        except TowpathError as problem:  # a table that can not be reached must not hold the others up
            log.warning("upkeep_failed", stream=stream.path, why=problem.message)
    if done:
        prune(hub)


def claim(hub: Hub) -> Stream | None:
    """Take a stream whose table was not kept up for ``upkeep_hours``; None when there is none."""
    last = sa.func.coalesce(rows.c.kept_up_at, rows.c.created_at)
    due = last < sa.func.now() - timedelta(hours=hub.settings.upkeep_hours)
    first = sa.select(rows.c.id).where(due).order_by(last).limit(1).with_for_update(skip_locked=True)
    with hub.store.begin() as db:
        # The rival is another worker, which finds this one locked, or its time moved on.
        taken = db.execute(
            rows.update()
            .where(rows.c.id == first.scalar_subquery(), due)
            .values(kept_up_at=sa.func.now())
            .returning(rows.c.id)
        ).scalar_one_or_none()
        found = None if taken is None else streams.find(db, taken)
    if found is not None:
        commit_point("upkeep_claimed")
    return found


def keep_up(hub: Hub, stream: Stream, *, now: datetime | None = None) -> list[Kept]:
    """Join small parts and remove what no kept state needs, of the stream's table and those beside it.

    :param now: the moment by which the retention is counted; the present when left out.
    :raises TowpathError: a table can not be reached.
    """
    from towpath.lake.table import Table

    done = []
    own = f"{hub.lake_root}/{stream.path}"
    for ref in service.tables(hub):
        if ref.uri != own and not ref.uri.startswith(f"{own}__"):
            continue
        table = Table(ref.uri, hub.settings.storage_options)
        if not table.exists:
            continue
        joined = table.compact()
        commit_point("after_compact")
        one = Kept(table=ref.path, joined=joined, swept=table.sweep(now=now))
        if one.anything:
            hub.store.audit("system", "table.upkeep", f"table/{one.table}", details=one.to_json())
        done.append(one)
    return done


def prune(hub: Hub) -> Pruned:
    """Forget old runs that found nothing, but for the newest of a stream, and manifests of states that are gone.

    :raises TowpathError: the lake can not be reached.
    """
    newer, kept = runs.alias("newer"), timedelta(days=hub.settings.keep_jobs_days)
    old = (
        runs.c.kind == "idle",
        runs.c.created_at < sa.func.now() - kept,
        # Others go by the time of the last run.
        sa.exists().where(newer.c.stream_id == runs.c.stream_id, newer.c.created_at > runs.c.created_at),
    )
    with hub.store.begin() as db:
        idle_runs = db.execute(runs.delete().where(*old)).rowcount
        # The log of an old run has said what it had to; its numbers stay.
        db.execute(run_log.delete().where(run_log.c.updated_at < sa.func.now() - kept))
        texts = [stream.retention for stream in streams.listed(db) if stream.retention is not None]
    longest = max([_LEAST, *(timedelta(seconds=retention(text)) for text in texts)])
    forgotten = manifest.forget(hub.lake_root, datetime.now(UTC) - longest, hub.settings.storage_options)
    if forgotten:
        hub.store.audit("system", "manifest.forget", "lake", details={"manifests": forgotten})
    return Pruned(idle_runs=idle_runs, manifests=forgotten)
