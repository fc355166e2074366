"""What became different between two versions of a table, row by row, in the order of ids.

Files that both versions have are not opened; of the others, rows are compared range of ids by range of ids. Memory: the
rows of few parts at a time. A page ends at an id, and the next one begins behind it, so that a difference of any size
is read in pages.

A row counts as there while it is not marked as gone: marking it is a removal, and so the way back is an addition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from towpath.lake.columns import DELETED, DELETED_AT, STATE, SYSTEM_COLUMNS
from towpath.lake.log import File, Snapshot
from towpath.lake.table import Table
from towpath.lake.upsert import differ
from towpath.lake.versions import matched

__all__ = ["Change", "Columns", "Kind", "Summary", "changes", "columns", "summary"]

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row that is not the same in both versions."""

    kind: Kind
    key: int
    old: dict[str, Any] | None
    """The row in the older version, without system columns; None when it was not there."""
    new: dict[str, Any] | None
    columns: tuple[str, ...] = ()
    """Of a changed row: what differs."""
    state: str = ""
    """Of a removed row: how it is gone (`deleted`, `unreachable`, `filtered`); empty when it just is not there."""


@dataclass(slots=True, kw_only=True)
class Summary:
    """How many rows differ, and in which columns."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    """Changed rows by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """How the columns themselves differ."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    retyped: tuple[str, ...]


def columns(old: Snapshot, new: Snapshot) -> Columns:
    """Columns that only one of the versions has, or that have another type in it."""
    before, after = old.metadata.schema, new.metadata.schema
    return Columns(
        added=tuple(name for name in after.names if name not in before.names),
        removed=tuple(name for name in before.names if name not in after.names),
        retyped=tuple(
            name
            for name in after.names
            if name in before.names and before.field(name).type != after.field(name).type
        ),
    )


def changes(
    table: Table, old: Snapshot, new: Snapshot, *, after: int | None = None, limit: int = 100
) -> tuple[list[Change], int | None]:
    """Up to `limit` changes with ids beyond `after`, and where the next page begins (None at the end).

    Raises FileNotFoundError when a file of a version is not there any more.
    """
    found: list[Change] = []
    for before, now in _pairs(table, old, new, after):
        piece = _sorted(before, now)
        for kind, was, came in piece:
            found += _listed(kind, was, came, table.key)
        found.sort(key=lambda change: change.key)
        if len(found) > limit:
            return found[:limit], found[limit - 1].key
    return found, None


def summary(table: Table, old: Snapshot, new: Snapshot) -> Summary:
    """The numbers of the whole difference; it is worked through once, so that a large one takes its time."""
    total = Summary()
    for before, now in _pairs(table, old, new, None):
        for kind, was, came in _sorted(before, now):
            if kind == "added":
                total.added += came.num_rows
            elif kind == "removed":
                total.removed += was.num_rows
            else:
                total.changed += came.num_rows
                for name in _own(was):
                    count = pc.sum(differ(was.select([name]), came.select([name]))).as_py() or 0
                    if count:
                        total.columns[name] = total.columns.get(name, 0) + count
    return total


def _pairs(
    table: Table, old: Snapshot, new: Snapshot, after: int | None
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Rows of the files that only one version has, as far as their ids lie beyond `after`."""
    removed = _beyond([file for path, file in old.files.items() if path not in new.files], table.key, after)
    added = _beyond([file for path, file in new.files.items() if path not in old.files], table.key, after)
    for before, now in matched(table, new.metadata.schema, removed, added):
        if after is None:
            yield before, now
        else:
            yield (
                before.filter(pc.greater(before.column(table.key), after)),
                now.filter(pc.greater(now.column(table.key), after)),
            )


def _beyond(files: Sequence[File], key: str, after: int | None) -> list[File]:
    return [
        file for file in files if after is None or (high := file.bounds(key)[1]) is None or int(high) > after
    ]


def _sorted(before: pa.Table, now: pa.Table) -> list[tuple[Kind, pa.Table, pa.Table]]:
    """The rows by what happened to them; of removed ones the second table may have the marked row."""
    was, came = _ids(before), _ids(now)
    source = pc.index_in(came, value_set=was)
    both = pc.indices_nonzero(pc.is_valid(source))
    old, new = before.take(source.drop_null()), now.take(both)
    lived, lives = _there(old), _there(new)
    changed = pc.and_(pc.and_(lived, lives), differ(old, new))
    back = pc.and_(pc.invert(lived), lives)
    gone = pc.and_(lived, pc.invert(lives))
    only_new = now.take(pc.indices_nonzero(pc.is_null(source)))
    only_old = before.filter(pc.invert(pc.is_in(was, value_set=came)))
    only_new, only_old = only_new.filter(_there(only_new)), only_old.filter(_there(only_old))
    return [
        ("added", before.slice(0, 0), pa.concat_tables([only_new, new.filter(back)])),
        ("removed", old.filter(gone), new.filter(gone)),
        ("removed", only_old, now.slice(0, 0)),
        ("changed", old.filter(changed), new.filter(changed)),
    ]


def _ids(rows: pa.Table) -> pa.Array:
    return rows.column("id").combine_chunks()


def _there(rows: pa.Table) -> pa.Array:
    if DELETED_AT not in rows.schema.names:
        return pa.repeat(pa.scalar(value=True), rows.num_rows)
    found = pc.is_null(rows.column(DELETED_AT))
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _own(rows: pa.Table) -> list[str]:
    return [name for name in rows.schema.names if name not in SYSTEM_COLUMNS]


def _listed(kind: Kind, was: pa.Table, came: pa.Table, key: str) -> list[Change]:
    before = was.select(_own(was)).to_pylist()
    after = came.select(_own(came)).to_pylist()
    if kind == "added":
        return [Change(kind=kind, key=row[key], old=None, new=row) for row in after]
    if kind == "removed":
        states = came.column(STATE).to_pylist() if STATE in came.schema.names else [None] * len(after)
        told = [state or DELETED for state in states] if after else [""] * len(before)
        return [
            Change(kind=kind, key=row[key], old=row, new=None, state=state)
            for row, state in zip(before, told, strict=True)
        ]
    return [
        Change(
            kind=kind,
            key=new[key],
            old=old,
            new=new,
            columns=tuple(name for name, value in new.items() if not _same(old[name], value)),
        )
        for old, new in zip(before, after, strict=True)
    ]


def _same(left: Any, right: Any) -> bool:
    return bool(left == right) or (left != left and right != right)  # noqa: PLR0124  # NaN is not equal to itself
