"""A table's versions, with the runs that wrote them and whether they can still be read."""

from __future__ import annotations

from dataclasses import dataclass

from towpath.errors import DamagedError, InputError
from towpath.features.explore.asof import AsOf
from towpath.features.replicate import service as replicate
from towpath.hub import Hub
from towpath.lake.catalog import TableRef
from towpath.lake.history import read_history
from towpath.lake.log import Snapshot
from towpath.lake.table import Table
from towpath.lake.timeline import read_timeline

__all__ = ["PastVersion", "past_versions", "snapshots"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVersion:
    """One version."""

    version: int
    at: str
    operation: str
    run_id: str
    run_kind: str
    run_state: str
    inserted: int
    updated: int
    deleted: int
    readable: bool


def past_versions(hub: Hub, table: TableRef, limit: int, *, before: int | None = None) -> list[PastVersion]:
    """The newest versions (those below `before`), newest first; none where nothing was read yet."""
    lake = Table(table.uri, table.storage_options)
    snapshot = lake.snapshot()
    if snapshot is None:
        return []
    newest = snapshot.version if before is None else min(before - 1, snapshot.version)
    found = list(read_history(lake.storage, newest, limit))
    facts = replicate.run_facts(hub, {one.run_id for one in found if one.run_id})
    spans = read_timeline(lake.storage, snapshot)
    oldest = min((span.came for span in spans.spans), default=snapshot.version)
    return [
        PastVersion(
            version=one.version,
            at=one.at.isoformat(),
            operation=one.operation,
            run_id=one.run_id,
            run_kind=facts[one.run_id].kind if one.run_id in facts else "",
            run_state=facts[one.run_id].state if one.run_id in facts else "",
            inserted=one.counts.get("inserted", 0),
            updated=one.counts.get("updated", 0),
            deleted=one.counts.get("deleted", 0),
            readable=one.version >= oldest,
        )
        for one in found
    ]


def snapshots(table: TableRef, old: int, new: int) -> tuple[Table, Snapshot, Snapshot]:
    """The table and two of its versions, the older one first.

    :raises InputError: `old` is not older than `new`, one is not kept any more, or the rows have no id.
    """
    if old >= new:
        raise InputError("Choose an older version and a newer one to compare.")
    lake = Table(table.uri, table.storage_options)
    before, after = AsOf(version=old).of(lake), AsOf(version=new).of(lake)
    schema = after.metadata.schema
    if "id" not in schema.names or "id" not in before.metadata.schema.names:
        raise InputError("The rows of this table have no id by which they could be compared.")
    if before.metadata.schema.field("id").type != schema.field("id").type:
        raise DamagedError("The ids of these versions have different types; choose newer ones.")
    return lake, before, after
