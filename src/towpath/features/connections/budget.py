"""The call budget of one Odoo database over all processes that share the PostgreSQL.

It stands behind the budget of the process (`towpath.odoo.Pace`): a call that got its place there asks here.
While nothing limits the database, calls are only counted here, twice a second; with a limit every call is
claimed. When PostgreSQL is away the last limit known holds for this process alone, and the call goes on.
Where only so many calls may be made at a time, on Odoo's own cloud one (facts §2.3), each also holds a place.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from towpath.features.connections.limits import Allowed, Because, Limits, allowed, limits_of
from towpath.features.connections.places import AWAY_ERRORS, Places
from towpath.hub import Hub
from towpath.odoo import Access, Pace, pace_for
from towpath.store import buckets

__all__ = ["Budget", "SharedBudget", "budget_of", "pace_of"]

log = logging.getLogger(__name__)

#: Seconds between two looks while nothing limits the database: what another process met is known so soon.
LOOK = 0.5
#: The longest wait before it is asked again: a limit may have grown meanwhile.
LONGEST_WAIT = 5.0
#: Seconds without PostgreSQL before it is tried again.
AWAY = 5.0

#: Seconds between two looks whether a place of a database is free.
TAKEN = 0.2
#: Seconds after which a process that calls looks anew at what a person allows.
REFRESH = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How the calls against one database stand, over all processes."""

    #: In the last sixty seconds, up to half a second late.
    calls_per_minute: int
    #: Calls a second that may be made now; None for no limit.
    limit: float | None
    #: Calls a second that a person, or odoo.com, allows now.
    ceiling: float | None
    #: What the ceiling comes from.
    ceiling_from: Because | None
    #: Calls at a time at most, over all processes; None where each process finds out what is fastest.
    calls_at_once: int | None
    #: When the working hours that hold now are over.
    hours_until: datetime | None
    #: No run starts by itself before this moment.
    held_until: datetime | None
    #: Nobody calls before this moment.
    paused_until: datetime | None
    #: Why the limit is below the ceiling, and since when.
    slowed_why: str | None
    slowed_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            name: value.isoformat() if isinstance(value := getattr(self, name), datetime) else value
            for name in self.__slots__
        }


def _now() -> datetime:
    return datetime.now(UTC)


def _name(access: Access) -> str:
    return f"odoo/{access.host}/{access.database or ''}"


def budget_of(hub: Hub, access: Access) -> Budget:
    """How the calls against a database stand now."""
    state = buckets.state(hub.store.engine, _name(access))
    now = allowed(hub.settings, access, _limits(hub, access), datetime.now(UTC))
    slowed = state.rate is not None
    limits = [limit for limit in (state.rate, now.per_second) if limit is not None]
    return Budget(
        calls_per_minute=state.calls_per_minute,
        limit=min(limits, default=None),
        ceiling=now.per_second,
        ceiling_from=now.because,
        calls_at_once=now.at_once or hub.settings.calls_at_once,
        hours_until=now.hours_until,
        held_until=now.held_until,
        paused_until=state.paused_until,
        slowed_why=state.slowed_why if slowed else None,
        slowed_at=state.slowed_at if slowed else None,
    )


def _limits(hub: Hub, access: Access) -> Sequence[Limits]:
    with hub.store.engine.connect() as db:
        return limits_of(db, access)


def pace_of(hub: Hub, access: Access) -> Pace:
    """The budget of a database in this process, with the one over all processes behind it."""
    now = allowed(hub.settings, access, (), datetime.now(UTC))
    pace = pace_for(access, at_once=hub.settings.calls_at_once, per_second=now.per_second)
    gate = pace.gate
    # Two threads that both see none leave the later one's; the first keeps half a second of counts for itself.
    if not isinstance(gate, SharedBudget) or gate.hub is not hub:
        pace.gate = gate = SharedBudget(hub, access, pace)
    gate.look()
    return pace


