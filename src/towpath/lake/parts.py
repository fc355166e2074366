"""Parquet parts: how rows become files of a table and how files become rows.

A part holds about 32,768 rows or 16 MB of Arrow memory in one row group, zstd-compressed: read, patched
and written again in some 25 ms, small enough to hold a few in memory, large enough for any reader.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from towpath.lake.columns import SYSTEM_COLUMNS, conform
from towpath.lake.stats import collect
from towpath.lake.storage import Storage

__all__ = ["PART_BYTES", "PART_ROWS", "Staged", "cut", "gather", "read_part", "write_part"]

PART_ROWS = 32_768
PART_BYTES = 16 * 1024 * 1024

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """One written part that no commit names yet; plain values, so that it survives as JSON."""

    path: str
    rows: int
    size: int
    modified: int
    """Milliseconds since 1970."""
    stats: str
    """Delta statistics as JSON text."""

    def to_json(self) -> dict[str, Any]:
        """The values as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Staged:
        """The part from what `to_json` gave."""
        return cls(**value)


def write_part(storage: Storage, rows: pa.Table, *, prefix: str = "part", key: str = "id") -> Staged:
    """Write one Parquet part durably and return what a commit needs to know of it."""
    name = _UNSAFE.sub("-", prefix).strip(".-_")[:80] or "part"
    path = f"{name}-{uuid.uuid4()}.zstd.parquet"
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        rows.schema.remove_metadata(),
        compression="zstd",
        compression_level=1,
        use_dictionary=_repetitive(rows),
        store_schema=False,
        write_statistics=True,
    ) as writer:
        writer.write_table(rows, row_group_size=max(1, rows.num_rows))
    buffer = sink.getvalue()
    storage.put(path, buffer)
    return Staged(
        path=path,
        rows=rows.num_rows,
        size=buffer.size,
        modified=int(time.time() * 1000),
        stats=collect(rows, key=key),
    )


def _repetitive(rows: pa.Table) -> list[str]:
    """Columns worth a dictionary: those whose first thousand values repeat; the rest is faster plain."""
    chosen = [name for name in SYSTEM_COLUMNS if name in rows.schema.names]
    head = rows.slice(0, 1000)
    for field in rows.schema:
        text = pa.types.is_string(field.type) or pa.types.is_binary(field.type)
        if text and len(head.column(field.name).unique()) * 2 < max(head.num_rows, 20):
            chosen.append(field.name)
    return chosen


def read_part(storage: Storage, path: str, schema: pa.Schema) -> pa.Table:
    """The rows of one part with the columns of `schema`; columns newer than the part are null."""
    with storage.open(path) as source:
        file = pq.ParquetFile(source)
        present = set(file.schema_arrow.names)
        wanted = [name for name in schema.names if name in present]
        if wanted:
            found = file.read(columns=wanted, use_threads=False)
        else:
            found = pa.table({"": pa.nulls(file.metadata.num_rows)})
    return conform(found, schema)


def gather(batches: Iterable[pa.RecordBatch | pa.Table]) -> Iterator[pa.Table]:
    """Collect batches as they come into tables of about one part each; bounded by rows and by bytes."""
    held: list[pa.Table] = []
    rows = size = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        for piece in cut(pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch):
            if held and (rows + piece.num_rows > PART_ROWS or size + piece.nbytes > PART_BYTES):
                yield pa.concat_tables(held, promote_options="default")
                held, rows, size = [], 0, 0
            held.append(piece)
            rows += piece.num_rows
            size += piece.nbytes
    if held:
        yield pa.concat_tables(held, promote_options="default")


def cut(rows: pa.Table) -> list[pa.Table]:
    """Equal slices of `rows`, none much over the size of a part; a part a quarter too large stays whole."""
    count = max(rows.num_rows / PART_ROWS, rows.nbytes / PART_BYTES)
    pieces = 1 if count <= 1.25 else min(int(count) + 1, rows.num_rows)
    step = -(-rows.num_rows // pieces) if rows.num_rows else 1
    return [rows.slice(start, step) for start in range(0, rows.num_rows, step)]
