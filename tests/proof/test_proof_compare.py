"""The arithmetic of the proof: comparing two sides, choosing ranges, and telling how late a record was."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.features.replicate.pairs import checksum, compare
from towpath.features.replicate.proof_plan import WIDTH, Part, Proved, choose, due, ranges
from towpath.features.replicate.proof_summary import lateness

pytestmark = pytest.mark.feature("S2.14")
SIDES = st.dictionaries(st.integers(1, 60), st.integers(0, 50))
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@given(side=SIDES, seed=st.randoms())
def test_a_checksum_does_not_depend_on_the_order(side, seed):
    pairs = list(side.items())
    seed.shuffle(pairs)
    assert checksum(pairs) == checksum(side.items())


@given(one=SIDES, other=SIDES)
def test_checksums_are_equal_exactly_where_the_sides_are(one, other):
    assert (checksum(one.items()) == checksum(other.items())) == (one == other)


@given(theirs=SIDES, ours=SIDES, before=st.none() | st.integers(0, 51))
def test_every_difference_is_named_and_nothing_else(theirs, ours, before):
    found = compare(theirs, ours, before)
    moved = {n for n, stamp in theirs.items() if before is not None and stamp >= before}
    left = {n: s for n, s in theirs.items() if n not in moved}
    right = {n: s for n, s in ours.items() if n not in moved}
    assert found.equal == (left == right) == (found.odoo_checksum == found.table_checksum)
    assert (found.odoo_count, found.table_count) == (len(left), len(right))
    # Mending what is named makes the sides equal; what is not named is equal already.
    mended = {n: s for n, s in ours.items() if n not in found.extra}
    mended.update({n: theirs[n] for n in (*found.missing, *found.stale)})
    assert compare(theirs, mended, before).equal
    assert found.suspects == sorted(set(found.missing) | set(found.stale) | set(found.extra))
    assert len(found.suspects) == len(found.missing) + len(found.stale) + len(found.extra)


PARTS = st.lists(st.tuples(st.integers(1, 300_000), st.integers(0, 200_000)), max_size=12)


@given(pieces=PARTS, beyond=st.integers(0, 2**31))
def test_ranges_cover_every_id_once_and_hold_what_a_call_can_fetch(pieces, beyond):
    parts, low = [], 1
    for rows, gap in pieces:
        parts.append(Part(low=low, high=low + rows - 1, rows=rows))
        low += rows + gap
    found = ranges(parts, low + beyond)
    assert found[0].low == 0
    assert all(one.high == after.low for one, after in itertools.pairwise(found))
    assert found[-1].high > low + beyond
    assert all(one.rows <= WIDTH for one in found), "these parts have a row for each id"
    assert all((one.high - one.low) % WIDTH == 0 == one.low % (one.high - one.low) for one in found)
    assert sum(one.rows for one in found) == pytest.approx(sum(part.rows for part in parts), abs=len(found))


def test_huge_gaps_between_ids_make_few_ranges():
    parts = [Part(low=7, high=7, rows=1), Part(low=2**31 - 2, high=2**31 - 2, rows=1)]
    assert len(ranges(parts, 2**31 - 2)) == 1


def dense(number: int):
    return ranges([Part(low=1, high=number * WIDTH - 1, rows=number * WIDTH - 1)], number * WIDTH - 1)


def test_every_range_comes_round_however_busy_the_last_one_is():
    known, proved, seen = dense(16), {}, []
    for turn in range(64):
        now = NOW + timedelta(minutes=5 * turn)
        (one,) = choose(known, list(proved.values()), now=now, budget=20_000, touched={15})
        proved[one.low] = Proved(low=one.low, high=one.high, checked_at=now, equal=True)
        seen.append(one.low // WIDTH)
    assert sorted(seen[:16]) == list(range(16)), "never proved comes first"
    assert set(seen[16:48]) == set(range(16)), "then all come round again"
    assert seen.count(15) > 1.5 * seen.count(0), "the busy one more often"


def test_what_did_not_agree_is_proved_first_and_a_small_table_wholly():
    known = dense(4)
    proved = [Proved(low=one.low, high=one.high, checked_at=NOW, equal=one.low != WIDTH) for one in known]
    (one,) = choose(known, proved, now=NOW, budget=100)
    assert one.low == WIDTH
    small = ranges([Part(low=1, high=9_000, rows=9_000)], 9_000)
    assert choose(small, [], now=NOW, budget=20_000) == small


def test_of_a_large_table_each_range_comes_round_once_a_day_and_a_changed_one_sooner():
    known, proved, seen = dense(8), {}, []
    for hour in range(1, 73):
        now = NOW + timedelta(hours=hour)
        turns = due(
            known,
            list(proved.values()),
            now=now,
            since=NOW,
            turn=timedelta(days=1),
            touched={7} if hour > 24 else (),
        )
        assert len(turns) <= 2, "spread over the day"
        for one in turns:
            proved[one.low] = Proved(low=one.low, high=one.high, checked_at=now, equal=True)
            seen.append((hour, one.low // WIDTH))
    assert sorted(one for hour, one in seen if hour <= 24) == list(range(8))
    later = [one for hour, one in seen if hour > 24]
    assert [later.count(number) for number in range(7)] == [2] * 7
    assert later.count(7) == 8


def test_what_did_not_agree_is_due_at_once():
    known = dense(4)
    proved = [Proved(low=one.low, high=one.high, checked_at=NOW, equal=one.low != WIDTH) for one in known]
    turns = due(known, proved, now=NOW, since=NOW, turn=timedelta(days=1))
    assert [one.low for one in turns] == [WIDTH]


def test_a_range_that_lies_in_a_wider_proved_one_counts_as_proved():
    known = dense(4)
    wide = Proved(low=0, high=2 * WIDTH, checked_at=NOW, equal=True)
    chosen = choose(known, [wide], now=NOW, budget=2 * (WIDTH + 500))
    assert [one.low for one in chosen] == [2 * WIDTH, 3 * WIDTH]


@given(
    stamp=st.integers(0, 100_000),
    cursors=st.lists(st.integers(0, 200_000), max_size=20),
    overlap=st.integers(0, 1_000),
)
def test_a_record_is_taken_for_no_later_than_the_reads_show(stamp, cursors, overlap):
    late = lateness([stamp], cursors, overlap=overlap)
    passed = [moment for moment in cursors if moment - overlap > stamp]
    if not passed or min(passed) - stamp > 86_400:
        assert late == 0
    else:
        assert overlap < late == min(passed) - stamp
