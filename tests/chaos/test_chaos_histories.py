"""Random histories of several streams at once: killed at random commit points, while everything else goes wrong as well.

Each history has its own mix: reads in ranges, kept versions, full reads, answers that are lost, transactions that
commit late, an Odoo whose clock is off for a while. ``TOWPATH_CHAOS_SEEDS=100`` tries more of them.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from towpath.features.replicate import service
from towpath.features.replicate.cursor import BLUR
from towpath.features.replicate.job import table_of
from towpath.features.replicate.versions import SUFFIX
from towpath.lake.columns import DELETED_AT
from towpath.lake.table import Table
from towpath.lake.versions import VERSION
from towpath.odoo import Odoo, Pace

from .test_chaos_replicate import FAULTS, World, rolled

SEEDS = range(int(os.environ.get("TOWPATH_CHAOS_SEEDS", "4")))
#: Points that the runs of a history may come to.
POINTS = (
    "run_begun",
    "range_planned",
    "range_claimed",
    "part_written",
    "part_noted",
    "range_done",
    "before_publish",
    "commit_written",
    "after_publish",
    "staging_cleared",
    "upsert_files_written",
    "version_rows_written",
    "versions_followed",
    "proof_range_stored",
    "run_closing",
    "run_ended",
    "before_manifest",
    "after_manifest",
)
#: Seconds by which Odoo's clock is off for one round: less than is noticed, and more.
SKEWS = (-40, 40, -1500, 3600)
KINDS: tuple[dict[str, Any], ...] = (
    {"sync_type": "INCREMENTAL", "history": True},
    {"sync_type": "FULL_TABLE"},
    {"sync_type": "INCREMENTAL"},
)


class Sea:
    """What goes on around the streams of one history."""

    def __init__(self, harbour: Any, mark: str, dice: Any) -> None:
        self.dice, self.faults = dice, harbour.server.faults
        access = harbour.odoo.access
        # Budgets of their own: nobody else waits for the transactions that stay open.
        self.world = World(harbour, mark, dice)
        self.world.odoo = Odoo(access, Pace())
        self.slow = Odoo(access, Pace())
        self.pool = ThreadPoolExecutor(1)
        self.late: list[Future[Any]] = []

    def rise(self) -> None:
        """Something goes wrong in this round, or a few things do."""
        dice = self.dice
        self.faults.clear()
        self.faults.add("latency", seconds=0.015, method="search_read")
        if dice.random() < 0.3:
            self.faults.add("clock_skew", seconds=dice.choice(SKEWS))
        if dice.random() < 0.4:
            self.commit_late(dice.choice((0.5, 2.0)))
        if dice.random() < 0.5:
            kind, options = dice.choice(FAULTS)
            self.faults.add(kind, after=dice.randint(5, 40), seed=dice.randint(0, 999), **options)

    def commit_late(self, seconds: float) -> None:
        """A transaction that has begun when this returns, and commits while a process reads, or after its death."""
        fault = self.faults.add("late_commit", model="res.partner", method="write", seconds=seconds, count=1)
        some = self.dice.sample(self.world.ids, min(8, len(self.world.ids)))
        self.late.append(self.pool.submit(self.slow.write, "res.partner", some, {"city": "late"}))
        deadline = time.monotonic() + 20
        while not fault.fired and time.monotonic() < deadline:
            time.sleep(0.01)

    def settle(self) -> None:
        """Wait for what commits late, and let everything be as it should."""
        for change in self.late:
            change.exception(60)  # it may have lost against another change of its records, as in life
        self.late = []
        self.faults.clear()

    def close(self) -> None:
        self.settle()
        self.pool.shutdown()
        self.world.odoo.close()
        self.slow.close()


@contextlib.contextmanager
def sailing(harbour: Any, mark: str, dice: Any) -> Iterator[Sea]:
    made = Sea(harbour, mark, dice)
    try:
        yield made
    finally:
        made.close()


def sail(process: subprocess.Popen[str], sea: Sea, *, last: int | None) -> None:
    """Let a process run while records change, and kill it after some reports, unless it does so itself.

    :param last: None: it goes on to its end or to a commit point.
    """
    assert process.stdout is not None
    for number, _ in enumerate(process.stdout):
        if last is not None and number >= last:
            time.sleep(sea.dice.random() * 0.08)
            process.kill()
            break
        if number < 12 and sea.dice.random() < 0.3:
            sea.world.change()
    process.stdout.close()
    process.wait(90)


def check_versions(harbour: Any, stream: Any) -> None:
    """The newest version of each row is the row; no version is there twice, and none says what the one before said."""
    with harbour.hub() as hub:
        main = table_of(hub, stream)
        versions = Table(f"{main.uri}{SUFFIX}")
        names = [name for name in main.schema.names if not name.startswith("_towpath")]
        rows = [row for batch in main.scan(deleted=True) for row in batch.to_pylist()]
        kept = [row for batch in versions.scan(deleted=True) for row in batch.to_pylist()]
    states: dict[int, list[Any]] = {}
    for row in sorted(kept, key=lambda row: row[VERSION]):
        states.setdefault(row["id"], []).append(row)
    assert len({(row["id"], row[VERSION]) for row in kept}) == len(kept)
    assert set(states) == {row["id"] for row in rows}
    for row in rows:
        told = [([one[name] for name in names], one[DELETED_AT] is not None) for one in states[row["id"]]]
        assert told[-1] == ([row[name] for name in names], row[DELETED_AT] is not None)
        assert all(one != other for one, other in itertools.pairwise(told))


@pytest.mark.slow
@pytest.mark.feature("S1.7", "S1.17", "S1.23", "S2.13", "S2.14", "S2.15", "S2.22", "S2.60")
@pytest.mark.parametrize("seed", SEEDS)
def test_several_streams_lose_nothing_whatever_happens(harbour, odoo, mark, seed, monkeypatch):
    del odoo
    dice = rolled(1000 + seed)
    if seed % 2:
        # The proof would mend what the cursor missed before anybody looks.
        monkeypatch.setenv("TOWPATH_PROOF_ROWS", "0")
    chosen = [
        harbour.add(mark, table=f"{mark}_{number}", **kind)
        for number, kind in enumerate(dice.sample(KINDS, 2))
    ]
    with sailing(harbour, mark, dice) as sea:
        for _ in range(3):
            harbour.rest()
            sea.rise()
            for _ in range(2):
                sea.world.change()
            first, *others = dice.sample(chosen, dice.randint(1, 2))
            more = [word for other in others for word in ("--stream", other.id)]
            more += ["--full"] if dice.random() < 0.2 else []
            point = f"{dice.choice(POINTS)}:{dice.randint(1, 3)}" if dice.random() < 0.7 else ""
            # Half of the models are so large that they are cut into ranges.
            process = harbour.start(
                first, *more, range_rows=dice.choice((20, 100_000)), end_at=point, stderr=subprocess.DEVNULL
            )
            sail(process, sea, last=None if point else dice.randint(0, 25))
            assert process.returncode in {0, 1, -signal.SIGKILL}
        sea.settle()
        harbour.rest()
        sea.world.change()
        assert harbour.catch_up(*chosen)["state"] == "succeeded"
        for stream in chosen:
            # A clock that was less ahead than is noticed leaves the cursor there; the overlap makes it good.
            harbour.check(stream, mark, ahead=BLUR + timedelta(seconds=1))
            if stream.history:
                check_versions(harbour, stream)
    with harbour.hub() as hub:
        for stream in chosen:
            service.remove(hub, stream.id)
