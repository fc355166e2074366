"""The call budget: one at a time and one a second on odoo.com, found by trying elsewhere."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from towpath import errors
from towpath.odoo import Access, Pace, pace_for


def work(
    pace: Pace,
    threads: int,
    calls: int,
    seconds: float,
    *,
    size: int = 0,
    shared: threading.Lock | None = None,
):
    """Make `calls` calls from each of several threads; `shared` is a server that does one thing at a time."""
    busiest = busy = 0
    count = threading.Lock()

    def run() -> None:
        nonlocal busy, busiest
        for _ in range(calls):
            with pace.turn() as turn:
                with count:
                    busy += 1
                    busiest = max(busiest, busy)
                if shared is None:
                    time.sleep(seconds)
                else:
                    with shared:
                        time.sleep(seconds)
                turn.work = size
                with count:
                    busy -= 1

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return busiest


@pytest.mark.feature("S2.60")
def test_calls_a_second_are_kept_over_all_threads():
    pace = Pace(most=1, per_second=20)
    started = time.monotonic()
    assert work(pace, 4, 3, 0) == 1
    assert time.monotonic() - started >= 11 / 20


def test_one_at_a_time_is_the_start():
    assert work(Pace(most=4, window=300), 4, 3, 0.005) == 1


def found(most: int, shared: threading.Lock | None = None) -> int:
    """The number of calls at a time that four busy threads come to."""
    pace = Pace(most=most, window=0.15)
    work(pace, 4, 40, 0.01, size=50_000, shared=shared)
    return pace.limit


def test_a_server_that_answers_two_at_once_gets_two():
    assert any(found(most=2) == 2 for _ in range(6)), "at one of its best, as others use the machine too"


def test_a_server_that_gets_no_faster_keeps_one():
    assert any(found(most=4, shared=threading.Lock()) == 1 for _ in range(6)), "others use the machine too"


def test_a_lone_caller_never_starts_the_search():
    pace = Pace(most=4, window=0.01)
    work(pace, 1, 60, 0.001)
    assert pace.limit == 1


@pytest.mark.feature("S2.60")
def test_retry_after_stops_everyone():
    pace = Pace()
    with pytest.raises(errors.RateLimitedError), pace.turn():
        raise errors.RateLimitedError(retry_after=0.2)
    started = time.monotonic()
    with pace.turn():
        pass
    assert time.monotonic() - started >= 0.19


@pytest.mark.parametrize(
    "error",
    [
        errors.RateLimitedError(),
        errors.TimedOutError(),
        errors.ServerBusyError(details={"status": 503}),
    ],
)
def test_trouble_halves_the_calls_at_a_time(error: Any):
    pace = Pace(most=4)
    pace._limit = 4
    with pytest.raises(errors.RetryLaterError), pace.turn():
        raise error
    assert pace.limit == 2


def test_a_lock_in_odoo_is_no_reason_to_slow_down():
    pace = Pace(most=4)
    pace._limit = 4
    with pytest.raises(errors.ServerBusyError), pace.turn():
        raise errors.ServerBusyError(details={"applied": False})
    assert pace.limit == 4


def test_slow_answers_halve_the_calls_at_a_time():
    pace = Pace(most=4, slow_after=0.01)
    pace._limit = 4
    with pace.turn():
        time.sleep(0.02)
    assert pace.limit == 2


def test_an_error_gives_the_place_back():
    pace = Pace(most=1)
    for _ in range(3):
        with pytest.raises(errors.CallError), pace.turn():
            raise errors.CallError
    with pace.turn():
        pass


def test_waiting_can_be_called_off():
    pace, cancel = Pace(), threading.Event()
    pace.pause(30)
    threading.Timer(0.1, cancel.set).start()
    started = time.monotonic()
    with pytest.raises(errors.RetryLaterError) as caught, pace.turn(cancel):
        pass
    assert caught.value.details["cancelled"]
    assert time.monotonic() - started < 15, "of the thirty seconds"


class Gatekeeper:
    """Lets a call through at the third request, and notes how calls went."""

    def __init__(self) -> None:
        self.waits = [0.01, 0.01]
        self.heard: list[tuple[str | None, float]] = []

    def claim(self) -> float:
        return self.waits.pop() if self.waits else 0.0

    def went(self, _seconds: float, trouble: str | None, pause: float) -> None:
        self.heard.append((trouble, pause))


def test_a_gate_beyond_the_process_is_asked():
    gate = Gatekeeper()
    with Pace(gate=gate).turn():
        assert gate.waits == []


@pytest.mark.parametrize(
    ("error", "heard"),
    [
        (errors.RateLimitedError(retry_after=0.1), ("HTTP 429 (too many calls)", 0.1)),
        (errors.RateLimitedError(retry_after=9_999), ("HTTP 429 (too many calls)", 300)),
        (errors.TimedOutError(), ("no answer within 0 s", 0)),
        (errors.ServerBusyError(details={"status": 503}), ("HTTP 503 (busy)", 0)),
        (errors.ServerBusyError(), (None, 0)),
        (errors.CallError(), (None, 0)),
    ],
)
def test_a_gate_beyond_the_process_hears_of_trouble(error, heard):
    gate = Gatekeeper()
    pace = Pace(gate=gate)
    with pytest.raises(type(error)), pace.turn():
        raise error
    assert gate.heard == [heard]


def test_a_gate_beyond_the_process_hears_of_slow_answers_and_of_good_ones():
    gate = Gatekeeper()
    now = [1000.0]
    pace = Pace(gate=gate, slow_after=20, clock=lambda: now[0])
    for seconds in (19, 21):
        with pace.turn():
            now[0] += seconds
    assert gate.heard == [(None, 0), ("an answer took 21 s", 0)]


def test_a_call_that_was_never_made_says_nothing():
    gate, cancel = Gatekeeper(), threading.Event()
    gate.waits = [30]
    threading.Timer(0.05, cancel.set).start()
    with pytest.raises(errors.RetryLaterError), Pace(gate=gate).turn(cancel):
        pass
    assert gate.heard == []


def test_calls_are_counted_by_the_minute():
    now = [1000.0]
    pace = Pace(clock=lambda: now[0])
    for _ in range(200):
        with pace.turn():
            now[0] += 0.5
    assert pace.calls_per_minute == pytest.approx(120, abs=2)
    now[0] += 61
    assert pace.calls_per_minute == 0
    assert len(pace._minute) <= 121


@pytest.mark.feature("S2.60")
def test_all_clients_of_a_database_share_one_budget():
    first = pace_for(Access(url="https://Acme.odoo.com", database="acme"))
    assert pace_for(Access(url="https://acme.odoo.com", database="acme", login="other")) is first
    assert (first.most, first.limit, first._interval) == (1, 1, 1.0)
    other = pace_for(Access(url="https://erp.example.com", database="acme"))
    assert other is not first
    assert other._interval == 0
    own = pace_for(Access(url="https://own.example.com"), at_once=2, per_second=5)
    assert (own.most, own.limit, own._interval) == (2, 2, 0.2)
