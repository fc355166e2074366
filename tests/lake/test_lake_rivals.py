"""Several writers at once, and writers killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from towpath.errors import ServerBusyError
from towpath.lake.table import Commit, Counts, Table

SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string())])


def arrow(*numbers: int, name: str = "x") -> pa.Table:
    return pa.table({"id": list(numbers), "name": [name] * len(numbers)}, schema=SCHEMA)


WRITER = """
import sys, pyarrow as pa
from towpath.lake.table import Commit, Table
uri, app, first, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
schema = pa.schema([("id", pa.int64()), ("name", pa.string())])
table = Table(uri)
print("ready", flush=True)
sys.stdin.readline()
number = table.sequence(app)
while rounds:
    number += 1
    rounds -= 1
    base = first + number * 10
    rows = pa.table({"id": [base, base + 1, 5], "name": [app, app, f"{app}-{number}"]}, schema=schema)
    commit = Commit(app_id=app, sequence=number, cursor={"n": number}, run_id=f"{app}-{number}")
    if number % 2:
        table.upsert(rows, commit=commit)
    else:
        staged = table.stage(rows.slice(0, 2).to_batches())
        table.publish(staged, mode="append", schema=schema, commit=commit)
    print(number, flush=True)
"""


def start(uri: str, app: str, first: int, rounds: int) -> subprocess.Popen[str]:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, uri, app, str(first), str(rounds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    return writer


def go(writer: subprocess.Popen[str]) -> None:
    assert writer.stdin is not None
    writer.stdin.write("\n")
    writer.stdin.flush()


def ids(table: Table) -> list[int]:
    return sorted(number for batch in table.ids() for number in batch.column(0).to_pylist())


def test_two_processes_at_once_lose_nothing(tmp_path: Path):
    uri = str(tmp_path / "t")
    writers = [start(uri, app, first, 15) for app, first in (("a", 1000), ("b", 5000))]
    for writer in writers:
        go(writer)
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    table = Table(uri)
    expected = [
        first + number * 10 + more for first in (1000, 5000) for number in range(1, 16) for more in (0, 1)
    ]
    assert ids(table) == sorted([5, *expected])
    assert (table.cursor("a"), table.cursor("b")) == ({"n": 15}, {"n": 15})
    assert table.version == 29
    assert DeltaTable(uri).to_pyarrow_table().num_rows == 61


@pytest.mark.parametrize("pause", [0.0, 0.011, 0.023, 0.037, 0.052])
def test_a_killed_writer_leaves_a_whole_table_and_goes_on(tmp_path: Path, pause: float):
    uri = str(tmp_path / "t")
    told = 0
    for _ in range(2):
        writer = start(uri, "a", 1000, 10_000)
        go(writer)
        assert writer.stdout is not None
        told = int(writer.stdout.readline())
        time.sleep(pause)
        os.kill(writer.pid, signal.SIGKILL)
        left, _ = writer.communicate()
        told = max([told, *(int(line) for line in left.split())])
        done = Table(uri).sequence("a")
        assert done >= told, "what was told as committed is there"
        expected = [1000 + number * 10 + more for number in range(1, done + 1) for more in (0, 1)]
        assert ids(Table(uri)) == sorted([5, *expected])
        assert Table(uri).cursor("a") == {"n": done}
        delta = DeltaTable(uri)
        assert delta.transaction_version("a") == done
        assert duckdb.sql("select count(*) from read_parquet(?)", params=[delta.file_uris()]).fetchall() == [
            (len(expected) + 1,)
        ]
    Table(uri).sweep(orphans_after=0)
    assert not list(Path(uri).rglob("*.tmp"))
    named = "".join(path.read_text() for path in Path(uri).glob("_delta_log/*.json"))
    assert all(path.name in named for path in Path(uri).glob("*.parquet")), "no orphans are left"


def test_a_lost_answer_is_recognised(tmp_path: Path):
    table = Table(str(tmp_path / "t"))
    create = table.storage.create
    table.storage.create = lambda path, data: create(path, data) and False  # type: ignore[method-assign]  # the put worked, its answer said no
    assert table.upsert(arrow(1, 2), commit=Commit(app_id="a", sequence=1, run_id="r")) == Counts(inserted=2)
    assert table.version == 0
    assert ids(table) == [1, 2]


def test_two_runs_of_one_stream_can_not_both_win(tmp_path: Path):
    uri = str(tmp_path / "t")
    Table(uri).upsert(arrow(1), commit=Commit(app_id="a", sequence=1, run_id="r0"))
    tables = [Table(uri) for _ in range(6)]

    def run(number: int) -> Counts | str:
        commit = Commit(app_id="a", sequence=2, run_id=f"r{number}")
        try:
            return tables[number].upsert(arrow(1, name=str(number)), commit=commit)
        except ServerBusyError:
            return "busy"

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(run, range(6)))
    assert answers.count("busy") == 5
    assert Table(uri).sequence("a") == 2


def test_upkeep_of_another_process_does_not_disturb(tmp_path: Path):
    uri = str(tmp_path / "t")
    for number in range(12):
        table = Table(uri)
        staged = table.stage(arrow(number * 2, number * 2 + 1).to_batches())
        table.publish(
            staged, mode="append", schema=SCHEMA, commit=Commit(app_id="a", sequence=number + 1, run_id="r")
        )
    other = Table(uri)
    assert other.count() == 24
    assert Table(uri).compact() == 11
    assert other.upsert(arrow(3, name="new"), commit=Commit(app_id="a", sequence=50, run_id="r")).updated == 1
    assert len(other.files()) == 1
    DeltaTable(uri).optimize.compact()
    DeltaTable(uri).create_checkpoint()
    assert other.cursor("a") == {}
    assert other.sequence("a") == 50
    assert ids(other) == list(range(24))


def test_readers_do_not_mind_upkeep_with_no_retention(tmp_path: Path):
    uri = str(tmp_path / "t")
    table = Table(uri)
    table.upsert(arrow(1), commit=Commit(app_id="a", sequence=1, run_id="r"))
    table.describe(properties={"delta.logRetentionDuration": "0 days"})
    stop = threading.Event()

    def read() -> int:
        seen = 0
        while not stop.is_set():
            reader = Table(uri)
            assert reader.count() == 1
            assert reader.sequence("a") >= seen
            seen = reader.sequence("a")
        return seen

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for number in range(2, 40):
            table.upsert(arrow(1, name=str(number)), commit=Commit(app_id="a", sequence=number, run_id="r"))
            table.sweep()
        stop.set()
        assert [reader.result() > 1 for reader in readers] == [True, True]
