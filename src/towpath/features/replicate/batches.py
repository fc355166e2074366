"""Batches: one run over many streams. At its end one manifest names the versions that belong together.

Tables are committed one by one, so two of them read at the same moment may come from different runs; the manifest
of a batch is what makes them one state (``towpath sql --as-of run:17``). A batch's number is what people call it by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog

from towpath.commit_point import commit_point
from towpath.errors import NotFoundError, TowpathError
from towpath.features.replicate import runs, streams
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import batches
from towpath.hub import Hub
from towpath.jobs import Context
from towpath.lake import manifest
from towpath.lake.table import Table

__all__ = ["BATCH", "JOB", "Batch", "batch", "create", "find", "job_id", "recent", "versions_of"]

log = structlog.get_logger(__name__)

#: Name of the queue, and of the job, that executes runs.
JOB = "replicate"
#: Name of the job that ends a batch of them.
BATCH = "batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One run over many streams, as stored."""

    number: int
    stream_ids: list[str]
    #: Stream id -> run id, of the streams that had something to do.
    run_ids: dict[str, str]
    #: running, published
    state: str
    #: Table address -> version.
    tables: dict[str, int]
    created_at: datetime
    ended_at: datetime | None


def job_id(number: int) -> str:
    """The id of the job that ends a batch."""
    return f"batch-{number}"


def create(db: sa.Connection, stream_ids: Sequence[str], run_ids: Mapping[str, str]) -> int:
    """Note a batch over these streams and return its number."""
    number: int = db.execute(
        batches.insert()
        .values(stream_ids=list(stream_ids), run_ids=dict(run_ids))
        .returning(batches.c.number)
    ).scalar_one()
    runs.join(db, list(run_ids.values()), number)
    return number


def find(db: sa.Connection, number: int) -> Batch:
    """The batch of that number.

    :raises NotFoundError: there is none.
    """
    row = db.execute(batches.select().where(batches.c.number == number)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no run {number} over many streams; see `towpath sync batches`.")
    return Batch(**row._asdict())


def recent(db: sa.Connection, *, limit: int = 20) -> list[Batch]:
    """The newest batches first."""
    query = batches.select().order_by(batches.c.number.desc()).limit(limit)
    return [Batch(**row._asdict()) for row in db.execute(query)]


def batch(hub: Hub, context: Context, payload: dict[str, Any]) -> dict[str, Any]:
    """The durable job of a batch: start its runs, wait for them, publish the manifest.

    The payload is ``{"number": ...}``. Runs that were started already are taken hold of; a
    run that fails does not hold the others up, its table's last good state is what the manifest names.
    """
    number: int = payload["number"]
    with hub.store.begin() as db:
        about = find(db, number)
        members = [stream for stream in streams.listed(db) if stream.id in about.run_ids]
    for stream in members:
        run_id = about.run_ids[stream.id]
        context.start(JOB, run_id, {"run_id": run_id}, queue=JOB, key=stream.connection_id)
    for stream in members:
        try:
            context.wait(about.run_ids[stream.id])
        except TowpathError as problem:  # cancelled, or given up: its run's record says so
            log.info("run_of_batch_not_ended_well", batch=number, stream=stream.path, why=problem.message)
    versions: dict[str, int] = context.step("publish", publish, hub, number)
    return {"number": number, "tables": len(versions)}


def publish(hub: Hub, number: int) -> dict[str, int]:
    """Put the manifest of a batch and close it; repeating it gives what stands already."""
    with hub.store.begin() as db:
        about = find(db, number)
        # What each run left, not what is there by now: the next run of one of them may have begun already. A stream
        # that was removed in the meantime has no state to speak of.
        versions = {
            uri: version
            for stream in streams.listed(db)
            if stream.id in about.stream_ids
            for uri, version in runs.versions_left(
                db, stream.id, about.run_ids.get(stream.id), about.created_at
            ).items()
        }
    options = hub.settings.storage_options
    commit_point("before_manifest")
    left = manifest.publish(hub.lake_root, manifest.Manifest(id=str(number), tables=versions), options)
    commit_point("after_manifest")
    tables = dict(left.tables)

    def close(db: sa.Connection) -> None:
        # A rival that took the job over publishes the same manifest: whoever comes second changes nothing.
        db.execute(
            batches.update()
            .where(batches.c.number == number, batches.c.state == "running")
            .values(state="published", tables=tables, ended_at=sa.func.now())
        )

    patiently(hub.store, close)
    return tables


def versions_of(hub: Hub, stream: Stream) -> dict[str, int]:
    """Versions that the tables of a stream have now: its own, and those beside it (links, kept versions)."""
    own = f"{hub.lake_root}/{stream.path}"
    found: dict[str, int] = {}
    for ref in hub.tables():
        if ref.uri == own or ref.uri.startswith(f"{own}__"):
            version = Table(ref.uri, hub.settings.storage_options).version
            if version >= 0:
                found[ref.uri] = version
    return found
