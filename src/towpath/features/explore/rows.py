"""The rows of one table, block by block, sorted and filtered as a grid asks for them.

By the order of ids a block is read straight from the parts (`windows`). Any other order, or a filter, is worked out
once by a query whose answer is kept (`room`), and the blocks are read from that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from anyio import to_thread

from towpath.errors import InputError, RetryLaterError
from towpath.features.explore import answers
from towpath.features.explore.asof import AsOf
from towpath.features.explore.guard import quoted
from towpath.features.explore.names import ALL_SUFFIX, DELETED_SUFFIX
from towpath.features.explore.room import Job, room_of
from towpath.features.explore.service import Limits
from towpath.features.explore.windows import window
from towpath.hub import Hub
from towpath.lake.catalog import TableRef
from towpath.lake.log import Snapshot
from towpath.lake.table import Table

__all__ = ["OPERATORS", "Block", "Condition", "Order", "View", "block", "columns_of", "sql_of"]

#: Most rows that a sorted or filtered view holds; more are of no use to a person.
MOST = 2_000_000
_WAIT = 55.0

_COMPARE = {"eq": "=", "ne": "is distinct from", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
OPERATORS = (*_COMPARE, "contains", "starts", "ends", "in", "empty", "filled")
_SUFFIXES = {"current": "", "all": ALL_SUFFIX, "deleted": DELETED_SUFFIX}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One column to sort by."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a filter; all of them hold together."""

    column: str
    operator: str
    value: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of a table is wanted."""

    table: TableRef
    version: int
    columns: tuple[str, ...]
    order: tuple[Order, ...] = ()
    conditions: tuple[Condition, ...] = ()
    rows: str = "current"
    """``current``, ``all`` (rows that are gone too) or ``deleted`` (those alone)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some rows of a view."""

    rows: pa.Table
    total: int
    cut: bool = False
    """There are more rows than a view holds."""


async def block(hub: Hub, owner: str, view: View, snapshot: Snapshot, *, start: int, limit: int) -> Block:
    """Rows `start` to `start + limit` of a view. No thread waits while it is being sorted.

    :raises InputError: the filter does not fit its column, or sorting takes more memory or time than there is.
    :raises RetryLaterError: it is being worked out still.
    """
    ordered = view.order[0] if view.order else Order(column="id")
    by_id = ordered.column == "id" and len(view.order) <= 1 and "id" in snapshot.metadata.schema.names
    if by_id and not view.conditions and view.rows != "deleted":
        return await to_thread.run_sync(lambda: _window(view, snapshot, start=start, limit=limit))
    room = room_of(hub)
    job = await room.ended(await to_thread.run_sync(_view_job, hub, owner, view, snapshot), _WAIT)
    if job.error is not None:
        room.forget(job)
        raise job.error
    if job.state != "succeeded":
        raise RetryLaterError("The rows are being sorted still; ask again in a moment.", retry_after=2)
    rows = await to_thread.run_sync(answers.page, job.path, start, limit)
    return Block(rows=rows, total=int(job.done["rows"]), cut=bool(job.done["cut"]))


def _window(view: View, snapshot: Snapshot, *, start: int, limit: int) -> Block:
    lake = Table(view.table.uri, view.table.storage_options)
    descending = bool(view.order) and view.order[0].descending
    found = window(
        view.table.uri,
        lake.storage,
        snapshot,
        view.columns,
        start=start,
        limit=limit,
        everything=view.rows == "all",
        backwards=descending,
    )
    return Block(rows=found.rows, total=found.total)


def _view_job(hub: Hub, owner: str, view: View, snapshot: Snapshot) -> Job:
    room = room_of(hub)
    for job in room.of(owner):
        if job.about.get("view") == view and job.state in {"queued", "running", "succeeded"}:
            return room.find(job.id, owner)
    settings = hub.settings
    return room.submit(
        Job(
            owner=owner,
            target="towpath.features.explore.answers:write",
            arguments={
                "sql": sql_of(view, snapshot.metadata.schema),
                "tables": [view.table],
                "limits": Limits(rows=MOST, seconds=settings.sql_seconds, memory_mb=settings.sql_memory_mb),
                "as_of": AsOf(version=view.version),
                "most_bytes": settings.answers_mb * 1024 * 1024 // 2,
            },
            seconds=settings.sql_seconds,
            connections=frozenset({view.table.connection_id}),
            about={"view": view},
        )
    )


def sql_of(view: View, schema: pa.Schema) -> str:
    """The SELECT of a view; every name is one of the schema's and every value a literal."""
    known = set(schema.names)
    if view.rows == "deleted":
        known.add("_towpath_state")
    asked = [*view.columns, *(one.column for one in view.order), *(one.column for one in view.conditions)]
    for name in asked:
        if name not in known:
            raise InputError(f"The table has no column {name}; load its columns again.")
    place = (view.table.layer, view.table.folder, view.table.name + _SUFFIXES[view.rows])
    source = ".".join(quoted(part) for part in place if part)
    where = " and ".join(_condition(one, schema) for one in view.conditions)
    order = [f"{quoted(one.column)} {'desc' if one.descending else 'asc'} nulls last" for one in view.order]
    if "id" in known and not any(one.column == "id" for one in view.order):
        order.append('"id"')
    return (
        f"select {', '.join(map(quoted, view.columns))} from {source}"
        + (f" where {where}" if where else "")
        + (f" order by {', '.join(order)}" if order else "")
    )


def _condition(one: Condition, schema: pa.Schema) -> str:
    column = quoted(one.column)
    kind = schema.field(one.column).type if one.column in schema.names else pa.string()
    text = pa.types.is_string(kind)
    if one.operator in {"empty", "filled"}:
        empty = f"({column} is null or {column} = '')" if text else f"{column} is null"
        return empty if one.operator == "empty" else f"not {empty}"
    if one.operator == "in":
        values = one.value if isinstance(one.value, list | tuple) else (one.value,)
        if not 0 < len(values) <= 1000:
            raise InputError(f"Choose 1 to 1,000 values for {one.column}.")
        return f"{column}::varchar in ({', '.join(_text(value) for value in values)})"
    if one.operator in _COMPARE:
        value = _text(one.value) if text else f"{_text(one.value)}::{_cast(kind)}"
        return f"{column} {_COMPARE[one.operator]} {value}"
    found = {
        "contains": "contains({0}, {1})",
        "starts": "starts_with({0}, {1})",
        "ends": "ends_with({0}, {1})",
    }.get(one.operator)
    if found is None:
        raise InputError(f"There is no comparison {one.operator}; take one of {', '.join(OPERATORS)}.")
    return found.format(f"lower({column}::varchar)", f"lower({_text(one.value)})")


def _cast(kind: pa.DataType) -> str:
    types = pa.types
    if types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if types.is_integer(kind):
        return "bigint"
    if types.is_floating(kind):
        return "double"
    if types.is_boolean(kind):
        return "boolean"
    if types.is_date(kind):
        return "date"
    return "timestamptz" if types.is_timestamp(kind) else "varchar"


def _text(value: Any) -> str:
    plain = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return "'" + plain.replace("'", "''") + "'"


def columns_of(schema: pa.Schema, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """The columns asked for, all of the table's without any."""
    if not wanted:
        return tuple(schema.names)
    for name in wanted:
        if name not in schema.names:
            raise InputError(f"The table has no column {name}; load its columns again.")
    return tuple(dict.fromkeys(wanted))
