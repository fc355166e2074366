"""Where the tables of the catalog come from: connection, stream, model, and the run behind each version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from towpath.errors import TowpathError
from towpath.features.connections import service as connections
from towpath.features.replicate import streams
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import runs
from towpath.hub import Hub
from towpath.odoo.schema import Model, from_json

__all__ = ["Origin", "RunFacts", "origins", "run_facts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The stream that fills a table, and those beside it."""

    stream: Stream
    connection: str
    """Name of the connection."""
    url: str
    model: Model | None
    """The model as the last run saw it; None before the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What is told of a run beside a version it wrote."""

    id: str
    kind: str
    state: str


def origins(hub: Hub) -> dict[tuple[str, str, str], Origin]:
    """By layer, folder and table name of each stream."""
    known = {one.id: one for one in connections.listed(hub)}
    with hub.store.begin() as db:
        found = streams.listed(db)
    return {
        (stream.layer, stream.folder, stream.table_name): Origin(
            stream=stream,
            connection=known[stream.connection_id].name,
            url=known[stream.connection_id].url,
            model=_model(stream),
        )
        for stream in found
        if stream.connection_id in known
    }


def _model(stream: Stream) -> Model | None:
    if stream.schema is None:
        return None
    try:
        return from_json(stream.schema)
    except TowpathError:  # written by another release; the next run writes it anew
        return None


def run_facts(hub: Hub, ids: Iterable[str]) -> dict[str, RunFacts]:
    """The runs of these ids that are still on record."""
    wanted = list(ids)
    if not wanted:
        return {}
    with hub.store.begin() as db:
        rows = db.execute(sa.select(runs.c.id, runs.c.kind, runs.c.state).where(runs.c.id.in_(wanted)))
        return {row.id: RunFacts(id=row.id, kind=row.kind, state=row.state) for row in rows}
