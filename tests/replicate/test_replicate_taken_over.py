"""Who works on a run: one process at a time, and one range at a time where Odoo allows no more."""

from __future__ import annotations

import socket
import time

import pytest
import sqlalchemy as sa

from towpath.errors import TimedOutError, TowpathError
from towpath.features.connections import service as connections
from towpath.features.replicate import range_wait, runs, service
from towpath.features.replicate.cursor import Totals
from towpath.features.replicate.job import table_of
from towpath.features.replicate.tables import staged_parts

MODEL = "res.partner"


@pytest.fixture
def partners(town):
    """120 partners with a mark of their own, gone after the test."""
    ids = town.odoo.create(MODEL, [{"name": f"p{n}", "ref": town.name} for n in range(120)])
    yield ids
    town.server.faults.clear()
    town.odoo.unlink(MODEL, ids)


@pytest.fixture
def small(hub):
    """Changes settings for one test."""
    before = {}

    def change(**wanted):
        before.update({key: getattr(hub.settings, key) for key in wanted})
        for key, value in wanted.items():
            object.__setattr__(hub.settings, key, value)

    yield change
    for key, value in before.items():
        object.__setattr__(hub.settings, key, value)


@pytest.mark.feature("S2.14", "S2.15")
@pytest.mark.parametrize(
    ("moment", "again"), [("reading", False), ("publishing", False), ("looking for deletions", True)]
)
def test_a_run_that_another_process_has_taken_over_stops_and_commits_nothing(town, partners, moment, again):
    """Serial runs: what was read is thrown away, whether it was to be staged, published or merged."""
    hub = town.hub
    stream = town.add(MODEL, fields=["name", "city"], filter=f"[('ref', '=', '{town.name}')]")
    if again:
        assert town.sync(stream).rows_inserted == len(partners)
        town.odoo.write(MODEL, partners[:3], {"city": "after"})
    version = table_of(hub, stream).version
    taken: list[int] = []

    def take_over(report):
        if report["event"] == moment and not taken:
            with hub.store.begin() as db:
                taken.append(runs.begin(db, report["run_id"], {}) or 0)

    (run_id,) = service.start(hub, [stream], on_progress=take_over)
    until(lambda: taken == [2])
    with pytest.raises(TimedOutError):  # it does not end: that is the other one's to do
        hub.jobs().wait(run_id, timeout=0.7)
    assert table_of(hub, stream).version == version
    with hub.store.begin() as db:
        run = runs.find(db, run_id)
        parts = sa.select(sa.func.count()).where(staged_parts.c.stream_id == stream.id)
        staged = db.execute(parts).scalar_one()
        runs.end(db, run_id, runs.Outcome(state="failed", totals=Totals()))
    assert (run.state, run.attempts, run.cursor_after) == ("running", 2, None)
    # What was noted before the other one came is there for it to go on behind.
    assert staged == (moment == "publishing")


@pytest.mark.feature("S2.14", "S2.15")
def test_a_run_that_is_cancelled_between_two_of_its_steps_is_closed(town, partners, small, monkeypatch):
    """No step is there to close it: the cuts are made, and the ranges not started yet."""
    hub, begin = town.hub, range_wait.start
    small(page_rows=10, range_rows=20)
    stream = town.add(MODEL, fields=["name"], filter=f"[('ref', '=', '{town.name}')]")

    def cancelled_before(context, run_id, said, turn):
        hub.jobs().cancel(run_id)
        return begin(context, run_id, said, turn)

    with monkeypatch.context() as patched:
        patched.setattr(range_wait, "start", cancelled_before)
        (run_id,) = service.start(hub, [stream])
        with pytest.raises(TowpathError, match="cancelled"):
            hub.jobs().wait(run_id, timeout=30)
    until(lambda: found(hub, run_id).state == "cancelled")
    done = town.sync(stream)
    assert (done.state, done.id != run_id) == ("succeeded", True)
    assert sorted(town.rows(stream)) == partners


def until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def found(hub, run_id: str) -> runs.Run:
    with hub.store.begin() as db:
        return runs.find(db, run_id)


@pytest.mark.feature("S2.15", "S2.60")
def test_ranges_are_read_one_after_the_other_where_odoo_allows_one_call_at_a_time(
    town, partners, small, monkeypatch
):
    """Odoo Online: the sandbox by a name below odoo.com (facts §2.3)."""
    hub, resolve = town.hub, socket.getaddrinfo
    cloud, name = f"{town.name}.odoo.com", f"{town.name}_cloud"
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **named: resolve("127.0.0.1" if host == cloud else host, *more, **named),
    )
    small(page_rows=10, range_rows=20, calls_per_second=500.0)  # one a second would take a minute
    account, port = town.server.users["admin"], town.server.url.rpartition(":")[2]
    connections.add(
        hub,
        name=name,
        url=f"http://{cloud}:{port}",
        database=town.server.db,
        login=account.login,
        secret=account.key,
    )
    choice = service.Choice(fields=["name"], filter=f"[('ref', '=', '{town.name}')]")
    (stream,) = service.add(hub, name, [MODEL], choice)
    try:
        (run,) = service.sync(hub, [stream])
        assert run.state == "succeeded", run.message
        assert sorted(town.rows(stream)) == partners
        jobs = sa.text(
            "select o.started_at_epoch_ms, o.completed_at_epoch_ms, s.queue_name"
            " from towpath_jobs.operation_outputs o join towpath_jobs.workflow_status s using (workflow_uuid)"
            " where workflow_uuid like :run and o.function_name = 'read' order by 1"
        )
        with hub.store.begin() as db:
            ranges = db.execute(jobs, {"run": f"{run.id}-%"}).all()
    finally:
        service.remove(hub, stream.id)
        connections.remove(hub, name)
    assert len(ranges) == 6
    assert {queue for _, _, queue in ranges} == {"ranges_one_by_one"}
    ends = [0, *(ended for _, ended, _ in ranges)]
    assert all(began >= ended for (began, _, _), ended in zip(ranges, ends, strict=False))
