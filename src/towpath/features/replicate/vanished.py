"""Finding deleted records without reading the table: a count tree over id ranges.

Odoo keeps no tombstones (facts §2.6). One count says whether anything is missing; only where Odoo's count
and ours differ is the range halved and counted again, until it is small enough to compare the ids
themselves. That is one call when nothing was deleted, and about ``log2(rows / leaf)`` calls per deleted spot.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Difference", "compare_ids"]

#: Ranges of at most this many of our ids are compared id by id; one call fetches them.
LEAF = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What one range showed."""

    #: Ids we hold and Odoo does not show (deleted, or no longer readable).
    vanished: Sequence[int]
    #: Ids Odoo shows and we do not hold (committed late, behind the cursor's overlap).
    unseen: Sequence[int]


def compare_ids(
    ours: array[int],
    count: Callable[[int, int], int],
    ids: Callable[[int, int], Sequence[int]],
    *,
    leaf: int = LEAF,
) -> Iterator[Difference]:
    """Compare our ids with Odoo's, range by range, reading as little as possible.

    :param ours: ids we hold as present, ascending.
    :param count: ``count(low, high)``: how many records Odoo shows with ``low <= id < high``.
    :param ids: ``ids(low, high)``: those ids, in any order.
    :param leaf: largest number of ids (ours) compared one by one.
    :returns: one :class:`Difference` for each range that differs, in ascending order of ids.

    A range whose counts agree is taken as equal: a deletion and a late creation inside one range of the tree
    can cancel out until the next change there. Ids above our newest are left to the incremental read.
    """
    if not ours:
        return
    low, high = 0, ours[-1] + 1
    total = count(low, high)
    pending = [(low, high, total)]
    while pending:
        low, high, theirs = pending.pop()
        first, last = bisect_left(ours, low), bisect_left(ours, high)
        if theirs == last - first:
            continue
        if max(last - first, theirs) <= leaf or high - low <= leaf:
            yield _compare_leaf(ours[first:last], ids(low, high))
            continue
        middle = _middle(ours, first, last, low, high)
        left = count(low, middle)
        # The right half needs no call of its own; a record changed between the two counts is found by the leaf.
        pending += [(middle, high, theirs - left), (low, middle, left)]


def _middle(ours: array[int], first: int, last: int, low: int, high: int) -> int:
    """Where to cut a range: at our median id, or in the middle where we hold too little to tell."""
    median = ours[(first + last) // 2] if last > first else low
    return median if low < median < high else (low + high) // 2


def _compare_leaf(ours: Sequence[int], theirs: Sequence[int]) -> Difference:
    present, held = set(theirs), set(ours)
    return Difference(vanished=[i for i in ours if i not in present], unseen=sorted(present - held))
