"""Processes that die, and disks that are full, between any two steps of the Delta side."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from towpath.commit_point import ENVIRONMENT
from towpath.lake.table import Commit, Counts, Table

SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string())])

#: The same in the test and in the process that dies: what is done to the table.
STEPS = """
import random, sys
from datetime import UTC, datetime, timedelta
import pyarrow as pa
from towpath.errors import TowpathError
from towpath.lake.table import Commit, Table

def rows(low, high, name):
    ids = list(range(low, high))
    return pa.table({"id": pa.array(ids, pa.int64()), "name": [f"{name} {one}" for one in ids]})

def commit(number):
    return Commit(app_id="a", sequence=number, cursor={"n": number}, run_id=f"r{number}")

def upsert(table):
    found = table.upsert(rows(2, 5, "new"), delete={"deleted": [6], "filtered": [7]}, commit=commit(9))
    return found.to_json()

def compact(table):
    return table.compact()

def sweep(table):
    later = datetime.now(UTC) + timedelta(days=8)
    return table.sweep(now=later, orphans_after=0).parts

def checkpoint(table):  # the tenth version brings one
    for number in range(table.sequence("a") + 1, 12):
        table.upsert(rows(1, 2, f"at {number}"), commit=commit(number))
    return table.version

def large(table):  # more than may be written to one file
    random.seed(1)
    text = [random.randbytes(40).hex() for _ in range(2000)]
    table.upsert(pa.table({"id": range(100, 2100), "name": text}), commit=commit(9))

def many(table):  # more files than one entry of the log may name
    table.upsert(rows(1, 9, "x"), commit=commit(9))
"""
END = "\nuri, name = sys.argv[1:]\nprint(globals()[name](Table(uri)), flush=True)\n"
SAID = """
uri, name = sys.argv[1:]
try:
    globals()[name](Table(uri))
except TowpathError as error:
    print(error.message)
"""

_steps: dict[str, Callable[[Table], object]] = {}
exec(STEPS, _steps)  # noqa: S102  # the very text the other process runs


def arrow(low: int, high: int, name: str) -> pa.Table:
    ids = list(range(low, high))
    return pa.table({"id": ids, "name": [f"{name} {one}" for one in ids]}, schema=SCHEMA)


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Eight rows in eight small parts, and older parts that were replaced."""
    table = Table(str(tmp_path / "t"))
    for number in range(1, 9):
        staged = table.stage([arrow(number, number + 1, "old")], prefix=f"part-{number}")
        commit = Commit(app_id="a", sequence=number, cursor={"n": number}, run_id=f"r{number}")
        table.publish(staged, mode="append", schema=SCHEMA, commit=commit)
    return table


def run(table: Table, step: str, *, point: str = "", text: str = END, limit: int = 0) -> tuple[int, str]:
    """Do a step in another process, which dies at a point or may not write files larger than a limit."""
    done = subprocess.run(
        [sys.executable, "-c", STEPS + text, table.uri, step],
        env=os.environ | {ENVIRONMENT: point},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None,
    )
    if point:
        assert done.returncode == -signal.SIGKILL, f"{step} never came to {point}: {done.stderr}"
    return done.returncode, done.stdout + done.stderr


def content(uri: str) -> dict[int, tuple[str, str | None]]:
    found = [row for batch in Table(uri).scan(deleted=True) for row in batch.to_pylist()]
    assert len({row["id"] for row in found}) == len(found)
    return {row["id"]: (row["name"], row["_towpath_state"]) for row in found}


def check(uri: str, wanted: dict[int, tuple[str, str | None]]) -> None:
    """We and another program see the same."""
    assert content(uri) == wanted
    others = DeltaTable(uri).to_pyarrow_table(columns=["id", "name", "_towpath_state"]).to_pylist()
    assert {row["id"]: (row["name"], row["_towpath_state"]) for row in others} == wanted
    assert len(others) == len(wanted)
    assert DeltaTable(uri).version() == Table(uri).version


def check_no_orphans(uri: str) -> None:
    """After a sweep every file is named by the log, or is no part of anything."""
    later = datetime.now(UTC) + timedelta(minutes=1)
    Table(uri).sweep(orphans_after=0, now=later)
    root = Path(uri)
    assert not list(root.rglob("*.tmp"))
    told = "".join(path.read_text() for path in root.glob("_delta_log/*.json"))
    assert [path.name for path in root.glob("*.parquet") if path.name not in told] == []


