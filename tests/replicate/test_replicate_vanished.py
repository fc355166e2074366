"""The count tree finds exactly what differs, with few calls."""

from __future__ import annotations

import random
from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.features.replicate.vanished import Measure, compare_ids


class Ours:
    """Ids as a table would count and list them."""

    def __init__(self, ids) -> None:
        self.held = sorted(ids)
        self.end = max(ids, default=0) + 1

    def measure(self, low: int, high: int) -> Measure:
        inside = self.ids(low, high)
        return Measure(len(inside), sum(inside))

    def ids(self, low: int, high: int) -> list[int]:
        return self.held[bisect_left(self.held, low) : bisect_left(self.held, high)]

    def middle(self, low: int, high: int) -> int:
        inside = self.ids(low, high)
        return inside[len(inside) // 2]


def compare(ids, odoo: Odoo, **options):
    ours = Ours(ids)
    return list(compare_ids(ours, ours.end, odoo.measure, odoo.list, **options))


class Odoo:
    """Measures and lists ids, and counts how often it was asked; ``sums`` False leaves out what ids add up to."""

    def __init__(self, ids, *, sums: bool = True) -> None:
        self.ids, self.sums, self.calls = sorted(ids), sums, 0

    def _between(self, low: int, high: int) -> list[int]:
        return self.ids[bisect_left(self.ids, low) : bisect_left(self.ids, high)]

    def measure(self, low: int, high: int) -> Measure:
        self.calls += 1
        inside = self._between(low, high)
        return Measure(len(inside), sum(inside) if self.sums else None)

    def list(self, low: int, high: int, limit: int | None = None) -> list[int]:
        self.calls += 1
        return self._between(low, high)[:limit]


@given(
    ours=st.sets(st.integers(1, 400)),
    gone=st.sets(st.integers(1, 400)),
    leaf=st.integers(1, 50),
    sums=st.booleans(),
)
@pytest.mark.feature("S2.15")
def test_every_deletion_is_found(ours: set[int], gone: set[int], leaf: int, sums: bool):
    odoo = Odoo(ours - gone, sums=sums)
    found = compare(ours, odoo, leaf=leaf, small=leaf)
    assert {i for d in found for i in d.vanished} == ours & gone
    assert not any(d.unseen for d in found)


@given(
    ours=st.sets(st.integers(1, 400), min_size=1),
    theirs=st.sets(st.integers(1, 400)),
    leaf=st.integers(1, 50),
)
def test_what_is_reported_is_true(ours: set[int], theirs: set[int], leaf: int):
    odoo = Odoo(theirs)
    for difference in compare(ours, odoo, leaf=leaf, small=leaf):
        assert set(difference.vanished) <= ours - theirs
        assert set(difference.unseen) <= theirs - ours


def test_nothing_deleted_costs_one_call():
    ids = set(range(1, 100_001))
    odoo = Odoo(ids)
    assert not compare(ids, odoo)
    assert odoo.calls == 1


def test_one_deletion_among_many_costs_a_handful():
    ids = set(range(1, 200_001))
    odoo = Odoo(ids - {123_456})
    found = compare(ids, odoo)
    assert [list(d.vanished) for d in found] == [[123_456]]
    assert odoo.calls <= 9


@pytest.mark.parametrize(("gone", "calls"), [(1, 10), (5, 30), (10, 45), (20, 70), (50, 70), (20_000, 70)])
def test_deletions_all_over_a_million_cost_a_few_dozen_calls(gone, calls):
    ids = list(range(1, 1_000_001))
    lost = set(random.Random(gone).sample(ids, gone))  # noqa: S311  # the same sample at each run
    odoo = Odoo(i for i in ids if i not in lost)
    assert {i for d in compare(ids, odoo) for i in d.vanished} == lost
    assert odoo.calls <= calls


@pytest.mark.parametrize("sums", [True, False])
def test_a_deletion_and_a_late_creation_in_one_range_do_not_hide_each_other(sums):
    """Where Odoo does not add up the ids they do, until the range is proved (``proof.py``)."""
    ours = sorted({*range(1, 40_001)} - {20_500})
    odoo = Odoo({*range(1, 40_001)} - {20_400}, sums=sums)
    found = compare(ours, odoo)
    assert [list(d.vanished) for d in found] == ([[20_400]] if sums else [])
    assert [list(d.unseen) for d in found] == ([[20_500]] if sums else [])


def test_a_late_creation_is_found_too():
    odoo = Odoo({1, 2, 3, 4})
    found = compare([1, 2, 4], odoo)
    assert [list(d.unseen) for d in found] == [[3]]


def test_an_empty_table_asks_nothing():
    odoo = Odoo({1})
    assert not list(compare_ids(Ours([]), 0, odoo.measure, odoo.list))
    assert odoo.calls == 0


@given(
    ours=st.sets(st.integers(1, 60)),
    theirs=st.sets(st.integers(1, 60)),
)
def test_a_small_table_is_compared_exactly(ours: set[int], theirs: set[int]):
    """Even where a deletion and a late creation leave the count as it was."""
    end = max(ours | theirs, default=0) + 1
    odoo = Odoo(theirs)
    found = list(compare_ids(Ours(ours), end, odoo.measure, odoo.list))
    assert {i for d in found for i in d.vanished} == ours - theirs
    assert {i for d in found for i in d.unseen} == theirs - ours
    assert odoo.calls == 1


def test_huge_gaps_between_ids_cost_little():
    ids = {7, 2**31 - 2, *range(1_000_000, 1_009_000)}
    odoo = Odoo(ids - {1_004_321})
    assert [list(d.vanished) for d in compare(ids, odoo)] == [[1_004_321]]
    assert odoo.calls <= 6
