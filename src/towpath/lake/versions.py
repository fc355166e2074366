"""Every version of every row, in a table beside the main one that follows its commits.

Delta keeps old states only as long as its retention says. Where a person wants them for ever, each commit of the main
table is looked at once: the rows of the files it removed are compared with those of the files it added, and a row that
is new, changed, marked or back is appended. The commit that brings the rows names the main version they come from,
so whoever goes on after a crash knows where: nothing is there twice and nothing is missing.

The times of the versions rise strictly, whatever the clocks of the writers say, so that they alone tell the order of
states: the numbers begin anew where the main table was thrown away and made again.

Memory: the rows of few parts at a time, since the files of a table share out its ids among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc

from towpath.commit_point import commit_point
from towpath.errors import InputError
from towpath.lake.columns import DELETED, DELETED_AT, STATE, TIMESTAMP, conform
from towpath.lake.log import File, Snapshot, file_of, read_commit
from towpath.lake.parts import PART_ROWS, Staged, read_part
from towpath.lake.table import Commit, Table
from towpath.lake.upsert import differ

__all__ = ["APP", "AT", "VERSION", "Followed", "begun", "follow", "matched"]

#: Name under which the follower commits.
APP = "towpath.versions"
#: The version of the main table that brought the state of a row, and when that was.
VERSION, AT = "_towpath_version", "_towpath_version_at"
_OWN = (
    pa.field(VERSION, pa.int64(), metadata={"label": "Version of the table that brought this state"}),
    pa.field(AT, TIMESTAMP, metadata={"label": "When that version was committed"}),
)
_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What one look brought."""

    #: States appended.
    rows: int = 0
    #: Versions of the main table that were looked at.
    versions: int = 0
    #: Some of them are not kept any more, so that states between them may be missing.
    gap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One commit of the main table, or several taken as one."""

    version: int
    at: datetime
    removed: Sequence[File]
    added: Sequence[File]


def follow(main: Table, versions: Table, *, run_id: str) -> Followed:
    """Append what the commits of `main` since the last look brought; the first look appends all its rows.

    Raises what reading and publishing raise; the next call goes on where the last commit of `versions` stands.
    """
    snapshot = main.require()
    table = str(snapshot.metadata.raw.get("id") or "")
    known = versions.cursor(APP) or {}
    same = known.get("table") == table
    if same and known["version"] == snapshot.version:
        return Followed()
    steps = _steps(main, snapshot, known["version"]) if same and known["version"] < snapshot.version else None
    gap = bool(known) and steps is None
    after = datetime.fromisoformat(known["at"]) if "at" in known else None
    rows: Iterator[pa.Table]
    if steps is not None:
        steps = _in_order(steps, after)
        rows = (found for step in steps for found in _changed(main, snapshot.metadata.schema, step))
    else:
        at = (
            datetime.fromtimestamp(snapshot.timestamp / 1000, UTC)
            if snapshot.timestamp
            else datetime.now(UTC)
        )
        steps = _in_order([_Step(version=snapshot.version, at=at, removed=(), added=())], after)
        rows = _against_known(main, versions if gap else None, snapshot, steps[0])
    place = {"table": table, "version": snapshot.version}
    if newest := steps[-1].at if steps else after:
        place["at"] = newest.isoformat()
    if known and not same:
        place["since"] = steps[0].at.isoformat()
    elif "since" in known:
        place["since"] = known["since"]
    rows = _beside(versions, rows)
    staged: list[Staged] = versions.stage(rows, prefix="versions", run_id=run_id)
    commit_point("version_rows_written")
    commit = Commit(
        app_id=APP, sequence=versions.sequence(APP) + 1, cursor=place, run_id=run_id, operation="VERSIONS"
    )
    versions.publish(staged, mode="append", schema=_schema(versions, snapshot), commit=commit)
    commit_point("versions_followed")
    return Followed(rows=sum(part.rows for part in staged), versions=len(steps) or 1, gap=gap)


def begun(versions: Snapshot) -> datetime | None:
    """Since when the followed table is there, if it was made anew while it was followed; None otherwise.

    States from before belong to a table that is no more, and their version numbers to its log.
    """
    mark = versions.marks.get(APP)
    since = mark.cursor.get("since") if mark is not None else None
    return datetime.fromisoformat(since) if since else None


def _in_order(steps: Sequence[_Step], after: datetime | None) -> list[_Step]:
    """The steps with times that rise strictly, from `after` on."""
    found = []
    for step in steps:
        at = step.at if after is None else max(step.at, after + timedelta(microseconds=1))
        found.append(replace(step, at=at))
        after = at
    return found


def _steps(main: Table, snapshot: Snapshot, since: int) -> list[_Step] | None:
    """The commits after `since` that changed rows; None when one of them, or a file it needs, is not kept."""
    there = {entry.path for entry in main.storage.entries() if entry.path.endswith(".parquet")}
    files: dict[str, File] = {}
    try:
        before = main.snapshot(since)
    except InputError:  # that version is not kept any more
        return None
    files.update(before.files if before is not None else {})
    steps = []
    for version in range(since + 1, snapshot.version + 1):
        try:
            actions = read_commit(main.storage, version)
        except FileNotFoundError:
            return None
        gone = [unquote(one["remove"]["path"]) for one in actions if "remove" in one]
        if any(path not in files for path in gone):  # another program's log; nothing tells what it removed
            return None
        removed = [files.pop(path) for path in gone]
        added = [file_of(unquote(one["add"]["path"]), one["add"]) for one in actions if "add" in one]
        files.update({file.path: file for file in added})
        moved = [one for action in actions for one in action.values() if one.get("dataChange")]
        if not moved:
            continue  # upkeep: rows went from file to file
        if not {file.path for file in [*removed, *added]} <= there:
            return None
        steps.append(_Step(version=version, at=_when(actions), removed=removed, added=added))
    return steps


def _when(actions: Iterable[Mapping[str, Any]]) -> datetime:
    info: Mapping[str, Any] = next((action["commitInfo"] for action in actions if "commitInfo" in action), {})
    return datetime.fromtimestamp(int(info.get("timestamp") or 0) / 1000, UTC)


def _changed(main: Table, schema: pa.Schema, step: _Step) -> Iterator[pa.Table]:
    """The states that one step brought."""
    for old, new in matched(main, schema, step.removed, step.added):
        yield from _compared(old, new, step)


def matched(
    main: Table, schema: pa.Schema, removed: Sequence[File], added: Sequence[File]
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Old and new rows, range of ids by range of ids, so that a row and its successor come together."""
    empty = schema.empty_table()
    held = [empty, empty]
    order = sorted(
        [(_low(file, main.key), 0, file) for file in removed]
        + [(_low(file, main.key), 1, file) for file in added],
        key=lambda item: (item[0], item[2].path),
    )
    for index, (_, side, file) in enumerate(order):
        held[side] = pa.concat_tables([held[side], _read(main, file, schema)])
        bound = order[index + 1][0] if index + 1 < len(order) else None
        ready = []
        for place, rows in enumerate(held):
            below = pc.less(rows.column(main.key), bound) if bound is not None else None
            ready.append(rows if below is None else rows.filter(below))
            held[place] = empty if below is None else rows.filter(pc.invert(below))
        if ready[0].num_rows or ready[1].num_rows:
            yield ready[0], ready[1]


