"""What is due is started: once, by one of many workers, and by another one when a worker dies in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from towpath import commit_point
from towpath.features.connections import hours
from towpath.features.connections import service as connections
from towpath.features.replicate import due, runs, schedule, service
from towpath.features.replicate.tables import owed_runs
from towpath.features.replicate.tables import runs as run_rows
from towpath.features.replicate.tables import streams as rows

HOUR = timedelta(hours=1)


def set_back(town, *chosen, **columns):
    """Let the next times of streams lie in the past."""
    with town.hub.store.begin() as db:
        for stream in chosen:
            db.execute(rows.update().where(rows.c.id == stream.id).values(columns))


def now_of(town, stream):
    return service.choose(town.hub, [stream.id])[0]


def runs_of(town, stream):
    with town.hub.store.begin() as db:
        return list(reversed(runs.recent(db, stream_ids=[stream.id], limit=100)))


def owed(town) -> int:
    with town.hub.store.begin() as db:
        return db.execute(sa.select(sa.func.count()).select_from(owed_runs)).scalar_one()


def ended(town, stream, count: int = 1):
    """The stream's runs when so many have ended."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = runs_of(town, stream)
        if len(found) >= count and all(run.state not in runs.OPEN for run in found):
            assert len(found) == count
            assert all(run.state == "succeeded" for run in found)
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(runs_of(town, stream))} runs, {count} wanted")


@pytest.mark.feature("S0.14", "S1.22", "S2.17")
def test_a_new_stream_begins_at_once_and_then_keeps_to_its_times(town):
    stream = town.add("res.country", fields=["name"], every="1h")
    due.tick(town.hub)
    ended(town, stream)
    after = now_of(town, stream)
    anchor = datetime.fromisoformat(after.schedule["anchor"])
    assert after.next_run_at == anchor + HOUR
    for _ in range(3):
        due.tick(town.hub)
    assert len(runs_of(town, stream)) == 1
    # The worker was off for a night: one run makes it good, and the times are those of before.
    set_back(town, stream, next_run_at=anchor - 9 * HOUR)
    due.tick(town.hub)
    ended(town, stream, 2)
    assert now_of(town, stream).next_run_at == anchor + HOUR
    assert owed(town) == 0


DAY = 24 * HOUR

SERVER = """
import sys
from towpath.features.replicate import due
from towpath.hub import open_hub
with open_hub() as hub:
    hub.jobs()
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(6):
        due.tick(hub)
    sys.stdin.read()
"""


@contextmanager
def another_server(town):
    """A process beside this one, which looks for what is due from the moment on that it is told to."""
    env = os.environ | {"TOWPATH_HOME": str(town.hub.settings.home), "TOWPATH_LOG_LEVEL": "error"}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], env=env, stdin=pipe, stdout=pipe, text=True
    ) as other:
        assert other.stdout.readline() == "ready\n"

        def go():
            other.stdin.write("go\n")
            other.stdin.flush()

        yield go
        other.stdin.close()
    assert other.returncode == 0


@pytest.mark.feature("S0.14", "S2.17")
def test_days_and_weeks_that_were_missed_are_made_good_by_one_run_of_one_server(town):
    """Nobody worked for three weeks; then two servers start at the same moment."""
    plans = {
        "daily": {"at": "03:15,21:40", "tz": "Europe/Brussels"},
        "weekly": {"cron": "30 2 * * 0", "tz": "America/New_York"},
        "days": {"every": "1d"},
        "weeks": {"every": "7d"},
    }
    streams = {
        name: town.add("res.country", fields=["name"], prefix=f"{name}_", full_every="7d", **plan)
        for name, plan in plans.items()
    }
    set_back(town, *streams.values(), next_run_at=datetime.now(UTC) - 21 * DAY)
    set_back(town, streams["weekly"], next_full_at=datetime.now(UTC) - 14 * DAY)
    with another_server(town) as go:
        go()
        for _ in range(6):
            due.tick(town.hub)
        for stream in streams.values():
            ended(town, stream)
    for name, stream in streams.items():
        (run,) = ended(town, stream)
        assert run.kind == ("full" if name == "weekly" else "sync"), "a full run covers the other one"
        now, after = datetime.now(UTC), now_of(town, stream)
        assert after.next_run_at == schedule.from_json(after.schedule).next_after(now)
        assert now < after.next_run_at <= now + (7 if name.startswith("week") else 1) * DAY + HOUR
        due.tick(town.hub)
    assert [len(runs_of(town, stream)) for stream in streams.values()] == [1] * 4
    assert owed(town) == 0


