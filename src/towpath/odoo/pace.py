"""The call budget of one Odoo database, shared by every client of it in this process.

On odoo.com: one call at a time and one a second (facts §2.3). Elsewhere the number of calls at a time is
found by trying: it starts at 1, and 2 are kept only when they bring clearly more than 1 did, because a
threaded Odoo gets slower with two connections and a prefork one twice as fast (real-odoo.md §1). Slow
answers and 429 halve it; a Retry-After stops everyone until it is over (S2.60).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from towpath.errors import RateLimitedError, RetryLaterError, ServerBusyError, TimedOutError
from towpath.odoo.access import Access
from towpath.odoo.retry import stopped

__all__ = ["Gate", "Pace", "Turn", "pace_for"]

BETTER = 1.15  # one more call at a time must bring 15 % more work a second to be kept
CALL_WORTH = 2_000  # bytes: what a call counts beside its answer when work is measured
LONGEST_PAUSE = 300.0  # seconds: the most that a Retry-After is obeyed
PATIENCE = (60.0, 1_800.0)  # seconds until a number that did not pay is tried again: first and longest
GONE = 30.0  # seconds for which a server that was waited for in vain is not waited for again
LOOK_UP = 0.2  # seconds between two looks at a cancel event while waiting


class Gate(Protocol):
    """A budget beyond this process, such as a token bucket in a database. Must not raise; thread-safe."""

    def claim(self) -> float:
        """Claim one call: 0 when it may be made now, else the seconds to wait before asking again."""
        ...

    def went(self, seconds: float, trouble: str | None, pause: float) -> None:
        """Learn how a call went.

        seconds: how long it took. trouble: why there should be fewer calls, in a few words; None when it went
        well, or failed for a reason that says nothing of the server's load. pause: seconds in which nobody
        may call (Retry-After), 0 for none.
        """
        ...


@dataclass(slots=True)
class Turn:
    """One call while it is being made; set `work` to the size of its answer."""

    started: float
    work: int = 0


@dataclass(slots=True)
class _Window:
    """What was done since `started` while callers were waiting for a place."""

    started: float
    skip: int = 0
    calls: int = 0
    crowded: int = 0
    work: int = 0


class Pace:
    """Gives out turns to make a call. Thread-safe."""

    def __init__(
        self,
        *,
        most: int = 4,
        start: int = 1,
        per_second: float | None = None,
        slow_after: float = 20.0,
        window: float = 3.0,
        gate: Gate | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a budget.

        most: calls at a time at the very most; 1 switches the search off. start: calls at a time to begin
        with. per_second: calls a second at most; None for no such limit. slow_after: seconds from which an answer counts as slow. window:
        seconds over which two numbers of calls at a time are compared.
        """
        self.most = most
        self.slow_after = slow_after
        self._interval = self._least_interval = 1 / per_second if per_second else 0.0
        self._span = window
        self.gate = gate
        """The budget beyond this process; may be put in place, or another one, at any time."""
        self._clock = clock
        self._room = threading.Condition()
        self._limit = min(start, most)
        self._busy = 0
        self._waiting = 0
        self._next = 0.0
        self._minute: dict[int, int] = {}
        self._window = _Window(clock())
        self._before: float | None = None  # work a second of the smaller number, while a bigger one is tried
        self._patience, self._try_at = PATIENCE[0], 0.0
        self._good = 0
        self._gone_until = 0.0
        self.calls = 0

    @property
    def gone(self) -> bool:
        """Whether the server was waited for in vain a moment ago: nobody else needs to wait for it as long."""
        return self._clock() < self._gone_until

    def gave_up(self) -> None:
        """Note that the server could not be reached however long it was waited for."""
        self._gone_until = self._clock() + GONE

    def answered(self) -> None:
        """Note that the server is there."""
        self._gone_until = 0.0

    @property
    def limit(self) -> int:
        """Calls that may be made at a time now."""
        return self._limit

    @property
    def calls_per_minute(self) -> int:
        """Calls started in the last sixty seconds."""
        now = int(self._clock())
        with self._room:
            return sum(count for second, count in self._minute.items() if second > now - 60)

    @contextmanager
    def turn(self, cancel: threading.Event | None = None) -> Iterator[Turn]:
        """Wait for a place, hold it while the call is made, and learn from how it went.

        cancel: ends the wait; `RetryLaterError` with ``details["cancelled"]`` is raised then.
        """
        self._enter(cancel)
        turn = Turn(self._clock())
        failure: RetryLaterError | None = None
        called = False
        try:
            self._pass_gate(cancel)
            turn.started = self._clock()
            called = True
            yield turn
        except RetryLaterError as error:
            failure = error
            raise
        finally:
            seconds = self._clock() - turn.started
            self._leave(turn, failure)
            if called and self.gate is not None:
                self.gate.went(seconds, self._trouble(failure, seconds), _asked_pause(failure))

    def bound(self, *, most: int, per_second: float | None) -> None:
        """Hold other limits from the next call on: calls at a time and calls a second, None for no such limit."""
        least = 1 / per_second if per_second else 0.0
        with self._room:
            if (most, least) == (self.most, self._least_interval):
                return
            # What trouble has made slower stays slower.
            slowed = self._interval > self._least_interval
            self._interval = max(least, self._interval) if slowed else least
            self._least_interval = least
            self.most, self._limit = most, min(self._limit, most)
            if self._before is not None:  # a number that was being tried may be above the new one
                self._before = None
                self._window = _Window(self._clock(), skip=self._limit)
            self._room.notify_all()

    def pause(self, seconds: float) -> None:
        """Let nobody call for so many seconds."""
        with self._room:
            self._next = max(self._next, self._clock() + seconds)
            self._room.notify_all()

    def _enter(self, cancel: threading.Event | None) -> None:
        with self._room:
            self._waiting += 1
            try:
                while True:
                    if cancel is not None and cancel.is_set():
                        raise stopped()
                    now = self._clock()
                    wait: float | None = self._next - now
                    if self._busy >= self._limit:
                        wait = None
                    elif wait is not None and wait <= 0:
                        break
                    if cancel is not None:
                        wait = LOOK_UP if wait is None else min(wait, LOOK_UP)
                    self._room.wait(wait)
            finally:
                self._waiting -= 1
            self._busy += 1
            self._next = max(self._next, now) + self._interval
            self._note(now)

    def _pass_gate(self, cancel: threading.Event | None) -> None:
        while self.gate is not None:
            wait = self.gate.claim()
            if wait <= 0:
                return
            if cancel is None:
                time.sleep(wait)
            elif cancel.wait(wait):
                raise stopped()

    def _leave(self, turn: Turn, failure: RetryLaterError | None) -> None:
        with self._room:
            now = self._clock()
            self._busy -= 1
            trouble = self._trouble(failure, now - turn.started)
            if failure is not None:
                self._fail(failure, now, halve=trouble is not None)
            elif trouble is not None:
                self._halve(now)
            else:
                self._good += 1
                if self._good >= 50 and self._interval > self._least_interval:
                    self._interval, self._good = max(self._least_interval, self._interval / 2), 0
                self._learn(turn, now)
            self._room.notify_all()

    def _trouble(self, failure: RetryLaterError | None, seconds: float) -> str | None:
        """Why there should be fewer calls, in a few words for people; None when there is no reason."""
        if failure is None:
            return f"an answer took {seconds:.0f} s" if seconds > self.slow_after else None
        if isinstance(failure, RateLimitedError):
            return "HTTP 429 (too many calls)"
        if isinstance(failure, TimedOutError):
            return f"no answer within {seconds:.0f} s"
        if isinstance(failure, ServerBusyError) and "status" in failure.details:
            return f"HTTP {failure.details['status']} (busy)"
        return None

    def _fail(self, failure: RetryLaterError, now: float, *, halve: bool) -> None:
        if isinstance(failure, RateLimitedError):
            self._interval = min(10.0, self._interval * 2) if self._interval else 0.0
            self._good = 0
        if halve:
            self._halve(now)
        self._next = max(self._next, now + _asked_pause(failure))

    def _halve(self, now: float) -> None:
        self._limit = max(1, self._limit // 2)
        self._before = None
        self._put_off(now)

    def _put_off(self, now: float) -> None:
        self._try_at = now + self._patience
        self._patience = min(PATIENCE[1], self._patience * 2)
        self._window = _Window(now, skip=self._limit)

    def _learn(self, turn: Turn, now: float) -> None:
        """Compare the work done a second with one more call at a time against what was done before."""
        if self.most <= 1:
            return
        window = self._window
        if window.skip > 0:  # calls begun under the number before
            window.skip -= 1
            if window.skip == 0:
                self._window = _Window(now)
            return
        window.calls += 1
        window.crowded += self._waiting > 0
        window.work += turn.work + CALL_WORTH
        seconds = now - window.started
        if window.calls < 3 * self._limit or seconds < self._span:
            return
        full = window.crowded >= 0.8 * window.calls
        speed = window.work / max(seconds, 1e-6)
        self._window = _Window(now)
        if not full:
            if self._before is not None:  # nobody uses the second place: no verdict
                self._limit, self._before = self._limit - 1, None
            return
        if self._before is not None:
            if speed < BETTER * self._before:
                self._limit -= 1
                self._put_off(now)
            else:
                self._patience = PATIENCE[0]
            self._before = None
        elif self._limit < self.most and now >= self._try_at:
            self._before = speed
            self._limit += 1
            self._window = _Window(now, skip=self._limit)

    def _note(self, now: float) -> None:
        self.calls += 1
        second = int(now)
        self._minute[second] = self._minute.get(second, 0) + 1
        if len(self._minute) > 120:
            self._minute = {at: count for at, count in self._minute.items() if at > second - 60}


def _asked_pause(failure: RetryLaterError | None) -> float:
    """Seconds in which nobody may call, as the server asked."""
    if failure is None or failure.retry_after is None:
        return 0.0
    return min(failure.retry_after, LONGEST_PAUSE)


@dataclass(slots=True)
class _Book:
    lock: threading.Lock = field(default_factory=threading.Lock)
    paces: dict[tuple[str, str], Pace] = field(default_factory=dict)


_BOOK = _Book()


def pace_for(
    access: Access, *, at_once: int | None = None, per_second: float | None = None, gate: Gate | None = None
) -> Pace:
    """Return the one budget of a database in this process, made at the first call.

    at_once: calls at a time; None is one on odoo.com and found by trying elsewhere. per_second: calls a
    second; None is one on odoo.com and no limit elsewhere. gate: a budget beyond this process. All three are
    ignored when the budget exists already, but for a gate where it has none.
    """
    key = (access.host, access.database or "")
    with _BOOK.lock:
        found = _BOOK.paces.get(key)
        if found is None:
            cloud = access.on_odoo_com
            found = _BOOK.paces[key] = Pace(
                most=at_once or (1 if cloud else 4),
                start=at_once or 1,
                per_second=per_second or (1.0 if cloud else None),
                gate=gate,
            )
        elif found.gate is None:
            found.gate = gate
        return found
