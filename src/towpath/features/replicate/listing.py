"""Runs and batches page by page, for those who may see only some connections."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from towpath.features.replicate.batches import Batch
from towpath.features.replicate.runs import OPEN, Run
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import batches, runs, streams

__all__ = ["Wanted", "batches_of", "by_ids", "changed", "last_runs", "open_runs", "page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which runs are wanted; None means any."""

    #: Ids of the connections that may be seen.
    connections: Collection[str] | None = None
    stream_id: str | None = None
    states: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
    batch: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(db: sa.Connection, wanted: Wanted, *, before: tuple[datetime, str] | None, limit: int) -> list[Run]:
    """Runs, the newest first.

    :param before: moment and id of the last run of the page before.
    """
    query = sa.select(runs).join(streams, streams.c.id == runs.c.stream_id)
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.connections is not None:
        conditions.append(streams.c.connection_id.in_(wanted.connections))
    if wanted.stream_id is not None:
        conditions.append(runs.c.stream_id == wanted.stream_id)
    if wanted.states:
        conditions.append(runs.c.state.in_(wanted.states))
    if wanted.kinds:
        conditions.append(runs.c.kind.in_(wanted.kinds))
    if wanted.batch is not None:
        conditions.append(runs.c.batch == wanted.batch)
    if wanted.since is not None:
        conditions.append(runs.c.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(runs.c.created_at < wanted.until)
    if before is not None:
        moment, run_id = before
        conditions.append(sa.tuple_(runs.c.created_at, runs.c.id) < sa.tuple_(sa.literal(moment), run_id))
    query = query.where(*conditions).order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit)
    return _runs(db, query)


def last_runs(db: sa.Connection, stream_ids: Collection[str]) -> dict[str, Run]:
    """The newest run of each stream that has one."""
    newest = (
        sa.select(runs)
        .where(runs.c.stream_id == streams.c.id)
        .order_by(runs.c.created_at.desc())
        .limit(1)
        .lateral()
    )
    query = sa.select(newest).select_from(streams).join(newest, sa.true()).where(streams.c.id.in_(stream_ids))
    return {run.stream_id: run for run in _runs(db, query)}


def open_runs(db: sa.Connection) -> list[Run]:
    """All runs that have not ended."""
    return _runs(db, runs.select().where(runs.c.state.in_(OPEN)).limit(2000))


def by_ids(db: sa.Connection, run_ids: Collection[str]) -> list[Run]:
    """The runs of these ids that there are."""
    return _runs(db, runs.select().where(runs.c.id.in_(run_ids)))


def changed(db: sa.Connection, run_ids: Collection[str], since: datetime) -> list[Run]:
    """Runs that are open, were made since then, or bear one of the ids."""
    either = sa.or_(runs.c.state.in_(OPEN), runs.c.id.in_(run_ids), runs.c.created_at > since)
    return _runs(db, runs.select().where(either).order_by(runs.c.created_at).limit(2000))


def batches_of(
    db: sa.Connection, members: Sequence[Stream] | None, *, before: int | None, limit: int
) -> list[Batch]:
    """Batches, the newest first.

    :param members: only those with one of these streams.
    :param before: number of the last one of the page before.
    """
    query = batches.select().order_by(batches.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(batches.c.number < before)
    if members is not None:
        ids = sa.cast([stream.id for stream in members], sa.ARRAY(sa.Text))
        query = query.where(batches.c.stream_ids.bool_op("?|")(ids))
    return [Batch(**row._asdict()) for row in db.execute(query)]


def _runs(db: sa.Connection, query: sa.Select[Any]) -> list[Run]:
    return [Run(**row._asdict()) for row in db.execute(query)]
