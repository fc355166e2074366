"""Upsert: new rows in, changed rows over the old ones, vanished rows marked; only files with a change move.

A table's files share out the range of ids like the leaves of a tree: a changed id is looked up by the
files' least and greatest id, then by their id column alone; only files that hold a row which really
differs are written again, two at a time. New ids behind the last one join small files at the end, which
double in size until they are full, so that neither many tiny files nor constant rewriting come about.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from towpath.commit_point import commit_point
from towpath.lake.columns import DELETED, DELETED_AT, RUN_ID, STATE, SYSTEM_COLUMNS, TIMESTAMP
from towpath.lake.commit import Change, Counts
from towpath.lake.log import File, Snapshot
from towpath.lake.parts import PART_BYTES, PART_ROWS, Staged, cut, read_part, write_part
from towpath.lake.storage import Storage

__all__ = ["Request", "differ", "latest", "plan_upsert"]

_THREADS = 2
_ROOM = threading.BoundedSemaphore(_THREADS)
"""However many tables are written at once, no more than this many parts are held for rewriting."""
_MANY = 150
"""With more than one changed row in so many, one gather is faster than slices."""

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an upsert shall do; `rows` are stamped, conformed to `schema`, one per key and sorted by it."""

    rows: pa.Table
    delete: pa.Array
    """Keys to mark as gone: sorted, of the key's type, each once, none of them in `rows`."""
    states: pa.Array
    """How the keys to mark are gone."""
    key: str
    schema: pa.Schema
    run_id: str
    at: datetime
    prefix: str
    given: frozenset[str] | None = None
    """Columns the rows came with, where the others shall keep what the table has; None: they become null."""
    again: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """By file, keys of `rows` whose row stands in a file before it as well, or twice in this one, which no upsert
    makes: one row stays."""

    @property
    def keys(self) -> pa.Array:
        """The keys of `rows`."""
        return self.rows.column(self.key).combine_chunks()


@dataclass(slots=True, kw_only=True)
class _Group:
    """Files that are written again as one, with new rows for their range."""

    files: list[File]
    inserts: list[pa.Table] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What became of one group; `parts` None when nothing in it changed."""

    files: Sequence[File]
    parts: list[Staged] | None
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0


def latest(rows: pa.Table, key: str) -> pa.Table:
    """`rows` sorted by key with the last one of each key (the overlap of two pages brings some twice)."""
    ordered = rows.take(pc.sort_indices(rows, sort_keys=[(key, "ascending")]))
    if ordered.num_rows < 2:
        return ordered
    keys = ordered.column(key).combine_chunks()
    last = pc.not_equal(keys.slice(0, len(keys) - 1), keys.slice(1))
    if pc.all(last).as_py():
        return ordered
    return ordered.filter(pa.concat_arrays([last, pa.array([True])]))


def plan_upsert(storage: Storage, snapshot: Snapshot | None, request: Request) -> Change:
    """Write the files an upsert needs on top of `snapshot`; returns the change that publishes them."""
    files = snapshot.ordered() if snapshot is not None else []
    touched, found = _find(storage, files, request)
    known = pa.concat_arrays(list(found.values())) if found else pa.array([], request.keys.type)
    if pc.count_distinct(known).as_py() < len(known):
        request = replace(request, again=_again(found))
    fresh = request.rows
    if len(known):
        fresh = fresh.filter(pc.invert(pc.is_in(request.keys, value_set=known)))
    groups = _share_out(files, touched, fresh, request.key)
    outcomes: list[_Outcome] = []
    try:
        for outcome in _each(lambda group: _rewrite(storage, group, request), groups):
            outcomes.append(outcome)  # noqa: PERF402  # kept one by one, so that a failure can clean up
    except BaseException:
        storage.delete(part.path for outcome in outcomes for part in outcome.parts or ())
        raise
    parts = [part for outcome in outcomes for part in outcome.parts or ()]
    commit_point("upsert_files_written")
    return Change(
        add=parts,
        fresh=parts,
        remove=[file for outcome in outcomes if outcome.parts is not None for file in outcome.files],
        schema=request.schema,
        counts=Counts(
            inserted=fresh.num_rows,
            updated=sum(outcome.updated for outcome in outcomes),
            unchanged=sum(outcome.unchanged for outcome in outcomes),
            deleted=sum(outcome.deleted for outcome in outcomes),
        ),
        operation="MERGE",
    )


def _each(work: Callable[[_Item], _Answer], items: Sequence[_Item]) -> Iterator[_Answer]:
    """`work` on every item, two at a time; waits for all that began before an error goes up."""
    if len(items) < 2:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="towpath-lake") as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in futures:
                yield future.result()
        except BaseException:
            for future in futures:
                future.cancel()
            wait(futures)
            raise


def _find(storage: Storage, files: Iterable[File], request: Request) -> tuple[set[str], dict[str, pa.Array]]:
    """The files that hold a row to update or to mark, and by file the keys of `rows` that are in the table."""
    keys, delete = request.keys, request.delete
    schema = pa.schema([request.schema.field(request.key)])
    asked = [
        file for file in files if _may_hold(file, keys, request.key) or _may_hold(file, delete, request.key)
    ]

    def look(file: File) -> tuple[str, pa.Array, bool]:
        column = read_part(storage, file.path, schema).column(0).combine_chunks()
        found = column.filter(pc.is_in(column, value_set=keys))
        return file.path, found, bool(len(found)) or bool(pc.any(pc.is_in(column, value_set=delete)).as_py())

    answers = list(_each(look, asked))
    return {path for path, _, hit in answers if hit}, {path: found for path, found, _ in answers}


def _again(found: Mapping[str, pa.Array]) -> dict[str, list[Any]]:
    """By file, the keys that were in a file before it, or are in it more than once."""
    seen: set[Any] = set()
    again: dict[str, list[Any]] = {}
    for path, keys in found.items():
        for key in keys.to_pylist():
            if key in seen:
                again.setdefault(path, []).append(key)
            seen.add(key)
    return again


def _once(rows: pa.Table, key: str, again: Sequence[Any]) -> pa.Table:
    """The rows of a file without as many of each key as `again` names."""
    left = Counter(again)
    column = rows.column(key).combine_chunks()
    keep = [True] * len(column)
    for place in pc.indices_nonzero(pc.is_in(column, value_set=pa.array(again, column.type))).to_pylist():
        value = column[place].as_py()
        if left[value]:
            left[value] -= 1
            keep[place] = False
    return rows.filter(pa.array(keep))


def _may_hold(file: File, keys: pa.Array, key: str) -> bool:
    """Whether some of the sorted `keys` lies between the file's least and greatest one."""
    low, high = file.bounds(key)
    if not len(keys):
        return False
    if low is None or high is None:
        return True
    return _place(keys, low, bisect_left) < _place(keys, high, bisect_right)


