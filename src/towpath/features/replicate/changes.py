"""Reading what changed since the cursor, and finding what is gone.

The window reaches from the overlap before the cursor to now and is read by id, so rows of one second, or
rows that change while they are read, are neither skipped nor needed twice (facts §0.2). Chunks are
committed with the place in the window, so a run that is cut off goes on there; what changed behind that
place in the meantime is read in a second window.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from towpath.features.replicate.cursor import Cursor, Totals, Window, odoo_time
from towpath.features.replicate.gone import tell
from towpath.features.replicate.held import Held, newest
from towpath.features.replicate.lateness import lateness
from towpath.features.replicate.vanished import compare_ids
from towpath.features.replicate.work import Work

__all__ = ["read_changes", "read_over"]

#: Pages that are committed together (20,000 rows by default): bounds memory and what a crash can cost.
CHUNK_PAGES = 4
#: Rows that were never seen are fetched in calls of this many ids.
FETCH = 1_000
#: Rows that are marked as deleted by one commit.
MARKS = 50_000


def read_changes(work: Work, cursor: Cursor) -> Cursor:
    """Bring the table up to date from the cursor on, and return the new cursor.

    :raises ValueError: the stream was never read to its end.
    """
    tail = _Tail(work=work, cursor=cursor, totals=cursor.totals_of(work.run_id))
    unfinished = cursor.window is not None and not cursor.window.whole
    tail.read(cursor.open_window(work.clock(), work.overlap, ahead=work.ahead()))
    if unfinished:
        tail.read(tail.next_window())
    return tail.close()


def read_over(work: Work, cursor: Cursor, *, anew: bool = False, keep_cursor: bool = False) -> Cursor:
    """Read every record again and write those that differ; rows that are gone in Odoo stay, marked.

    :param anew: do not go on with a read that was cut off.
    :param keep_cursor: too little could be read for the cursor to move.
    """
    work.expected = work.count()
    # Without stamps nothing tells what changed behind the place where another run was cut off.
    anew = anew or not (work.model.has_write_date or cursor.run_id == work.run_id)
    window = cursor.open_whole(work.clock(), sign=work.sign, ahead=work.ahead(), anew=anew)
    tail = _Tail(work=work, cursor=cursor, totals=cursor.totals_of(work.run_id))
    tail.read(window)
    if window == cursor.window and work.model.has_write_date:
        tail.read(tail.next_window())
    done = tail.close(to=cursor if keep_cursor else None)
    return replace(done, through=cursor.through, ahead=cursor.ahead) if keep_cursor else done


@dataclass(slots=True, kw_only=True)
class _Tail:
    """Rows read and not yet committed."""

    work: Work
    cursor: Cursor
    totals: Totals
    #: What is being read.
    window: Window | None = None
    batches: list[pa.RecordBatch] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)

    def read(self, window: Window) -> None:
        """Read a window; the rows of one before it are committed no later than the first ones of this."""
        self.window = window
        # An id above all we ever held is new to us, whatever its stamp: it may have come into the filter, or
        # into sight, by a change of another record.
        condition: list[Any] = (
            []
            if window.whole
            else ["|", ["id", ">", newest(self.work.table)], ["write_date", ">=", odoo_time(window.since)]]
        )
        self.work.report("reading", self.totals)
        with self.work.pages(condition, after=window.last_id) as pages:
            for rows in pages:
                self.take(rows)

    def next_window(self) -> Window:
        """The window from the end of the one that was read now, up to the present."""
        assert self.window is not None  # noqa: S101  # one was read
        self.cursor = self.cursor.after(self.window)
        return self.cursor.open_window(self.work.clock(), self.work.overlap, ahead=self.work.ahead())

    def take(self, rows: list[dict[str, Any]]) -> None:
        """Add rows; a full chunk is committed."""
        if not rows:
            return
        batch = self.work.to_batch(rows)
        self.batches.append(batch)
        self._learn(batch)
        self.ids += [row["id"] for row in rows]
        self.totals = self.totals.plus(read=len(rows))
        self.work.report("reading", self.totals)
        if len(self.ids) >= self.work.page_rows * CHUNK_PAGES:
            self._commit_within()

    def _learn(self, batch: pa.RecordBatch) -> None:
        """Note how late the records are that should have shown in the last read, and did not."""
        window, through = self.window, self.cursor.through
        if window is not None and through is not None and not window.whole:
            self.work.late = max(self.work.late, lateness(self.work.table, batch, through))

    def close(self, *, to: Cursor | None = None) -> Cursor:
        """Find what is gone and what was never seen, and commit what is left together with the moved cursor.

        Nothing is committed when nothing was read: the next window is then longer, and as empty.

        :param to: a cursor whose position is kept.
        """
        self.work.report("looking for deletions", self.totals)
        vanished, unseen = self._differences()
        for start in range(0, len(unseen), FETCH):
            for rows in self.work.chosen(unseen[start : start + FETCH]):
                self.take(rows)
        marks = self._marks(vanished)
        if not set(vanished).isdisjoint(self.ids):
            # Deleted between our read and the count: the row goes in first, its mark after it.
            self._commit_within()
        for part in marks[:-1]:
            self._commit_within(part)
        assert self.window is not None  # noqa: S101  # one was read
        if self.ids or vanished or self.totals.read or self.cursor.window is not None:
            ended = self.cursor.after(self.window)
            if to is not None:
                ended = replace(ended, through=to.through, ahead=to.ahead)
            self._upsert(ended, marks[-1])
        return self.cursor

    def _marks(self, vanished: Sequence[int]) -> list[Mapping[str, Sequence[int]]]:
        """What became of the ids that are gone, in parts that one commit each marks; the last may be empty."""
        if not vanished:
            return [{}]
        fates = tell(self.work, vanished)
        self.work.remarks += fates.sentences(before=self.work.table.count())
        return list(fates.parts(MARKS))

    def _differences(self) -> tuple[array[int], array[int]]:
        """Ids that are gone in Odoo, and ids up to our newest that we never saw."""
        ours = Held(self.work.table, self.ids)
        end = max(newest(self.work.table), max(self.ids, default=0)) + 1
        vanished, unseen = array("q"), array("q")
        for difference in compare_ids(ours, end, self.work.measure, self.work.ids):
            vanished.extend(difference.vanished)
            unseen.extend(difference.unseen)
        return vanished, unseen

    def _commit_within(self, gone: Mapping[str, Sequence[int]] | None = None) -> None:
        assert self.window is not None  # noqa: S101  # one was read
        last = max(self.window.last_id, self.ids[-1]) if self.ids else self.window.last_id
        self.window = replace(self.window, last_id=last)
        self._upsert(replace(self.cursor, window=self.window), gone)

    def _upsert(self, cursor: Cursor, gone: Mapping[str, Sequence[int]] | None = None) -> None:
        rows = pa.Table.from_batches(self.batches, schema=self.work.schema)
        # A field that is gone, or can not be read now, keeps what the table has of it.
        rows = rows.drop_columns([name for name in self.work.left_out() if name in rows.schema.names])
        cursor = replace(cursor, run_id=self.work.run_id, totals=self.totals, counted=False)
        counts = self.work.table.upsert(
            rows, delete=gone or (), partial=True, commit=self.work.commit(cursor, "CHANGES")
        )
        self.totals = self.totals.plus(**counts.to_json())
        self.cursor = replace(cursor, totals=self.totals, counted=True)
        self.batches, self.ids = [], []
