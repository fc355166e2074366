"""Trying again: only what is safe, with growing waits, and never longer than allowed."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.odoo import Retry

QUICK = Retry(attempts=4, first=0.001, longest=0.002)


class Flaky:
    def __init__(self, *failures: Exception) -> None:
        self.failures, self.calls = list(failures), 0

    def __call__(self) -> str:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return "done"


@pytest.mark.feature("S1.27", "S2.60")
def test_a_read_is_tried_again_until_it_works():
    call, seen = Flaky(errors.ConnectionLostError(), errors.ServerBusyError(), errors.TimedOutError()), []
    assert QUICK.run(call, repeatable=True, what="x.read", observe=seen.append) == "done"
    assert call.calls == 4
    assert [(attempt.number, attempt.what) for attempt in seen] == [
        (1, "x.read"),
        (2, "x.read"),
        (3, "x.read"),
    ]


@pytest.mark.parametrize(
    "error",
    [errors.ConnectionLostError(), errors.TimedOutError(), errors.ServerBusyError(details={"status": 504})],
)
def test_a_write_whose_outcome_is_not_known_is_never_repeated(error: Any):
    call = Flaky(error)
    with pytest.raises(type(error)):
        QUICK.run(call, repeatable=False)
    assert call.calls == 1


@pytest.mark.parametrize(
    "error", [errors.ConnectionLostError, errors.RateLimitedError, errors.ServerBusyError]
)
def test_a_write_that_certainly_did_not_happen_is_repeated(error: Any):
    assert QUICK.run(Flaky(error(details={"applied": False})), repeatable=False) == "done"


@pytest.mark.parametrize(
    "error", [errors.KeyRefusedError, errors.RightMissingError, errors.RecordRefusedError, errors.CallError]
)
def test_what_will_not_mend_is_raised_at_once(error: Any):
    call = Flaky(error())
    with pytest.raises(error):
        QUICK.run(call, repeatable=True)
    assert call.calls == 1


def test_the_last_error_is_raised_when_the_tries_are_spent():
    call = Flaky(*[errors.ServerBusyError() for _ in range(9)])
    with pytest.raises(errors.ServerBusyError) as caught:
        QUICK.run(call, repeatable=True)
    assert call.calls == 4
    assert caught.value.details["attempts"] == 4


def test_no_try_is_begun_after_the_time_is_spent():
    call = Flaky(*[errors.ServerBusyError(retry_after=60) for _ in range(9)])
    started = time.monotonic()
    with pytest.raises(errors.ServerBusyError):
        Retry(total=1.0).run(call, repeatable=True)
    assert call.calls == 1
    assert time.monotonic() - started < 30


def test_a_wait_can_be_called_off():
    cancel = threading.Event()
    threading.Timer(0.05, cancel.set).start()
    with pytest.raises(errors.RetryLaterError) as caught:
        Retry(first=60).run(Flaky(errors.ServerBusyError(retry_after=60)), repeatable=True, cancel=cancel)
    assert caught.value.details["cancelled"]


@given(st.integers(1, 60), st.none() | st.floats(0, 1e6))
def test_waits_stay_within_their_limits(number: Any, asked: Any):
    retry = Retry(first=0.5, longest=60, longest_asked=300)
    wait = retry.wait(number, errors.ServerBusyError(retry_after=asked))
    if asked is None:
        assert 0 <= wait <= min(60, 0.5 * 2 ** (number - 1))
    else:
        assert min(asked, 300) <= wait <= min(asked, 300) + 0.5


def test_limits_can_be_changed_one_by_one():
    assert QUICK.but(attempts=1).attempts == 1
    assert QUICK.but(longest=9).longest == 9
