"""Reading rows back without any engine: part by part, few columns, a range of ids, bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from towpath.errors import InputError
from towpath.lake.columns import DELETED, DELETED_AT, STATE
from towpath.lake.log import File, Snapshot
from towpath.lake.parts import read_part
from towpath.lake.storage import Storage

__all__ = ["count_between", "iterate"]


def iterate(
    storage: Storage,
    snapshot: Snapshot,
    columns: Sequence[str] | None,
    *,
    key: str = "id",
    low: Any = None,
    high: Any = None,
    deleted: bool = False,
    present: bool = True,
) -> Iterator[pa.RecordBatch]:
    """See `Table.scan`. InputError for a column the table does not have."""
    schema = snapshot.metadata.schema
    chosen = list(columns) if columns is not None else schema.names
    if missing := [name for name in chosen if name not in schema.names]:
        raise InputError(f"The table has no column {missing[0]!r}.")
    ranged = low is not None or high is not None
    needed = [*chosen]
    marks = DELETED_AT in schema.names
    for name in ([key] if ranged else []) + ([DELETED_AT] if marks and not (deleted and present) else []):
        if name not in needed:
            needed.append(name)
    wanted = pa.schema([schema.field(name) for name in needed])
    for file in snapshot.ordered():
        if ranged and not _overlaps(file, key, low, high):
            continue
        if not present and (file.deleted == 0 or not marks):
            continue
        rows = read_part(storage, file.path, wanted)
        if not present:
            rows = _gone(rows)
        elif not deleted and marks and file.deleted != 0:
            rows = rows.filter(pc.is_null(rows.column(DELETED_AT)))
        if low is not None:
            rows = rows.filter(pc.greater_equal(rows.column(key), low))
        if high is not None:
            rows = rows.filter(pc.less_equal(rows.column(key), high))
        yield from rows.select(chosen).combine_chunks().to_batches()


def _gone(rows: pa.Table) -> pa.Table:
    """The rows that are marked; one that was marked before there were states was deleted."""
    found = rows.filter(pc.is_valid(rows.column(DELETED_AT)))
    if STATE not in found.schema.names:
        return found
    index = found.schema.get_field_index(STATE)
    return found.set_column(index, found.schema.field(index), pc.fill_null(found.column(index), DELETED))


def count_between(storage: Storage, snapshot: Snapshot, *, key: str, low: Any, high: Any) -> int:
    """See `Table.count`: parts that lie wholly inside the range answer by their statistics."""
    total = 0
    schema = pa.schema([field for field in snapshot.metadata.schema if field.name in {key, DELETED_AT}])
    for file in snapshot.files.values():
        if not _overlaps(file, key, low, high):
            continue
        least, greatest = file.bounds(key)
        inside = (low is None or (least is not None and least >= low)) and (
            high is None or (greatest is not None and greatest <= high)
        )
        if inside and file.rows is not None and file.deleted is not None:
            total += file.rows - file.deleted
            continue
        rows = read_part(storage, file.path, schema)
        keep = pc.is_null(rows.column(DELETED_AT)) if DELETED_AT in schema.names else None
        for bound, test in ((low, pc.greater_equal), (high, pc.less_equal)):
            if bound is not None:
                found = test(rows.column(key), bound)
                keep = found if keep is None else pc.and_(keep, found)
        total += rows.num_rows if keep is None else (pc.sum(keep).as_py() or 0)
    return total


def _overlaps(file: File, key: str, low: Any, high: Any) -> bool:
    """Whether the part may hold a key of the range."""
    least, greatest = file.bounds(key)
    return not (
        (low is not None and greatest is not None and greatest < low)
        or (high is not None and least is not None and least > high)
    )
