"""Several workers on one database: they share the ranges of a read, and what one leaves another one finishes."""

from __future__ import annotations

import signal
import time

import pytest

from towpath.features.replicate.job import table_of
from towpath.jobs.dbos_engine import takeover_within
from towpath.settings import Settings

pytestmark = pytest.mark.slow  # each test starts several processes


@pytest.mark.feature("S2.14", "S2.15", "S2.22")
def test_three_workers_one_killed_and_one_late_read_everything_once(yard):
    wanted = yard.partners(300)
    stream = yard.add()
    yard.server.faults.add("latency", seconds=0.12, method="search_read")
    early = yard.workers("a", "b")
    (run_id,) = yard.start(stream)
    by_pid = {process.pid: process for process in early}
    yard.until(lambda: len(set(yard.at_work(run_id).values())) == 2)
    yard.until(lambda: sum(row.done for row in yard.ranges(stream).values()) >= 4)
    low, pid = yard.one_at_work(run_id)
    by_pid[pid].send_signal(signal.SIGKILL)
    held = yard.ranges(stream)[low]
    slow = yard.server.faults.add(
        "latency", seconds=3, method="search_read"
    )  # there is something left for it
    (late,) = yard.workers("c")
    yard.server.faults.remove(slow.id)
    if not held.done:  # it may have come to its end in the moment before
        seconds = yard.until(lambda: _attempts(yard, stream, low) > held.attempts)
        assert seconds < 30
    run = yard.finished(run_id)
    assert run.state == "succeeded", run.message
    assert run.rows_inserted == len(wanted)
    yard.check(stream, wanted)
    done_by = set(yard.done_by(run_id).values())
    assert late.pid in done_by
    assert len(done_by) == 3
    for process in yard.processes:
        if process.pid != pid:
            process.send_signal(signal.SIGTERM)
            assert process.wait(90) == 0


def _attempts(yard, stream, low: int) -> int:
    row = yard.ranges(stream).get(low)
    return 99 if row is None else row.attempts  # no row any more: it was read and published


@pytest.mark.feature("S2.14", "S2.15")
def test_a_worker_that_was_paused_until_it_was_taken_for_dead_adds_nothing(yard):
    wanted = yard.partners(500)
    stream = yard.add()
    yard.server.faults.add("latency", seconds=0.25, method="search_read")
    yard.workers("a", "b")
    (run_id,) = yard.start(stream)
    yard.until(lambda: len(set(yard.at_work(run_id).values())) == 2 and yard.done_by(run_id))
    parent = yard.parent(run_id)
    while True:
        low, pid = yard.one_at_work(run_id, but=parent)
        paused = next(process for process in yard.processes if process.pid == pid)
        paused.send_signal(signal.SIGSTOP)
        if not (held := yard.ranges(stream)[low]).done:
            break
        paused.send_signal(signal.SIGCONT)  # it came to the end of that range in the moment before
    before = held.attempts
    assert yard.until(lambda: yard.ranges(stream)[low].attempts > before) < 30
    yard.until(lambda: yard.ranges(stream)[low].done)
    parts = yard.parts(stream, low)
    assert parts
    yard.server.faults.add("latency", seconds=1, method="search_read")  # the others are at it for a while
    paused.send_signal(signal.SIGCONT)
    time.sleep(2.5)
    assert yard.parts(stream, low) == parts
    yard.server.faults.clear()
    run = yard.finished(run_id)
    assert run.state == "succeeded", run.message
    assert run.rows_inserted == len(wanted)
    yard.check(stream, wanted)
    assert paused.poll() is None, "it goes on with other work"


@pytest.mark.feature("S2.14")
def test_work_of_a_dead_process_is_taken_over_within_30_seconds():
    assert takeover_within(Settings().takeover_seconds) < 30


@pytest.mark.feature("S2.14", "S2.15")
def test_one_home_takes_over_at_once(make_yard):
    """Its lock tells: no heartbeat has to grow old."""
    yard = make_yard(silence=60)
    wanted = yard.partners(160)
    stream = yard.add()
    yard.server.faults.add("latency", seconds=0.25, method="search_read")
    yard.workers("same", "same")
    (run_id,) = yard.start(stream)
    yard.until(lambda: len(set(yard.at_work(run_id).values())) == 2)
    parent = yard.parent(run_id)
    killed = next(process for process in yard.processes if process.pid == parent)
    killed.send_signal(signal.SIGKILL)
    assert yard.until(lambda: yard.parent(run_id) != parent) < 50
    run = yard.finished(run_id)
    assert run.state == "succeeded", run.message
    yard.check(stream, wanted)


@pytest.mark.feature("S2.14", "S2.15", "S2.48")
def test_workers_share_an_object_store(make_yard, s3):
    """Two tables at once, and one of them tidied up at the same time by somebody else."""
    yard = make_yard("s3://lake/shared", s3)
    marks = ("one", "two")
    wanted = {mark: yard.partners(120, mark) for mark in marks}
    streams = {mark: yard.add(mark) for mark in marks}
    yard.workers("a", "b", "c")
    first = [yard.finished(run_id) for run_id in yard.start(*streams.values())]
    assert [run.state for run in first] == ["succeeded", "succeeded"], [run.message for run in first]
    for mark in marks:
        yard.check(streams[mark], wanted[mark])
        yard.odoo.write("res.partner", wanted[mark][:5], {"city": "Delft"})
        wanted[mark] += yard.partners(5, mark)
    table = table_of(yard.hub, streams["one"])
    assert len(table.files()) == 6
    asked = yard.start(*streams.values())
    table.compact()
    second = [yard.finished(run_id) for run_id in asked]
    assert [(run.state, run.rows_inserted, run.rows_updated) for run in second] == [("succeeded", 5, 5)] * 2
    for mark in marks:
        yard.check(streams[mark], wanted[mark])
