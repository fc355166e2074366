"""The ids a table holds, without holding them: counted by the lake's statistics, read part by part."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from towpath.features.replicate.vanished import Measure
from towpath.lake.parts import read_part
from towpath.lake.table import Staged, Table

__all__ = ["Held", "compared", "newest"]

#: Of more rows than this the ids are not added up: every part of the table would have to be opened for it.
SUMMED = 1_000_000


def newest(table: Table) -> int:
    """The greatest id the table ever held, deleted ones included; 0 where there is none."""
    bounds = [file.bounds(table.key)[1] for file in table.files()] if table.exists else []
    if any(bound is None for bound in bounds):  # a file of another writer, without statistics
        return max(
            (int(pc.max(batch.column(0)).as_py() or 0) for batch in table.ids(deleted=True)), default=0
        )
    return max((int(bound) for bound in bounds if bound is not None), default=0)


class Held:
    """Ids a table shows as present together with a few that are read and not yet committed."""

    def __init__(self, table: Table, fresh: Iterable[int]) -> None:
        self._table = table
        wanted = array("q", sorted(set(fresh)))
        self._new = array("q", _without(wanted, table) if wanted else ())

    def measure(self, low: int, high: int) -> Measure:
        """How many of them lie in ``low <= id < high``, and what they add up to; the latter not of a great many."""
        new = self._between(low, high)
        count = self._table.count(low, high - 1)
        if count > SUMMED:
            return Measure(count + len(new))
        total = sum(new)
        for batch in self._table.scan(["id"], low=low, high=high - 1):
            total += pc.sum(batch.column(0)).as_py() or 0
        return Measure(count + len(new), total)

    def ids(self, low: int, high: int) -> Sequence[int]:
        """Those ids, ascending."""
        found = array("q", self._between(low, high))
        for batch in self._table.scan(["id"], low=low, high=high - 1):
            found.extend(batch.column(0).to_pylist())
        return array("q", sorted(found))

    def middle(self, low: int, high: int) -> int:
        """An id with about half of the range's ids below it; where the range is cut."""
        before, half = 0, self._table.count(low, high - 1) // 2
        for batch in self._table.scan(["id"], low=low, high=high - 1):
            if before + batch.num_rows > half:
                return int(batch.column(0)[half - before].as_py())
            before += batch.num_rows
        return (low + high) // 2

    def _between(self, low: int, high: int) -> array[int]:
        return self._new[bisect_left(self._new, low) : bisect_left(self._new, high)]


def _without(wanted: array[int], table: Table) -> Iterator[int]:
    """The wanted ids (ascending) that the table does not show."""
    asked = pa.array(wanted, pa.int64())
    held: set[int] = set()
    for batch in table.scan(["id"], low=wanted[0], high=wanted[-1]):
        held.update(pc.filter(batch.column(0), pc.is_in(batch.column(0), value_set=asked)).to_pylist())
    return (i for i in wanted if i not in held)


def compared(table: Table, staged: Sequence[Staged]) -> dict[str, int]:
    """How staged parts differ from the table they replace: new ids, ids it has already, ids that are gone.

    Two ascending streams of ids are merged; only one part of each is in memory.
    """
    old, new = _flat(table.ids()), _staged(table, staged)
    was, now = next(old, None), next(new, None)
    inserted = updated = deleted = 0
    while was is not None or now is not None:
        if was is None or (now is not None and now < was):
            inserted, now = inserted + 1, next(new, None)
        elif now is None or was < now:
            deleted, was = deleted + 1, next(old, None)
        else:
            updated, was, now = updated + 1, next(old, None), next(new, None)
    return {"inserted": inserted, "updated": updated, "deleted": deleted}


def _flat(batches: Iterable[pa.RecordBatch]) -> Iterator[int]:
    for batch in batches:
        yield from batch.column(0).to_pylist()


def _staged(table: Table, staged: Sequence[Staged]) -> Iterator[int]:
    schema = pa.schema([pa.field("id", pa.int64(), nullable=False)])
    for part in staged:
        yield from read_part(table.storage, part.path, schema).column("id").to_pylist()
