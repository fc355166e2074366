"""What many pages ask for at the same time, found out once a second."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Kept"]

T = TypeVar("T")


class Kept(Generic[T]):
    """Answers by key, each good for some seconds. Who asks while one is being found waits for it. Thread-safe."""

    def __init__(self, seconds: float, most: int = 200) -> None:
        self.seconds = seconds
        self.most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, _Answer[T]] = OrderedDict()

    def get(self, key: Hashable, find: Callable[[], T]) -> T:
        """The answer of that key, found now unless it was just before. What fails is found anew by the next."""
        with self._lock:
            answer = self._known.get(key)
            if answer is None:
                answer = self._known[key] = _Answer()
                while len(self._known) > self.most:
                    self._known.popitem(last=False)
        with answer.lock:
            if time.monotonic() >= answer.until:
                answer.value = [find()]
                answer.until = time.monotonic() + self.seconds
            return answer.value[0]


class _Answer(Generic[T]):
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.until = 0.0
        self.value: list[T] = []
