"""One call budget over all processes: real processes against one sandbox."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from towpath.features.connections import budget as shared
from towpath.features.connections import places, service
from towpath.hub import Hub, open_hub
from towpath.odoo import Access
from towpath.settings import Settings
from towpath.store import buckets


@pytest.fixture(autouse=True)
def _unused(hub: Hub) -> None:
    with hub.store.begin() as db:
        db.execute(sa.text("delete from towpath.rate_buckets"))


def rates(answered: list[list[float]], start: float, end: float) -> list[float]:
    """Calls a second of each process between two moments."""
    return [sum(start <= moment < end for moment in moments) / (end - start) for moments in answered]


@pytest.mark.feature("S2.60")
def test_three_processes_keep_one_rate(hub: Hub, connect, callers, odoo19):
    known = connect(odoo19)
    calling = callers(known.name, 3, 2, TOWPATH_CALLS_PER_SECOND="10")
    odoo19.faults.reset_counters()
    calling.go()
    answered = calling.answered()
    counted = sum(odoo19.faults.calls().values())
    assert counted == sum(map(len, answered))
    # A second's worth may have been saved up, and each process may be in a call when the time is over.
    seconds = max(map(max, answered)) - min(map(min, answered))
    assert 10 <= counted <= 10 + 10 * seconds + 6
    assert all(answered), "nobody starves"
    assert service.budget(hub, known.name).calls_per_minute >= counted


@pytest.mark.feature("S2.60")
def test_retry_after_met_by_one_process_stops_the_other(hub: Hub, connect, callers, odoo19):
    known = connect(odoo19)
    calling = callers(known.name, 2, 4)
    odoo19.faults.add("status", status=429, retry_after=2, count=1, method="search_count", after=20)
    calling.go()
    for moments in calling.answered():
        gaps = [(after - before, before) for before, after in itertools.pairwise(moments)]
        assert max(gaps)[0] >= 1, "a look comes before the pause, and half a second or more before the next"
    shown = service.budget(hub, known.name)
    assert shown.slowed_why == "HTTP 429 (too many calls)"
    assert shown.limit is not None


@pytest.mark.feature("S2.60")
def test_a_slow_answer_slows_all_processes_once_and_good_ones_bring_the_rate_back(
    hub: Hub, connect, callers, odoo19
):
    known = connect(odoo19)
    calling = callers(known.name, 2, 5, "1.5", TOWPATH_CALLS_PER_SECOND="16")
    # Both meet the same slow seconds.
    odoo19.faults.add("latency", seconds=1.9, count=2, method="search_count", after=6)
    calling.go()
    deadline = time.monotonic() + 60
    while (slowed_down := service.budget(hub, known.name)).slowed_at is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert slowed_down.limit == 8
    answered = calling.answered()
    shown = service.budget(hub, known.name)
    assert shown.slowed_at is not None
    slowed = shown.slowed_at.timestamp()
    assert sum(rates(answered, slowed + 0.5, slowed + 2.5)) <= 8 * 1.5
    assert min(map(len, answered)) > 3
    # As if ten quiet seconds were over; the settings of this hub have no ceiling.
    with hub.store.begin() as db:
        db.execute(sa.text("update towpath.rate_buckets set slowed_at = slowed_at - interval '1 minute'"))
    limits = set()
    with service.open_odoo(hub, known.id) as odoo:
        for _ in range(6):
            odoo.search_count("res.country", [])
            limits.add(service.budget(hub, known.name).limit)
    assert 10 in limits


@pytest.mark.feature("S2.60")
def test_calls_without_a_limit_are_counted_and_cost_a_few_statements(hub: Hub, connect, odoo19):
    known = connect(odoo19)
    statements = []
    sa.event.listen(hub.store.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    before = service.budget(hub, known.name).calls_per_minute
    odoo19.faults.reset_counters()
    with service.open_odoo(hub, known.id) as odoo:
        began = time.monotonic()
        statements.clear()
        for _ in range(100):
            odoo.search_count("res.country", [])
        seconds = time.monotonic() - began
    assert len(statements) <= 2 + seconds / shared.LOOK + 1 + seconds / shared.REFRESH
    made = sum(odoo19.faults.calls().values())
    assert made >= 100
    assert service.budget(hub, known.name).calls_per_minute - before == made


def until_granted(budget: shared.SharedBudget) -> None:
    deadline = time.monotonic() + 60
    while budget.claim() > 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.feature("S2.60")
def test_odoos_cloud_gets_one_call_at_a_time_from_all_processes(hub: Hub):
    cloud = Access(url="https://acme.odoo.com", database="acme")
    gate = shared.pace_of(hub, cloud).gate
    assert isinstance(gate, shared.SharedBudget)
    # As another process has it: the same place, another session of PostgreSQL.
    rival = shared.SharedBudget(hub, cloud)
    assert gate.claim() == 0
    assert [rival.claim(), rival.claim()] == [shared.TAKEN] * 2
    gate.went(0.1, None, 0)
    until_granted(rival)  # one a second, too
    assert gate.claim() == shared.TAKEN
    # The rival dies in its call.
    end = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = :a"
    with hub.store.begin() as db:
        assert len(db.execute(sa.text(end), {"a": places._LOCK}).all()) == 1
    other = shared.SharedBudget(hub, cloud)
    until_granted(other)
    rival.went(0.1, None, 0)
    other.went(0.1, None, 0)
    elsewhere = shared.pace_of(hub, Access(url="https://erp.example.com", database="a")).gate
    assert [elsewhere.claim(), elsewhere.claim()] == [0, 0]


@pytest.mark.feature("S2.60")
def test_postgresql_that_is_away_breaks_no_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shared, "AWAY", 0.3)
    access = Access(url="https://away.example.com", database="a")
    with open_hub(Settings(home=tmp_path, calls_per_second=20)) as hub:
        pace = shared.pace_of(hub, access)
        with pace.turn():
            pass
        with hub.store.begin() as db:
            db.execute(sa.text("alter table towpath.rate_buckets rename to gone"))
        began = time.monotonic()
        for _ in range(11):
            with pace.turn():
                pass
        assert 0.4 <= time.monotonic() - began < 20, "the limit holds for this process alone"
        with hub.store.begin() as db:
            db.execute(sa.text("alter table towpath.gone rename to rate_buckets"))
        time.sleep(0.35)
        for _ in range(2):
            with pace.turn():
                pass
        assert buckets.state(hub.store.engine, "odoo/away.example.com/a").calls_per_minute == 14
    with pace.turn():  # the hub is closed now
        pass


def test_a_closed_hub_leaves_its_place_to_the_next(tmp_path: Path):
    access = Access(url="https://next.example.com", database="a")
    for folder in ("one", "two"):
        with open_hub(Settings(home=tmp_path / folder)) as hub:
            with shared.pace_of(hub, access).turn():
                pass
            assert shared.budget_of(hub, access).calls_per_minute == 1