def _low(file: File, key: str) -> int:
    """Where a file begins; one without statistics may hold any id and comes first."""
    low = file.bounds(key)[0]
    return int(low) if low is not None else -(2**63)


def _read(main: Table, file: File, schema: pa.Schema) -> pa.Table:
    """A part in the columns of now; values of a column that had another type then are read as absent."""
    try:
        return read_part(main.storage, file.path, schema)
    except pa.ArrowException:
        kept = []
        for field in schema:
            try:
                kept.append(read_part(main.storage, file.path, pa.schema([field])).column(0))
            except pa.ArrowException:
                kept.append(None)
        count = next(len(column) for column in kept if column is not None)
        columns = [
            pa.nulls(count, field.type) if column is None else column
            for field, column in zip(schema, kept, strict=True)
        ]
        return pa.table(columns, schema=schema)


def _compared(old: pa.Table, new: pa.Table, step: _Step) -> Iterator[pa.Table]:
    """States of `new` that are not those of `old`, and rows that `new` has not, marked as gone."""
    was, now = (rows.column("id").combine_chunks() for rows in (old, new))
    source = pc.index_in(now, value_set=was)
    both = pc.indices_nonzero(pc.is_valid(source))
    before, after = old.take(source.drop_null()), new.take(both)
    changed = both.filter(pc.or_(differ(before, after), differ(_marks(before), _marks(after))))
    chosen = pa.concat_arrays([changed, pc.indices_nonzero(pc.is_null(source))])
    lost = old.filter(pc.invert(pc.is_in(was, value_set=now)))
    lost = _marked(lost.filter(pc.is_null(lost.column(DELETED_AT))), step.at)
    for rows in (new.take(chosen.take(pc.array_sort_indices(chosen))), lost):
        if rows.num_rows:
            yield _stamped(rows, step.version, step.at)


