"""Small transactions that must not be lost because PostgreSQL is being restarted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from towpath.store import Store

__all__ = ["patiently"]

T = TypeVar("T")

#: Seconds for which a server that is away is waited for: a restart takes a few, a failover rarely more.
LONGEST = 60.0
#: Seconds after which PostgreSQL ends a transaction whose process hangs in the middle of it (a machine that is paused,
#: a network that is cut): else whoever takes its work over would wait for its locks. Shorter than any silence that
#: means death.
IDLE = 10.0

_LIMIT = sa.text("select set_config('idle_in_transaction_session_timeout', :idle, true)")
_ENDED = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.InternalError)


def patiently(store: Store, do: Callable[[sa.Connection], T], *, longest: float = LONGEST) -> T:
    """Run a transaction, again when the connection breaks; so it must bear being done twice.

    :raises sqlalchemy.exc.OperationalError: the server stayed away for ``longest`` seconds.
    """
    until, pause = time.monotonic() + longest, 0.1
    while True:
        try:
            with store.begin() as db:
                db.execute(_LIMIT, {"idle": f"{IDLE * 1000:.0f}"})
                return do(db)
        except _ENDED:
            if time.monotonic() + pause > until:
                raise
        time.sleep(pause)
        pause = min(2.0, pause * 2)
