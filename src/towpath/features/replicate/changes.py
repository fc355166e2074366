"""Reading what changed since the cursor, and finding what is gone.

The window reaches from the overlap before the cursor to now and is read by id, so rows of one second, or
rows that change while they are read, are neither skipped nor needed twice (facts §0.2). Chunks are
committed with the place in the window, so a run that is cut off goes on there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from towpath.features.replicate.cursor import Cursor, Totals, Window, odoo_time
from towpath.features.replicate.held import held_ids, merged
from towpath.features.replicate.vanished import compare_ids
from towpath.features.replicate.work import Work

__all__ = ["read_changes", "read_over"]

#: Rows that are committed together: bounds memory and what a crash can cost.
CHUNK = 20_000
#: Rows that were never seen are fetched in calls of this many ids.
FETCH = 1_000


def read_changes(work: Work, cursor: Cursor) -> Cursor:
    """Bring the table up to date from the cursor on, and return the new cursor.

    :raises ValueError: the stream was never read to its end.
    """
    window = cursor.open_window(work.clock(), work.overlap)
    return _read(work, cursor, window, [["write_date", ">=", odoo_time(window.since)]])


def read_over(work: Work, cursor: Cursor) -> Cursor:
    """Read every record again and write those that differ; rows that are gone in Odoo stay, marked."""
    work.expected = work.count()
    return _read(work, cursor, cursor.open_whole(work.clock()), [])


def _read(work: Work, cursor: Cursor, window: Window, condition: list[Any]) -> Cursor:
    tail = _Tail(work=work, cursor=cursor, window=window, totals=cursor.totals_of(work.run_id))
    work.report("reading", tail.totals)
    with work.pages(condition, after=window.last_id) as pages:
        for rows in pages:
            tail.take(rows)
    work.report("looking for deletions", tail.totals)
    vanished, unseen = _differences(work, tail.ids)
    for start in range(0, len(unseen), FETCH):
        part = unseen[start : start + FETCH]
        tail.take(work.read(part))
    return tail.close(vanished)


@dataclass(slots=True, kw_only=True)
class _Tail:
    """Rows read and not yet committed."""

    work: Work
    cursor: Cursor
    window: Window
    totals: Totals
    batches: list[pa.RecordBatch] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)

    def take(self, rows: list[dict[str, Any]]) -> None:
        """Add rows; a full chunk is committed."""
        if not rows:
            return
        self.batches.append(self.work.to_batch(rows))
        self.ids += [row["id"] for row in rows]
        self.totals = self.totals.plus(read=len(rows))
        self.work.report("reading", self.totals)
        if len(self.ids) >= CHUNK:
            last = max(self.window.last_id, self.ids[-1])
            self.window = replace(self.window, last_id=last)
            self._upsert(within=True)

    def close(self, vanished: list[int]) -> Cursor:
        """Commit what is left together with the deletions and the moved cursor.

        Nothing is committed when nothing was read: the next window is then longer, and as empty.
        """
        if set(vanished) & set(self.ids):
            # Deleted between our read and the count: the row goes in first, its mark after it.
            self._upsert(within=True)
        if self.ids or vanished or self.totals.read or self.cursor.window is not None:
            self._upsert(within=False, vanished=vanished)
        return self.cursor

    def _upsert(self, *, within: bool, vanished: list[int] | None = None) -> None:
        rows = pa.Table.from_batches(self.batches, schema=self.work.schema)
        run_id = self.work.run_id

        def cursor_for(totals: Totals) -> Cursor:
            if within:
                return self.cursor.within(self.window, run_id=run_id, totals=totals)
            return self.cursor.closed(self.window.until, run_id=run_id, totals=totals)

        committed = replace(cursor_for(self.totals), counted=False)
        counts = self.work.table.upsert(
            rows, delete=vanished or [], commit=self.work.commit(committed, "CHANGES")
        )
        self.totals = self.totals.plus(**counts.to_json())
        self.cursor = cursor_for(self.totals)
        self.batches, self.ids = [], []


def _differences(work: Work, fresh: list[int]) -> tuple[list[int], list[int]]:
    """Ids that are gone in Odoo, and ids below our newest that we never saw."""
    ours = merged(held_ids(work.table), fresh)
    vanished: list[int] = []
    unseen: list[int] = []
    for difference in compare_ids(ours, work.count, work.ids):
        vanished += difference.vanished
        unseen += difference.unseen
    return vanished, unseen