@pytest.mark.feature("S0.14", "S2.17")
def test_a_schedule_that_is_changed_while_it_waits_counts_from_now(town):
    soon = datetime.now(UTC) + timedelta(seconds=1)
    later = town.add("res.country", fields=["name"], prefix="later_", at="03:15")
    never = town.add("res.country", fields=["name"], prefix="never_", at="03:15")
    sooner = town.add("res.country", fields=["name"], prefix="sooner_", cron="0 0 1 1 *")
    set_back(town, later, never, next_run_at=soon)
    minute = f"{datetime.now(UTC) + 2 * HOUR:%H:%M}"
    changed = service.edit(town.hub, later.id, service.Choice(at=minute, tz="UTC")).stream
    assert service.edit(town.hub, never.id, service.Choice(manual=True)).stream.next_run_at is None
    weekly = service.edit(town.hub, sooner.id, service.Choice(every="7d")).stream
    assert weekly.next_run_at <= datetime.now(UTC) + 7 * DAY
    time.sleep(max(0, (soon - datetime.now(UTC)).total_seconds()))
    due.tick(town.hub)
    assert [runs_of(town, one) for one in (later, never, sooner)] == [[]] * 3, "the old times do not count"
    assert now_of(town, later).next_run_at == changed.next_run_at
    set_back(town, later, sooner, next_run_at=datetime.now(UTC) - timedelta(seconds=1))
    due.tick(town.hub)
    ended(town, later)
    ended(town, sooner)
    assert runs_of(town, never) == []


@pytest.mark.feature("S0.14", "S2.17")
def test_of_many_workers_one_starts_a_run(town):
    streams = [town.add("res.country", fields=["name"], every="1h", prefix=f"p{n}_") for n in range(4)]
    with ThreadPoolExecutor(6) as pool:
        for _ in range(5):
            list(pool.map(lambda _: due.tick(town.hub), range(6)))
    for stream in streams:
        ended(town, stream)
    assert owed(town) == 0


@pytest.mark.feature("S2.17")
def test_a_worker_leaves_alone_what_another_one_has_in_hand(town):
    """The rival here is a transaction that is open: whoever did not look for its locks would act beside it."""
    first = town.add("res.country", fields=["name"], prefix="first_")
    clock = town.add("res.country", fields=["name"], prefix="clock_", every="1h")
    after = town.add("res.country", fields=["name"], prefix="after_", after=first.id)
    town.sync(first)
    town.hub.jobs()
    with ThreadPoolExecutor(2) as pool:
        with town.hub.store.begin() as db:
            for stream, news in (
                (clock, {"next_run_at": datetime.now(UTC) + HOUR}),
                (after, {"followed_at": datetime.now(UTC) + HOUR}),
            ):
                db.execute(rows.update().where(rows.c.id == stream.id).values(news))
            claimed, followed = pool.submit(due.claim, town.hub), pool.submit(due.follow, town.hub)
            time.sleep(0.5)
        assert (claimed.result(), followed.result()) == ([], [])
        set_back(town, clock, next_run_at=datetime.now(UTC) - HOUR)
        assert due.claim(town.hub) == [clock.id]
        with town.hub.store.begin() as db:
            assert len(db.execute(owed_runs.select().with_for_update()).all()) == 1
            started = pool.submit(due.start_owed, town.hub)
            time.sleep(0.5)
        assert started.result() == []
    assert runs_of(town, clock) == []
    assert due.start_owed(town.hub) == [clock.id]
    ended(town, clock)
    assert owed(town) == 0


@pytest.mark.feature("S2.17")
def test_a_stream_that_still_runs_is_passed_over_and_a_paused_one_waits(town):
    busy = town.add("res.country", fields=["name"], prefix="busy_", every="1h")
    paused = town.add("res.country", fields=["name"], prefix="paused_", every="1h")
    service.pause(town.hub, paused.id)
    with town.hub.store.begin() as db:
        run_id, _ = runs.queue(db, busy.id, full=False)
    due.tick(town.hub)
    assert [run.id for run in runs_of(town, busy)] == [run_id]
    assert now_of(town, busy).next_run_at > datetime.now(UTC)
    assert runs_of(town, paused) == []
    service.resume(town.hub, paused.id)
    due.tick(town.hub)
    ended(town, paused)
    assert len(runs_of(town, busy)) == 1
    # Nobody has a job for that run: the process that made it has died. The next time takes it up.
    with town.hub.store.begin() as db:
        long_ago = {"created_at": sa.func.now() - timedelta(minutes=5)}
        db.execute(run_rows.update().where(run_rows.c.id == run_id).values(long_ago))
    set_back(town, busy, next_run_at=datetime.now(UTC) - HOUR)
    due.tick(town.hub)
    assert ended(town, busy)[0].id == run_id


@pytest.mark.feature("S2.19")
def test_the_additional_full_sync_comes_at_its_own_times(town):
    stream = town.add("res.country", fields=["name"], every="1h", full_every="7d")
    due.tick(town.hub)
    ended(town, stream)
    past = datetime.now(UTC) - HOUR
    set_back(town, stream, next_run_at=past, next_full_at=past)
    with town.hub.store.begin() as db:
        held, _ = runs.queue(db, stream.id, full=False)
    due.tick(town.hub)
    after = now_of(town, stream)
    assert after.next_run_at > datetime.now(UTC)
    assert after.next_full_at == past, "it waits for the run that holds the stream"
    service.start(town.hub, [stream])
    assert ended(town, stream, 2)[1].id == held
    due.tick(town.hub)
    found = ended(town, stream, 3)
    assert [run.kind for run in found] == ["sync", "sync", "full"]
    assert found[-1].rows_read == len(town.ids("res.country"))
    assert now_of(town, stream).next_full_at > past + timedelta(days=6)


