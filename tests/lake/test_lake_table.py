from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from towpath.errors import DamagedError, InputError, NotFoundError, ServerBusyError
from towpath.lake.columns import TIMESTAMP
from towpath.lake.table import Commit, Counts, Staged, Table

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64()),
        pa.field("name", pa.string(), metadata={"label": "Name", "odoo_type": "char"}),
        pa.field("amount", pa.decimal128(16, 2)),
        pa.field("ratio", pa.float64()),
        pa.field("active", pa.bool_()),
        pa.field("day", pa.date32()),
        pa.field("write_date", pa.timestamp("us", tz="UTC")),
        pa.field("tag_ids", pa.list_(pa.int64())),
    ]
)


def row(number: int, **changes: object) -> dict[str, object]:
    return {
        "id": number,
        "name": f"Row {number}" if number % 7 else None,
        "amount": Decimal(number) / 100,
        "ratio": number / 3,
        "active": number % 2 == 0,
        "day": date(2026, 1, 1 + number % 28),
        "write_date": datetime(2026, 1, 1, 12, 0, number % 60, tzinfo=UTC),
        "tag_ids": [number, number + 1] if number % 3 else None,
        **changes,
    }


def rows(*numbers: int, **changes: object) -> pa.Table:
    return pa.Table.from_pylist([row(number, **changes) for number in numbers], schema=SCHEMA)


def commit(sequence: int, run_id: str | None = None, **cursor: object) -> Commit:
    return Commit(
        app_id="stream-1", sequence=sequence, cursor=dict(cursor), run_id=run_id or f"run-{sequence}"
    )


def fill(table: Table, *numbers: int, sequence: int = 1) -> None:
    staged = table.stage(rows(*numbers).to_batches(), prefix="full", run_id="run-1")
    table.publish(staged, mode="replace", schema=SCHEMA, commit=commit(sequence, at=1))


def names(table: Table) -> dict[int, str | None]:
    return {found["id"]: found["name"] for batch in table.scan(["id", "name"]) for found in batch.to_pylist()}


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(str(tmp_path / "partner"))


def test_there_is_nothing_before_the_first_publish(table: Table):
    assert not table.exists
    assert table.version == -1
    assert table.cursor("stream-1") is None
    assert table.sequence("stream-1") == 0
    assert list(table.ids()) == []
    with pytest.raises(NotFoundError):
        _ = table.schema


def test_staged_parts_are_seen_only_after_the_commit(table: Table):
    staged = table.stage(rows(1, 2, 3).to_batches(), prefix="full/../x", run_id="run-1")
    assert not table.exists
    again = [Staged.from_json(part.to_json()) for part in staged]
    assert table.publish(again, mode="replace", schema=SCHEMA, commit=commit(1, at="2026")) == 0
    assert table.cursor("stream-1") == {"at": "2026"}
    assert table.sequence("stream-1") == 1
    assert table.count() == 3


def test_the_same_publish_again_does_nothing(table: Table):
    staged = table.stage(rows(1, 2).to_batches(), run_id="run-1")
    for _ in range(3):
        assert table.publish(staged, mode="append", schema=SCHEMA, commit=commit(1)) == 0
    assert table.count() == 2


def test_another_run_with_the_same_sequence_is_told_so(table: Table):
    fill(table, 1)
    with pytest.raises(ServerBusyError, match="run it again"):
        table.upsert(rows(2), commit=commit(1, run_id="other"))


@pytest.mark.feature("S2.15")
def test_replace_leaves_only_the_new_rows(table: Table):
    fill(table, 1, 2, 3)
    fill(table, 2, 4, sequence=2)
    assert sorted(names(table)) == [2, 4]


def states(table: Table) -> dict[int, str | None]:
    batches = table.scan(["id", "_towpath_state"], deleted=True)
    return {found["id"]: found["_towpath_state"] for batch in batches for found in batch.to_pylist()}


