"""How long old states of a stream's table are kept: the stream's retention as properties of the table (S2.18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.features.replicate.streams import Stream
from towpath.hub import Hub
from towpath.lake.retention import FILES, LOG_ENTRIES, checked

if TYPE_CHECKING:
    from towpath.features.replicate.cursor import Cursor
    from towpath.features.replicate.work import Work
    from towpath.lake.table import Table

__all__ = ["apply_retention", "forget_retention", "keep_retention"]

#: What Delta does when nothing is said.
_USUAL = {LOG_ENTRIES: "interval 30 days", FILES: "interval 7 days"}


def keep_retention(work: Work, cursor: Cursor) -> Cursor:
    """Give the table the stream's retention after a run, unless it has it."""
    if work.stream.retention is not None:
        from towpath.features.replicate.link_table import link_columns

        links = [f"__{column.field.name}" for column in link_columns(work.stream, work.columns)]
        for table in (work.table, *map(work.beside, links)):
            _describe(table, {LOG_ENTRIES: work.stream.retention, FILES: work.stream.retention})
    return cursor


def apply_retention(hub: Hub, stream: Stream) -> None:
    """Give the table the stream's retention now; a table that is not there yet gets it with its first run."""
    if stream.retention is not None:
        _describe(_table(hub, stream), {LOG_ENTRIES: stream.retention, FILES: stream.retention})


def forget_retention(hub: Hub, stream: Stream) -> None:
    """Let the table keep its old states as long as Delta tables usually do."""
    if stream.retention is not None:
        _describe(_table(hub, stream), _USUAL)


def _table(hub: Hub, stream: Stream) -> Table:
    from towpath.lake.table import Table

    return Table(f"{hub.lake_root}/{stream.path}", hub.settings.storage_options)


def _describe(table: Table, properties: dict[str, str]) -> None:
    snapshot, wanted = table.snapshot(), checked(properties) or {}
    if snapshot is not None and any(
        snapshot.metadata.configuration.get(name) != value for name, value in wanted.items()
    ):
        table.describe(properties=wanted)