def _place(keys: pa.Array, value: Any, side: Callable[..., int]) -> int:
    """Where `value` falls among the sorted `keys`."""
    return side(range(len(keys)), value, key=lambda index: keys[index].as_py())


def _share_out(files: Sequence[File], touched: set[str], fresh: pa.Table, key: str) -> list[_Group]:
    """Which files are to be rewritten, and which new rows go where."""
    groups = {file.path: _Group(files=[file]) for file in files if file.path in touched}
    ordered = [file for file in files if file.bounds(key)[0] is not None]
    keys = fresh.column(key).combine_chunks()
    start = 0
    for file, after in pairwise(ordered):
        end = _place(keys, after.bounds(key)[0], bisect_left)
        if end > start:
            groups.setdefault(file.path, _Group(files=[file])).inserts.append(fresh.slice(start, end - start))
        start = max(start, end)
    if start < fresh.num_rows:
        rest = fresh.slice(start)
        home = _tail(ordered, groups, rest, key)
        groups[home.files[0].path if home.files else ""] = home
    return list(groups.values())


def _tail(ordered: Sequence[File], groups: dict[str, _Group], rest: pa.Table, key: str) -> _Group:
    """The group for the greatest new keys: joined with small files at the end until they are full."""
    home = _Group(files=[], inserts=[rest])
    rows, size = rest.num_rows, rest.nbytes
    for file in reversed(ordered):
        last = not home.files and file is ordered[-1]
        inside = last and rest.column(key)[0].as_py() <= file.bounds(key)[1]
        small = file.rows is not None and file.rows <= 2 * rows
        fits = (file.rows or PART_ROWS) + rows <= PART_ROWS and file.size * 4 + size <= PART_BYTES
        moving = last and file.path in groups
        if not (inside or (fits and (small or moving))):
            break
        other = groups.pop(file.path, None)
        home.files.insert(0, file)
        home.inserts += other.inserts if other else []
        rows += file.rows or 0
        size += file.size * 4  # what zstd makes of such rows is about a quarter
    return home


def _rewrite(storage: Storage, group: _Group, request: Request) -> _Outcome:
    """Patch the files of one group and write them again where something changed."""
    with _ROOM:
        return _rewrite_now(storage, group, request)


