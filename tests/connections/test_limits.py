"""Limits of calls that a person sets: kept by all processes together, obeyed at once, never above the ceiling."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.cli import main
from towpath.errors import InputError
from towpath.features.connections import budget as shared
from towpath.features.connections import hours, service
from towpath.features.connections.limits import Limits, allowed, checked
from towpath.hub import Hub, open_hub
from towpath.odoo import Access
from towpath.settings import Settings
from towpath.store.tables import audit

WEEK = "mon-fri 08:00-18:00 Europe/Brussels at 2 calls/s"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.feature("S2.60")
def test_two_processes_keep_to_a_limit_that_is_changed_under_way(hub: Hub, connect, callers, odoo19):
    known = connect(odoo19)
    service.set_limits(hub, known.name, {"calls_per_second": 5})
    calling = callers(known.name, 2, 6)
    calling.go()
    time.sleep(1)
    changed = time.time()
    service.set_limits(hub, known.name, {"calls_per_second": 25})
    answered = calling.answered()
    assert all(answered), "nobody starves"
    moments = sorted(moment for one in answered for moment in one)
    # Over all processes: what was saved up in a second, a call under way in each, and the rest by the rate.
    before = [moment for moment in moments if moment < changed]
    assert len(before) <= 5 + 5 * (changed - moments[0]) + 2
    after = [moment for moment in moments if moment >= changed]
    assert len(after) <= 25 + 25 * (moments[-1] - changed) + 2
    slow = 5 * (moments[-1] - changed)
    assert len(after) > 1.5 * slow, "the new limit is obeyed by those that run already"


@pytest.mark.feature("S2.60")
def test_so_many_calls_at_once_over_all_processes(hub: Hub):
    access = Access(url="https://erp.example.com", database="places")
    one, other = (shared.Places(hub, shared._name(access)) for _ in range(2))

    def takes(places: shared.Places, count: int) -> bool:
        """In a thread of its own, as each thread has one place."""
        found: list[bool] = []
        thread = threading.Thread(target=lambda: found.append(places.take(count)))
        thread.start()
        thread.join()
        return found[0]

    assert [takes(one, 3), takes(other, 3), takes(one, 3)] == [True] * 3
    assert [takes(one, 3), takes(other, 3)] == [False] * 2
    assert other.take(4)
    assert not takes(one, 4)
    other.leave()
    assert takes(one, 4)
    assert not takes(other, 2), "a smaller number holds for those who come"
    for places in (one, other):
        places._drop()  # their threads are gone; a session that nobody ends would be found by the next test


@pytest.mark.feature("S2.60")
def test_calls_at_once_bind_the_process_too(hub: Hub, connect, odoo19):
    known = connect(odoo19)
    twin = connect(odoo19)
    service.set_limits(hub, known.name, {"calls_at_once": 1})
    with service.open_odoo(hub, twin.id) as odoo:
        odoo.pace.gate._looked = float("-inf")  # as if two seconds were over
        odoo.search_count("res.country", [])
        assert odoo.pace.most == 1, "one database, whichever connection"
        assert service.budget(hub, twin.name).calls_at_once == 1
        service.set_limits(hub, known.name, {"calls_at_once": None})
        odoo.pace.gate._looked = float("-inf")
        odoo.search_count("res.country", [])
        assert odoo.pace.most == 4


@pytest.mark.feature("S2.60")
def test_the_rate_of_working_hours_holds_as_soon_as_they_begin(hub: Hub, connect, odoo19):
    known, moment = connect(odoo19), at("2026-11-27T06:59:59")
    slow = WEEK.replace("2 calls", "0.1 calls")
    service.set_limits(hub, known.name, {"working_hours": hours.parse(slow)})
    # A run that has begun before keeps this budget.
    running = shared.SharedBudget(hub, Access(url=known.url, database=known.database), clock=lambda: moment)
    assert [running.claim() for _ in range(20)] == [0.0] * 20
    moment = at("2026-11-27T07:00:00")
    assert sum(running.claim() == 0.0 for _ in range(20)) < 20
    moment = at("2026-11-27T17:00:00")
    assert [running.claim() for _ in range(20)] == [0.0] * 20


@pytest.mark.feature("S2.60")
def test_the_lowest_limit_counts_and_odoos_cloud_stays_the_ceiling():
    here, cloud = Access(url="https://erp.example.com"), Access(url="https://acme.odoo.com")
    settings, own = Settings(), Settings(calls_per_second=3)
    monday, night = at("2026-11-30T09:00"), at("2026-11-30T20:00")
    week = Limits(calls_per_second=4, working_hours=hours.parse(WEEK))
    other = Limits(calls_per_second=6, calls_at_once=2)

    def now(access: Access, *limits: Limits, with_: Settings = settings, moment: datetime = night) -> tuple:
        found = allowed(with_, access, limits, moment)
        return found.per_second, found.because, found.at_once

    assert now(here) == (None, None, None)
    assert now(here, week, other) == (4, "connection", 2)
    assert now(here, week, other, moment=monday) == (2, "working hours", 2)
    assert now(here, other, with_=own) == (3, "installation", 2)
    assert now(cloud, week, other) == (1, "odoo.com", 1)
    assert now(cloud, Limits(calls_per_second=0.5)) == (0.5, "connection", 1)
    assert allowed(settings, here, [week], monday).hours_until == at("2026-11-30T17:00")
    held = Limits(working_hours=hours.parse("mon-wed 00:00-24:00 UTC without scheduled runs"))
    assert allowed(settings, here, [held], monday).held_until == at("2026-12-03T00:00")


@pytest.mark.parametrize(
    ("text", "moment", "until"),
    [
        (WEEK, "2026-11-27T06:59:59", None),
        (WEEK, "2026-11-27T07:00", "2026-11-27T17:00"),
        (WEEK, "2026-11-27T17:00", None),
        (WEEK, "2026-11-28T09:00", None),  # a Saturday
        (WEEK, "2026-07-03T06:00", "2026-07-03T16:00"),  # in summer
        ("fri 22:00-06:00 UTC at 1 calls/s", "2026-11-28T05:00", "2026-11-28T06:00"),
        ("fri 22:00-06:00 UTC at 1 calls/s", "2026-11-27T05:00", None),
        # New York, 2026-03-08: at 02:00 it is 03:00. 2026-11-01: at 02:00 it is 01:00 again.
        ("sun 01:30-02:30 America/New_York at 1 calls/s", "2026-03-08T06:45", "2026-03-08T07:00"),
        ("sun 02:30-04:00 America/New_York at 1 calls/s", "2026-03-08T07:00", "2026-03-08T08:00"),
        ("sun 00:30-01:30 America/New_York at 1 calls/s", "2026-11-01T05:15", "2026-11-01T05:30"),
        ("sun 00:30-01:30 America/New_York at 1 calls/s", "2026-11-01T06:15", None),
    ],
)  # fmt: skip
def test_working_hours_follow_the_clock_on_the_wall(text: str, moment: str, until: str | None):
    found = hours.parse(text)
    assert found.until(at(moment)) == (at(until) if until else None)
    assert hours.parse(found.words()) == hours.from_json(json.loads(json.dumps(found.to_json()))) == found


@given(
    st.sets(st.sampled_from(hours.DAYS), min_size=1),
    *(st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 30])) for _ in range(2)),
    st.sampled_from(["UTC", "Europe/Brussels", "Pacific/Apia", "Australia/Lord_Howe"]),
    st.integers(1_230_000_000, 1_920_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)),
)
def test_working_hours_end_where_they_say(days: set[str], start: str, end: str, tz: str, moment: datetime):
    if start == end:
        return
    found = hours.working_hours(days=sorted(days), start=start, end=end, tz=tz, calls_per_second=1)
    until = found.until(moment)
    if until is not None:
        assert moment < until <= moment + timedelta(hours=26)
        assert found.until(until - timedelta(seconds=1)) == until
    over = found.over(moment)
    assert (over is None) == (until is None)
    if over is not None and len(days) < 7:
        assert found.until(over) is None
    assert hours.parse(found.words()) == found


@pytest.mark.parametrize(
    "text",
    [
        "", "always", "mon-fri 08:00-18:00 Europe/Brussels", "mon-fry 08:00-18:00 UTC at 2 calls/s",
        "mon 08:00-08:00 UTC at 2 calls/s", "mon 8-18 UTC at 2 calls/s", "mon 08:00-25:00 UTC at 2 calls/s",
        "mon 08:00-18:00 Mars/Base at 2 calls/s", "mon 08:00-18:00 UTC at 0 calls/s",
        "mon 08:00-18:00 UTC at 1.2.3 calls/s", "mon-sun 00:00-24:00 UTC without scheduled runs",
    ],
)  # fmt: skip
def test_working_hours_that_make_no_sense_are_refused(text: str):
    with pytest.raises(InputError) as refused:
        hours.parse(text)
    assert refused.value.details["setting"] == "working_hours"


def test_limits_above_the_ceiling_are_refused(hub: Hub, connect, odoo19, tmp_path):
    known = connect(odoo19)
    wrong = [
        {"calls_per_second": 0}, {"calls_per_second": 5000.0}, {"calls_at_once": 0}, {"calls_at_once": 65},
    ]  # fmt: skip
    for news in wrong:
        with pytest.raises(InputError) as refused:
            service.set_limits(hub, known.name, news)
        assert refused.value.details["setting"] in news
    cloud = Access(url="https://acme.odoo.com")
    for settings, access, news in (
        (hub.settings, cloud, {"calls_per_second": 1.5}),
        (hub.settings, cloud, {"calls_at_once": 2}),
        (hub.settings, cloud, {"working_hours": hours.parse(WEEK)}),
        (Settings(calls_per_second=3), Access(url="https://erp.example.com"), {"calls_per_second": 4}),
    ):
        with pytest.raises(InputError):
            checked(settings, access, news)
    assert service.find(hub, known.name) == known


@pytest.mark.feature("S2.60", "S0.16")
def test_limits_on_the_command_line(tmp_path, monkeypatch, capsys, odoo19):
    monkeypatch.setenv("TOWPATH_HOME", str(tmp_path))
    monkeypatch.setenv("TOWPATH_ODOO_KEY", odoo19.users["admin"].key)
    with open_hub(Settings(home=tmp_path)) as hub:
        hub.store.open()
        where = ["--url", odoo19.url, "--database", odoo19.db, "--login", "admin"]
        assert main(["connection", "add", "town", *where]) == 0
        more = ["--calls-per-second", "5", "--calls-at-once", "2", "--working-hours", WEEK]
        assert main(["connection", "set", "town", *more, "--json"]) == 0
        out = capsys.readouterr().out
        stored = json.loads(out[out.index("{") :])
        assert (stored["calls_per_second"], stored["calls_at_once"]) == (5, 2)
        assert hours.from_json(stored["working_hours"]) == hours.parse(WEEK)
        assert main(["connection", "show", "town"]) == 0
        out = capsys.readouterr().out
        assert WEEK in out
        assert "a second (" in out
        assert (
            main(["connection", "set", "town", "--calls-per-second", "none", "--working-hours", "none"]) == 0
        )
        known = service.find(hub, "town")
        assert (known.calls_per_second, known.calls_at_once, known.working_hours) == (None, 2, None)
        for wrong in (
            ["--calls-per-second", "fast"],
            ["--calls-at-once", "1.5"],
            ["--working-hours", "late"],
        ):
            assert main(["connection", "set", "town", *wrong]) == 2
        rows = audit.select().where(audit.c.object == "connection/town", audit.c.action == "connection.set")
        with hub.store.begin() as db:
            told = [row.details for row in db.execute(rows.order_by(audit.c.number))]
        assert [sorted(details) for details in told] == [
            ["calls_at_once", "calls_per_second", "working_hours"], ["calls_per_second", "working_hours"],
        ]  # fmt: skip
        assert told[-1]["calls_per_second"] == ["5", None]
        assert told[0]["working_hours"] == [None, WEEK]