OLD = {number: (f"old {number}", None) for number in range(1, 9)}
UPSERTED = {
    **OLD,
    **{number: (f"new {number}", None) for number in range(2, 5)},
    6: ("old 6", "deleted"),
    7: ("old 7", "filtered"),
}
MERGED = Counts(updated=3, deleted=2)


@pytest.mark.feature("S2.14")
@pytest.mark.parametrize("point", ["upsert_files_written", "commit_written"])
def test_an_upsert_that_dies_is_done_once(table: Table, point: str):
    run(table, "upsert", point=point)
    there = point == "commit_written"
    check(table.uri, UPSERTED if there else OLD)
    assert Table(table.uri).cursor("a") == {"n": 9 if there else 8}
    before = len(list(Path(table.uri).glob("*.parquet")))
    assert before > len(Table(table.uri).files())
    if not there:
        check_no_orphans(table.uri)
        assert len(list(Path(table.uri).glob("*.parquet"))) < before
    assert _steps["upsert"](Table(table.uri)) == MERGED.to_json()
    check(table.uri, UPSERTED)
    assert _steps["upsert"](Table(table.uri)) == MERGED.to_json()
    assert Table(table.uri).version == 8, "one commit, however often it is asked for"
    check_no_orphans(table.uri)


@pytest.mark.feature("S2.14")
@pytest.mark.parametrize("point", ["compacted_files_written", "commit_written"])
def test_a_compaction_that_dies_is_done_once(table: Table, point: str):
    run(table, "compact", point=point)
    check(table.uri, OLD)
    check_no_orphans(table.uri)
    left = 7 if point == "compacted_files_written" else 0
    assert _steps["compact"](Table(table.uri)) == left
    check(table.uri, OLD)
    assert len(Table(table.uri).files()) == 1
    check_no_orphans(table.uri)


@pytest.mark.feature("S2.14", "S2.18")
@pytest.mark.parametrize("point", ["swept", "checkpoint_written"])
def test_a_sweep_that_dies_is_gone_on_with(table: Table, point: str):
    table.compact()
    table.stage([arrow(90, 91, "never published")], prefix="orphan")
    assert len(list(Path(table.uri).glob("*.parquet"))) == 10
    run(table, "sweep", point=point)
    check(table.uri, OLD)
    _steps["sweep"](Table(table.uri))
    check(table.uri, OLD)
    assert len(list(Path(table.uri).glob("*.parquet"))) == 1
    check_no_orphans(table.uri)
    assert _steps["upsert"](Table(table.uri)) == MERGED.to_json()
    check(table.uri, UPSERTED)


@pytest.mark.feature("S2.14")
def test_a_checkpoint_that_is_written_and_not_pointed_at_does_no_harm(table: Table):
    run(table, "checkpoint", point="checkpoint_written")
    assert not (Path(table.uri) / "_delta_log" / "_last_checkpoint").exists()
    assert list(Path(table.uri).glob("_delta_log/*.checkpoint.parquet"))
    check(table.uri, {**OLD, 1: ("at 11 1", None)})
    assert Table(table.uri).cursor("a") == {"n": 11}
    check_no_orphans(table.uri)
    for number in range(12, 24):
        table.upsert(
            arrow(1, 2, f"at {number}"), commit=Commit(app_id="a", sequence=number, run_id=f"r{number}")
        )
    assert (Path(table.uri) / "_delta_log" / "_last_checkpoint").exists()
    check(table.uri, {**OLD, 1: ("at 23 1", None)})


@pytest.mark.feature("S2.14")
@pytest.mark.parametrize(("step", "limit"), [("large", 20_000), ("many", 2_048)])
def test_a_full_disk_is_said_and_leaves_nothing_half(table: Table, step: str, limit: int):
    """The parts do not fit in the one case, in the other they do and the entry of the log does not."""
    files = {path.name for path in Path(table.uri).rglob("*") if path.is_file()}
    code, said = run(table, step, text=SAID, limit=limit)
    assert code == 0, said
    assert "make room" in said
    assert "Traceback" not in said
    check(table.uri, OLD)
    left = {path.name for path in Path(table.uri).rglob("*") if path.is_file()} - files
    assert left == set(), "no file of it takes up the room that is left"
    _steps[step](Table(table.uri))
    assert Table(table.uri).cursor("a") == {"n": 9}
    assert DeltaTable(table.uri).to_pyarrow_table().num_rows == Table(table.uri).count()
    check_no_orphans(table.uri)
