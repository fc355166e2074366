"""Scheduled runs that have not ended when working hours begin: they leave and go on afterwards; a person's stay."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from towpath.features.connections import hours
from towpath.features.connections import service as connections
from towpath.features.replicate import due, runs, service, spared
from towpath.features.replicate.repair import repair_of
from towpath.features.replicate.tables import owed_runs, staged_ranges


@pytest.fixture
def slow(town):
    """Many small ranges, each page of which takes its time until the test lets them go on."""
    before = {name: getattr(town.hub.settings, name) for name in ("page_rows", "range_rows")}
    for name, value in {"page_rows": 10, "range_rows": 40}.items():
        object.__setattr__(town.hub.settings, name, value)
    town.server.faults.add("latency", seconds=0.3, model="res.country", method="search_read")
    yield
    town.server.faults.clear()
    for name, value in before.items():
        object.__setattr__(town.hub.settings, name, value)
    people_go_home(town)


def people_work(town) -> datetime:
    """From now on, until tomorrow or later; gives when they go home."""
    today = datetime.now(UTC)
    days = [hours.DAYS[(today.weekday() + more) % 7] for more in (-1, 0, 1)]
    plan = hours.working_hours(days=days, start="00:00", end="24:00", tz="UTC", scheduled_runs=False)
    connections.set_limits(town.hub, town.name, {"working_hours": plan})
    over = plan.over(today)
    assert over is not None
    return over


def people_go_home(town) -> None:
    connections.set_limits(town.hub, town.name, {"working_hours": None})


def runs_of(town, stream) -> list[runs.Run]:
    with town.hub.store.begin() as db:
        return list(reversed(runs.recent(db, stream_ids=[stream.id])))


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def a_range_is_read(town, stream) -> bool:
    with town.hub.store.begin() as db:
        done = sa.select(staged_ranges.c.low).where(
            staged_ranges.c.stream_id == stream.id, staged_ranges.c.done
        )
        return db.execute(done).first() is not None


def owed(town, stream) -> list[str]:
    with town.hub.store.begin() as db:
        return list(db.scalars(sa.select(owed_runs.c.kind).where(owed_runs.c.stream_id == stream.id)))


@pytest.mark.usefixtures("slow")
@pytest.mark.feature("S0.14", "S2.17", "S2.60")
def test_a_scheduled_run_leaves_and_goes_on_when_the_hours_are_over(town):
    stream = town.add("res.country", fields=["name"], every="1h")
    due.tick(town.hub)
    until(lambda: a_range_is_read(town, stream))
    (run,) = runs_of(town, stream)
    assert run.by_itself
    assert spared.leave(town.hub) == [], "nobody works there yet"
    over = people_work(town)
    assert spared.leave(town.hub) == [run.id]
    until(lambda: runs_of(town, stream)[0].state not in runs.OPEN)
    due.tick(town.hub)
    (left,) = runs_of(town, stream)
    assert (left.state, left.message) == ("cancelled", runs.HELD)
    assert repair_of(left) is None, "nobody has to do anything"
    assert owed(town, stream) == ["sync"]
    assert service.choose(town.hub, [stream.id])[0].next_run_at == over
    town.server.faults.clear()
    people_go_home(town)
    due.tick(town.hub)
    until(lambda: len(runs_of(town, stream)) == 2 and runs_of(town, stream)[1].state not in runs.OPEN)
    _, last = runs_of(town, stream)
    assert last.state == "succeeded", last.message
    assert any("Went on behind" in remark for remark in last.remarks), "what was read is not read again"
    assert set(town.rows(stream)) == town.ids("res.country")
    due.tick(town.hub)
    assert owed(town, stream) == []


@pytest.mark.usefixtures("slow")
@pytest.mark.feature("S2.17", "S2.60")
def test_a_run_that_a_person_starts_or_joins_stays(town):
    mine = town.add("res.country", fields=["name"], prefix="mine_")
    joined = town.add("res.country", fields=["name"], prefix="joined_", every="1h")
    service.start(town.hub, [mine])
    due.tick(town.hub)
    (run_id,) = service.start(town.hub, [joined])
    assert [run.id for run in runs_of(town, joined)] == [run_id]
    people_work(town)
    assert spared.leave(town.hub) == []
    town.server.faults.clear()
    for stream in (mine, joined):
        until(lambda stream=stream: runs_of(town, stream)[0].state not in runs.OPEN)
        assert runs_of(town, stream)[0].state == "succeeded"
    assert owed(town, joined) == []


@pytest.mark.usefixtures("slow")
@pytest.mark.feature("S2.17", "S2.60")
def test_a_run_that_still_waits_for_its_turn_leaves_too(town):
    streams = [town.add("res.country", fields=["name"], prefix=f"w{n}_", every="1h") for n in range(4)]
    due.tick(town.hub)
    people_work(town)
    due.tick(town.hub)
    until(lambda: all(runs_of(town, one)[0].state not in runs.OPEN for one in streams))
    assert {run.message for one in streams for run in runs_of(town, one)} == {runs.HELD}
    town.server.faults.clear()
    people_go_home(town)
    due.tick(town.hub)
    for one in streams:
        until(lambda one=one: [run.state for run in runs_of(town, one)] == ["cancelled", "succeeded"])
