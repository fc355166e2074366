"""The call budget of one Odoo database over all processes that share the PostgreSQL.

It stands behind the budget of the process (`towpath.odoo.Pace`): a call that got its place there asks here.
While nothing limits the database, calls are only counted here, twice a second; with a limit every call is
claimed. When PostgreSQL is away the last limit known holds for this process alone, and the call goes on.
Odoo's own cloud allows one call at a time (facts §2.3): there each call also holds a place that is the only one.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from towpath.errors import TowpathError
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

#: Seconds between two looks whether the only place of a database is free.
TAKEN = 0.2
_LOCK = 7_403_212  # first half of the advisory lock of a place; the second is the database

_AWAY = (sa.exc.SQLAlchemyError, TowpathError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How the calls against one database stand, over all processes."""

    #: In the last sixty seconds, up to half a second late.
    calls_per_minute: int
    #: Calls a second that may be made now; None for no limit.
    limit: float | None
    #: Calls a second that the settings, or odoo.com, allow.
    ceiling: float | None
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


def _name(access: Access) -> str:
    return f"odoo/{access.host}/{access.database or ''}"


def _ceiling(hub: Hub, access: Access) -> float | None:
    return hub.settings.calls_per_second or (1.0 if access.on_odoo_com else None)


def budget_of(hub: Hub, access: Access) -> Budget:
    """How the calls against a database stand now."""
    state = buckets.state(hub.store.engine, _name(access))
    slowed = state.rate is not None
    limits = [limit for limit in (state.rate, _ceiling(hub, access)) if limit is not None]
    return Budget(
        calls_per_minute=state.calls_per_minute,
        limit=min(limits, default=None),
        ceiling=_ceiling(hub, access),
        paused_until=state.paused_until,
        slowed_why=state.slowed_why if slowed else None,
        slowed_at=state.slowed_at if slowed else None,
    )


def pace_of(hub: Hub, access: Access) -> Pace:
    """The budget of a database in this process, with the one over all processes behind it."""
    ceiling = _ceiling(hub, access)
    pace = pace_for(access, at_once=hub.settings.calls_at_once, per_second=ceiling)
    gate = pace.gate
    # Two threads that both see none leave the later one's; the first keeps half a second of counts for itself.
    if not isinstance(gate, SharedBudget) or gate.hub is not hub:
        alone = access.on_odoo_com and not hub.settings.calls_at_once
        pace.gate = SharedBudget(hub, _name(access), ceiling, alone=alone)
    return pace


class _Place:
    """The only place for a call to a database, over all processes: a lock of a session of PostgreSQL.

    When the process dies, or PostgreSQL is restarted, the session ends and the place is free. Used by one thread at a
    time, which is what the budget of the process sees to.
    """

    def __init__(self, hub: Hub, name: str) -> None:
        self._hub = hub
        self._lock = {"a": _LOCK, "name": name}
        self._held: sa.Connection | None = None

    def take(self) -> bool:
        """Take the place; False when another process is in it. Raises what PostgreSQL raises when it is away."""
        if self._held is not None:
            return True
        session = self._hub.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            free = session.scalar(sa.text("select pg_try_advisory_lock(:a, hashtext(:name))"), self._lock)
        except BaseException:
            session.close()
            raise
        if not free:
            session.close()
            return False
        self._held = session
        return True

    def leave(self) -> None:
        """Let others have the place; never raises."""
        session, self._held = self._held, None
        if session is None:
            return
        try:
            session.execute(sa.text("select pg_advisory_unlock(:a, hashtext(:name))"), self._lock)
        except _AWAY:
            session.invalidate()  # with the session the lock goes
        finally:
            session.close()


class SharedBudget:
    """Asks the token bucket in PostgreSQL for calls, and tells it how they went. Thread-safe; never raises."""

    def __init__(self, hub: Hub, name: str, ceiling: float | None, *, alone: bool = False) -> None:
        """Make the budget; nothing is asked before the first call.

        :param hub: a hub that closes leaves calls to the budget of the process.
        :param name: of the bucket.
        :param ceiling: calls a second at the very most, None for no such limit.
        :param alone: one call at a time over all processes; the budget of the process must see to it in this one.
        """
        self.hub = hub
        self._place = _Place(hub, name) if alone else None
        self._name = name
        self._ceiling = ceiling
        self._lock = threading.Lock()
        #: The limit as it was when last asked.
        self._limit = ceiling
        self._asked = float("-inf")
        self._uncounted = 0
        self._good = 0
        #: Without PostgreSQL: when to try it again, and when the next call may be made.
        self._away_until = self._next = 0.0

    def claim(self) -> float:
        """0 when a call may be made now, else the seconds after which to ask again."""
        if self._place is None:
            return self._claim()
        if time.monotonic() >= self._away_until:
            try:
                if not self._place.take():
                    return TAKEN
            except _AWAY as problem:
                with self._lock:
                    self._lost(problem)
        wait = self._claim()
        if wait > 0:
            self._place.leave()
        return wait

    def _claim(self) -> float:
        now = time.monotonic()
        with self._lock:
            if now < self._away_until:
                return self._alone(now)
            if self._limit is None and now - self._asked < LOOK:
                self._uncounted += 1
                return 0.0
            calls, good = self._uncounted + 1, self._good
            # Another thread must not count the same calls; they come back if this claim is not granted.
            self._asked, self._uncounted, self._good = now, 0, 0
        try:
            grant = buckets.claim(
                self.hub.store.engine, self._name, ceiling=self._ceiling, calls=calls, good=good
            )
        except _AWAY as problem:
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
        if self._place is not None:
            self._place.leave()
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
        except _AWAY as problem:
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
            buckets.claim(self.hub.store.engine, self._name, ceiling=self._ceiling, calls=calls, cost=0)
        except _AWAY as problem:
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
        if self._limit is None:
            return 0.0
        if now < self._next:
            self._uncounted -= 1
            return min(self._next - now, LONGEST_WAIT)
        self._next = now + 1 / self._limit
        return 0.0
