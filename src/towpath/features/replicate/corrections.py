"""Corrections: new values for some columns of rows the table has, of records whose ``write_date`` did not move.

Only rows that are present and really differ are written; the other columns keep what they have. Each commit carries
the stream's cursor with the totals of the run, so what was corrected is counted once, whenever the process dies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.work import Work
from towpath.lake.upsert import differ

__all__ = ["Corrections"]

#: Rows that are written by one commit; bounds memory.
CHUNK = 20_000


@dataclass(slots=True, kw_only=True)
class Corrections:
    """Rows to be corrected by one follower, collected to some 20,000 for each commit."""

    work: Work
    #: The stream's cursor; moved by every commit.
    cursor: Cursor
    #: What the table's history shows.
    operation: str
    #: Called behind every commit: it names the place where a process may die.
    written: Callable[[], None]
    #: Rows corrected so far.
    corrected: int = 0
    _batches: list[pa.Table] = field(default_factory=list)
    _rows: int = 0

    def compare(self, rows: pa.RecordBatch) -> None:
        """Take the rows that the table shows with other values; those it does not show are left to the next read.

        :param rows: ``id`` and the columns to compare; in any order, each id once.
        """
        if not rows.num_rows:
            return
        rows = _known(rows, self.work)
        ids = rows.column("id")
        columns = rows.schema.names
        for held in self.work.table.scan(columns, low=pc.min(ids).as_py(), high=pc.max(ids).as_py()):
            places = pc.index_in(held.column("id"), value_set=ids)
            hits = pc.indices_nonzero(pc.is_valid(places))
            before = pa.Table.from_batches([held]).take(hits)
            after = pa.Table.from_batches([rows]).take(places.drop_null()).cast(before.schema)
            self.add(after.filter(differ(before, after)))

    def add(self, rows: pa.Table) -> None:
        """Take rows that are known to differ; a full chunk is committed."""
        if not rows.num_rows:
            return
        if self._batches and self._batches[0].schema.names != rows.schema.names:
            self.flush()  # a field that can not be read any more is to keep its values
        self._batches.append(rows)
        self._rows += rows.num_rows
        if self._rows >= CHUNK:
            self.flush()

    def flush(self, **position: Any) -> None:
        """Commit what was taken.

        :param position: fields of the cursor to change with it; nothing is committed where that changes nothing.
        """
        after = replace(self.cursor, **position)
        if not self._rows and after == self.cursor:
            return
        work = self.work
        rows = pa.concat_tables(self._batches) if self._batches else _nothing(work)
        totals = after.totals_of(work.run_id)
        after = replace(after, run_id=work.run_id, totals=totals, counted=False)
        counts = work.table.upsert(rows, partial=True, commit=work.commit(after, self.operation))
        self.written()
        self.cursor = replace(after, totals=totals.plus(**counts.to_json()), counted=True)
        self.corrected += counts.updated
        self._batches, self._rows = [], 0
        work.report("correcting", self.cursor.totals)


def _known(rows: pa.RecordBatch, work: Work) -> pa.RecordBatch:
    """Without columns the table does not have: a field that could not be read so far."""
    held = set(work.table.schema.names)
    return rows.select([name for name in rows.schema.names if name in held])


def _nothing(work: Work) -> pa.Table:
    return pa.table({"id": pa.array([], pa.int64())}, schema=pa.schema([work.schema.field("id")]))