@pytest.mark.feature("S2.14")
def test_a_mark_says_how_a_row_is_gone(table: Table):
    fill(table, *range(1, 6))
    assert (
        table.upsert(rows(1), delete={"unreachable": [2, 3], "deleted": [4]}, commit=commit(2)).deleted == 3
    )
    assert table.version == 1, "one commit, whatever became of the rows"
    assert states(table) == {1: None, 2: "unreachable", 3: "unreachable", 4: "deleted", 5: None}
    went = {one["id"]: one for batch in table.scan(deleted=True) for one in batch.to_pylist()}
    counts = table.upsert(rows(1), delete=[2, 4], commit=commit(3))
    assert counts == Counts(updated=1, unchanged=1), "another state is no second deletion"
    now = {one["id"]: one for batch in table.scan(deleted=True) for one in batch.to_pylist()}
    assert now[2]["_towpath_deleted_at"] == went[2]["_towpath_deleted_at"]
    assert states(table) == {1: None, 2: "deleted", 3: "unreachable", 4: "deleted", 5: None}
    table.upsert(rows(3), delete={"filtered": [3, 5]}, commit=commit(4))
    assert states(table) == {1: None, 2: "deleted", 3: None, 4: "deleted", 5: "filtered"}
    assert 3 in names(table)


@pytest.mark.feature("S2.14")
def test_a_table_of_a_time_without_states_gets_them(table: Table):
    went = datetime(2026, 1, 1, tzinfo=UTC)
    before = rows(1, 2, 3).append_column("_towpath_deleted_at", pa.array([None, went, went], TIMESTAMP))
    before = before.append_column("_towpath_run_id", pa.array(["run-1"] * 3))
    write_deltalake(table.uri, before.append_column("_towpath_extracted_at", pa.array([went] * 3, TIMESTAMP)))
    assert table.upsert(rows(1), delete=[2], commit=commit(1)) == Counts(unchanged=1), "it said deleted"
    assert states(table) == {1: None, 2: None, 3: None}
    assert table.upsert(rows(1), delete={"unreachable": [1, 3]}, commit=commit(2)).updated == 1
    assert states(table) == {1: None, 2: None, 3: "unreachable"}
    assert names(table) == {1: "Row 1"}
    kept = {
        one["id"]: one["_towpath_deleted_at"]
        for batch in table.scan(deleted=True)
        for one in batch.to_pylist()
    }
    assert kept == {1: None, 2: went, 3: went}


@pytest.mark.feature("S2.14")
def test_upsert_counts_what_it_did(table: Table):
    fill(table, *range(1, 11))
    changed = pa.concat_tables([rows(1, 2), rows(3, name="New"), rows(11, 12)])
    counts = table.upsert(changed, delete=[5, 6, 99], commit=commit(2, at=2))
    assert counts == Counts(inserted=2, updated=1, unchanged=2, deleted=2)
    assert table.cursor("stream-1") == {"at": 2}
    assert names(table)[3] == "New"
    assert 5 not in names(table)
    assert table.count() == 10
    kept = {found["id"]: found for batch in table.scan(deleted=True) for found in batch.to_pylist()}
    assert kept[5]["name"] == "Row 5"
    assert kept[5]["_towpath_deleted_at"] is not None
    assert kept[5]["_towpath_run_id"] == "run-2"
    assert kept[1]["_towpath_run_id"] == "run-1"
    assert table.upsert(changed, delete=[5, 6], commit=commit(2, at=2)) == counts, "repeated, not redone"
    assert table.upsert(changed, delete=[5, 6], commit=commit(3, at=3)) == Counts(unchanged=5)
    assert table.upsert(rows(5), commit=commit(4, at=4)) == Counts(updated=1), "it came back"
    assert 5 in names(table)


def test_unchanged_rows_move_no_file(table: Table):
    fill(table, *range(1, 50))
    before = table.files()
    assert table.upsert(rows(*range(1, 50)), commit=commit(2)).unchanged == 49
    assert table.files() == before


