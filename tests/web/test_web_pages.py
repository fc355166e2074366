"""Lists in pages, while others add and remove."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from towpath.errors import InputError
from towpath.web.pages import encode, page_of


@dataclass(frozen=True)
class Item:
    id: str


def items(*numbers: int) -> list[Item]:
    return [Item(id=f"item {number}") for number in numbers]


@pytest.mark.parametrize(
    "now",
    [
        items(1, 2, 3, 4, 5, 6),
        items(7, 8, 1, 2, 3, 4, 5, 6),
        items(3, 4, 5, 6),
        items(2, 4, 5, 6),
        items(4, 5, 6),
        items(1, 2, 7, 4, 5, 6),
    ],
)
def test_what_comes_and_goes_meanwhile_shifts_nothing(now: list[Item]):
    first = page_of(items(1, 2, 3, 4, 5, 6), cursor=None, limit=3)
    second = page_of(now, cursor=first.next, limit=3)
    told = [one.id for one in second.items if one.id != "item 7"]
    assert told == ["item 4", "item 5", "item 6"][: len(told)]
    assert len(told) >= 2


def test_all_is_told_once_and_the_end_has_no_next():
    everything, told, cursor = items(*range(23)), [], None
    while True:
        page = page_of(everything, cursor=cursor, limit=5)
        told += page.items
        if (cursor := page.next) is None:
            break
    assert told == everything


@pytest.mark.parametrize("position", ["a", [], ["a"], [-1, "x"], [True], {"a": 1}, [2**40], 1.5])
def test_a_cursor_that_is_none_of_ours_is_refused(position: object):
    with pytest.raises(InputError):
        page_of(items(1), cursor=encode(position), limit=5)