@pytest.mark.feature("S2.17")
def test_streams_run_after_each_other(town):
    first = town.add("res.country", fields=["name"], prefix="first_")
    town.sync(first)
    second = town.add("res.country", fields=["name"], prefix="second_", after=first.id)
    third = town.add("res.country", fields=["name"], prefix="third_", after=second.id)
    due.tick(town.hub)
    assert runs_of(town, second) == [], "runs of before are not followed"
    town.sync(first)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: due.tick(town.hub), range(4)))
    ended(town, second)
    due.tick(town.hub)
    ended(town, third)
    due.tick(town.hub)
    assert (len(runs_of(town, second)), len(runs_of(town, third))) == (1, 1)
    town.server.faults.add("field_error", model="res.country", field="name")
    with town.hub.store.begin() as db:
        run_id, _ = runs.queue(db, first.id, full=False)
        runs.end(db, run_id, runs.Outcome(state="failed", message="Nothing answers."))
    due.tick(town.hub)
    assert len(runs_of(town, second)) == 1, "a run that failed is not followed"


def free_again(town):
    connections.set_limits(town.hub, town.name, {"working_hours": None})


@pytest.fixture
def at_work(town):
    """Let people work in the Odoo now, until tomorrow."""
    today = datetime.now(UTC)
    days = [hours.DAYS[(today.weekday() + more) % 7] for more in (-1, 0)]
    plan = hours.working_hours(days=days, start="00:00", end="24:00", tz="UTC", scheduled_runs=False)
    connections.set_limits(town.hub, town.name, {"working_hours": plan})
    yield plan.over(today)
    free_again(town)


@pytest.mark.feature("S2.17", "S2.60")
def test_what_comes_due_in_working_hours_runs_once_when_they_are_over(town, at_work):
    clock = town.add("res.country", fields=["name"], prefix="clock_", every="1h")
    first = town.add("res.country", fields=["name"], prefix="first_")
    after = town.add("res.country", fields=["name"], prefix="after_", after=first.id)
    paused = town.add("res.country", fields=["name"], prefix="paused_", every="1h")
    changed = town.add("res.country", fields=["name"], prefix="changed_", every="1h")
    town.sync(first)  # by hand, at any time
    for _ in range(3):
        due.tick(town.hub)
        set_back(town, clock, next_run_at=datetime.now(UTC) - HOUR)
    due.tick(town.hub)
    assert runs_of(town, clock) == runs_of(town, after) == []
    assert now_of(town, clock).next_run_at == at_work, "that is what people are told"
    service.pause(town.hub, paused.id)
    service.edit(town.hub, changed.id, service.Choice(every="2h"))
    free_again(town)
    for _ in range(2):
        due.tick(town.hub)
    ended(town, clock)
    ended(town, after)
    assert now_of(town, clock).next_run_at < datetime.now(UTC) + HOUR, "back in step"
    assert runs_of(town, paused) == runs_of(town, changed) == []
    assert owed(town) == 0


@pytest.mark.feature("S2.17")
def test_what_is_due_together_is_one_batch(town):
    streams = [town.add("res.country", fields=["name"], every="1h", prefix=f"b{n}_") for n in range(3)]
    moment = datetime.now(UTC) - HOUR
    set_back(town, *streams, next_run_at=moment)
    due.tick(town.hub)
    batches = {ended(town, stream)[0].batch for stream in streams}
    assert len(batches) == 1
    assert batches != {None}


@pytest.mark.feature("S2.17")
@pytest.mark.parametrize(
    ("kind", "point"),
    [
        ("clock", "due_claimed"),
        ("after", "follow_claimed"),
        ("clock", "after_started"),
        ("after", "after_started"),
    ],
)
def test_a_worker_that_dies_loses_no_run_and_doubles_none(town, point, kind):
    first = town.add("res.country", fields=["name"], prefix="first_")
    way = {"every": "1h"} if kind == "clock" else {"after": first.id}
    stream = town.add("res.country", fields=["name"], prefix="crash_", **way)
    if kind == "after":
        town.sync(first)
    code = "from towpath.hub import open_hub\nfrom towpath.features.replicate import due\n"
    code += "with open_hub() as hub: due.tick(hub)\n"
    env = os.environ | {
        "TOWPATH_HOME": str(town.hub.settings.home),
        commit_point.ENVIRONMENT: point,
        "TOWPATH_LOG_LEVEL": "error",
    }
    died = subprocess.run([sys.executable, "-c", code], env=env, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert owed(town) == 1
    for _ in range(2):
        due.tick(town.hub)
        town.hub.jobs().resume_pending()
    ended(town, stream)
    due.tick(town.hub)
    assert owed(town) == 0
    assert len(runs_of(town, stream)) == 1
