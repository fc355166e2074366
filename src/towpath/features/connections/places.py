"""Places for calls to one Odoo database, so many at a time over all processes.

A place is an advisory lock of a session of PostgreSQL: when a process dies, or PostgreSQL is restarted, the session
ends and its places are free. A process holds all its places of a database by one session.
"""

from __future__ import annotations

import threading

import sqlalchemy as sa

from towpath.errors import TowpathError
from towpath.hub import Hub

__all__ = ["AWAY_ERRORS", "Places"]

#: What is raised when PostgreSQL is away, or the hub is closed.
AWAY_ERRORS = (sa.exc.SQLAlchemyError, TowpathError, OSError)

_LOCK = (
    7_403_212  # first half of the advisory lock of a place; the second is the database and the place's number
)

_HASH = "hashtext(case when {0} = 0 then :name else :name || '/' || {0} end)"
# A session may take its own lock twice: the case keeps it from trying the places that this process has already.
_TAKE = sa.text(
    "select place from generate_series(0, :count - 1) as place where case when place = any(:held) then false "
    f"else pg_try_advisory_lock(:lock, {_HASH.format('place')}) end limit 1"
).bindparams(sa.bindparam("held", type_=sa.ARRAY(sa.Integer)))
_LEAVE = sa.text(f"select pg_advisory_unlock(:lock, {_HASH.format('cast(:place as integer)')})")


class _Mine(threading.local):
    """The place of a thread, with the session that holds it."""

    place: tuple[sa.Connection, int] | None = None


class Places:
    """The places that this process has. Thread-safe; a thread has one at most."""

    def __init__(self, hub: Hub, name: str) -> None:
        """Nothing is asked before the first place is wanted.

        :param name: of the database.
        """
        self._hub = hub
        self._name = name
        self._lock = threading.Lock()
        self._session: sa.Connection | None = None
        self._held: set[int] = set()
        self._mine = _Mine()

    def take(self, count: int) -> bool:
        """Take one of so many places for this thread; False when all are taken.

        Raises one of ``AWAY_ERRORS`` when PostgreSQL is away.
        """
        if self._mine.place is not None:
            return True
        with self._lock:
            session = self._session
            if session is None:
                session = self._hub.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                self._session = session
            try:
                place = session.scalar(
                    _TAKE,
                    {"lock": _LOCK, "name": self._name, "count": count, "held": sorted(self._held)},
                )
            except BaseException:
                self._drop()
                raise
            if place is not None:
                self._held.add(place)
                self._mine.place = session, place
            elif not self._held:
                self._close()
            return place is not None

    def leave(self) -> None:
        """Let others have the place of this thread, if it has one; never raises."""
        mine, self._mine.place = self._mine.place, None
        if mine is None:
            return
        session, place = mine
        with self._lock:
            if session is not self._session:  # that session has ended, and its places with it
                return
            self._held.discard(place)
            try:
                session.execute(_LEAVE, {"lock": _LOCK, "name": self._name, "place": place})
            except AWAY_ERRORS:
                self._drop()
            else:
                if not self._held:
                    self._close()

    def _drop(self) -> None:
        """End the session, and with it all its locks."""
        if self._session is not None:
            self._session.invalidate()
        self._held.clear()
        self._close()

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
