"""Random histories of an Odoo and its copy: after each run the table equals Odoo, whatever came before.

``TOWPATH_HISTORIES=100`` tries more histories than the default run does.
"""

from __future__ import annotations

import os
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from towpath.errors import TowpathError
from towpath.features.replicate import service
from towpath.features.replicate.followers import due
from towpath.features.replicate.job import table_of
from towpath.odoo import Odoo, Pace

MODEL = "res.partner"
FIELDS = ["name", "city", "color", "active", "category_id", "user_id"]
places = st.lists(st.integers(0, 40), min_size=1, max_size=6, unique=True)


#: Kinds of runs that the histories came to.
kinds: Counter[str] = Counter()


@dataclass
class Open:
    """A transaction that has begun in Odoo and commits when it is told to."""

    change: Future[Any]
    fault: Any
    client: Odoo
    #: Records that it has locked and that are there after it.
    held: list[int]


def machine_of(town, page_rows: int) -> type[RuleBasedStateMachine]:
    """A machine on one connection; each history has records and streams of its own."""
    faults = town.server.faults

    class History(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.mark = f"m{uuid.uuid4().hex[:10]}"
            self.ids: list[int] = []
            self.ever: set[int] = set()
            #: What the row of a record that is gone has to say.
            self.fates: dict[int, str] = {}
            self.late: list[Future[Any]] = []
            self.open: list[Open] = []
            self.pool = ThreadPoolExecutor(6)
            #: Budgets of their own: else everybody would wait for the open transactions.
            self.others = [Odoo(town.odoo.access, Pace()) for _ in range(3)]
            self.spare = [Odoo(town.odoo.access, Pace()) for _ in range(3)]
            self.skew = 0
            self.skewed: Any = None
            self.veil: Any = None
            self.hidden: list[int] = []
            self.column, self.column_id = f"x_{self.mark}", 0
            self.columns_made = 0
            self.streams = []
            for sync_type, fields in (("INCREMENTAL", None), ("FULL_TABLE", FIELDS)):
                stream = town.add(
                    MODEL,
                    fields=fields,
                    sync_type=sync_type,
                    filter=f"[('ref', '=', '{self.mark}')]",
                    table_name=f"{self.mark}_{sync_type.lower()}",
                )
                self.streams.append(stream)
            object.__setattr__(town.hub.settings, "page_rows", page_rows)

        def _some(self, at: list[int]) -> list[int]:
            return list(dict.fromkeys(self.ids[i % len(self.ids)] for i in at)) if self.ids else []

        def _without(self, gone: list[int]) -> None:
            self.ids = [i for i in self.ids if i not in gone]

        def _settle(self) -> None:
            """Let what is open commit, and wait for what commits late."""
            while self.open:
                self._commit(self.open[0])
            for change in self.late:
                change.result(30)
            if self.late:
                self.late = []
                self.ids = self._found([["ref", "=", self.mark]])

        def _commit(self, transaction: Open) -> None:
            self.open.remove(transaction)
            faults.remove(transaction.fault.id)
            made = transaction.change.result(30)
            self.ids += [*transaction.held, *(made if isinstance(made, list) else [])]
            self.spare.append(transaction.client)

        def _turn_clock(self, seconds: int) -> None:
            self.skew += seconds
            if self.skewed is not None:
                faults.remove(self.skewed.id)
            self.skewed = faults.add("clock_skew", seconds=float(self.skew))

        def _found(self, domain: list[Any]) -> list[int]:
            return list(town.odoo.search_ids(MODEL, domain, context={"active_test": False}))

        @rule(count=st.sampled_from([1, 3, 25]))
        def create(self, count: int) -> None:
            values = [{"name": f"{self.mark} {n}", "ref": self.mark} for n in range(count)]
            self.ids += town.odoo.create(MODEL, values)

        @rule(at=places, city=st.sampled_from([False, "Lock", "Weir"]), color=st.integers(0, 9))
        def write(self, at: list[int], city: str | bool, color: int) -> None:
            town.odoo.write(MODEL, self._some(at), {"city": city, "color": color})

        @rule(at=places, active=st.booleans())
        def archive(self, at: list[int], active: bool) -> None:
            town.odoo.write(MODEL, self._some(at), {"active": active})

        @rule(at=places, leave=st.booleans())
        def remove(self, at: list[int], leave: bool) -> None:
            gone = self._some(at)
            if leave:  # it leaves the filter, which is as good as gone
                town.odoo.write(MODEL, gone, {"ref": "elsewhere"})
            else:
                town.odoo.unlink(MODEL, gone)
            self.fates.update(dict.fromkeys(gone, "filtered" if leave else "deleted"))
            self._without(gone)

        @rule()
        def come_back(self) -> None:
            """Records that left the filter return with the stamp of now."""
            found = self._found([["name", "=like", f"{self.mark}%"], ["ref", "=", "elsewhere"]])
            town.odoo.write(MODEL, found, {"ref": self.mark})
            self.ids += found
            for number in found:
                self.fates.pop(number, None)

        @precondition(lambda self: self.ids)
        @rule(at=places)
        def write_nothing_new(self, at: list[int]) -> None:
            """The stamp moves, the values stay (facts §2.5)."""
            first = self._some(at)[:1]
            row = town.odoo.read(MODEL, first, ["color"])
            if row:
                town.odoo.write(MODEL, first, {"color": row[0]["color"]})

        @rule(seconds=st.sampled_from([-1200, -20, 20, 3600]))
        def set_the_clock(self, seconds: int) -> None:
            """Odoo's clock jumps, by less and by more than the overlap; small steps meet open transactions."""
            if abs(seconds) > 60 or self.late:
                self._settle()
            self._turn_clock(seconds)
            if seconds < -60:
                # What is stamped by a clock that is slow between two runs, and right at both, only the proof can find.
                for which in (0, 1):
                    self._synced(which)

        @rule()
        def rest(self) -> None:
            """An hour passes in which nothing happens: one run sees it, and the next one has nothing to read."""
            self._settle()
            self._turn_clock(3600)
            self._synced(0)
            (stream,) = service.choose(town.hub, [self.streams[0].id])
            # Names and links are looked at every few hours; the time of that is told by Odoo's clock.
            assert self._synced(0) == ("sync" if due(stream, datetime.now(UTC)) else "idle")

        @precondition(lambda self: self.veil is None and len(self.ids) > 4)
        @rule(at=places)
        def hide(self, at: list[int]) -> None:
            """A record rule takes records out of sight; no stamp moves."""
            self.hidden = self._some(at)[:4]
            domain = repr([("id", "not in", self.hidden)])
            self.veil = town.server.add_fault("record_rule", model=MODEL, domain=domain)
            assert not set(self.hidden) & set(self._found([["ref", "=", self.mark]]))
            self.fates.update(dict.fromkeys(self.hidden, "unreachable"))
            self._without(self.hidden)

        @precondition(lambda self: self.veil is not None)
        @rule()
        def show(self) -> None:
            faults.remove(self.veil.id)
            for number in self.hidden:
                self.fates.pop(number)
            self.ids += self.hidden
            self.veil, self.hidden = None, []

        @precondition(lambda self: not self.column_id and self.columns_made < 2)
        @rule(at=places)
        def add_a_field(self, at: list[int]) -> None:
            self._settle()  # a table that is altered waits for open transactions
            model = town.odoo.search_ids("ir.model", [["model", "=", MODEL]])[0]
            about = {"name": self.column, "model_id": model, "ttype": "char", "field_description": "Berth"}
            (self.column_id,) = town.odoo.create("ir.model.fields", [about])
            self.columns_made += 1
            town.odoo.write(MODEL, self._some(at), {self.column: "north"})

        @precondition(lambda self: self.column_id)
        @rule()
        def remove_the_field(self) -> None:
            self._settle()
            town.odoo.unlink("ir.model.fields", [self.column_id])
            self.column_id = 0

        @precondition(lambda self: self.spare and len(self.ids) > 12)
        @rule(at=places, kind=st.sampled_from(["create", "write", "unlink"]))
        def begin(self, at: list[int], kind: str) -> None:
            """A transaction that stays open over other changes and over runs."""
            client, some = self.spare.pop(), self._some(at)
            fault = faults.add("late_commit", model=MODEL, method=kind, count=1)
            if kind == "create":
                values = [{"name": f"{self.mark} slow", "ref": self.mark} for _ in range(9)]
                change, held = self.pool.submit(client.create, MODEL, values), []
            elif kind == "write":
                change, held = self.pool.submit(client.write, MODEL, some, {"city": "Slow"}), some
            else:
                change, held = self.pool.submit(client.unlink, MODEL, some), []
            _begun(fault, 1, [change])
            if kind != "create":
                self._without(some)
            if kind == "unlink":
                self.fates.update(dict.fromkeys(some, "deleted"))
            self.open.append(Open(change, fault, client, held))

        @precondition(lambda self: self.open)
        @rule(which=st.integers(0, 2))
        def commit(self, which: int) -> None:
            """They commit in any order."""
            self._commit(self.open[which % len(self.open)])

        @precondition(lambda self: len(self.ids) > 12 and not self.late)
        @rule(at=places, seconds=st.sampled_from([0.3, 0.8]))
        def commit_late(self, at: list[int], seconds: float) -> None:
            """Transactions that commit while the next run reads: they create, change and remove."""
            some = self._some(at)
            fault = faults.add("late_commit", model=MODEL, method="*", seconds=seconds, count=3)
            first, second, third = self.others
            rest = [number for number in self.ids if number not in some]
            values = [{"name": f"{self.mark} late", "ref": self.mark} for _ in range(9)]
            self.late = [
                self.pool.submit(first.write, MODEL, some, {"city": "Late"}),
                self.pool.submit(second.unlink, MODEL, rest[:2]),
                self.pool.submit(third.create, MODEL, values),
            ]
            _begun(fault, 3, self.late)
            self.fates.update(dict.fromkeys(rest[:2], "deleted"))
            self._without([*some, *rest[:2]])  # nobody else touches what is locked

        @rule(after=st.integers(0, 4), which=st.integers(0, 1), full=st.booleans())
        def fail(self, after: int, which: int, full: bool) -> None:
            """A run that ends in the middle, if it reads so far."""
            self._settle()
            fault = faults.add("status", status=500, method="search_read", after=after)
            town.sync(self.streams[which], full=full)
            faults.remove(fault.id)

        @rule(which=st.integers(0, 1), full=st.booleans())
        def sync(self, which: int, full: bool) -> None:
            if self.late:
                assert town.sync(self.streams[which], full=full).state == "succeeded"
                self._settle()
            self._synced(which, full=full)

        def _synced(self, which: int, *, full: bool = False) -> str:
            """Run a stream; the table is what Odoo shows now, whatever is still open. The kind of the run."""
            stream = self.streams[which]
            run = town.sync(stream, full=full)
            assert run.state == "succeeded", run.message
            kinds[run.kind] += 1
            # A table without rows gets its new column with the first of them.
            extra = bool(self.column_id and which == 0 and self._found([["ref", "=", self.mark]]))
            fields = [*FIELDS, *([self.column] if extra else [])]
            held = town.odoo.search_read(
                MODEL, [["ref", "=", self.mark]], fields, context={"active_test": False}, limit=None
            )
            wanted = {
                row["id"]: {
                    key: value if value or key in {"active", "color"} else None for key, value in row.items()
                }
                for row in held
            }
            for row in wanted.values():
                row["category_id"] = row["category_id"] or []
            assert town.rows(stream, *fields) == wanted
            everything = [
                i for b in table_of(town.hub, stream).ids(deleted=True) for i in b.column(0).to_pylist()
            ]
            assert len(everything) == len(set(everything))
            if which == 0:  # kept for ever, and each says what became of it
                assert self.ever <= set(everything)
                self.ever = set(everything)
                gone = town.rows(stream, "_towpath_state", deleted=True)
                told = {i: gone[i]["_towpath_state"] for i in self.ever if i not in wanted}
                assert told == {i: self.fates.get(i) for i in told}
            return run.kind

        def teardown(self) -> None:
            self._settle()
            faults.clear()
            self.pool.shutdown()
            for other in (*self.others, *self.spare):
                other.close()
            found = self._found([["name", "=like", f"{self.mark}%"]])
            try:
                town.odoo.unlink(MODEL, found)
            except TowpathError:  # records that something else refers to stay
                town.odoo.write(MODEL, found, {"ref": False})
            if self.column_id:
                town.odoo.unlink("ir.model.fields", [self.column_id])
            object.__setattr__(town.hub.settings, "page_rows", 5000)
            for stream in self.streams:
                service.remove(town.hub, stream.id)

    return History


def _begun(fault: Any, count: int, changes: Sequence[Future[Any]]) -> None:
    """Wait until so many transactions are held open by a fault; one that has failed says why."""
    deadline = time.monotonic() + 30
    while fault.fired < count:
        for change in changes:
            if change.done():
                change.result()
        assert time.monotonic() < deadline, "the transactions did not begin"
        time.sleep(0.005)


@pytest.mark.feature("S1.7", "S1.17", "S1.23", "S2.13", "S2.14", "S2.15", "S2.55", "S2.59")
@pytest.mark.parametrize("town", ["19.0", "17.0"], indirect=True)
def test_after_each_run_the_table_equals_odoo(town):
    run_state_machine_as_test(
        machine_of(town, page_rows=7),
        settings=settings(
            max_examples=int(os.environ.get("TOWPATH_HISTORIES", "6")),
            stateful_step_count=24,
            deadline=None,
            print_blob=False,
            phases=[Phase.explicit, Phase.generate],  # shrinking against a server takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Half of the point is that a look that finds nothing hides nothing.
    assert kinds["sync"]
