"""Answers on disk: a query's rows in one Arrow file, from which any page is read in a moment.

All batches but the last have :data:`BATCH` rows, so that the place of a row tells its batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from towpath.errors import InputError, NotFoundError
from towpath.features.explore.asof import AsOf
from towpath.features.explore.service import Column, Limits, Result, query
from towpath.lake.catalog import TableRef

__all__ = ["BATCH", "page", "stored", "write"]

BATCH = 1_000


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
    table = pa.Table.from_batches(held, held[0].schema).combine_chunks()
    return pa.RecordBatch.from_arrays([_whole(column) for column in table.columns], schema=schema)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks > 1:
        raise InputError("A thousand rows of this answer are larger than 2 GB; ask for less.")
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def page(path: Path, start: int, limit: int) -> pa.Table:
    """Up to `limit` rows from the row `start` (counted from 0) on.

    :raises NotFoundError: the answer is not kept any more.
    """
    try:
        source = pa.memory_map(str(path))
    except FileNotFoundError:
        raise _gone() from None
    with source, pa.ipc.open_file(source) as file:
        first, last = start // BATCH, (start + limit - 1) // BATCH
        found = [file.get_batch(number) for number in range(first, min(last + 1, file.num_record_batches))]
        return pa.Table.from_batches(found, file.schema).slice(start - first * BATCH, limit)


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
