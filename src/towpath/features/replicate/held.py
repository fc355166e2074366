"""The ids a table holds, as compact arrays: eight bytes a row."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import pyarrow as pa

from towpath.lake.parts import read_part
from towpath.lake.table import Staged, Table

__all__ = ["contains", "held_ids", "merged", "staged_ids"]


def held_ids(table: Table) -> array[int]:
    """Ids of all rows not marked as deleted, ascending; empty where there is no table."""
    ids = array("q")
    for batch in table.ids():
        _extend(ids, batch.column(0))
    return ids


def staged_ids(table: Table, staged: Sequence[Staged]) -> Iterator[int]:
    """Ids of parts that are not published yet."""
    schema = pa.schema([pa.field("id", pa.int64(), nullable=False)])
    for part in staged:
        ids = array("q")
        for chunk in read_part(table.storage, part.path, schema).column("id").chunks:
            _extend(ids, chunk)
        yield from ids


def _extend(ids: array[int], column: pa.Array) -> None:
    values = column.buffers()[1]
    ids.frombytes(memoryview(values)[column.offset * 8 : (column.offset + len(column)) * 8])


def contains(ids: array[int], wanted: int) -> bool:
    """Whether an ascending array holds an id."""
    place = bisect_left(ids, wanted)
    return place < len(ids) and ids[place] == wanted


def merged(ids: array[int], more: Sequence[int]) -> array[int]:
    """The ascending array with more ids in it; the array itself when it holds them all."""
    new = sorted({i for i in more if not contains(ids, i)})
    if not new:
        return ids
    if not ids or new[0] > ids[-1]:
        return ids + array("q", new)
    return array("q", sorted([*ids, *new]))