def test_of_two_rows_with_one_id_the_last_counts(table: Table):
    twice = pa.concat_tables([rows(1, name="old"), rows(2), rows(1, name="new")])
    assert table.upsert(twice, commit=commit(1)) == Counts(inserted=2)
    assert names(table) == {1: "new", 2: "Row 2"}


def test_a_new_column_is_null_in_old_rows_and_a_missing_one_in_new_rows(table: Table):
    fill(table, 1, 2)
    wider = rows(2, 3).append_column(
        pa.field("x_more", pa.string(), metadata={"label": "More"}), pa.array(["a", "b"])
    )
    assert table.upsert(wider.drop_columns(["ratio"]), commit=commit(2)).inserted == 1
    found = {
        item["id"]: item for batch in table.scan(["id", "ratio", "x_more"]) for item in batch.to_pylist()
    }
    assert found[1] == {"id": 1, "ratio": 1 / 3, "x_more": None}
    assert found[2]["x_more"] == "a"
    assert found[3]["ratio"] is None
    assert table.schema.field("x_more").metadata[b"label"] == b"More"


def test_some_columns_alone_can_be_refreshed(table: Table):
    fill(table, 1, 2)
    part = pa.table({"id": [1, 3], "ratio": [9.5, 0.5]})
    assert table.upsert(part, commit=commit(2), partial=True) == Counts(inserted=1, updated=1)
    found = {item["id"]: item for batch in table.scan(["id", "name", "ratio"]) for item in batch.to_pylist()}
    assert found[1] == {"id": 1, "name": "Row 1", "ratio": 9.5}
    assert found[3] == {"id": 3, "name": None, "ratio": 0.5}
    assert table.upsert(part, commit=commit(3), partial=True) == Counts(unchanged=2)


def test_a_retyped_column_is_refused_with_both_types(table: Table):
    fill(table, 1)
    retyped = rows(1).set_column(1, "name", pa.array([5], pa.int64()))
    with pytest.raises(InputError, match=r"name .string to int64.") as caught:
        table.upsert(retyped, commit=commit(2))
    assert caught.value.details == {"retyped": {"name": ["string", "int64"]}}
    assert table.sequence("stream-1") == 1


@pytest.mark.parametrize("name", ["a b", "", "a;b", "ID"])
def test_names_that_tables_can_not_hold_are_refused(table: Table, name: str):
    with pytest.raises(InputError, match="column"):
        table.upsert(rows(1).append_column(name, pa.array([1])), commit=commit(1))


def test_ids_and_counts_by_range(table: Table):
    for step in range(4):  # four parts
        staged = table.stage(rows(*range(step * 100, step * 100 + 100)).to_batches())
        table.publish(staged, mode="append", schema=SCHEMA, commit=commit(step + 1))
    table.upsert(rows(150), delete=[10, 390], commit=commit(9))
    assert next(table.ids("write_date")).schema.names == ["id", "write_date"]
    assert sum(batch.num_rows for batch in table.ids()) == 398
    assert table.count(0, 99) == 99
    assert table.count(50, 349) == 300
    assert table.count(380, None) == 19
    assert [
        found for batch in table.scan(["id"], low=98, high=101) for found in batch.column(0).to_pylist()
    ] == [98, 99, 100, 101]


def test_a_staged_part_that_was_swept_away_is_noticed(table: Table, tmp_path: Path):
    staged = table.stage(rows(1).to_batches())
    (tmp_path / "partner" / staged[0].path).unlink()
    with pytest.raises(DamagedError, match="start the run anew"):
        table.publish(staged, mode="append", schema=SCHEMA, commit=commit(1))
    assert not table.exists


def test_an_empty_table_has_its_columns(table: Table):
    table.publish([], mode="replace", schema=SCHEMA, commit=commit(1))
    assert table.schema.names[:2] == ["id", "name"]
    assert table.count() == 0
    assert DeltaTable(table.uri).to_pyarrow_table().num_rows == 0
    assert table.upsert(rows(), commit=commit(2)) == Counts()
    assert table.sequence("stream-1") == 2


