from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from towpath.errors import DamagedError, FixSettingsError, InputError
from towpath.lake.log import commit_path
from towpath.lake.storage import LocalStorage, open_storage
from towpath.lake.table import Commit, Table

SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string())])


def arrow(*numbers: int, name: str = "x") -> pa.Table:
    return pa.table({"id": list(numbers), "name": [name] * len(numbers)}, schema=SCHEMA)


def write(table: Table, times: int, first: int = 1) -> None:
    for number in range(first, first + times):
        commit = Commit(app_id="a", sequence=number, cursor={"n": number}, run_id=f"r{number}")
        table.upsert(arrow(1, 2, name=str(number)), commit=commit)


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(str(tmp_path / "t"))


def test_checkpoints_come_by_themselves_and_others_read_them(table: Table, tmp_path: Path):
    write(table, 25)
    assert (tmp_path / "t" / "_delta_log" / "_last_checkpoint").exists()
    for version in range(10):
        (tmp_path / "t" / commit_path(version)).unlink()
    fresh = Table(table.uri)
    assert fresh.cursor("a") == {"n": 25}
    assert fresh.version == 24
    delta = DeltaTable(table.uri)
    assert delta.version() == 24
    assert delta.to_pyarrow_table().num_rows == 2
    assert delta.transaction_version("a") == 25


@pytest.mark.feature("S2.18")
def test_old_states_are_kept_as_long_as_asked_and_no_longer(table: Table, tmp_path: Path):
    write(table, 25)
    table.describe(
        properties={"delta.logRetentionDuration": "2 days", "delta.deletedFileRetentionDuration": "2 days"}
    )
    assert table.sweep().parts == 0
    assert len(list(table.history())) == 26
    assert table.scan(version=3)
    swept = table.sweep(now=datetime.now(UTC) + timedelta(days=3))
    assert swept.parts == 24
    assert swept.log_files >= 25
    assert swept.size > 0
    again = Table(table.uri)
    assert again.cursor("a") == {"n": 25}
    assert next(again.scan(["name"])).to_pylist() == [{"name": "25"}, {"name": "25"}]
    assert len(list((tmp_path / "t").glob("*.parquet"))) == 1
    write(again, 3, first=26)
    assert DeltaTable(table.uri).transaction_version("a") == 28
    with pytest.raises(InputError, match="not kept"):
        again.snapshot(3)


def test_orphans_go_and_fresh_ones_stay(table: Table, tmp_path: Path):
    write(table, 1)
    table.stage(arrow(9).to_batches(), prefix="orphan")
    (tmp_path / "t" / ".half.tmp").write_bytes(b"x")
    assert table.sweep().orphans == 0
    assert table.sweep(orphans_after=0, now=datetime.now(UTC) + timedelta(minutes=1)).orphans == 2
    assert table.count() == 2


def test_upkeep_comes_by_itself(table: Table, tmp_path: Path):
    write(table, 1)
    table.describe(
        properties={"delta.deletedFileRetentionDuration": "0 days", "delta.logRetentionDuration": "0 days"}
    )
    write(table, 47, first=2)
    assert len(list((tmp_path / "t").glob("*.parquet"))) == 48
    write(table, 2, first=49)
    assert len(list((tmp_path / "t").glob("*.parquet"))) <= 2
    assert len(list((tmp_path / "t" / "_delta_log").glob("*.json"))) <= 2
    assert Table(table.uri).cursor("a") == {"n": 50}
    assert DeltaTable(table.uri).to_pyarrow_table().num_rows == 2


def test_upkeep_that_fails_does_not_fail_the_commit(table: Table):
    write(table, 9)
    put = table.storage.put

    def full(path: str, data: object) -> None:
        if "checkpoint" in path:
            raise FixSettingsError("no room")
        put(path, data)

    table.storage.put = full  # type: ignore[method-assign]  # the disk is full just then
    write(table, 3, first=10)
    assert Table(table.uri).cursor("a") == {"n": 12}


def test_a_table_of_another_program_can_be_gone_on_with(table: Table):
    write_deltalake(table.uri, arrow(1, 2, 3))
    assert table.count() == 3
    assert table.cursor("a") is None
    write(table, 2)
    write_deltalake(table.uri, table.require() and DeltaTable(table.uri).to_pyarrow_table(), mode="overwrite")
    assert table.cursor("a") == {"n": 2}
    assert DeltaTable(table.uri).to_pyarrow_table().num_rows == 3
    assert next(table.history(1)).counts == {}


def test_features_of_other_programs_are_named(table: Table):
    write(table, 1)
    DeltaTable(table.uri).alter.add_constraint({"positive": "id > 0"})
    with pytest.raises(InputError, match="can not write"):
        write(table, 1, first=2)
    protocol = {
        "protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"]}
    }
    table.storage.create(commit_path(table.version + 1), orjson.dumps(protocol))
    with pytest.raises(InputError, match="deletionVectors"):
        table.snapshot()


def test_a_torn_log_is_said_so(table: Table, tmp_path: Path):
    write(table, 4)
    (tmp_path / "t" / commit_path(1)).unlink()
    with pytest.raises(DamagedError, match="lacks version 1"):
        Table(table.uri).snapshot()
    (tmp_path / "t" / commit_path(1)).write_text("{")
    with pytest.raises(DamagedError, match="not valid JSON"):
        Table(table.uri).snapshot()


def test_a_folder_that_can_not_be_written(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FixSettingsError, match=r"can not be used .Not a directory"):
        write(Table(str(tmp_path / "file" / "t")), 1)


def test_create_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def no_links(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr("os.link", no_links)
    storage = LocalStorage(tmp_path)
    assert storage.create("a/b", b"1")
    assert not storage.create("a/b", b"2")
    assert storage.read("a/b") == b"1"
    write(Table(str(tmp_path / "t")), 3)


@pytest.mark.parametrize("uri", ["ftp://x/y", "http://x/y"])
def test_addresses_of_no_known_kind(uri: str):
    with pytest.raises(InputError, match="s3://"):
        open_storage(uri)
