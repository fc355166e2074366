"""What others may ask of the catalog and its tables.

`query` runs one SELECT; `entries` and `describe` tell what is there. All take the tables they may see, so
that whoever calls decides about rights.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from towpath.errors import TowpathError
from towpath.features.explore.asof import AsOf
from towpath.features.explore.engine import Engine
from towpath.features.explore.guard import Reference, examine
from towpath.features.explore.names import Resolved, find, short_names
from towpath.lake.catalog import TableRef
from towpath.lake.history import Version
from towpath.lake.table import Table

__all__ = [
    "AsOf",
    "Column",
    "Entry",
    "Limits",
    "Result",
    "TableColumn",
    "describe",
    "entries",
    "entry",
    "query",
    "span",
    "sql_type",
    "versions",
]

_BATCH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one query may use."""

    rows: int | None = 100_000
    """Most rows that come back; None for all."""
    seconds: float = 60.0
    memory_mb: int = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a result."""

    name: str
    """Unique within the result: a second `id` is called `id_1`."""
    type: pa.DataType


@dataclass(slots=True, kw_only=True)
class Result:
    """The answer to a query, read once, batch by batch."""

    columns: tuple[Column, ...]
    batches: Iterator[pa.RecordBatch]
    cut: bool = False
    """After the last batch: whether there were more rows than the limit."""
    count: int = 0
    """Rows given so far."""

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows as dictionaries of Python values; intervals are texts such as ``1 month 2 days 01:30:00``."""
        spans = [column.name for column in self.columns if pa.types.is_interval(column.type)]
        for batch in self.batches:
            rows: list[dict[str, Any]] = batch.to_pylist()
            for row in rows if spans else ():
                row |= {name: span(row[name]) for name in spans}
            yield from rows


def span(value: Any) -> str | None:
    """An interval as text, such as ``1 month 2 days 01:30:00``."""
    if value is None:
        return None
    years, months = divmod(abs(value.months), 12)
    sign = "-" if value.months < 0 else ""
    parts = [
        (f"{sign}{years}", "year", years),
        (f"{sign}{months}", "month", months),
        (value.days, "day", abs(value.days)),
    ]
    words = [f"{text} {unit}{'s' if count != 1 else ''}" for text, unit, count in parts if count]
    seconds, nanos = divmod(abs(value.nanoseconds), 1_000_000_000)
    if value.nanoseconds or not words:
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        fraction = f".{nanos:09}".rstrip("0") if nanos else ""
        words.append(f"{'-' if value.nanoseconds < 0 else ''}{clock}{fraction}")
    return " ".join(words)


@contextmanager
def query(
    sql: str, tables: Sequence[TableRef], limits: Limits | None = None, *, as_of: AsOf | None = None
) -> Iterator[Result]:
    """Run one SELECT over the tables; the result is to be read inside the ``with``.

    Only the tables it names are opened, in their newest state or that of `as_of`. Raises InputError when the SQL is not a single valid SELECT, names
    an unknown table (near names are in the message), or needs more time or memory than the limits give;
    NotFoundError when a table it names was never filled.
    """
    allowed = limits or Limits()
    question = examine(sql)
    wanted = {reference: find(reference, tables, as_of) for reference in question.references}
    resolved = list(wanted.values())
    if question.lists_tables:
        resolved += _filled(tables, wanted, question.own)
    with Engine(resolved, memory_mb=allowed.memory_mb, seconds=allowed.seconds) as engine:
        found = engine.batches(question.sql, _BATCH)
        columns = _columns(next(found).schema)
        result = Result(columns=columns, batches=iter(()))
        result.batches = _limited(found, result, allowed.rows)
        yield result


def _filled(
    tables: Sequence[TableRef], named: Mapping[Reference, Resolved], own: Collection[str]
) -> Iterator[Resolved]:
    """All other tables that have data, under the shortest names, for queries that list tables."""
    taken = {reference.text.casefold() for reference in named} | set(own)
    for table, name in short_names(tables).items():
        if name.casefold() not in taken and Table(table.uri, table.storage_options).exists:
            *before, last = name.split(".")
            catalog, schema = ["", "", *before][-2:]
            reference = Reference(catalog=catalog, schema=schema, table=last)
            yield Resolved(reference=reference, table=table, deleted=False)


def _columns(schema: pa.Schema) -> tuple[Column, ...]:
    taken: set[str] = set()
    columns = []
    for part in schema:
        name, number = part.name, 0
        while name in taken:
            number += 1
            name = f"{part.name}_{number}"
        taken.add(name)
        columns.append(Column(name=name, type=part.type))
    return tuple(columns)


