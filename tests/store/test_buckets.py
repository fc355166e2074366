"""The call budget over all processes: tokens, pauses, and a rate that trouble halves and quiet lets grow."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from towpath.store import Store, buckets

START = datetime(2026, 3, 1, 12, 0, 3, tzinfo=UTC)


@pytest.fixture
def bucket():
    return f"odoo/{uuid.uuid4()}"


def seconds(number: float) -> datetime:
    return START + timedelta(seconds=number)


def test_a_bucket_starts_full_and_empties(store: Store, bucket: str):
    granted = [buckets.claim(store.engine, bucket, ceiling=3, at=START) for _ in range(4)]
    assert [grant.wait for grant in granted[:3]] == [0, 0, 0]
    assert granted[3].wait == pytest.approx(1 / 3)
    assert {grant.limit for grant in granted} == {3}


def test_tokens_come_back_with_time(store: Store, bucket: str):
    assert buckets.claim(store.engine, bucket, ceiling=1, at=START).wait == 0
    assert buckets.claim(store.engine, bucket, ceiling=1, at=seconds(0.2)).wait == pytest.approx(0.8)
    assert buckets.claim(store.engine, bucket, ceiling=20, at=seconds(0.21)).wait <= 0.05
    assert buckets.claim(store.engine, bucket, ceiling=20, at=seconds(0.28)).wait == 0


def test_it_never_holds_more_than_a_second_of_calls(store: Store, bucket: str):
    buckets.claim(store.engine, bucket, ceiling=2, at=START)
    waits = [buckets.claim(store.engine, bucket, ceiling=2, at=seconds(60)).wait for _ in range(3)]
    assert waits[:2] == [0, 0]
    assert waits[2] > 0


@pytest.mark.feature("S2.60")
def test_a_pause_holds_for_everybody_and_ends(store: Store, bucket: str):
    buckets.pause(store.engine, bucket, 600)
    buckets.pause(store.engine, bucket, 5)
    for ceiling in (None, 100):
        assert 300 < buckets.claim(store.engine, bucket, ceiling=ceiling).wait <= 600
    assert buckets.state(store.engine, bucket).paused_until is not None
    later = datetime.now(UTC) + timedelta(seconds=601)
    assert buckets.claim(store.engine, bucket, at=later).wait == 0
    assert buckets.state(store.engine, bucket, at=later).paused_until is None


def at_once(store: Store, bucket: str, count: int, work) -> None:
    """Let so many threads come to the row while it is locked, so that all of them have seen it as it was."""
    with store.begin() as db:
        db.execute(
            sa.text("select 1 from towpath.rate_buckets where name = :name for update"), {"name": bucket}
        )
        threads = [threading.Thread(target=work) for _ in range(count)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
    for thread in threads:
        thread.join()


@pytest.mark.feature("S2.60")
def test_rivals_never_take_the_same_token(store: Store, bucket: str):
    buckets.claim(store.engine, bucket, ceiling=4, calls=1, at=START)
    granted = []

    def work() -> None:
        granted.append(buckets.claim(store.engine, bucket, ceiling=4, at=START).wait == 0)

    at_once(store, bucket, 8, work)
    assert sum(granted) == 3
    assert buckets.state(store.engine, bucket, at=START).calls_per_minute == 4


@pytest.mark.feature("S2.60")
def test_rivals_that_meet_the_same_trouble_halve_once(store: Store, bucket: str):
    buckets.claim(store.engine, bucket, ceiling=8, at=START)
    halved = []

    def work() -> None:
        halved.append(buckets.slow(store.engine, bucket, "HTTP 503", elapsed=1, at=seconds(1)))

    at_once(store, bucket, 8, work)
    assert sorted(halved, key=str) == [4.0] + [None] * 7


def test_a_call_that_began_before_the_halving_says_nothing_of_the_rate_after_it(store: Store, bucket: str):
    buckets.claim(store.engine, bucket, ceiling=8, at=START)
    assert buckets.slow(store.engine, bucket, "slow", elapsed=25, at=seconds(30)) == 4
    assert buckets.slow(store.engine, bucket, "slow", elapsed=30, at=seconds(55)) is None
    assert buckets.slow(store.engine, bucket, "slow", elapsed=24, at=seconds(55)) == 2


@pytest.mark.feature("S2.60")
def test_without_a_limit_the_rate_observed_is_halved_and_comes_back(store: Store, bucket: str):
    for second in range(5):  # 100 calls in 5 seconds
        assert buckets.claim(store.engine, bucket, calls=20, at=seconds(second)).limit is None
    assert buckets.state(store.engine, bucket, at=seconds(5)).calls_per_minute == 100
    rate = buckets.slow(store.engine, bucket, "an answer took 25 s", at=seconds(5))
    assert rate == pytest.approx(10)
    shown = buckets.state(store.engine, bucket, at=seconds(5))
    assert (shown.limit, shown.slowed_why) == (rate, "an answer took 25 s")
    limits = [buckets.claim(store.engine, bucket, good=1, at=seconds(5 + n)).limit for n in range(1, 41)]
    assert limits[:9] == [rate] * 9  # nothing grows before ten seconds are over
    assert limits[9] == pytest.approx(12.5)
    assert limits[29] == pytest.approx(19.53125)
    assert limits[39] is None
    assert buckets.state(store.engine, bucket, at=seconds(45)).slowed_why is None


def test_nothing_grows_without_a_good_answer(store: Store, bucket: str):
    buckets.claim(store.engine, bucket, ceiling=1, at=START)
    buckets.slow(store.engine, bucket, "HTTP 429", at=START)
    assert buckets.claim(store.engine, bucket, ceiling=1, at=seconds(500)).limit == 0.5
    assert buckets.claim(store.engine, bucket, ceiling=1, good=1, at=seconds(500)).limit == 0.625


def test_calls_are_forgotten_after_a_minute(store: Store, bucket: str):
    buckets.claim(store.engine, bucket, calls=60, at=START)
    buckets.claim(store.engine, bucket, calls=30, at=seconds(31))
    counted = [
        buckets.state(store.engine, bucket, at=seconds(s)).calls_per_minute for s in (31, 56, 62, 80, 101)
    ]
    assert counted == [90, 90, 60, 30, 0]  # at 62 half of the first ten seconds is over a minute ago


def test_an_unused_bucket_has_a_state(store: Store):
    assert buckets.state(store.engine, "odoo/nobody") == buckets.State()


def test_a_ceiling_of_nothing_is_refused(store: Store, bucket: str):
    with pytest.raises(ValueError, match="lets nothing through"):
        buckets.claim(store.engine, bucket, ceiling=0)


@pytest.mark.feature("S2.60")
def test_the_rate_keeps_its_laws_whatever_happens(store: Store):
    """Any order of claims, troubles, pauses and waits, with a clock of our own."""

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.name = f"odoo/{uuid.uuid4()}"
            self.now = 0.0
            self.ceiling = None
            self.limit: float | None = None
            self.halved_at = -1000.0
            self.paused = 0.0
            self.stretch, self.granted, self.fastest = 0.0, 0, 0.0
            buckets.claim(store.engine, self.name, at=seconds(0))

        @rule(step=st.floats(0.01, 15))
        def wait(self, step: float) -> None:
            self.now += step

        @rule(ceiling=st.sampled_from([None, 1.0, 4.0, 50.0]))
        def change_ceiling(self, ceiling: float | None) -> None:
            self.ceiling = ceiling
            self.forget()

        @rule(good=st.integers(0, 3), calls=st.integers(1, 30))
        def claim(self, good: int, calls: int) -> None:
            before = self.limit
            grant = buckets.claim(
                store.engine, self.name, ceiling=self.ceiling, calls=calls, good=good, at=seconds(self.now)
            )
            self.limit = grant.limit
            if self.ceiling is not None:
                assert grant.limit is not None
                assert grant.limit <= self.ceiling
            if grant.limit != before:
                self.forget()
                if before is not None and grant.limit is not None and grant.limit > before and self.stable:
                    assert grant.limit <= before * buckets.GROWTH * 1.000001
                    assert good
                    assert self.now >= self.halved_at + buckets.STEP
            self.stable = True
            if self.now < self.paused - 1e-5:
                assert grant.wait >= self.paused - self.now - 1e-5
            elif grant.wait == 0:
                self.granted += 1
            else:
                assert grant.limit is not None
                assert grant.wait <= 1 / grant.limit + 1e-5
            if grant.limit is not None:
                most = max(1, grant.limit) + grant.limit * (self.now - self.stretch)
                assert self.granted <= most + 1e-5

        def forget(self) -> None:
            """Begin to count anew under another limit."""
            self.stretch, self.granted = self.now, 0
            self.stable = False

        @rule(elapsed=st.floats(0, 30), pause=st.sampled_from([0.0, 3.0]))
        def trouble(self, elapsed: float, pause: float) -> None:
            before = buckets.state(store.engine, self.name, at=seconds(self.now))
            rate = buckets.slow(
                store.engine, self.name, "HTTP 429", elapsed=elapsed, pause=pause, at=seconds(self.now)
            )
            if (
                abs(self.now - max(elapsed, buckets.HOLD) - self.halved_at) > 1e-4
            ):  # PostgreSQL counts microseconds
                assert (rate is not None) == (self.now - max(elapsed, buckets.HOLD) > self.halved_at)
            if rate is not None:
                assert rate >= buckets.LEAST
                if before.limit is not None:
                    assert rate == pytest.approx(max(buckets.LEAST, before.limit / 2))
                self.halved_at = self.now
                self.limit = rate
                self.forget()
            if pause:
                self.paused = max(self.paused, self.now + pause)

        @invariant()
        def counts_make_sense(self) -> None:
            shown = buckets.state(store.engine, self.name, at=seconds(self.now))
            assert shown.calls_per_minute >= 0
            assert (shown.rate is None) == (shown.slowed_why is None)

    Machine.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
    machine = Machine.TestCase()
    machine.runTest()