def _marks(rows: pa.Table) -> pa.Table:
    """What tells whether a row is gone, and why, under names that count as any other column's.

    Not since when: a row that came back and went again while nobody looked is gone as it was.
    """
    names = [name for name in (DELETED_AT, STATE) if name in rows.schema.names]
    found = [pc.is_valid(rows[name]) if name == DELETED_AT else rows[name] for name in names]
    return pa.table(found, names=[name.removeprefix("_") for name in names])


def _marked(rows: pa.Table, at: datetime) -> pa.Table:
    """The rows as found deleted."""
    for name, value in ((DELETED_AT, pa.scalar(at, TIMESTAMP)), (STATE, pa.scalar(DELETED))):
        if name in rows.schema.names:
            place = rows.schema.get_field_index(name)
            rows = rows.set_column(place, rows.schema.field(name), pa.repeat(value, rows.num_rows))
    return rows


def _stamped(rows: pa.Table, version: int, at: datetime) -> pa.Table:
    count = rows.num_rows
    rows = rows.append_column(pa.field(VERSION, pa.int64()), pa.repeat(pa.scalar(version), count))
    return rows.append_column(pa.field(AT, TIMESTAMP), pa.repeat(pa.scalar(at, TIMESTAMP), count))


def _against_known(
    main: Table, versions: Table | None, snapshot: Snapshot, step: _Step
) -> Iterator[pa.Table]:
    """The rows of now that differ from the newest states that `versions` knows; all without it.

    One file of the main table at a time, with the known states of the ids up to the next file.
    """
    schema = snapshot.metadata.schema
    files = snapshot.ordered()
    if versions is None:
        for file in files:
            yield _stamped(_read(main, file, schema), step.version, step.at)
        return
    low = None
    for _, new in matched(main, schema, (), files):
        high = pc.max(new.column(main.key)).as_py()
        yield from _compared(_newest(versions, schema, low, high), new, step)
        low = high + 1
    yield from _compared(_newest(versions, schema, low, None), schema.empty_table(), step)


def _newest(versions: Table, schema: pa.Schema, low: int | None, high: int | None) -> pa.Table:
    """The newest known state of each id of a range, in the columns of now; older states are dropped as they are read."""
    known = versions.schema
    names = {free: field.name for field in schema if (free := _free(field, known)) in known.names}
    held: list[Any] = []
    size = least = 0
    for batch in versions.scan([*names, VERSION, AT], low=low, high=high, deleted=True):
        held.append(pa.Table.from_batches([batch]))
        size += batch.num_rows
        if size > 2 * least + PART_ROWS:
            held = [_last(pa.concat_tables(held))]
            size = least = held[0].num_rows
    if not size:
        return schema.empty_table()
    rows = _last(pa.concat_tables(held)).select([*names])
    return conform(rows.rename_columns([*names.values()]), schema)


def _last(rows: pa.Table) -> pa.Table:
    """The newest state of each id."""
    rows = rows.sort_by([("id", "ascending"), (AT, "ascending"), (VERSION, "ascending")])
    ids = rows.column("id").combine_chunks()
    last = pa.concat_arrays([pc.not_equal(ids.slice(0, len(ids) - 1), ids.slice(1)), pa.array([True])])
    return rows.filter(last)


def _beside(versions: Table, rows: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Columns that have another type than `versions` knows get a name of their own, as a column never changes its type.

    So do those whose name differs from a known one in upper and lower case alone.
    """
    held = versions.schema if versions.exists else None
    for found in rows:
        names = [_free(field, held) for field in found.schema]
        yield found.rename_columns(names)


def _free(field: pa.Field, held: pa.Schema | None) -> str:
    name, kinds = str(field.name), {one.name: one.type for one in held or ()}
    borne = {one.casefold() for one in kinds}
    if kinds.get(name) != field.type and name.casefold() in borne:
        name = f"{name}__{_WORDS.sub('_', str(field.type)).strip('_')}"
    while kinds.get(name) != field.type and name.casefold() in borne:
        name += "_"
    return name


def _schema(versions: Table, snapshot: Snapshot) -> pa.Schema:
    """The columns of what is appended."""
    held = versions.schema if versions.exists else None
    columns = [field.with_name(_free(field, held)) for field in snapshot.metadata.schema]
    return pa.schema([*columns, *_OWN])
