"""The digest of links as a pure function: what differs is found, and only that."""

from __future__ import annotations

from array import array

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.features.replicate.link_digest import Members, differing, digest_of, linked_pairs
from towpath.features.replicate.vanished import Measure, compare_ids

LINKS = st.frozensets(st.tuples(st.integers(1, 40), st.integers(1, 8)), max_size=120)


def pairs(links) -> pa.Table:
    ordered = sorted(links)
    return pa.table(
        {
            "id": pa.array([record for record, _ in ordered], pa.int64()),
            "linked": pa.array([linked for _, linked in ordered], pa.int64()),
        }
    )


def holders_of(links) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for record, linked in links:
        found.setdefault(linked, []).append(record)
    return found


@pytest.mark.feature("S2.55")
@given(ours=LINKS, theirs=LINKS)
def test_what_differs_is_what_has_another_number_or_sum_of_records(ours, theirs):
    held, shown = holders_of(ours), holders_of(theirs)
    expected = {
        linked
        for linked in held.keys() | shown.keys()
        if (len(held.get(linked, [])), sum(held.get(linked, [])))
        != (len(shown.get(linked, [])), sum(shown.get(linked, [])))
    }
    assert differing(digest_of(pairs(ours)), digest_of(pairs(theirs))).to_pylist() == sorted(expected)


@pytest.mark.feature("S2.55")
@given(ours=LINKS, changed=st.tuples(st.integers(1, 40), st.integers(1, 8)))
def test_one_link_made_or_cut_is_always_found(ours, changed):
    theirs = ours ^ {changed}
    assert differing(digest_of(pairs(ours)), digest_of(pairs(theirs))).to_pylist() == [changed[1]]


@pytest.mark.feature("S2.55")
@given(links=LINKS)
def test_lists_of_ids_become_their_links(links):
    records = sorted({record for record, _ in links} | {41})
    lists = [sorted(linked for one, linked in links if one == record) for record in records]
    rows = pa.table(
        {"id": pa.array(records, pa.int64()), "tags": pa.array([*lists[:-1], None], pa.list_(pa.int64()))}
    )
    assert linked_pairs(rows, "tags").sort_by([("id", "ascending"), ("linked", "ascending")]) == pairs(links)


@pytest.mark.feature("S2.55")
@given(held=st.frozensets(st.integers(1, 300)), added=st.integers(1, 300), gone=st.integers(1, 300))
def test_the_records_of_one_link_are_found_by_halving(held, added, gone):
    shown = (held | {added}) - {gone}

    def measure(low: int, high: int) -> Measure:
        inside = [one for one in shown if low <= one < high]
        return Measure(len(inside), sum(inside))

    def ids(low: int, high: int, limit: int | None) -> list[int]:
        return sorted(one for one in shown if low <= one < high)[:limit]

    found = list(compare_ids(Members(array("q", held)), 301, measure, ids, small=0, leaf=10))
    assert {one for part in found for one in part.vanished} == held - shown
    assert {one for part in found for one in part.unseen} == shown - held
