"""What many ask for at the same time, found out once and kept for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Kept"]

T = TypeVar("T")


class Kept(Generic[T]):
    """Answers by key, each good for some seconds. Who asks while one is being found waits for it. Thread-safe.

    A failure is told to all who waited for it, and not kept: the next finds out anew.
    """

    def __init__(self, seconds: float, most: int = 200) -> None:
        self.seconds = seconds
        self.most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, _Answer[T]] = OrderedDict()

    def get(self, key: Hashable, find: Callable[[], T], *, at_most: float | None = None) -> T:
        """The answer of that key, found now unless it was before.

        :param at_most: seconds ago that it may have been found, where that is less than it is good for.
        """
        came = time.monotonic()
        with self._lock:
            answer = self._known.get(key)
            if answer is None:
                answer = self._known[key] = _Answer()
                while len(self._known) > self.most:
                    self._known.popitem(last=False)
            else:
                self._known.move_to_end(key)
        with answer.lock:
            if answer.failed_at > came and answer.problem is not None:
                raise answer.problem
            good = self.seconds if at_most is None else min(at_most, self.seconds)
            if time.monotonic() - answer.found_at >= good:
                try:
                    answer.value = [find()]
                except Exception as problem:
                    answer.problem, answer.failed_at = problem, time.monotonic()
                    raise
                answer.found_at = time.monotonic()
            return answer.value[0]


class _Answer(Generic[T]):
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.found_at = self.failed_at = float("-inf")
        self.value: list[T] = []
        self.problem: Exception | None = None
