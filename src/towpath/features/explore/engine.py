"""DuckDB in memory, locked down: it can read the files of the named tables and nothing else.

Settings, in this order: no extensions, no Python objects by name, no spill to disk, memory
limited; files opened only from the list of the tables' own parts; then the settings themselves are locked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from importlib.resources import files
from typing import Any, Self, TypeVar

import duckdb
import pyarrow as pa

from towpath.errors import DamagedError, InputError
from towpath.features.explore.asof import AsOf
from towpath.features.explore.guard import one_line, quoted
from towpath.features.explore.names import Resolved
from towpath.lake.catalog import TableRef
from towpath.lake.columns import DELETED, DELETED_AT, EXTRACTED_AT, RUN_ID, STATE
from towpath.lake.log import Snapshot
from towpath.lake.storage import Storage
from towpath.lake.table import Table

__all__ = ["Engine"]

_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
}

_Answer = TypeVar("_Answer")
_LOST = "Files of a table are missing or damaged; bring it again: towpath sync run --full"


class Engine:
    """One connection for one query; close it afterwards (or use it in a ``with``)."""

    def __init__(self, tables: Iterable[Resolved], *, memory_mb: int, seconds: float) -> None:
        self._seconds = seconds
        self._left = seconds
        self._memory_mb = memory_mb
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="towpath-sql")
        config: dict[str, Any] = {**_SETTINGS, "memory_limit": f"{memory_mb}MB"}
        self._duckdb = duckdb.connect(":memory:", config=config)
        try:
            self._work(lambda: self._prepare(list(tables)))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the query and free its memory."""
        self._duckdb.interrupt()
        self._worker.shutdown()
        self._duckdb.close()

    def _prepare(self, tables: Sequence[Resolved]) -> None:
        """Make a view for every name of the query, then lock the door."""
        self._run("set TimeZone = 'UTC'")
        paths: set[str] = set()
        opened: dict[tuple[str, AsOf | None], tuple[Storage, Snapshot]] = {}
        for resolved in tables:
            key = (resolved.table.uri, resolved.at)
            if key not in opened:
                table = Table(resolved.table.uri, resolved.table.storage_options)
                opened[key] = (table.storage, resolved.at.of(table) if resolved.at else table.require())
            storage, snapshot = opened[key]
            if storage.local is not None:
                if any(not storage.exists(path) for path in snapshot.files):
                    raise DamagedError(_LOST)
                paths.update(str(storage.local / path) for path in snapshot.files)
        self._run(f"set allowed_paths = [{', '.join(map(_text, sorted(paths)))}]")
        self._run("set enable_external_access = false")
        for number, resolved in enumerate(tables):
            self._view(resolved, *opened[resolved.table.uri, resolved.at], number)
        self._run("set lock_configuration = true")

    def _view(self, resolved: Resolved, storage: Storage, snapshot: Snapshot, number: int) -> None:
        schema = snapshot.metadata.schema
        if resolved.history:
            self._history(self._place(resolved), resolved.table, storage, snapshot, number)
            return
        source = self._source(storage, snapshot, number)
        columns = {name: quoted(name) for name in schema.names}
        where = ""
        if resolved.only_deleted:
            # A row that was marked before there were states has none.
            state = f"coalesce({quoted(STATE)}, {_text(DELETED)})" if STATE in columns else _text(DELETED)
            columns[STATE] = f"{state} as {quoted(STATE)}"
            where = f" where {quoted(DELETED_AT)} is not null" if DELETED_AT in columns else " where false"
        elif DELETED_AT in columns and not resolved.deleted:
            where = f" where {quoted(DELETED_AT)} is null"
        chosen = ", ".join(columns.values())
        self._run(f"create view {self._place(resolved)} as select {chosen} from {source}{where}")

    def _history(
        self, place: str, table: TableRef, storage: Storage, snapshot: Snapshot, number: int
    ) -> None:
        """A view of every state of every row; see `history.sql`."""
        from towpath.lake.timeline import dataset, read_timeline

        schema = snapshot.metadata.schema
        if "id" not in schema.names:
            raise InputError(
                "A table without a column id has no history, since nothing tells its rows apart."
            )
        beside = Table(table.versions_uri, table.storage_options) if table.versions_uri else None
        if beside is not None and (kept := beside.snapshot()) is not None:
            self._kept_history(place, beside.storage, kept, number, snapshot.version)
            return
        timeline = read_timeline(storage, snapshot)
        parts, times = f"__towpath_parts_{number}", f"__towpath_times_{number}"
        self._duckdb.register(parts, dataset(storage, snapshot, timeline))
        self._duckdb.register(
            times,
            pa.table(
                {
                    "version": pa.array(timeline.times.keys(), pa.int64()),
                    "at": pa.array(timeline.times.values(), pa.timestamp("us", "UTC")),
                }
            ),
        )
        told = [name for name in schema.names if name not in {RUN_ID, EXTRACTED_AT}]
        text = (files("towpath.features.explore") / "history.sql").read_text(encoding="utf-8")
        for mark, value in {
            "$place": place,
            "$parts": parts,
            "$times": times,
            "$told": ", ".join(map(quoted, told)),
            "$columns": ", ".join(f"part.{quoted(name)}" for name in schema.names),
        }.items():
            text = text.replace(mark, value)
        self._run(text)

    def _kept_history(self, place: str, storage: Storage, kept: Snapshot, number: int, newest: int) -> None:
        """A view of every version that was kept for ever; each is valid until the next one of its id."""
        from towpath.lake.dataset import dataset
        from towpath.lake.versions import AT, VERSION, begun

        source = f"__towpath_versions_{number}"
        self._duckdb.register(source, dataset(storage, kept))
        columns = ", ".join(quoted(n) for n in kept.metadata.schema.names if n not in {AT, VERSION})
        since = begun(kept)
        earlier = f" or {AT} < {_text(since.isoformat())}::timestamptz" if since is not None else ""
        self._run(
            f"create view {place} as select {columns}, {VERSION} as _towpath_from_version, {AT} as _towpath_from,"
            f" lead({VERSION}) over by_time as _towpath_until_version, lead({AT}) over by_time as _towpath_until"
            f" from {source} where {VERSION} <= {newest}{earlier}"
            f" window by_time as (partition by id order by {AT}, {VERSION})"
        )

    def _source(self, storage: Storage, snapshot: Snapshot, number: int) -> str:
        """What the view reads from: the Parquet parts, or Arrow where they lie in an object store."""
        schema = snapshot.metadata.schema
        if storage.local is None and snapshot.files:
            from towpath.lake.dataset import dataset

            self._duckdb.register(f"__towpath_{number}", dataset(storage, snapshot))
            return f"__towpath_{number}"
        empty = f"__towpath_{number}"
        if not snapshot.files:
            self._duckdb.register(empty, schema.empty_table())
            return empty
        paths = ", ".join(_text(f"{storage.local}/{path}") for path in sorted(snapshot.files))
        source = f"read_parquet([{paths}], union_by_name = true, hive_partitioning = false)"
        present = {row[0] for row in self._duckdb.execute(f"describe select * from {source}").fetchall()}
        if present >= set(schema.names):
            return source
        # a column so new that no part has it yet: the empty table lends name and type
        self._duckdb.register(empty, schema.empty_table())
        return f"(select * from {empty} union all by name select * from {source})"

    def _place(self, resolved: Resolved) -> str:
        """The view's name as the query writes it; makes the schema or catalog it stands in."""
        *before, name = resolved.reference.place
        if len(before) == 2:
            self._run(f"attach if not exists ':memory:' as {quoted(before[0])}")
        if before:
            self._run(f"create schema if not exists {'.'.join(map(quoted, before))}")
        return ".".join(map(quoted, [*before, name]))

    def _run(self, sql: str) -> None:
        self._duckdb.execute(sql).fetchall()

    def batches(self, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
        """Run a query; its rows come as they are found, `rows` at a time; the first batch may be empty.

        Raises InputError with DuckDB's reason, also when time or memory is used up.
        """
        reader = self._work(lambda: self._open(sql, rows))
        yield _empty(reader.schema)
        while (batch := self._work(lambda: next(reader, None))) is not None:
            yield batch

    def _open(self, sql: str, rows: int) -> Any:
        relation: Any = self._duckdb.sql(sql)
        if relation is None:
            raise InputError("The SQL gives no rows; write a SELECT.")
        return relation.to_arrow_reader(rows)

    def _work(self, task: Callable[[], _Answer]) -> _Answer:
        """Let DuckDB work until its time is up, and turn what it says into a sentence.

        It works in a thread of its own, so that Ctrl-C is heard here. Time the reader of the rows takes for
        himself does not count.
        """
        began = time.monotonic()
        future = self._worker.submit(task)
        try:
            return future.result(timeout=max(self._left, 0.001))
        except TimeoutError as error:
            raise InputError(
                f"The query took longer than {self._seconds:g} seconds and was stopped; "
                "ask for less or give it more time with --timeout."
            ) from error
        except duckdb.OutOfMemoryException as error:
            raise InputError(
                f"The query needs more than {self._memory_mb} MB of memory and was stopped; "
                "ask for less or raise TOWPATH_SQL_MEMORY_MB."
            ) from error
        except duckdb.IOException as error:
            raise DamagedError(_LOST, details={"reason": one_line(str(error))}) from error
        except duckdb.Error as error:
            raise InputError(f"The SQL can not be run: {_short(error)}") from error
        finally:
            self._left -= time.monotonic() - began
            while not future.done():  # time is up, or Ctrl-C: wait for nothing but the end of it
                self._duckdb.interrupt()
                wait([future], timeout=0.05)


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)


def _short(error: duckdb.Error) -> str:
    """The first sentence of DuckDB's message and its hint; not the query again, nor paths."""
    lines = [line.strip() for line in str(error).splitlines()]
    first = lines[0].partition(": ")[2] or lines[0]
    hints = [line for line in lines[1:] if line.startswith(("Did you mean", "Candidate bindings"))]
    return one_line(" ".join([first, *hints[:1]]))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
