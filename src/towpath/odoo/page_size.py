"""How many rows to ask for at once: enough to be fast, few enough that an answer never takes too long.

Odoo is fastest around 5,000 rows a page (real-odoo.md §1), while a request that runs past 120 seconds or out
of memory is killed; wide or computed fields need far smaller pages. So the size follows the time a page takes.
"""

from __future__ import annotations

import threading

from towpath.errors import ServerBusyError, TimedOutError, TowpathError

__all__ = ["PageSize"]


class PageSize:
    """The page size of one reader. Thread-safe; `rows` is the size to ask for next."""

    def __init__(
        self,
        *,
        start: int = 2_000,
        goal: int = 5_000,
        floor: int = 20,
        seconds: float = 6.0,
        megabytes: float = 32.0,
    ) -> None:
        """Begin at `start` rows and aim at `goal`.

        seconds: the time a page should take at most. megabytes: the size an answer should have at most.
        floor: below this size a failing page is given up.
        """
        self.goal = goal
        self.floor = min(floor, start)
        self.seconds = seconds
        self.bytes = int(megabytes * 1_048_576)
        self._rows = min(start, goal)
        self._ceiling = goal
        self._calm = 0
        self._lock = threading.Lock()

    @property
    def rows(self) -> int:
        """Rows to ask for in the next page."""
        return self._rows

    def took(self, rows: int, seconds: float, size: int = 0) -> None:
        """Learn from a page that came: how many rows, in how many seconds, of how many bytes (0: unknown)."""
        with self._lock:
            if rows < self._rows // 2:
                return  # the last page says nothing about full ones
            load = max(seconds / self.seconds, size / self.bytes)
            if load > 1:
                self._rows = max(self.floor, int(self._rows / min(4.0, load)))
                self._calm = 0
            elif load < 0.5:
                self._calm += 1
                if self._calm >= 50:  # a size that once failed may be tried again much later
                    self._ceiling, self._calm = self.goal, 0
                self._rows = min(self._ceiling, self._rows * 2)

    def failed(self, error: TowpathError) -> bool:
        """Learn from a page that did not come; return whether a smaller one is worth trying.

        Only time-outs, exhausted memory and answers too large to take make it smaller; other errors return
        False and leave the size alone.
        """
        too_much = (
            isinstance(error, TimedOutError)
            or bool(error.details.get("too_large"))
            or (isinstance(error, ServerBusyError) and error.details.get("status") in {502, 504, 524})
        )
        if not too_much:
            return False
        with self._lock:
            if self._rows <= self.floor:
                return False
            self._ceiling = max(self.floor, self._rows // 2)
            self._rows = max(self.floor, self._rows // 4)
            self._calm = 0
            return True
