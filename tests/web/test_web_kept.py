"""What many ask for at once is found out once."""

from __future__ import annotations

import threading
import time

import pytest

from towpath.web.kept import Kept


def test_who_asks_at_the_same_time_waits_for_one_answer():
    found: list[int] = []
    kept: Kept[int] = Kept(5.0)

    def find() -> int:
        time.sleep(0.1)
        found.append(1)
        return len(found)

    got: list[int] = []
    threads = [threading.Thread(target=lambda: got.append(kept.get("a", find))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (got, len(found)) == ([1] * 10, 1)
    assert kept.get("b", find) == 2


def test_an_answer_grows_old_and_a_failure_is_not_kept():
    kept: Kept[int] = Kept(0.05, most=1)
    assert kept.get("a", lambda: 1) == 1
    time.sleep(0.06)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 2) == 2
    kept.get("b", lambda: 3)
    assert len(kept._known) == 1


def test_who_waited_for_a_failure_is_told_it_and_does_not_try_again():
    kept: Kept[int] = Kept(5.0)
    tries: list[int] = []

    all_here = threading.Barrier(6)

    def fail() -> int:
        tries.append(1)
        all_here.wait(60)
        time.sleep(0.2)  # the last of them is only about to ask
        raise ValueError

    def ask() -> None:
        with pytest.raises(ValueError):
            kept.get("a", fail)

    def ask_beside_it() -> None:
        all_here.wait(60)
        ask()

    first, *others = [
        threading.Thread(target=ask),
        *(threading.Thread(target=ask_beside_it) for _ in range(5)),
    ]
    threads = [first, *others]
    first.start()
    while not tries:
        time.sleep(0.01)
    for thread in others:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tries) == 1
    assert kept.get("a", lambda: 7) == 7


def test_who_wants_it_newer_finds_it_anew():
    kept: Kept[int] = Kept(50.0)
    numbers = iter(range(10))
    assert kept.get("a", lambda: next(numbers)) == 0
    assert kept.get("a", lambda: next(numbers), at_most=30) == 0
    assert kept.get("a", lambda: next(numbers), at_most=0) == 1
    assert kept.get("a", lambda: next(numbers)) == 1
