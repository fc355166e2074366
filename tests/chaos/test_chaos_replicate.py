"""Processes killed at any moment, answers lost in every way, records changing all the while: nothing lost, nothing twice.

``TOWPATH_CHAOS_SEEDS=100`` tries more histories than the default run does.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import psutil
import pytest
from tests.prepared_process import left_over

from towpath.errors import TowpathError
from towpath.odoo import Odoo, Pace

SEEDS = range(int(os.environ.get("TOWPATH_CHAOS_SEEDS", "6")))
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("drop", {"count": 2}),
    ("cut", {"count": 2}),
    ("reset", {"count": 2}),
    ("close", {"count": 1}),
    ("status", {"status": 429, "retry_after": 1, "count": 1}),
    ("status", {"status": 503, "count": 2}),
    ("status", {"status": 502, "count": 1}),
    ("status", {"status": 504, "count": 1}),
    ("storm", {"seconds": 1.5, "probability": 0.5, "jitter": 0.02}),
]
#: Where a process may kill itself, for the first or the second time that it comes there.
POINTS = [
    "run_begun",
    "range_planned",
    "range_claimed",
    "part_written",
    "part_noted:2",
    "range_done",
    "before_publish",
    "after_publish",
    "staging_cleared",
    "upsert_files_written",
    "commit_written",
    "proof_range_stored",
    "run_closing",
    "run_ended",
]


def rolled(seed: int) -> random.Random:
    """Dice that fall the same way each time."""
    return random.Random(seed)  # noqa: S311  # chooses what goes wrong, guards nothing


class World:
    """The partners that bear a mark, changed at random."""

    def __init__(self, harbour, mark: str, dice: random.Random) -> None:
        self.odoo, self.mark, self.dice = harbour.odoo, mark, dice
        self.ids: list[int] = []
        self.create(60)

    def create(self, count: int) -> None:
        values = [{"name": f"{self.mark} {self.dice.random()}", "ref": self.mark} for _ in range(count)]
        self.ids += self.odoo.create("res.partner", values)

    def change(self) -> None:
        """One random change; one that meets a fault may or may not have happened, as in life."""
        some = self.dice.sample(self.ids, min(len(self.ids), self.dice.randint(1, 12)))
        kind = self.dice.choice(["create", "write", "write", "archive", "unlink"])
        try:
            if kind == "create":
                self.create(self.dice.randint(1, 30))
            elif kind == "write":
                news = {"city": f"city {self.dice.random()}", "color": self.dice.randint(0, 9)}
                self.odoo.write("res.partner", some, news)
            elif kind == "archive":
                self.odoo.write("res.partner", some, {"active": self.dice.random() < 0.3})
            else:
                self.odoo.unlink("res.partner", some[:4])
                self.ids = [i for i in self.ids if i not in some[:4]]
        except TowpathError:
            found = self.odoo.search_ids(
                "res.partner", [["ref", "=", self.mark]], context={"active_test": False}
            )
            self.ids = list(found)


def run_and_kill(harbour, stream, world: World, dice: random.Random) -> None:
    """Run the stream in a process that is killed after some reports, while records change."""
    process = harbour.start(
        stream,
        *(["--full"] if dice.random() < 0.25 else []),
        range_rows=dice.choice([20, 100_000]),
        end_at=dice.choice(["", "", *POINTS]),
    )
    last = dice.randint(0, 14)
    assert process.stdout is not None
    for number, _ in enumerate(process.stdout):
        if number >= last:
            time.sleep(dice.random() * 0.08)
            process.kill()
            break
        if dice.random() < 0.4:
            world.change()
    process.stdout.close()
    process.wait(30)


@pytest.mark.feature("S1.7", "S1.17", "S1.23", "S2.13", "S2.14", "S2.15", "S2.22", "S2.60")
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_whatever_happens(harbour, odoo, mark, seed):
    dice = rolled(seed)
    world = World(harbour, mark, dice)
    stream = harbour.add(mark, "FULL_TABLE" if seed % 3 == 2 else "INCREMENTAL")
    for _ in range(2):
        odoo.faults.clear()
        harbour.rest()
        for _ in range(3):
            world.change()
        odoo.faults.add("latency", seconds=0.015, method="search_read")
        kind, options = dice.choice(FAULTS)
        odoo.faults.add(kind, after=dice.randint(0, 25), seed=seed, **options)
        run_and_kill(harbour, stream, world, dice)
    odoo.faults.clear()
    harbour.rest()
    world.change()
    record = harbour.catch_up(stream)
    assert record["state"] == "succeeded", record
    harbour.check(stream, mark)


@pytest.mark.feature("S1.17", "S2.14")
def test_two_processes_at_once_on_one_stream(harbour, odoo, mark):
    world = World(harbour, mark, rolled(1))
    stream = harbour.add(mark)
    odoo.faults.add("latency", seconds=0.05, method="search_read")
    both = [harbour.start(stream) for _ in range(2)]
    records = [harbour.finish(process) for process in both]
    assert [record["state"] for record in records] == ["succeeded", "succeeded"]
    assert sum(run.rows_inserted for run in harbour.runs(stream)) == len(world.ids)
    harbour.check(stream, mark)


@pytest.mark.feature("S1.17", "S2.14")
def test_a_window_that_was_cut_off_by_a_kill_is_gone_on_with_at_once(harbour, odoo, mark, monkeypatch):
    monkeypatch.setenv("TOWPATH_TAKEOVER_SECONDS", "600")  # longer than anybody waits here
    world = World(harbour, mark, rolled(2))
    world.create(140)
    stream = harbour.add(mark)
    harbour.finish(harbour.start(stream))
    harbour.odoo.write("res.partner", world.ids, {"city": "changed"})
    odoo.faults.add(
        "latency", seconds=6, method="search_read", after=16
    )  # it is in the middle when it is killed
    process = harbour.start(stream)
    _read_until(process, 120)
    process.kill()
    process.communicate(timeout=90)
    odoo.faults.clear()
    harbour.odoo.write("res.partner", world.ids[:3], {"city": "and again"})
    record = harbour.finish(harbour.start(stream))
    assert record["attempts"] == 2
    assert record["rows_updated"] >= 200
    harbour.check(stream, mark)


def _read_until(process: subprocess.Popen[str], rows: int) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        report: dict[str, Any] = orjson.loads(line)
        if report.get("rows", 0) >= rows:
            return report
    raise AssertionError("the run ended before")


@pytest.mark.feature("S2.14", "S1.17")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_ended_from_outside_it_leaves_nothing_behind(lonely, odoo, mark, sign):
    World(lonely, mark, rolled(3))
    stream = lonely.add(mark)
    odoo.faults.add("latency", seconds=0.8, method="search_read")
    process = lonely.start(stream)
    report = _read_until(process, 20)
    process.send_signal(sign)
    process.communicate(timeout=90)
    assert process.returncode == {signal.SIGTERM: 143, signal.SIGINT: 130}[sign]
    assert not lonely.postgres()
    odoo.faults.clear()
    record = lonely.finish(lonely.start(stream))
    assert (record["id"], record["state"], record["attempts"]) == (report["run_id"], "succeeded", 2)
    lonely.check(stream, mark)
    assert not lonely.postgres()


@pytest.mark.feature("S2.14", "S2.60")
def test_ended_while_it_waits_for_odoo_it_does_not_wait_on(lonely, odoo, mark):
    World(lonely, mark, rolled(4))
    stream = lonely.add(mark)
    odoo.faults.add("status", status=503, retry_after=200, method="search_read")
    process = lonely.start(stream)
    assert process.stdout is not None
    for line in process.stdout:
        if orjson.loads(line)["event"] == "reading":
            break
    time.sleep(0.5)
    process.terminate()
    process.communicate(timeout=60)
    assert not lonely.postgres()
    odoo.faults.clear()
    lonely.rest()  # the pause that Odoo asked for holds for the next process as well
    assert lonely.finish(lonely.start(stream))["state"] == "succeeded"
    lonely.check(stream, mark)


@pytest.mark.feature("S2.14")
def test_postgresql_dies_in_the_middle(lonely, odoo, mark):
    World(lonely, mark, rolled(5))
    stream = lonely.add(mark)
    odoo.faults.add("latency", seconds=0.2, method="search_read")
    process = lonely.start(stream)
    _read_until(process, 20)
    for server in lonely.postgres():
        with_parent = server.parent()
        if with_parent is None or with_parent not in lonely.postgres():
            server.send_signal(signal.SIGQUIT)
    assert lonely.finish(process)["state"] == "succeeded"
    lonely.check(stream, mark)


@pytest.mark.feature("S2.14")
def test_a_full_disk_ends_the_run_with_a_reason_and_the_next_one_goes_on(harbour, odoo, mark):
    del odoo
    World(harbour, mark, rolled(6))
    stream = harbour.add(mark)
    process = harbour.start(
        stream, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    )
    record = harbour.finish(process)
    assert record["state"] == "failed"
    assert "make room" in record["message"]
    assert harbour.finish(harbour.start(stream))["state"] == "succeeded"
    harbour.check(stream, mark)


@pytest.mark.feature("S1.7", "S2.14")
def test_transactions_that_commit_while_a_run_reads(harbour, odoo, mark):
    world = World(harbour, mark, rolled(7))
    stream = harbour.add(mark)
    harbour.finish(harbour.start(stream))
    fault = odoo.faults.add("late_commit", model="res.partner", seconds=120, count=3, method="*")
    # Each with a budget of its own: with one they would wait for each other.
    first, second, third = (Odoo(harbour.odoo.access, Pace()) for _ in range(3))
    with ThreadPoolExecutor(3) as pool:
        late = [
            pool.submit(first.write, "res.partner", world.ids[:5], {"city": "late"}),
            pool.submit(second.unlink, "res.partner", world.ids[5:8]),
            pool.submit(third.create, "res.partner", [{"name": "late", "ref": mark} for _ in range(5)]),
        ]
        deadline = time.monotonic() + 60
        while fault.fired < 3:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        harbour.odoo.write("res.partner", world.ids[20:30], {"city": "early"})
        assert harbour.finish(harbour.start(stream))["state"] == "succeeded"
        assert not any(change.done() for change in late), "the run was to read while they were open"
        odoo.faults.release(fault.id)
        for change in late:
            change.result()
    for client in (first, second, third):
        client.close()
    assert harbour.finish(harbour.start(stream))["state"] == "succeeded"
    harbour.check(stream, mark)


def test_the_tests_themselves_leave_no_process(harbour):
    assert not [p for p in psutil.Process().children() if p.cmdline()[1:4] == ["-m", "towpath", "sync"]]
    assert left_over() == []
    assert harbour.postgres()
