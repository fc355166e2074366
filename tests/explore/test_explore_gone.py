"""`NAME__deleted`: the rows that are gone, with why and when."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from towpath.features.explore.service import AsOf, Limits, query
from towpath.features.explore.whole import whole
from towpath.lake import TableRef
from towpath.lake.columns import TIMESTAMP
from towpath.lake.table import Commit, Table

SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string())])
WENT = datetime(2026, 11, 1, 8, tzinfo=UTC)


def ref(table: Table) -> TableRef:
    return TableRef(layer="raw", folder="demo", name="t", uri=table.uri)


def ask(table: Table, sql: str, as_of: AsOf | None = None) -> list[dict[str, Any]]:
    with query(sql, [ref(table)], Limits(), as_of=as_of) as result:
        return list(result.rows())


def rows(*ids: int) -> pa.Table:
    return pa.table({"id": ids, "name": [f"row {one}" for one in ids]}, schema=SCHEMA)


def commit(number: int) -> Commit:
    return Commit(app_id="a", sequence=number, run_id=f"r{number}")


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(str(tmp_path / "t"))


@pytest.mark.feature("S2.14")
def test_rows_that_are_gone_with_why_and_when(table: Table):
    table.upsert(rows(1, 2, 3, 4), commit=commit(1))
    assert ask(table, "select * from t__deleted") == []
    table.upsert(rows(1), delete={"deleted": [2], "unreachable": [3, 4]}, commit=commit(2), at=WENT)
    told = "select id, name, _towpath_state s, _towpath_deleted_at went from t__Deleted order by id"
    assert ask(table, told) == [
        {"id": 2, "name": "row 2", "s": "deleted", "went": WENT},
        {"id": 3, "name": "row 3", "s": "unreachable", "went": WENT},
        {"id": 4, "name": "row 4", "s": "unreachable", "went": WENT},
    ]
    table.upsert(rows(4), delete={"filtered": [3]}, commit=commit(3))
    assert [(one["id"], one["s"], one["went"]) for one in ask(table, told)] == [
        (2, "deleted", WENT),
        (3, "filtered", WENT),
    ]
    assert ask(table, "select count(*) n from raw.demo.t__deleted", AsOf(version=1)) == [{"n": 3}]
    assert ask(table, "select count(*) n from t") == [{"n": 2}]
    assert ask(table, "select count(*) n from t__all") == [{"n": 4}]
    assert ask(
        table, "select id, _towpath_state s from t__history where id = 3 order by _towpath_from_version"
    ) == [
        {"id": 3, "s": None},
        {"id": 3, "s": "unreachable"},
        {"id": 3, "s": "filtered"},
    ]
    with whole("t__deleted", [ref(table)]) as result:
        assert [(row["id"], row["_towpath_state"]) for row in result.rows()] == [
            (2, "deleted"),
            (3, "filtered"),
        ]


@pytest.mark.feature("S2.14")
def test_rows_marked_before_there_were_states_were_deleted(table: Table):
    old = rows(1, 2).append_column("_towpath_deleted_at", pa.array([None, WENT], TIMESTAMP))
    write_deltalake(table.uri, old)
    gone = [{"id": 2, "s": "deleted", "went": WENT}]
    told = "select id, _towpath_state s, _towpath_deleted_at went from t__deleted"
    assert ask(table, told) == gone, "the table has no such column yet"
    table.upsert(rows(3), commit=commit(1))
    assert ask(table, told) == gone
    with whole("t__deleted", [ref(table)]) as result:
        assert [(row["id"], row["_towpath_state"]) for row in result.rows()] == [(2, "deleted")]


def test_a_table_without_marks_has_no_rows_that_are_gone(table: Table):
    write_deltalake(table.uri, rows(1, 2))
    assert ask(table, "select * from t__deleted") == []
    with whole("t__deleted", [ref(table)]) as result:
        assert list(result.rows()) == []


@pytest.mark.feature("S2.14")
def test_parts_without_a_mark_are_not_opened(table: Table):
    for number, low in enumerate((1, 40_001), start=1):
        table.upsert(rows(*range(low, low + 30_000)), commit=commit(number))
    assert len(table.files()) == 2
    table.upsert(rows(1), delete={"filtered": [50_000]}, commit=commit(3))
    whole_part = next(one for one in table.files() if one.deleted == 0)
    (Path(table.uri) / whole_part.path).unlink()
    found = [
        row for batch in table.scan(["id", "_towpath_state"], present=False) for row in batch.to_pylist()
    ]
    assert found == [{"id": 50_000, "_towpath_state": "filtered"}]
