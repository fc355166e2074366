"""`NAME__history`: every state of every row that is kept."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from towpath.errors import InputError
from towpath.features.explore.ready import translate
from towpath.features.explore.service import AsOf, Limits, query
from towpath.lake import TableRef
from towpath.lake.objects import ObjectStorage
from towpath.lake.table import Commit, Table
from towpath.lake.timeline import read_timeline

SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string())])
STATES = (
    "select id, name, _towpath_deleted_at is not null as gone, _towpath_from_version, _towpath_until_version "
    "from t__history order by id, coalesce(_towpath_from_version, -1)"
)


def ask(table: Table, sql: str, as_of: AsOf | None = None, **limits: Any) -> list[tuple[Any, ...]]:
    known = [TableRef(layer="raw", folder="demo", name="t", uri=table.uri)]
    with query(sql, known, Limits(**limits), as_of=as_of) as result:
        return [tuple(row.values()) for row in result.rows()]


def put(table: Table, number: int, rows: dict[int, str], delete: tuple[int, ...] = ()) -> None:
    found = pa.table({"id": list(rows), "name": list(rows.values())}, schema=SCHEMA)
    table.upsert(found, delete=delete, commit=Commit(app_id="a", sequence=number, run_id=f"r{number}"))


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(str(tmp_path / "t"))


def test_rows_come_change_are_deleted_and_vanish(table: Table):
    put(table, 1, {1: "a", 2: "b"})
    put(table, 2, {1: "A", 3: "c"})
    put(table, 3, {1: "a"}, delete=(2,))
    staged = table.stage([pa.table({"id": [1, 3], "name": ["a", "c2"]}, schema=SCHEMA)])
    table.publish(staged, mode="replace", schema=SCHEMA, commit=Commit(app_id="a", sequence=4, run_id="r4"))
    put(table, 5, {9: "z"})
    table.compact()
    expected = [
        (1, "a", False, 0, 1),
        (1, "A", False, 1, 2),
        (1, "a", False, 2, None),  # read again in full without a change: still the same state
        (2, "b", False, 0, 2),
        (2, "b", True, 2, 3),
        (3, "c", False, 1, 3),
        (3, "c2", False, 3, None),
        (9, "z", False, 4, None),
    ]
    assert ask(table, STATES) == expected
    assert ask(table, "select name from t__HISTORY where id = 1 and _towpath_until is null") == [("a",)]
    assert ask(table, STATES, AsOf(version=1)) == [
        (1, "a", False, 0, 1),
        (1, "A", False, 1, None),
        (2, "b", False, 0, None),
        (3, "c", False, 1, None),
    ]
    times = {entry.version: entry.at for entry in table.history()}
    assert ask(table, "select _towpath_from, _towpath_until from raw.demo.t__history where name = 'A'") == [
        (times[1], times[2])
    ]


def test_history_begins_where_files_are_kept(table: Table):
    for number in range(1, 13):
        put(table, number, {1: str(number), 2: "same"})
    table.describe(properties={"delta.deletedFileRetentionDuration": "1 hour"})
    begin = datetime.now(UTC)
    table.sweep(now=begin + timedelta(hours=2))
    put(table, 13, {1: "13"})
    # version 13 took the last file away whose predecessors are gone
    assert ask(table, STATES) == [
        (1, "12", False, None, 13),
        (1, "13", False, 13, None),
        (2, "same", False, None, None),
    ]


def test_a_new_column_is_no_change_and_another_type_ends_the_past(table: Table):
    put(table, 1, {1: "a", 2: "b"})
    wider = pa.table({"id": [2], "name": ["b"], "late": ["x"]})
    table.upsert(wider, commit=Commit(app_id="a", sequence=2, run_id="r2"))
    assert ask(table, "select id, late, _towpath_from_version from t__history order by 1, 3") == [
        (1, None, 0),
        (2, None, 0),
        (2, "x", 1),
    ]
    retyped = pa.table({"id": [1], "name": [5]})
    table.publish(
        table.stage(retyped.to_batches()),
        mode="replace",
        schema=retyped.schema,
        commit=Commit(app_id="a", sequence=3, run_id="r3"),
    )
    assert ask(table, "select id, name, _towpath_from_version from t__history") == [(1, 5, None)]


def test_history_in_an_object_store():
    storage = ObjectStorage(MemoryStore())
    table = Table("memory://x", storage=storage)
    put(table, 1, {1: "a"})
    put(table, 2, {1: "b"})
    snapshot = table.require()
    assert [(span.came, span.went) for span in read_timeline(storage, snapshot).spans] == [(1, None), (0, 1)]


def test_what_has_no_history_is_said(table: Table):
    rows = pa.table({"name": ["x"]})
    table.publish(
        table.stage(rows.to_batches()),
        mode="replace",
        schema=rows.schema,
        commit=Commit(app_id="a", sequence=1, run_id="r"),
    )
    with pytest.raises(InputError, match="no history"):
        ask(table, "select * from t__history")
    with pytest.raises(InputError, match="in Towpath alone"):
        translate("select * from t__history", "athena")


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"),
            st.dictionaries(st.integers(1, 6), st.sampled_from("abc"), max_size=4),
            st.sets(st.integers(1, 6), max_size=2),
        ),
        st.tuples(st.just("replace"), st.dictionaries(st.integers(1, 6), st.sampled_from("abc"), max_size=6)),
        st.tuples(st.just("compact")),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=25)
@given(STEPS)
def test_history_tells_every_version(steps: list[tuple[Any, ...]]):
    """At each version, the states that span it are exactly the rows another reader sees there."""
    with tempfile.TemporaryDirectory() as folder:
        table = Table(f"{folder}/t")
        put(table, 1, {1: "a"})
        for number, (kind, *given_) in enumerate(steps, 2):
            if kind == "put":
                put(table, number, given_[0], tuple(given_[1]))
            elif kind == "compact":
                table.compact()
            else:
                rows = pa.table({"id": list(given_[0]), "name": list(given_[0].values())}, schema=SCHEMA)
                commit = Commit(app_id="a", sequence=number, run_id=f"r{number}")
                table.publish(table.stage([rows]), mode="replace", schema=SCHEMA, commit=commit)
        found = ask(table, STATES)
        for version in range(table.version + 1):
            told = [
                (id_, name, gone)
                for id_, name, gone, came, went in found
                if came <= version and (went is None or went > version)
            ]
            rows = DeltaTable(table.uri, version=version).to_pyarrow_table().to_pylist()
            seen = [(row["id"], row["name"], row["_towpath_deleted_at"] is not None) for row in rows]
            assert sorted(told) == sorted(seen)
        for one, other in pairwise(found):
            assert one[0] != other[0] or one[4] != other[3] or one[1:3] != other[1:3], (
                "two states, not one cut in two"
            )
