"""Checkpoints: the whole state of a table's log in one Parquet file, so that readers need not replay it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from towpath.commit_point import commit_point
from towpath.lake.log import LOG, Snapshot
from towpath.lake.storage import Storage

__all__ = ["read_checkpoint", "read_removed", "write_checkpoint"]

_TEXTS = pa.map_(pa.string(), pa.string())
_SCHEMA = pa.schema(
    [
        pa.field(
            "txn",
            pa.struct([("appId", pa.string()), ("version", pa.int64()), ("lastUpdated", pa.int64())]),
        ),
        pa.field(
            "add",
            pa.struct(
                [
                    ("path", pa.string()),
                    ("partitionValues", _TEXTS),
                    ("size", pa.int64()),
                    ("modificationTime", pa.int64()),
                    ("dataChange", pa.bool_()),
                    ("stats", pa.string()),
                    ("tags", _TEXTS),
                ]
            ),
        ),
        pa.field(
            "remove",
            pa.struct(
                [
                    ("path", pa.string()),
                    ("deletionTimestamp", pa.int64()),
                    ("dataChange", pa.bool_()),
                    ("extendedFileMetadata", pa.bool_()),
                    ("partitionValues", _TEXTS),
                    ("size", pa.int64()),
                ]
            ),
        ),
        pa.field(
            "metaData",
            pa.struct(
                [
                    ("id", pa.string()),
                    ("name", pa.string()),
                    ("description", pa.string()),
                    ("format", pa.struct([("provider", pa.string()), ("options", _TEXTS)])),
                    ("schemaString", pa.string()),
                    ("partitionColumns", pa.list_(pa.string())),
                    ("createdTime", pa.int64()),
                    ("configuration", _TEXTS),
                ]
            ),
        ),
        pa.field(
            "protocol",
            pa.struct(
                [
                    ("minReaderVersion", pa.int32()),
                    ("minWriterVersion", pa.int32()),
                    ("readerFeatures", pa.list_(pa.string())),
                    ("writerFeatures", pa.list_(pa.string())),
                ]
            ),
        ),
    ]
)
_KINDS = tuple(_SCHEMA.names)


def read_checkpoint(storage: Storage, paths: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The actions of a checkpoint (of one or several files), removals left out."""
    yield from _actions(storage, paths, ("protocol", "metaData", "txn", "add"))


def read_removed(storage: Storage, paths: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The removals a checkpoint still remembers, as `remove` objects."""
    for action in _actions(storage, paths, ("remove",)):
        yield action["remove"]


def _actions(storage: Storage, paths: Sequence[str], kinds: Sequence[str]) -> Iterator[dict[str, Any]]:
    for path in sorted(paths):
        with storage.open(path) as source:
            file = pq.ParquetFile(source)
            present = [kind for kind in kinds if kind in file.schema_arrow.names]
            for batch in file.iter_batches(batch_size=2000, columns=present, use_threads=False):
                for kind in present:
                    for value in (
                        batch.column(batch.schema.get_field_index(kind))
                        .drop_null()
                        .to_pylist(maps_as_pydicts="lossy")
                    ):
                        yield {kind: value}


def write_checkpoint(storage: Storage, snapshot: Snapshot, removed: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the checkpoint of a snapshot and point the log at it.

    `removed` are the tombstones still within their retention, by path. Writing it twice does no harm.
    """
    metadata = dict(snapshot.metadata.raw)
    rows: list[dict[str, Any]] = [
        {"protocol": dict(snapshot.protocol)},
        {"metaData": metadata},
        *({"txn": {"appId": app, "version": number}} for app, number in snapshot.transactions.items()),
        *({"add": {**file.add, "dataChange": False}} for file in snapshot.files.values()),
        *(
            {
                "remove": {
                    **remove,
                    "path": quote(path, safe="/._-~="),
                    "dataChange": False,
                    "extendedFileMetadata": False,
                    "partitionValues": None,
                }
            }
            for path, remove in removed.items()
        ),
    ]
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, _SCHEMA, compression="snappy", store_schema=False) as writer:
        for start in range(0, len(rows), 5000):
            writer.write_batch(
                pa.RecordBatch.from_pylist([_full(row) for row in rows[start : start + 5000]], schema=_SCHEMA)
            )
    buffer = sink.getvalue()
    storage.put(f"{LOG}/{snapshot.version:020d}.checkpoint.parquet", buffer)
    commit_point("checkpoint_written")
    storage.put(
        f"{LOG}/_last_checkpoint",
        orjson.dumps({"version": snapshot.version, "size": len(rows), "sizeInBytes": buffer.size}),
    )


def _full(row: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: row.get(kind) for kind in _KINDS}
