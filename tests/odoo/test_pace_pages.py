"""The page size follows what a page costs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath import errors
from towpath.odoo import PageSize


@pytest.mark.feature("S2.59")
def test_it_starts_moderate_and_grows_to_the_goal():
    size = PageSize()
    assert size.rows == 2_000
    size.took(2_000, 0.3)
    size.took(4_000, 0.6)
    assert size.rows == 5_000


def test_slow_pages_get_smaller():
    size = PageSize(seconds=5)
    size.took(2_000, 20)
    assert size.rows == 500


def test_large_answers_get_smaller_too():
    size = PageSize(megabytes=1)
    size.took(2_000, 0.1, 3 * 1_048_576)
    assert size.rows == 666


def test_the_last_page_of_a_table_changes_nothing():
    size = PageSize()
    size.took(3, 0.01)
    assert size.rows == 2_000


@pytest.mark.feature("S2.60")
@pytest.mark.parametrize(
    ("error", "smaller"),
    [
        (errors.TimedOutError(), True),
        (errors.ServerBusyError(details={"too_large": True}), True),
        (errors.ProtocolError(details={"too_large": True}), True),
        (errors.ServerBusyError(details={"status": 504}), True),
        (errors.ServerBusyError(), False),
        (errors.RightMissingError(), False),
        (errors.CallError(), False),
    ],
)
def test_only_pages_that_were_too_much_get_smaller(error: Any, smaller: Any):
    size = PageSize()
    assert size.failed(error) is smaller
    assert size.rows == (500 if smaller else 2_000)


def test_a_size_that_failed_is_not_tried_again_soon():
    size = PageSize()
    size.failed(errors.TimedOutError())
    for _ in range(10):
        size.took(size.rows, 0.1)
    assert size.rows == 1_000


def test_the_floor_ends_the_shrinking():
    size = PageSize(start=20)
    assert size.failed(errors.TimedOutError()) is False


@given(st.lists(st.tuples(st.integers(0, 10_000), st.floats(0, 1e4), st.booleans())))
def test_it_always_stays_between_floor_and_goal(story: Any):
    size = PageSize(floor=10, goal=5_000)
    for rows, seconds, fails in story:
        if fails:
            size.failed(errors.TimedOutError())
        else:
            size.took(rows, seconds)
        assert 10 <= size.rows <= 5_000