def _rewrite_now(storage: Storage, group: _Group, request: Request) -> _Outcome:
    """Hold the files of one group in memory; `_ROOM` bounds how many do so in this process."""
    patched: list[pa.Table] = []
    updated = unchanged = deleted = 0
    doubled = False
    for file in group.files:
        held = read_part(storage, file.path, request.schema)
        if again := request.again.get(file.path):
            held, doubled = _once(held, request.key, again), True
        rows, counts = _patch(held, request)
        patched.append(rows)
        updated += counts.updated
        unchanged += counts.unchanged
        deleted += counts.deleted
    parts: list[Staged] | None = None
    if updated or deleted or doubled or group.inserts or len(group.files) > 1:
        pieces = [*patched, *group.inserts]
        rows = pieces[0] if len(pieces) == 1 else pa.concat_tables(pieces).combine_chunks()
        del patched, pieces
        if group.inserts and group.files:
            rows = rows.take(pc.sort_indices(rows, sort_keys=[(request.key, "ascending")]))
        parts = [write_part(storage, piece, prefix=request.prefix, key=request.key) for piece in cut(rows)]
    return _Outcome(files=group.files, parts=parts, updated=updated, unchanged=unchanged, deleted=deleted)


def _patch(old: pa.Table, request: Request) -> tuple[pa.Table, Counts]:
    """`old` with the request's rows over its own where they differ, and its deletions marked."""
    column = old.column(request.key).combine_chunks()
    source = pc.index_in(column, value_set=request.keys)
    hits = pc.indices_nonzero(pc.is_valid(source))
    before, after = old.take(hits), request.rows.take(source.drop_null())
    if request.given is not None:
        for name in set(old.schema.names) - request.given - set(SYSTEM_COLUMNS):
            index = old.schema.get_field_index(name)
            after = after.set_column(index, old.schema.field(name), before.column(index))
    differs = pc.or_(differ(before, after), pc.is_valid(before.column(DELETED_AT)).combine_chunks())
    marks, marked, restated = _mark(old, column, request)
    positions = pa.concat_arrays([hits.filter(differs), marks])
    updated = len(positions) - len(marks)
    counts = Counts(updated=updated + restated, unchanged=len(hits) - updated, deleted=len(marks) - restated)
    if not len(positions):
        return old, counts
    return _splice(old, positions, pa.concat_tables([after.filter(differs), marked])), counts


def _mark(old: pa.Table, keys: pa.Array, request: Request) -> tuple[pa.Array, pa.Table, int]:
    """The places of rows of `old` to mark or to give another state, those rows, and how many had a mark before."""
    wanted = request.states.take(pc.index_in(keys, value_set=request.delete))
    marked = pc.is_valid(old.column(DELETED_AT)).combine_chunks()
    state = pc.fill_null(old.column(STATE).combine_chunks(), DELETED)
    same = pc.and_(marked, pc.fill_null(pc.equal(state, wanted), fill_value=False))
    marks = pc.indices_nonzero(pc.and_not(pc.is_valid(wanted), same))
    rows = old.take(marks)
    for name, values in (
        (DELETED_AT, pc.fill_null(rows.column(DELETED_AT), pa.scalar(request.at, TIMESTAMP))),
        (RUN_ID, pa.repeat(pa.scalar(request.run_id), len(marks))),
        (STATE, wanted.take(marks)),
    ):
        index = old.schema.get_field_index(name)
        rows = rows.set_column(index, old.schema.field(name), values)
    return marks, rows, pc.sum(marked.take(marks)).as_py() or 0


def differ(before: pa.Table, after: pa.Table) -> pa.Array:
    """For each pair of rows whether any column but the system ones differs; null and NaN equal themselves."""
    found = pa.repeat(pa.scalar(value=False), before.num_rows)
    for name in before.schema.names:
        if name in SYSTEM_COLUMNS:
            continue
        left, right = before.column(name).combine_chunks(), after.column(name).combine_chunks()
        if pa.types.is_nested(left.type):
            pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
            found = pc.or_(found, pa.array([was != now for was, now in pairs], pa.bool_()))
            continue
        other = pc.fill_null(pc.not_equal(left, right), fill_value=False)
        if pa.types.is_floating(left.type):
            both = pc.and_(pc.is_nan(left), pc.is_nan(right))
            other = pc.and_not(other, pc.fill_null(both, fill_value=False))
        found = pc.or_(found, pc.or_(other, pc.xor(pc.is_null(left), pc.is_null(right))))
    return found


def _splice(old: pa.Table, positions: pa.Array, rows: pa.Table) -> pa.Table:
    """`old` with the row at each position replaced by the one of `rows` that belongs to it."""
    order = pc.sort_indices(positions)
    rows = rows.take(order).combine_chunks()
    places = positions.take(order).to_pylist()
    if len(places) * _MANY > old.num_rows:
        chosen = list(range(old.num_rows))
        for index, place in enumerate(places):
            chosen[place] = old.num_rows + index
        return pa.concat_tables([old, rows]).combine_chunks().take(pa.array(chosen, pa.int64()))
    pieces = []
    done = 0
    for index, place in enumerate(places):
        pieces += [old.slice(done, place - done), rows.slice(index, 1)]
        done = place + 1
    return pa.concat_tables([*pieces, old.slice(done)]).combine_chunks()