@pytest.mark.feature("S2.55", "S2.56", "S2.57", "S2.58")
def test_other_programs_read_the_same_rows(table: Table):
    fill(table, *range(1, 200))
    table.upsert(rows(5, 6, 300, name="Zoë ✓"), delete=[7], commit=commit(2))
    ours = pa.Table.from_batches(list(table.scan(deleted=True))).sort_by("id").to_pylist()
    delta = DeltaTable(table.uri)
    assert delta.protocol().min_reader_version == 1
    assert delta.to_pyarrow_table().sort_by("id").to_pylist() == ours
    assert pl.read_delta(table.uri).sort("id").to_arrow().cast(table.schema).to_pylist() == ours
    engine = duckdb.connect()
    files = [f"{table.uri}/{file.path}" for file in table.files()]
    found = engine.sql("select * from read_parquet(?) order by id", params=[files]).to_arrow_table()
    assert found.cast(table.schema).to_pylist() == ours
    stats = delta.get_add_actions(flatten=True)
    assert pa.table(stats).column("min.id").to_pylist()


@pytest.mark.feature("S2.18")
def test_description_properties_and_labels_are_in_the_table(table: Table):
    fill(table, 1)
    table.describe(description="Partners", properties={"delta.logRetentionDuration": "interval 3 days"})
    delta = DeltaTable(table.uri)
    assert delta.metadata().description == "Partners"
    assert delta.metadata().configuration["delta.logRetentionDuration"] == "interval 3 days"
    assert delta.schema().fields[1].metadata["label"] == "Name"
    assert [version.operation for version in table.history()] == ["SET TBLPROPERTIES", "WRITE"]
    assert table.cursor("stream-1") == {"at": 1}


def test_each_writer_has_its_own_cursor(table: Table):
    table.upsert(rows(1), commit=Commit(app_id="a", sequence=1, cursor={"x": 1}, run_id="r"))
    table.upsert(rows(2), commit=Commit(app_id="b", sequence=7, cursor={"x": 2}, run_id="s"))
    again = Table(table.uri)
    assert (again.cursor("a"), again.cursor("b")) == ({"x": 1}, {"x": 2})
    assert (again.sequence("a"), again.sequence("b"), again.sequence("c")) == (1, 7, 0)


def test_an_old_version_can_be_read_again(table: Table):
    fill(table, 1, 2)
    table.upsert(rows(1, name="New"), commit=commit(2))
    assert [found for batch in table.scan(["name"], version=0) for found in batch.column(0).to_pylist()] == [
        "Row 1",
        "Row 2",
    ]
    with pytest.raises(InputError, match="no version 17; its newest is 1"):
        table.scan(version=17)


def test_new_ids_join_small_files_at_the_end(table: Table):
    for step in range(40):
        table.upsert(rows(*range(step * 10, step * 10 + 10)), commit=commit(step + 1))
    assert len(table.files()) < 8
    assert table.count() == 400
    spread = range(3, 400, 8)
    assert table.upsert(rows(*spread, name="x"), commit=commit(99)).updated == 50


def test_rows_that_another_program_doubled_become_one_when_they_are_written_again(table: Table):
    staged = [
        *table.stage(rows(*range(1, 11), 7).to_batches(), prefix="full", run_id="run-1"),
        *table.stage(rows(5, 6).to_batches(), prefix="full", run_id="run-1"),
    ]
    table.publish(staged, mode="replace", schema=SCHEMA, commit=commit(1))
    held = [number for batch in table.scan(["id"]) for number in batch.column(0).to_pylist()]
    assert sorted(held) == [1, 2, 3, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10]
    new = pa.concat_tables([rows(5, name="Changed"), rows(6, 7, 11)])
    counts = table.upsert(new, commit=commit(2))
    assert (counts.inserted, counts.updated, counts.unchanged) == (1, 1, 2)
    held = {
        number: name
        for batch in table.scan(["id", "name"])
        for number, name in zip(*batch.to_pydict().values(), strict=True)
    }
    assert held[5] == "Changed"
    assert table.count() == len(held) == 11
