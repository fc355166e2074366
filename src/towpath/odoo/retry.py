"""Trying again: when it is safe, how long to wait, and how to stop.

A call is tried again when it may be done twice (reads), or when it is certain that Odoo did not do it: the
connection never stood, a limit was named (429), or Odoo said that it rolled back. Waits grow and are drawn
at random between nothing and the limit, so that many workers do not come back together; a Retry-After is
obeyed up to a ceiling (S1.27, S2.60).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from towpath.errors import RetryLaterError

__all__ = ["Attempt", "Retry", "RetryObserver", "stopped"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A call that failed and will be tried again."""

    number: int
    """1 for the first try."""

    wait: float
    """Seconds until the next try."""

    error: RetryLaterError
    what: str
    """Such as ``res.partner.search_read``."""


class RetryObserver(Protocol):
    """Told of every retry before its wait: for logs, progress bars and counts."""

    def __call__(self, attempt: Attempt) -> None:
        """Note the attempt; must not raise."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often and how long to try. Frozen and safe to share between threads."""

    attempts: int = 8
    """Tries in all; 1 means never again."""

    attempts_when_slow: int = 2
    """Tries in all when no answer came in time or Odoo ran out of memory: the same call will hardly do better,
    and whoever made it may ask for less."""

    attempts_when_garbage: int = 4
    """Tries in all when answers are damaged: a proxy that restarts does that for a moment, one that is wrong for good."""

    first: float = 0.5
    """Seconds: upper bound of the first wait; each later bound is twice the one before."""

    longest: float = 60.0
    """Seconds: upper bound of any wait that we choose."""

    longest_asked: float = 300.0
    """Seconds: the most that a Retry-After is obeyed."""

    total: float = 900.0
    """Seconds from the first try after which no new one is made."""

    def wait(self, number: int, error: RetryLaterError) -> float:
        """Return the seconds to wait after try `number` failed with `error`."""
        if error.retry_after is not None:
            return min(error.retry_after, self.longest_asked) + random.uniform(0, self.first)  # noqa: S311 (no secret)
        bound = min(self.longest, self.first * 2 ** (number - 1))
        return random.uniform(0, bound)  # noqa: S311 (spreads load, guards nothing)

    def run(
        self,
        call: Callable[[], T],
        *,
        repeatable: bool,
        what: str = "",
        observe: RetryObserver | None = None,
        cancel: threading.Event | None = None,
    ) -> T:
        """Call until it succeeds, may not be repeated, or the limits are spent; raises the last error.

        cancel: ends a wait at once; `RetryLaterError` with ``details["cancelled"]`` is raised then.
        """
        started = time.monotonic()
        number = 0
        while True:
            number += 1
            if cancel is not None and cancel.is_set():
                raise stopped()
            try:
                return call()
            except RetryLaterError as error:
                wait = self.wait(number, error)
                spent = time.monotonic() - started + wait > self.total
                safe = repeatable or error.details.get("applied") is False
                if not safe or number >= self._most(error) or spent or error.details.get("cancelled"):
                    error.details.setdefault("attempts", number)
                    raise
                if observe is not None:
                    observe(Attempt(number=number, wait=wait, error=error, what=what))
            if cancel is None:
                time.sleep(wait)
            elif cancel.wait(wait):
                raise stopped()

    def _most(self, error: RetryLaterError) -> int:
        if error.details.get("cause") == "slow" or error.details.get("too_large"):
            return min(self.attempts, self.attempts_when_slow)
        if error.details.get("cause") == "garbage":
            return min(self.attempts, self.attempts_when_garbage)
        return self.attempts

    def but(self, **changes: float) -> Retry:
        """Return a copy with some limits changed."""
        return replace(self, **changes)  # type: ignore[arg-type]  # attempts is an int, the rest floats


def stopped() -> RetryLaterError:
    """Return the error of work that was called off while it waited."""
    return RetryLaterError(
        "The work was stopped before the call was made; start it again to go on.",
        details={"cancelled": True, "applied": False},
    )
