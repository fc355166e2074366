"""The cursor: what it keeps, and that it never runs ahead."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.features.replicate.cursor import Cursor, Totals, Window, odoo_time, set_back

moments = st.datetimes(datetime(2015, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001  # bounds
    lambda m: m.replace(microsecond=0)
)
counts = st.integers(0, 10**9)
totals = st.builds(Totals, read=counts, inserted=counts, updated=counts, unchanged=counts, deleted=counts)
ahead = st.none() | st.floats(-(10**6), 10**6)
windows = st.builds(
    Window,
    since=moments,
    until=moments,
    last_id=counts,
    whole=st.booleans(),
    sign=st.text(max_size=16),
    ahead=ahead,
)
cursors = st.builds(
    Cursor,
    through=st.none() | moments,
    window=st.none() | windows,
    ahead=ahead,
    run_id=st.none() | st.text(max_size=32),
    totals=totals,
    counted=st.booleans(),
)


@given(cursor=cursors)
def test_it_survives_as_json(cursor: Cursor):
    assert Cursor.from_json(json.loads(json.dumps(cursor.to_json()))) == cursor


@given(through=moments, now=moments, minutes=st.integers(0, 60))
@pytest.mark.feature("S1.7", "S1.17")
def test_a_window_reaches_back_and_never_runs_ahead_of_odoo(through: datetime, now: datetime, minutes: int):
    overlap = timedelta(minutes=minutes)
    window = Cursor(through=through).open_window(now, overlap)
    assert window.since == min(through, now) - overlap
    assert through <= window.until
    assert window.until < now or window.until == through


@given(cursor=cursors, window=windows)
def test_closing_moves_back_only_when_everything_was_read(cursor: Cursor, window: Window):
    closed = cursor.closed(window, run_id="r", totals=Totals())
    assert closed.through is not None
    assert closed.through >= window.until
    assert window.whole or cursor.through is None or closed.through >= cursor.through
    assert closed.window is None
    assert closed.ended("r")


def test_a_cut_off_window_is_read_on_and_one_of_another_kind_is_not():
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    part = Window(since=now - timedelta(hours=1), until=now, last_id=77)
    cursor = Cursor(through=now - timedelta(hours=1), window=part)
    assert cursor.open_window(now, timedelta(0)) == part
    assert cursor.open_whole(now).last_id == 0
    whole = Cursor(through=now, window=Window(since=now, until=now, last_id=5, whole=True))
    assert whole.open_whole(now).last_id == 5
    assert whole.open_window(now, timedelta(0)).last_id == 0


def test_a_whole_window_of_another_choice_is_not_read_on():
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    whole = Cursor(through=now, window=Window(since=now, until=now, last_id=5, whole=True, sign="a"))
    assert whole.open_whole(now, sign="a").last_id == 5
    assert whole.open_whole(now, sign="b").last_id == 0
    assert whole.open_whole(now, sign="a", anew=True).last_id == 0


def test_a_clock_that_was_set_back_is_noticed():
    quarter = timedelta(minutes=15)
    assert set_back(3600.0, 0.0, quarter)
    assert set_back(0.0, -3600.0, quarter)
    assert not set_back(0.0, 3600.0, quarter)
    assert not set_back(30.0, -30.0, quarter)
    assert not set_back(None, -3600.0, quarter)


def test_nothing_read_means_no_window():
    with pytest.raises(ValueError, match="never read"):
        Cursor().open_window(datetime.now(UTC), timedelta(0))


def test_counts_of_the_commit_are_added_once():
    cursor = Cursor(run_id="r", totals=Totals(read=9), counted=False)
    known = cursor.with_counts({"inserted": 2, "updated": 3, "unchanged": 4, "deleted": 0})
    assert known.totals == Totals(read=9, inserted=2, updated=3, unchanged=4)
    assert known.with_counts({"inserted": 2}) == known
    assert known.totals_of("another") == Totals()


def test_odoo_is_asked_in_its_own_form():
    assert odoo_time(datetime.fromisoformat("2026-03-01T01:30:00+02:00")) == "2026-02-28 23:30:00"


@pytest.mark.feature("S1.17", "S2.14")
def test_a_window_opened_by_a_clock_that_was_set_back_is_noticed():
    then, quarter = datetime(2026, 1, 1, tzinfo=UTC), timedelta(minutes=15)
    cursor = Cursor(through=then, ahead=0.0)
    window = cursor.open_window(then + timedelta(hours=1), quarter, ahead=3600.0)
    cut_off = cursor.within(window, run_id="r", totals=Totals())
    assert cut_off.set_back(0.0, quarter)
    assert not cut_off.set_back(3590.0, quarter)
    assert not cursor.set_back(0.0, quarter)


@given(cursor=cursors, window=windows)
def test_how_far_the_clock_was_ahead_belongs_to_the_moment_it_told(cursor: Cursor, window: Window):
    """Otherwise a position that lies ahead of a clock that was set back would look as if it had been set by it."""
    after = cursor.after(window)
    stays = cursor.through is not None and cursor.through >= window.until and not window.whole
    assert after.through == (cursor.through if stays else window.until)
    assert after.ahead == (cursor.ahead if stays and cursor.ahead is not None else window.ahead)
