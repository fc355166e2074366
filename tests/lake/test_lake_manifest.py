"""Versions of several tables that belong together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from towpath.errors import DamagedError, InputError, NotFoundError
from towpath.features.explore.service import AsOf, query
from towpath.lake import TableRef
from towpath.lake.manifest import Manifest, forget, newest, publish, read
from towpath.lake.table import Commit, Table


def put(table: Table, number: int) -> int:
    rows = pa.table({"id": [1], "n": [number]})
    table.upsert(rows, commit=Commit(app_id="a", sequence=number, run_id=f"r{number}"))
    return table.version


def test_a_manifest_is_put_once_and_read_wherever_the_lake_lies(tmp_path: Path):
    root = str(tmp_path / "lake")
    assert newest(root, 5) == []
    with pytest.raises(NotFoundError, match="no run has left one yet"):
        read(root, "r1")
    first = Manifest(id="r1", tables={f"{root}/raw/demo/a": 3, "s3://other/b": 7})
    assert publish(root, first) == first
    assert publish(root, Manifest(id="r1", tables={f"{root}/raw/demo/a": 9})) == first, "the first one stands"
    (tmp_path / "lake").rename(tmp_path / "moved")
    moved = read(f"{tmp_path}/moved/", "r1")
    assert moved.tables == {f"{tmp_path}/moved/raw/demo/a": 3, "s3://other/b": 7}
    assert moved.at == first.at
    with pytest.raises(NotFoundError, match="the newest are: r1"):
        read(f"{tmp_path}/moved", "r2")


def test_of_many_at_once_one_stands(tmp_path: Path):
    root = str(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        found = set(
            pool.map(lambda n: publish(root, Manifest(id="r", tables={"/x": n})).tables["/x"], range(16))
        )
    assert len(found) == 1


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 201, "a b", "ü"])
def test_names_that_are_none(tmp_path: Path, name: str):
    with pytest.raises(InputError, match="no name of a run"):
        publish(str(tmp_path), Manifest(id=name, tables={}))
    with pytest.raises(InputError, match="no name of a run"):
        read(str(tmp_path), name)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": "r", "at": "x", "tables": {}}', '{"id": "r"}'])
def test_a_damaged_one_is_said_so(tmp_path: Path, text: str):
    publish(str(tmp_path), Manifest(id="r", tables={}))
    (tmp_path / "_manifests" / "r.json").write_text(text)
    with pytest.raises(DamagedError, match="run r can not be read"):
        read(str(tmp_path), "r")


def test_old_ones_are_forgotten(tmp_path: Path):
    publish(str(tmp_path), Manifest(id="r", tables={}))
    assert forget(str(tmp_path), datetime.now(UTC) - timedelta(minutes=1)) == 0
    assert forget(str(tmp_path), datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert newest(str(tmp_path), 5) == []


def test_sql_as_of_a_run_reads_exactly_its_versions(tmp_path: Path):
    root = str(tmp_path)
    known = [
        TableRef(layer="raw", folder="demo", name=name, uri=f"{root}/raw/demo/{name}")
        for name in ("a", "b", "c")
    ]
    a, b, c = (Table(table.uri) for table in known)
    put(c, 1)
    publish(root, Manifest(id="run-1", tables={a.uri: put(a, 1), b.uri: put(b, 1)}))
    put(a, 2)
    publish(root, Manifest(id="run-2", tables={a.uri: put(a, 3), b.uri: put(b, 2)}))
    put(b, 3)

    def ask(sql: str, run: str) -> list[dict[str, object]]:
        with query(sql, known, as_of=AsOf.from_run(run, root)) as result:
            return list(result.rows())

    both = "select a.n as a, b.n as b from a join b using (id)"
    assert ask(both, "run-1") == [{"a": 1, "b": 1}]
    assert ask(both, "run-2") == [{"a": 3, "b": 2}]
    assert ask("select n from a__history order by n", "run-2") == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert ask("select n from b at (version => 2)", "run-1") == [{"n": 3}]
    with pytest.raises(InputError, match="run run-1 has no state of the table c"):
        ask("select * from c", "run-1")
    with pytest.raises(NotFoundError, match="the newest are: run-2, run-1"):
        ask(both, "run-3")
