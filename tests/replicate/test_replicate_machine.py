"""Random histories of an Odoo and its copy: after each run the table equals Odoo, whatever came before.

``TOWPATH_HISTORIES=100`` tries more histories than the default run does.
"""

from __future__ import annotations

import os
import time
import uuid
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from towpath.errors import TowpathError
from towpath.features.replicate import service
from towpath.features.replicate.job import table_of
from towpath.odoo import Odoo, Pace

MODEL = "res.partner"
FIELDS = ["name", "city", "color", "active", "category_id", "user_id"]
places = st.lists(st.integers(0, 40), min_size=1, max_size=6, unique=True)


#: Kinds of runs that the histories came to.
kinds: Counter[str] = Counter()


def machine_of(town, page_rows: int) -> type[RuleBasedStateMachine]:
    """A machine on one connection; each history has records and streams of its own."""

    class History(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.mark = f"m{uuid.uuid4().hex[:10]}"
            self.ids: list[int] = []
            self.ever: set[int] = set()
            self.late: list[Future[Any]] = []
            self.pool = ThreadPoolExecutor(3)
            #: Budgets of their own: else everybody would wait for the open transactions.
            self.others = [Odoo(town.odoo.access, Pace()) for _ in range(3)]
            self.skew = 0
            self.streams = []
            for sync_type in ("INCREMENTAL", "FULL_TABLE"):
                stream = town.add(
                    MODEL,
                    fields=FIELDS,
                    sync_type=sync_type,
                    filter=f"[('ref', '=', '{self.mark}')]",
                    table_name=f"{self.mark}_{sync_type.lower()}",
                )
                self.streams.append(stream)
            object.__setattr__(town.hub.settings, "page_rows", page_rows)

        def _some(self, at: list[int]) -> list[int]:
            return [self.ids[i % len(self.ids)] for i in dict.fromkeys(at)] if self.ids else []

        def _settle(self) -> None:
            """Wait for what commits late."""
            for change in self.late:
                change.result(30)
            self.late = []
            town.server.faults.clear()
            self._set_clock()

        def _set_clock(self) -> None:
            if self.skew:
                town.server.faults.add("clock_skew", seconds=self.skew)

        def _refresh(self) -> None:
            """Who is there, after transactions that may have created or removed records."""
            self.ids = town.odoo.search_ids(MODEL, [["ref", "=", self.mark]], context={"active_test": False})

        @rule(count=st.sampled_from([1, 3, 25]))
        def create(self, count: int) -> None:
            values = [{"name": f"{self.mark} {n}", "ref": self.mark} for n in range(count)]
            self.ids += town.odoo.create(MODEL, values)

        @rule(at=places, city=st.sampled_from([False, "Lock", "Weir"]), color=st.integers(0, 9))
        def write(self, at: list[int], city: str | bool, color: int) -> None:
            town.odoo.write(MODEL, self._some(at), {"city": city, "color": color})

        @rule(at=places, active=st.booleans())
        def archive(self, at: list[int], active: bool) -> None:
            town.odoo.write(MODEL, list(dict.fromkeys(self._some(at))), {"active": active})

        @rule(at=places, leave=st.booleans())
        def remove(self, at: list[int], leave: bool) -> None:
            gone = list(dict.fromkeys(self._some(at)))
            if leave:  # it leaves the filter, which is as good as gone
                town.odoo.write(MODEL, gone, {"ref": "elsewhere"})
            else:
                town.odoo.unlink(MODEL, gone)
            self.ids = [i for i in self.ids if i not in gone]

        @rule()
        def come_back(self) -> None:
            """Records that left the filter return with the stamp of now."""
            found = town.odoo.search_ids(
                MODEL,
                [["name", "=like", f"{self.mark}%"], ["ref", "=", "elsewhere"]],
                context={"active_test": False},
            )
            town.odoo.write(MODEL, found, {"ref": self.mark})
            self.ids += found

        @precondition(lambda self: self.ids)
        @rule(at=places)
        def write_nothing_new(self, at: list[int]) -> None:
            """The stamp moves, the values stay (facts §2.5)."""
            first = self._some(at)[:1]
            row = town.odoo.read(MODEL, first, ["color"])
            if row:
                town.odoo.write(MODEL, first, {"color": row[0]["color"]})

        @rule(seconds=st.sampled_from([-1200, -20, 20, 3600, 3600]))
        def set_the_clock(self, seconds: int) -> None:
            """Odoo's clock jumps, by less and by more than the overlap; an hour passes, and all is quiet."""
            self._settle()
            self._refresh()
            self.skew += seconds
            town.server.faults.clear()
            self._set_clock()

        @precondition(lambda self: len(self.ids) > 12 and not self.late)
        @rule(at=places, seconds=st.sampled_from([0.3, 0.8]))
        def commit_late(self, at: list[int], seconds: float) -> None:
            """Transactions that are open while the next run reads: they create, change and remove."""
            some = self._some(at)
            fault = {"model": MODEL, "method": "*", "seconds": seconds}
            town.server.faults.add("late_commit", **fault, count=3)
            first, second, third = self.others
            rest = [number for number in self.ids if number not in some]
            values = [{"name": f"{self.mark} late", "ref": self.mark} for _ in range(9)]
            self.late = [
                self.pool.submit(first.write, MODEL, some, {"city": "Late"}),
                self.pool.submit(second.unlink, MODEL, rest[:2]),
                self.pool.submit(third.create, MODEL, values),
            ]
            time.sleep(0.1)  # all three have begun

        @rule(after=st.integers(0, 4), which=st.integers(0, 1), full=st.booleans())
        def fail(self, after: int, which: int, full: bool) -> None:
            """A run that ends in the middle, if it reads so far."""
            self._settle()
            self._refresh()
            town.server.faults.add("status", status=500, method="search_read", after=after)
            town.sync(self.streams[which], full=full)
            town.server.faults.clear()
            self._set_clock()

        @rule(which=st.integers(0, 1), full=st.booleans())
        def sync(self, which: int, full: bool) -> None:
            stream = self.streams[which]
            if self.late:
                assert town.sync(stream, full=full).state == "succeeded"
                self._settle()
                self._refresh()
            run = town.sync(stream, full=full)
            assert run.state == "succeeded", run.message
            kinds[run.kind] += 1
            held = town.odoo.search_read(
                MODEL, [["ref", "=", self.mark]], FIELDS, context={"active_test": False}, limit=None
            )
            wanted = {
                row["id"]: {
                    key: value if value or key in {"active", "color"} else None for key, value in row.items()
                }
                for row in held
            }
            for row in wanted.values():
                row["category_id"] = row["category_id"] or []
            assert town.rows(stream, *FIELDS) == wanted
            everything = [
                i for b in table_of(town.hub, stream).ids(deleted=True) for i in b.column(0).to_pylist()
            ]
            assert len(everything) == len(set(everything))
            if which == 0:  # kept for ever
                assert self.ever <= set(everything)
                self.ever = set(everything)

        def teardown(self) -> None:
            self.skew = 0
            self._settle()
            self.pool.shutdown()
            for other in self.others:
                other.close()
            found = town.odoo.search_ids(
                MODEL, [["name", "=like", f"{self.mark}%"]], context={"active_test": False}
            )
            try:
                town.odoo.unlink(MODEL, found)
            except TowpathError:  # records that something else refers to stay
                town.odoo.write(MODEL, found, {"ref": False})
            object.__setattr__(town.hub.settings, "page_rows", 5000)
            for stream in self.streams:
                service.remove(town.hub, stream.id)

    return History


@pytest.mark.feature("S1.7", "S1.17", "S1.23", "S2.13", "S2.14", "S2.15", "S2.55", "S2.59")
@pytest.mark.parametrize("town", ["19.0", "17.0"], indirect=True)
def test_after_each_run_the_table_equals_odoo(town):
    run_state_machine_as_test(
        machine_of(town, page_rows=7),
        settings=settings(
            max_examples=int(os.environ.get("TOWPATH_HISTORIES", "6")),
            stateful_step_count=16,
            deadline=None,
            print_blob=False,
            phases=[Phase.explicit, Phase.generate],  # shrinking against a server takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Half of the point is that a look that finds nothing hides nothing.
    assert kinds["sync"]
