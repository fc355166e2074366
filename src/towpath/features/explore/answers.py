"""Answers on disk: a query's rows in one Arrow file, from which any page is read in a moment.

All batches but the last have :data:`BATCH` rows, so that the place of a row tells its batch.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from towpath.errors import InputError, NotFoundError
from towpath.features.explore.asof import AsOf
from towpath.features.explore.cells import LONGEST
from towpath.features.explore.service import Column, Limits, Result, query
from towpath.lake.catalog import TableRef

__all__ = ["BATCH", "page", "stored", "write"]

BATCH = 1_000
#: Most bytes of a batch in memory: the server reads one to show a page of it, however small it was made for the disk.
LARGEST = 256 * 1024 * 1024
#: How many pages the server reads at the same time; each takes moments.
_READING = threading.BoundedSemaphore(2)


_TOO_LARGE = "A thousand rows of this answer are larger than 256 MB; ask for fewer columns, or shorter texts."


def write(
    *,
    sql: str,
    tables: Sequence[TableRef],
    limits: Limits,
    as_of: AsOf | None,
    path: str,
    most_bytes: int,
) -> dict[str, Any]:
    """Run a query and keep its rows in a file; tells columns, count and whether there were more.

    Called in a process of its own. An answer that grows beyond `most_bytes` is cut there.

    :raises InputError: what `query` raises, or a single row is too large.
    """
    with query(sql, tables, limits, as_of=as_of) as result:
        schema = pa.schema([pa.field(column.name, column.type) for column in result.columns])
        options = pa.ipc.IpcWriteOptions(compression="lz4" if pa.Codec.is_available("lz4") else None)
        rows = size = 0
        full = False
        with Path(path).open("wb") as file, pa.ipc.new_file(file, schema, options=options) as writer:
            for batch in _even(result.batches, schema):
                writer.write_batch(batch)
                rows, size = rows + batch.num_rows, file.tell()
                if size > most_bytes:
                    full = True
                    break
    return {"columns": schema, "rows": rows, "cut": result.cut or full, "bytes": size}


def _even(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of `BATCH`, the last one being smaller."""
    held: list[pa.RecordBatch] = []
    count = 0
    for found in batches:
        rest = found
        while count + rest.num_rows >= BATCH:
            held.append(rest.slice(0, BATCH - count))
            rest = rest.slice(BATCH - count)
            yield _joined(held, schema)
            held, count = [], 0
        if rest.num_rows:
            held.append(rest)
            count += rest.num_rows
    if held:
        yield _joined(held, schema)


def _joined(held: list[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    if sum(batch.nbytes for batch in held) > LARGEST:
        raise InputError(_TOO_LARGE)
    table = pa.Table.from_batches(held, held[0].schema).combine_chunks()
    return pa.RecordBatch.from_arrays([_whole(column) for column in table.columns], schema=schema)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks > 1:
        raise InputError(_TOO_LARGE)
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def page(path: Path, start: int, limit: int) -> pa.Table:
    """Up to `limit` rows from the row `start` (counted from 0) on, with values cut a little behind what is shown.

    :raises NotFoundError: the answer is not kept any more.
    """
    try:
        source = pa.memory_map(str(path))
    except FileNotFoundError:
        raise _gone() from None
    with _READING, source, pa.ipc.open_file(source) as file:
        first, last = start // BATCH, (start + limit - 1) // BATCH
        found = [file.get_batch(number) for number in range(first, min(last + 1, file.num_record_batches))]
        rows = pa.Table.from_batches(found, file.schema).slice(start - first * BATCH, limit)
        return pa.table([_cut(column) for column in rows.columns], schema=rows.schema)


def _cut(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values without what nobody is shown; cut here, as Python's own of a whole page may take gigabytes."""
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.utf8_slice_codeunits(column, 0, LONGEST + 1)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pc.binary_slice(column, 0, LONGEST + 2)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pc.list_slice(column, 0, LONGEST + 1, return_fixed_size_list=False)
    return column


def stored(path: Path) -> Result:
    """The whole answer, to be read batch by batch."""

    def batches() -> Iterator[pa.RecordBatch]:
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as file:
            for number in range(file.num_record_batches):
                batch = file.get_batch(number)
                result.count += batch.num_rows
                yield batch

    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as file:
            schema = file.schema
    except FileNotFoundError:
        raise _gone() from None
    columns = tuple(Column(name=field.name, type=field.type) for field in schema)
    result = Result(columns=columns, batches=iter(()))
    result.batches = batches()
    return result


def _gone() -> NotFoundError:
    return NotFoundError("The answer is not kept any more; run the query again.")