def _limited(found: Iterator[pa.RecordBatch], result: Result, limit: int | None) -> Iterator[pa.RecordBatch]:
    """At most `limit` rows; asks for one more to know whether there are any."""
    names = [column.name for column in result.columns]
    for batch in found:
        room = batch.num_rows if limit is None else limit - result.count
        kept = batch if batch.num_rows <= room else batch.slice(0, room)
        if kept.num_rows:
            result.count += kept.num_rows
            yield kept.rename_columns(names)
        if batch.num_rows > room:
            result.cut = True
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One table of the catalog with what is in it."""

    table: TableRef
    name: str
    """The shortest name a query can use."""
    rows: int | None = None
    """Rows not found deleted; None where nothing was read yet."""
    deleted: int = 0
    version: int | None = None
    size: int = 0
    """Bytes of the current parts."""
    changed: datetime | None = None
    problem: str = ""
    """Why the table can not be read, if so."""

    def to_json(self) -> dict[str, Any]:
        """The values as a JSON object."""
        return {
            "layer": self.table.layer,
            "folder": self.table.folder,
            "table": self.table.name,
            "name": self.name,
            "model": self.table.model,
            "description": self.table.description,
            "rows": self.rows,
            "deleted": self.deleted,
            "version": self.version,
            "size": self.size,
            "changed": self.changed.isoformat() if self.changed else None,
            "problem": self.problem,
        }


def entries(tables: Sequence[TableRef]) -> list[Entry]:
    """All tables with their rows, versions and sizes, by layer, folder and name (S2.22)."""
    names = short_names(tables)
    ordered = sorted(tables, key=lambda table: (table.layer, table.folder, table.name))
    return [entry(table, names[table]) for table in ordered]


def entry(table: TableRef, name: str) -> Entry:
    """One table with its rows, version and size; one that can not be read says why."""
    try:
        lake = Table(table.uri, table.storage_options)
        snapshot = lake.snapshot()
        if snapshot is None:
            return Entry(table=table, name=name)
        live = lake.count()
        known = [file.rows for file in snapshot.files.values()]
        newest = next(lake.history(1), None)
    except TowpathError as error:
        return Entry(table=table, name=name, problem=error.message)
    return Entry(
        table=table,
        name=name,
        rows=live,
        deleted=sum(rows for rows in known if rows is not None) - live if None not in known else 0,
        version=snapshot.version,
        size=sum(file.size for file in snapshot.files.values()),
        changed=newest.at if newest else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """One column of a table with what Odoo says of it."""

    name: str
    type: str
    """The type in SQL."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """Label, Odoo type, relation, selection, help: whatever came with the rows."""

    def note(self, name: str) -> str:
        """One note, named with or without its origin (`label` finds `odoo.label`)."""
        return next((value for key, value in self.notes.items() if key.rpartition(".")[2] == name), "")

    def to_json(self) -> dict[str, Any]:
        """The values as a JSON object."""
        notes: dict[str, str] = {}
        for key, value in self.notes.items():
            last = key.rpartition(".")[2]
            if key != "comment":
                notes[last if last in {"label", "help"} else key.replace(".", "_")] = value
        return {"name": self.name, "type": self.type, **notes}


def describe(
    table: TableRef, *, name: Callable[[TableRef], str] | None = None
) -> tuple[Entry, list[TableColumn]]:
    """A table and its columns. NotFoundError where nothing was read yet."""
    lake = Table(table.uri, table.storage_options)
    schema = lake.schema
    columns = [
        TableColumn(
            name=part.name,
            type=sql_type(part.type),
            notes={key.decode(): value.decode() for key, value in (part.metadata or {}).items()},
        )
        for part in schema
    ]
    return entry(table, name(table) if name else table.name), columns


def versions(table: TableRef, limit: int) -> list[Version]:
    """The newest commits of a table, newest first."""
    return list(Table(table.uri, table.storage_options).history(limit))


_TYPES = {
    "bool": "boolean",
    "int8": "tinyint",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "float": "real",
    "double": "double",
    "string": "varchar",
    "binary": "blob",
    "date32[day]": "date",
    "timestamp[us, tz=UTC]": "timestamptz",
    "timestamp[us]": "timestamp",
}


def sql_type(kind: pa.DataType) -> str:
    """An Arrow type as SQL names it."""
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_list(kind):
        return f"{sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        return f"struct({', '.join(f'{part.name} {sql_type(part.type)}' for part in kind)})"
    if pa.types.is_map(kind):
        return f"map({sql_type(kind.key_type)}, {sql_type(kind.item_type)})"
    return _TYPES.get(str(kind), str(kind))
