"""The cursor: what it keeps, and that it never runs ahead."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.features.replicate.cursor import Cursor, Totals, Window, odoo_time

moments = st.datetimes(datetime(2015, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001  # bounds
    lambda m: m.replace(microsecond=0)
)
counts = st.integers(0, 10**9)
totals = st.builds(Totals, read=counts, inserted=counts, updated=counts, unchanged=counts, deleted=counts)
windows = st.builds(Window, since=moments, until=moments, last_id=counts, whole=st.booleans())
cursors = st.builds(
    Cursor,
    through=st.none() | moments,
    window=st.none() | windows,
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
    assert window.since == through - overlap
    assert through <= window.until
    assert window.until < now or window.until == through


@given(cursor=cursors, to=moments)
def test_closing_never_moves_back(cursor: Cursor, to: datetime):
    closed = cursor.closed(to, run_id="r", totals=Totals())
    assert closed.through is not None
    assert closed.through >= to
    assert cursor.through is None or closed.through >= cursor.through
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
