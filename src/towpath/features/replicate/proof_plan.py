"""Which ranges of ids a table is proved in, and which of them a run proves.

A range is an aligned power of two of ids: the widest that holds no more rows than one call fetches. So a dense table
has ranges of 16,384 ids, a sparse one has few and wide ones, and both keep their ranges while they grow.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["WIDTH", "Part", "Proved", "Range", "ages", "choose", "due", "ranges"]

#: Narrowest range, and most rows of a wider one. Their ids and stamps fit into one call of 20,000 rows.
WIDTH = 16_384
#: What a range costs beside its rows, in rows: one call.
CALL = 500
#: A range that was changed by the run is looked at as if it were unproved for so many times as long.
EAGER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows of the table that lie between two ids, both inclusive."""

    low: int
    high: int
    rows: int


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Ids with ``low <= id < high``."""

    low: int
    high: int
    #: About how many rows of the table lie there.
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """A range that was proved before."""

    low: int
    high: int
    checked_at: datetime
    #: Whether both sides were the same in the end.
    equal: bool


def ranges(parts: Sequence[Part], greatest: int) -> list[Range]:
    """All ranges of a table, ascending, without gaps from id 0 to beyond the greatest.

    :param parts: where its rows lie; rows are taken to be spread evenly over their part.
    """
    width = WIDTH
    while width <= greatest:
        width *= 2
    found: list[Range] = []
    pending: list[tuple[int, int, list[Part]]] = [(0, width, list(parts))]
    while pending:
        low, high, inside = pending.pop()
        rows = sum(_rows(part, low, high) for part in inside)
        if rows <= WIDTH or high - low <= WIDTH:
            found.append(Range(low, high, round(rows)))
            continue
        middle = (low + high) // 2
        pending += [
            (middle, high, [part for part in inside if part.high >= middle]),
            (low, middle, [part for part in inside if part.low < middle]),
        ]
    return found


def _rows(part: Part, low: int, high: int) -> float:
    """About how many of a part's rows lie in ``low <= id < high``."""
    common = min(part.high + 1, high) - max(part.low, low)
    return part.rows * max(0, common) / max(1, part.high + 1 - part.low)


def choose(
    known: Sequence[Range],
    proved: Sequence[Proved],
    *,
    now: datetime,
    budget: int,
    touched: Collection[int] = (),
) -> list[Range]:
    """The ranges to prove now, ascending; at least one, then as many as the budget of rows allows.

    Ranges that were never proved or did not agree come first, then those that were not proved for the longest
    time, where a changed one counts as older than it is. None waits for ever: its age grows, the others' begins anew.

    :param touched: ids of changed rows, divided by `WIDTH` and rounded down.
    """
    age = ages(known, proved, now)
    changed = _changed(known, touched)
    order = sorted(known, key=lambda one: (-age[one] * (EAGER if one in changed else 1), one.low))
    chosen: list[Range] = []
    for one in order:
        cost = one.rows + CALL
        if chosen and cost > budget:
            break
        chosen.append(one)
        budget -= cost
    return sorted(chosen)


def due(
    known: Sequence[Range],
    proved: Sequence[Proved],
    *,
    now: datetime,
    since: datetime,
    turn: timedelta,
    touched: Collection[int] = (),
) -> list[Range]:
    """Of a table that is too large to be proved by every run, the ranges whose turn it is, ascending.

    Each comes round once in a `turn`, a changed one sooner; one that did not agree is due at once. Ranges that were
    never proved are spread over the first turn, in order of id: they were read whole not long ago.

    :param since: when the stream was first read.
    """
    age, changed = ages(known, proved, now), _changed(known, touched)
    unequal = [one for one in proved if not one.equal]
    found = []
    for number, one in enumerate(sorted(known), start=1):
        if age[one] != float("inf"):
            wanted = turn / EAGER if one in changed else turn
            ready = age[one] >= wanted.total_seconds()
        else:
            failed = any(other.low < one.high and one.low < other.high for other in unequal)
            ready = failed or now - since >= turn * number / len(known)
        if ready:
            found.append(one)
    return found


def ages(known: Sequence[Range], proved: Sequence[Proved], now: datetime) -> dict[Range, float]:
    """Seconds since each range was proved, by itself or in a wider one; without end where it was not."""
    found: dict[Range, float] = {}
    before = sorted(proved, key=lambda one: (one.low, -one.high))
    place, open_ones = 0, list[Proved]()
    for one in sorted(known):
        while place < len(before) and before[place].low <= one.low:
            open_ones.append(before[place])
            place += 1
        open_ones = [other for other in open_ones if other.high > one.low]
        found[one] = min(
            (
                (now - other.checked_at).total_seconds()
                for other in open_ones
                if other.equal and other.high >= one.high
            ),
            default=float("inf"),
        )
    return found


def _changed(known: Sequence[Range], touched: Collection[int]) -> set[Range]:
    starts = sorted(touched)
    found: set[Range] = set()
    place = 0
    for one in sorted(known):
        while place < len(starts) and (starts[place] + 1) * WIDTH <= one.low:
            place += 1
        if place < len(starts) and starts[place] * WIDTH < one.high:
            found.add(one)
    return found
