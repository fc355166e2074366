"""Finding deleted records without reading the table: a tree of counts and sums over id ranges.

Odoo keeps no tombstones (facts §2.6). One grouped read says how many records there are and what their ids add up
to; only where that differs from ours the range is cut in two and asked for again, until it is small enough to
compare the ids themselves. That is one call when nothing was deleted, and a few for each deleted spot. Where
the spots would be as many as the leaves, the leaves are read one after the other. A small table is compared id by
id at once, for the same one call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Difference", "Measure", "Ours", "compare_ids"]

#: A table of at most this many ids is compared id by id at every run, without asking for counts first.
SMALL = 5_000
#: Ranges of at most this many ids are compared id by id; one call fetches them (some 160 kB).
LEAF = 20_000


@dataclass(frozen=True, slots=True)
class Measure:
    """A set of ids in two figures."""

    count: int
    #: The ids added up; None where it is not known. A deleted and a new id change it though the count stays.
    total: int | None = None

    def equals(self, other: Measure) -> bool:
        """Whether nothing speaks against the two sets being the same."""
        return self.count == other.count and (
            self.total is None or other.total is None or self.total == other.total
        )

    def less(self, part: Measure) -> Measure:
        """What is left without a part of the set."""
        known = self.total is not None and part.total is not None
        return Measure(
            self.count - part.count,
            (self.total or 0) - (part.total or 0) if known else None,
        )


class Ours(Protocol):
    """The ids we hold as present."""

    def measure(self, low: int, high: int) -> Measure:
        """How many lie in ``low <= id < high``, and what they add up to."""
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

    #: Ids we hold and Odoo does not show (deleted, hidden, or outside the filter: see ``gone.py``).
    vanished: Sequence[int]
    #: Ids Odoo shows and we do not hold (committed late, behind the cursor's overlap).
    unseen: Sequence[int]


def compare_ids(
    ours: Ours,
    end: int,
    measure: Callable[[int, int], Measure],
    ids: Callable[[int, int, int | None], Sequence[int]],
    *,
    small: int = SMALL,
    leaf: int = LEAF,
) -> Iterator[Difference]:
    """Compare our ids with Odoo's, range by range, reading as little as possible.

    :param ours: ids we hold as present.
    :param end: ids from here on are not compared; they are left to the incremental read.
    :param measure: ``measure(low, high)``: the records Odoo shows with ``low <= id < high`` in figures.
    :param ids: ``ids(low, high, limit)``: those ids, in any order, at most ``limit`` where it is given.
    :param small: a table of at most so many ids is compared one by one at once.
    :param leaf: largest number of ids compared one by one.
    :returns: one :class:`Difference` for each range that differs, in ascending order of ids.

    In a table of more than ``small`` rows a range whose figures agree is taken as equal. Where only counts are known
    a deletion and a late creation inside one range can hide each other; the proof (``proof.py``) finds them.
    """
    if end <= 0:
        return
    if ours.measure(0, end).count <= small:
        first = ids(0, end, small + 1)
        if len(first) <= small:
            yield from _compare_leaf(ours.ids(0, end), first)
            return
    pending: list[tuple[int, int, Measure | None]] = [(0, end, measure(0, end))]
    while pending:
        low, high, theirs = pending.pop()
        held = ours.measure(low, high)
        if theirs is not None and held.equals(theirs):
            continue
        if max(held.count, theirs.count if theirs else 0) <= leaf or high - low <= leaf:
            yield from _compare_leaf(ours.ids(low, high), ids(low, high, None))
            continue
        middle = _middle(ours, held.count, low, high)
        if theirs is None or 2 * leaf * (held.count - theirs.count) >= held.count:
            # Half as many ids are gone as there are leaves: hardly a leaf would be spared, so no more is asked.
            pending += [(middle, high, None), (low, middle, None)]
            continue
        left = measure(low, middle)
        # The right half needs no call of its own; a record changed between the two counts is found by the leaf.
        pending += [(middle, high, theirs.less(left)), (low, middle, left)]


def _middle(ours: Ours, held: int, low: int, high: int) -> int:
    """Where to cut a range: at our median id, or in the middle where we hold too little to tell."""
    median = ours.middle(low, high) if held else low
    return median if low < median < high else (low + high) // 2


def _compare_leaf(ours: Sequence[int], theirs: Sequence[int]) -> Iterator[Difference]:
    present, held = set(theirs), set(ours)
    if present != held:
        yield Difference(vanished=[i for i in ours if i not in present], unseen=sorted(present - held))
