"""Finding deleted records without reading the table: a count tree over id ranges.

Odoo keeps no tombstones (facts §2.6). One count says whether anything is missing; only where Odoo's count
and ours differ is the range halved and counted again, until it is small enough to compare the ids
themselves. That is one call when nothing was deleted, and about ``log2(rows / leaf)`` calls per deleted spot.
A small table is compared id by id at once, for the same one call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Difference", "Ours", "compare_ids"]

#: Ranges of at most this many ids are compared id by id; one call fetches them.
LEAF = 5_000


class Ours(Protocol):
    """The ids we hold as present."""

    def count(self, low: int, high: int) -> int:
        """How many lie in ``low <= id < high``."""
        ...

    def ids(self, low: int, high: int) -> Sequence[int]:
        """Those ids."""
        ...

    def middle(self, low: int, high: int) -> int:
        """An id with about half of the range's ids below it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What one range showed."""

    #: Ids we hold and Odoo does not show (deleted, or no longer readable).
    vanished: Sequence[int]
    #: Ids Odoo shows and we do not hold (committed late, behind the cursor's overlap).
    unseen: Sequence[int]


def compare_ids(
    ours: Ours,
    end: int,
    count: Callable[[int, int], int],
    ids: Callable[[int, int, int | None], Sequence[int]],
    *,
    leaf: int = LEAF,
) -> Iterator[Difference]:
    """Compare our ids with Odoo's, range by range, reading as little as possible.

    :param ours: ids we hold as present.
    :param end: ids from here on are not compared; they are left to the incremental read.
    :param count: ``count(low, high)``: how many records Odoo shows with ``low <= id < high``.
    :param ids: ``ids(low, high, limit)``: those ids, in any order, at most ``limit`` where it is given.
    :param leaf: largest number of ids compared one by one.
    :returns: one :class:`Difference` for each range that differs, in ascending order of ids.

    In a table of more than ``leaf`` rows a range whose counts agree is taken as equal: a deletion and a late
    creation inside one range of the tree can cancel out until the next change there.
    """
    if end <= 0:
        return
    if ours.count(0, end) <= leaf:
        first = ids(0, end, leaf + 1)
        if len(first) <= leaf:
            yield from _compare_leaf(ours.ids(0, end), first)
            return
    pending = [(0, end, count(0, end))]
    while pending:
        low, high, theirs = pending.pop()
        held = ours.count(low, high)
        if theirs == held:
            continue
        if max(held, theirs) <= leaf or high - low <= leaf:
            yield from _compare_leaf(ours.ids(low, high), ids(low, high, None))
            continue
        middle = _middle(ours, held, low, high)
        left = count(low, middle)
        # The right half needs no call of its own; a record changed between the two counts is found by the leaf.
        pending += [(middle, high, theirs - left), (low, middle, left)]


def _middle(ours: Ours, held: int, low: int, high: int) -> int:
    """Where to cut a range: at our median id, or in the middle where we hold too little to tell."""
    median = ours.middle(low, high) if held else low
    return median if low < median < high else (low + high) // 2


def _compare_leaf(ours: Sequence[int], theirs: Sequence[int]) -> Iterator[Difference]:
    present, held = set(theirs), set(ours)
    if present != held:
        yield Difference(vanished=[i for i in ours if i not in present], unseen=sorted(present - held))
