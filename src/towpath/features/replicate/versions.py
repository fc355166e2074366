"""The follower that keeps every version of a stream's records, where the stream says so (`history`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.features.replicate.streams import Stream
from towpath.lake.catalog import TableRef
from towpath.lake.versions import follow

if TYPE_CHECKING:
    from towpath.features.replicate.cursor import Cursor
    from towpath.features.replicate.work import Work

__all__ = ["SUFFIX", "follow_versions", "versions_ref"]

#: What the name of the table of versions has behind the stream's.
SUFFIX = "__versions"


def follow_versions(work: Work, cursor: Cursor) -> Cursor:
    """Append what this run's commits brought; a run that changed nothing costs a look at two logs."""
    if not work.stream.history or not work.table.exists:
        return cursor
    work.report("keeping versions", cursor.totals_of(work.run_id))
    found = follow(work.table, work.beside(SUFFIX), run_id=work.run_id)
    if found.gap:
        work.remarks.append(
            "Old states of the table were gone before every version was kept; versions between the last ones kept "
            "and this run are missing. Keep old states for longer (--retention)."
        )
    return cursor


def versions_ref(main: TableRef, stream: Stream) -> TableRef:
    """The table of versions as the catalog lists it."""
    return TableRef(
        layer=main.layer,
        folder=main.folder,
        name=f"{main.name}{SUFFIX}",
        uri=f"{main.uri}{SUFFIX}",
        description=f"Every version of {stream.model} ({main.name}__history shows them).",
        storage_options=main.storage_options,
    )
