"""Windows into a table by the order of its ids: any block of rows of a table of any size, in a moment.

How many rows each part of a version has is known by its statistics, so that the part which holds the wanted rows is
found without reading others. The parts read last are kept, since the next block mostly lies in the same one.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import pyarrow as pa
import pyarrow.compute as pc

from towpath.errors import DamagedError
from towpath.lake.columns import DELETED_AT
from towpath.lake.log import File, Snapshot
from towpath.lake.parts import read_part
from towpath.lake.storage import Storage

__all__ = ["Window", "window"]

_PARTS = 6
_TABLES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Map:
    """Where the rows of one version lie."""

    files: tuple[File, ...]
    ends: tuple[int, ...]
    """For each part how many rows there are up to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Some rows, and how many there are in all."""

    rows: pa.Table
    total: int


_GUARD = threading.Lock()
_MAPS: OrderedDict[tuple[str, int, bool], _Map] = OrderedDict()
_READ: OrderedDict[tuple[str, str, tuple[str, ...], bool], pa.Table] = OrderedDict()


def window(
    uri: str,
    storage: Storage,
    snapshot: Snapshot,
    columns: Sequence[str],
    *,
    start: int,
    limit: int,
    everything: bool = False,
    backwards: bool = False,
) -> Window:
    """Rows `start` to `start + limit` by id, rows marked as gone among them only with `everything`.

    Raises DamagedError when a file of the version is not there any more.
    """
    try:
        known = _map(uri, storage, snapshot, everything=everything)
        total = known.ends[-1] if known.ends else 0
        low = max(0, total - start - limit) if backwards else min(start, total)
        high = max(0, total - start) if backwards else min(start + limit, total)
        pieces = []
        number = bisect_right(known.ends, low)
        while low < high:
            begin = known.ends[number - 1] if number else 0
            rows = _part(uri, storage, snapshot, known.files[number], columns, everything=everything)
            piece = rows.slice(low - begin, high - low)
            pieces.append(piece)
            low, number = min(high, known.ends[number]), number + 1
    except FileNotFoundError as error:
        raise DamagedError(
            "Files of the table are missing; bring it again: towpath sync run --full"
        ) from error
    schema = pa.schema([snapshot.metadata.schema.field(name) for name in columns])
    found = pa.concat_tables(pieces) if pieces else schema.empty_table()
    if backwards:
        found = found.take(pa.array(range(found.num_rows - 1, -1, -1), pa.int64()))
    return Window(rows=found, total=total)


def _map(uri: str, storage: Storage, snapshot: Snapshot, *, everything: bool) -> _Map:
    key = (uri, snapshot.version, everything)
    with _GUARD:
        if key in _MAPS:
            _MAPS.move_to_end(key)
            return _MAPS[key]
    files = tuple(snapshot.ordered())
    ends = tuple(accumulate(_count(storage, snapshot, file, everything=everything) for file in files))
    made = _Map(files=files, ends=ends)
    with _GUARD:
        _MAPS[key] = made
        while len(_MAPS) > _TABLES:
            _MAPS.popitem(last=False)
    return made


def _count(storage: Storage, snapshot: Snapshot, file: File, *, everything: bool) -> int:
    marks = DELETED_AT in snapshot.metadata.schema.names
    if file.rows is not None and (everything or not marks):
        return file.rows
    if file.rows is not None and file.deleted is not None:
        return file.rows - file.deleted
    name = DELETED_AT if marks else snapshot.metadata.schema.names[0]
    rows = read_part(storage, file.path, pa.schema([snapshot.metadata.schema.field(name)]))
    return int(rows.num_rows if everything or not marks else rows.column(0).null_count)


def _part(
    uri: str, storage: Storage, snapshot: Snapshot, file: File, columns: Sequence[str], *, everything: bool
) -> pa.Table:
    """The wanted columns of one part, rows marked as gone left out."""
    key = (uri, file.path, tuple(columns), everything)
    with _GUARD:
        if key in _READ:
            _READ.move_to_end(key)
            return _READ[key]
    schema = snapshot.metadata.schema
    marks = DELETED_AT in schema.names and not everything and file.deleted != 0
    names = [*columns, *([DELETED_AT] if marks and DELETED_AT not in columns else [])]
    rows = read_part(storage, file.path, pa.schema([schema.field(name) for name in names]))
    if marks:
        rows = rows.filter(pc.is_null(rows.column(DELETED_AT)))
    rows = rows.select(list(columns))
    with _GUARD:
        _READ[key] = rows
        while len(_READ) > _PARTS:
            _READ.popitem(last=False)
    return rows
