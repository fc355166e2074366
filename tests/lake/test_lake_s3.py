"""Tables in a bucket of a real S3 server (moto's), spoken to over HTTP as any other would be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from towpath.errors import ConnectionLostError, InputError
from towpath.features.explore.service import AsOf, Limits, entries, query
from towpath.lake import TableRef
from towpath.lake.log import commit_path
from towpath.lake.storage import open_storage
from towpath.lake.table import Commit, Counts, Table

SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string())])

WRITER = """
import json, os, sys, pyarrow as pa
from towpath.lake.table import Commit, Table
uri, app, first, last = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
schema = pa.schema([("id", pa.int64()), ("name", pa.string())])
table = Table(uri, json.loads(os.environ["OPTIONS"]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(table.sequence(app) + 1, last + 1):
    base = first + number * 10
    rows = pa.table({"id": [base, base + 1, 5], "name": [app, app, f"{app}-{number}"]}, schema=schema)
    commit = Commit(app_id=app, sequence=number, cursor={"n": number}, run_id=f"{app}-{number}")
    if number % 2:
        table.upsert(rows, commit=commit)
    else:
        table.publish(table.stage(rows.slice(0, 2).to_batches()), mode="append", schema=schema, commit=commit)
    print(number, flush=True)
"""


@pytest.fixture
def options(s3: dict[str, str]) -> dict[str, str]:
    return s3


@pytest.fixture
def uri() -> str:
    return f"s3://lake/raw/demo/{uuid.uuid4().hex}"


def arrow(*numbers: int, name: str = "x") -> pa.Table:
    return pa.table({"id": list(numbers), "name": [name] * len(numbers)}, schema=SCHEMA)


def ids(table: Table) -> list[int]:
    return sorted(number for batch in table.ids() for number in batch.column(0).to_pylist())


def test_stage_publish_upsert_and_upkeep(uri: str, options: dict[str, str]):
    table = Table(uri, options)
    assert not table.exists
    staged = table.stage(arrow(*range(1, 101)).to_batches(), prefix="run")
    assert not Table(uri, options).exists, "staged parts are no table yet"
    table.publish(staged, mode="replace", schema=SCHEMA, commit=Commit(app_id="a", sequence=1, run_id="r"))
    for number in range(2, 13):
        found = table.upsert(
            arrow(1, 200 + number, name=str(number)),
            delete=[number],
            commit=Commit(app_id="a", sequence=number, cursor={"n": number}, run_id="r"),
        )
        assert found == Counts(inserted=1, updated=1, deleted=1)
    other = Table(uri, options)
    assert (other.count(), other.version, other.cursor("a")) == (100, 11, {"n": 12})
    assert other.storage.exists("_delta_log/00000000000000000010.checkpoint.parquet")
    delta = DeltaTable(uri, storage_options=options)
    assert (delta.version(), delta.transaction_version("a")) == (11, 12)
    assert delta.to_pyarrow_table().num_rows == 111
    assert delta.to_pyarrow_table(columns=["id"]).column("id").to_pylist().count(1) == 1
    other.stage(arrow(7).to_batches())
    later = datetime.now(UTC) + timedelta(days=60)
    swept = other.sweep(now=later)
    assert (swept.orphans, swept.parts) == (1, 11)
    assert Table(uri, options).count() == 100
    assert DeltaTable(uri, storage_options=options).to_pyarrow_table().num_rows == 111
    with pytest.raises(InputError, match="kept"):
        Table(uri, options).snapshot(3)


def start(uri: str, options: dict[str, str], app: str, first: int, last: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, uri, app, str(first), str(last)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OPTIONS": json.dumps(options)},
    )


def go(writer: subprocess.Popen[str]) -> None:
    assert writer.stdin is not None
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    writer.stdin.write("\n")
    writer.stdin.flush()


def test_three_processes_one_of_them_killed_lose_nothing(uri: str, options: dict[str, str]):
    writers = [start(uri, options, app, first, 6) for app, first in (("a", 1000), ("b", 3000), ("c", 5000))]
    for writer in writers:
        go(writer)
    *others, victim = writers
    assert victim.stdout is not None
    told = max(int(victim.stdout.readline()), int(victim.stdout.readline()))
    os.kill(victim.pid, signal.SIGKILL)
    left, _ = victim.communicate()
    told = max([told, *(int(line) for line in left.split())])
    assert Table(uri, options).sequence("c") >= told, "what was told as committed is there"
    again = start(uri, options, "c", 5000, 6)
    go(again)
    for writer in (*others, again):
        writer.communicate(timeout=90)
        assert writer.returncode == 0
    table = Table(uri, options)
    expected = [
        first + number * 10 + more
        for first in (1000, 3000, 5000)
        for number in range(1, 7)
        for more in (0, 1)
    ]
    assert ids(table) == sorted([5, *expected])
    assert [table.cursor(app) for app in "abc"] == [{"n": 6}] * 3
    assert table.version == 17, "each commit is there once"
    delta = DeltaTable(uri, storage_options=options)
    assert sorted(delta.to_pyarrow_table(columns=["id"]).column("id").to_pylist()) == ids(table)
    table.sweep(orphans_after=0, now=datetime.now(UTC) + timedelta(seconds=5))
    named = b"".join(bytes(table.storage.read(commit_path(version))) for version in range(18)).decode()
    parts = [entry.path for entry in table.storage.entries() if "_delta_log" not in entry.path]
    assert parts
    assert all(path in named for path in parts), "no orphans are left"


@pytest.mark.feature("S2.49")
def test_sql_over_a_bucket(uri: str, options: dict[str, str]):
    table = Table(uri, options)
    table.upsert(arrow(1, 2, 3), commit=Commit(app_id="a", sequence=1, run_id="r1"))
    wider = arrow(3, 4, name="new").append_column("late", pa.array([1.5, 2.5]))
    table.upsert(wider, delete=[1], commit=Commit(app_id="a", sequence=2, run_id="r2"))
    known = [TableRef(layer="raw", folder="demo", name="t", uri=uri, storage_options=options)]

    def ask(sql: str, as_of: AsOf | None = None) -> list[dict[str, object]]:
        with query(sql, known, Limits(), as_of=as_of) as result:
            return list(result.rows())

    assert ask("select id, name, late from t where id > 2 order by id") == [
        {"id": 3, "name": "new", "late": 1.5},
        {"id": 4, "name": "new", "late": 2.5},
    ]
    assert ask("select count(*) n from t__all") == [{"n": 4}]
    assert ask("select count(*) n, max(name) m from t at (version => 0)") == [{"n": 3, "m": "x"}]
    assert ask("select count(*) n from t__history") == [{"n": 6}]
    assert entries(known)[0].rows == 3
    for sql in (f"select * from read_parquet('{uri}/*.parquet')", "select * from 's3://lake/x.parquet'"):
        with pytest.raises(InputError):
            ask(sql)


def test_what_is_wrong_with_a_bucket_is_said(uri: str, options: dict[str, str]):
    with pytest.raises(ConnectionLostError, match="object store"):
        Table("s3://nowhere/t", options).upsert(arrow(1), commit=Commit(app_id="a", sequence=1, run_id="r"))
    storage = open_storage(uri, options)
    assert storage.create("a/b", b"1")
    assert not storage.create("a/b", b"2")
    assert bytes(storage.read("a/b")) == b"1"
    with pytest.raises(FileNotFoundError):
        storage.read("a/c")
    storage.delete(["a/b", "a/c"])
    assert list(storage.entries()) == []
