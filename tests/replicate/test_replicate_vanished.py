"""The count tree finds exactly what differs, with few calls."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.features.replicate.vanished import compare_ids


class Odoo:
    """Counts and lists ids, and counts how often it was asked."""

    def __init__(self, ids: set[int]) -> None:
        self.ids, self.calls = ids, 0

    def count(self, low: int, high: int) -> int:
        self.calls += 1
        return sum(low <= i < high for i in self.ids)

    def list(self, low: int, high: int) -> list[int]:
        self.calls += 1
        return [i for i in self.ids if low <= i < high]


@given(ours=st.sets(st.integers(1, 400)), gone=st.sets(st.integers(1, 400)), leaf=st.integers(1, 50))
@pytest.mark.feature("S2.15")
def test_every_deletion_is_found(ours: set[int], gone: set[int], leaf: int):
    odoo = Odoo(ours - gone)
    found = list(compare_ids(array("q", sorted(ours)), odoo.count, odoo.list, leaf=leaf))
    assert {i for d in found for i in d.vanished} == ours & gone
    assert not any(d.unseen for d in found)


@given(
    ours=st.sets(st.integers(1, 400), min_size=1),
    theirs=st.sets(st.integers(1, 400)),
    leaf=st.integers(1, 50),
)
def test_what_is_reported_is_true(ours: set[int], theirs: set[int], leaf: int):
    odoo = Odoo(theirs)
    for difference in compare_ids(array("q", sorted(ours)), odoo.count, odoo.list, leaf=leaf):
        assert set(difference.vanished) <= ours - theirs
        assert set(difference.unseen) <= theirs - ours


def test_nothing_deleted_costs_one_call():
    ids = set(range(1, 100_001))
    odoo = Odoo(ids)
    assert not list(compare_ids(array("q", sorted(ids)), odoo.count, odoo.list))
    assert odoo.calls == 1


def test_one_deletion_among_many_costs_a_handful():
    ids = set(range(1, 200_001))
    odoo = Odoo(ids - {123_456})
    found = list(compare_ids(array("q", sorted(ids)), odoo.count, odoo.list))
    assert [list(d.vanished) for d in found] == [[123_456]]
    assert odoo.calls <= 9


def test_a_late_creation_is_found_too():
    odoo = Odoo({1, 2, 3, 4})
    found = list(compare_ids(array("q", [1, 2, 4]), odoo.count, odoo.list))
    assert [list(d.unseen) for d in found] == [[3]]


def test_an_empty_table_asks_nothing():
    odoo = Odoo({1})
    assert not list(compare_ids(array("q"), odoo.count, odoo.list))
    assert odoo.calls == 0