class SharedBudget:
    """Asks the token bucket in PostgreSQL for calls, and tells it how they went. Thread-safe; never raises."""

    def __init__(
        self,
        hub: Hub,
        access: Access,
        pace: Pace | None = None,
        *,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """Make the budget; nothing is asked before the first look or call.

        :param hub: a hub that closes leaves calls to the budget of the process.
        :param access: the database.
        :param pace: the budget of the process, which is told what it may do itself.
        :param clock: what working hours go by.
        """
        self._clock = clock
        self.hub = hub
        self._access = access
        self._pace = pace
        self._name = _name(access)
        self._places = Places(hub, self._name)
        self._lock = threading.Lock()
        self._limits: Sequence[Limits] = ()
        self._looked = float("-inf")
        self._now = self._allowed()
        #: The limit as it was when last asked.
        self._limit = self._now.per_second
        self._asked = float("-inf")
        self._uncounted = 0
        self._good = 0
        #: Without PostgreSQL: when to try it again, and when the next call may be made.
        self._away_until = self._next = 0.0

    def _allowed(self) -> Allowed:
        return allowed(self.hub.settings, self._access, self._limits, self._clock())

    def look(self) -> None:
        """Learn what a person allows, if that was not done a moment ago, and tell the budget of the process."""
        now = time.monotonic()
        with self._lock:
            due = now - self._looked >= REFRESH and now >= self._away_until
            if due:
                self._looked = now
        if due:
            with suppress(*AWAY_ERRORS):  # what was known holds; the call that follows tells of it
                self._limits = _limits(self.hub, self._access)
        self._now = found = self._allowed()  # working hours begin and end by themselves
        if self._pace is not None:
            self._pace.bound(most=found.in_process, per_second=found.per_second)

    def claim(self) -> float:
        """0 when a call may be made now, else the seconds after which to ask again."""
        self.look()
        at_once = self._now.at_once
        if at_once is not None and time.monotonic() >= self._away_until:
            try:
                if not self._places.take(at_once):
                    return TAKEN
            except AWAY_ERRORS as problem:
                with self._lock:
                    self._lost(problem)
        wait = self._claim()
        if wait > 0:
            self._places.leave()
        return wait

    def _claim(self) -> float:
        now = time.monotonic()
        ceiling = self._now.per_second
        with self._lock:
            if now < self._away_until:
                return self._alone(now)
            if self._limit is None and ceiling is None and now - self._asked < LOOK:
                self._uncounted += 1
                return 0.0
            calls, good = self._uncounted + 1, self._good
            # Another thread must not count the same calls; they come back if this claim is not granted.
            self._asked, self._uncounted, self._good = now, 0, 0
        try:
            grant = buckets.claim(self.hub.store.engine, self._name, ceiling=ceiling, calls=calls, good=good)
        except AWAY_ERRORS as problem:
            with self._lock:
                self._lost(problem)
                self._uncounted += calls - 1
                return self._alone(time.monotonic())
        with self._lock:
            self._limit = grant.limit
            if grant.wait > 0:
                self._uncounted += calls - 1
                self._asked = float("-inf")
        return min(grant.wait, LONGEST_WAIT)

    def went(self, seconds: float, trouble: str | None, pause: float) -> None:
        """Note a good call; tell everybody of trouble and of a pause at once."""
        self._places.leave()
        with self._lock:
            if trouble is None and not pause:
                self._good += 1
                return
            if time.monotonic() < self._away_until:
                return
            self._good = 0
            uncounted = self._uncounted
        try:
            engine = self.hub.store.engine
            if trouble is None:
                buckets.pause(engine, self._name, pause)
                rate = None
            else:
                rate = buckets.slow(
                    engine, self._name, trouble, elapsed=seconds, pause=pause, calls=uncounted
                )
        except AWAY_ERRORS as problem:
            with self._lock:
                self._lost(problem)
            return
        with self._lock:
            self._asked = float("-inf")  # the next call asks
        if rate is not None:
            log.warning("%s: %s; at most %.3g calls a second from now on", self._name, trouble, rate)

    def tell(self) -> None:
        """Count what is not counted yet; done when a client is closed."""
        with self._lock:
            calls, self._uncounted = self._uncounted, 0
            if not calls or time.monotonic() < self._away_until:
                return
        try:
            ceiling = self._now.per_second
            buckets.claim(self.hub.store.engine, self._name, ceiling=ceiling, calls=calls, cost=0)
        except AWAY_ERRORS as problem:
            with self._lock:
                self._lost(problem)

    def _lost(self, problem: Exception) -> None:
        now = time.monotonic()
        if now >= self._away_until:
            log.warning(
                "%s: PostgreSQL does not answer (%s); this process keeps the limit alone",
                self._name,
                type(problem).__name__,
            )
        self._away_until = now + AWAY
        self._asked = float("-inf")

    def _alone(self, now: float) -> float:
        """The last limit known, for this process alone."""
        self._uncounted += 1
        limit = min((one for one in (self._limit, self._now.per_second) if one is not None), default=None)
        if limit is None:
            return 0.0
        if now < self._next:
            self._uncounted -= 1
            return min(self._next - now, LONGEST_WAIT)
        self._next = now + 1 / limit
        return 0.0
