"""All rows of one table, without an engine: part by part, in the order of their ids, memory bounded by a part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa

from towpath.errors import DamagedError
from towpath.features.explore.asof import AsOf
from towpath.features.explore.guard import quoted
from towpath.features.explore.names import HISTORY_SUFFIX, Resolved, resolve
from towpath.features.explore.service import Column, Limits, Result, query
from towpath.lake.catalog import TableRef
from towpath.lake.log import Snapshot
from towpath.lake.reading import iterate
from towpath.lake.table import Table

__all__ = ["whole"]

_BATCH = 2000


@contextmanager
def whole(
    text: str, tables: Sequence[TableRef], limits: Limits | None = None, *, as_of: AsOf | None = None
) -> Iterator[Result]:
    """The rows of the table people mean by `text`; the result is to be read inside the ``with``.

    `limits` hold for a history alone, which is worked out by SQL. Raises NotFoundError or InputError with near
    names, and what `query` does.
    """
    resolved = resolve(text, tables, as_of)
    if resolved.history:
        reference = resolved.table
        *before, name = filter(None, (reference.layer, reference.folder, reference.name))
        place = ".".join(map(quoted, [*before, name + HISTORY_SUFFIX]))
        sql = f"select * from {place} order by id, _towpath_from_version nulls first"
        with query(sql, tables, limits, as_of=as_of) as result:
            yield result
        return
    lake = Table(resolved.table.uri, resolved.table.storage_options)
    snapshot = as_of.of(lake) if as_of else lake.require()
    columns = tuple(Column(name=part.name, type=part.type) for part in snapshot.metadata.schema)
    result = Result(columns=columns, batches=iter(()))
    result.batches = _counted(lake, snapshot, resolved, result)
    yield result


def _counted(lake: Table, snapshot: Snapshot, resolved: Resolved, result: Result) -> Iterator[pa.RecordBatch]:
    found = iterate(
        lake.storage,
        snapshot,
        None,
        key=lake.key,
        deleted=resolved.deleted,
        present=not resolved.only_deleted,
    )
    try:
        for batch in found:
            for start in range(0, batch.num_rows, _BATCH):
                piece = batch.slice(start, _BATCH)
                result.count += piece.num_rows
                yield piece
    except FileNotFoundError as error:
        raise DamagedError(
            "Files of the table are missing; bring it again: towpath sync run --full"
        ) from error
