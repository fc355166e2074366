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


def patiently(store: Store, do: Callable[[sa.Connection], T], *, longest: float = LONGEST) -> T:
    """Run a transaction, again when the connection breaks; so it must bear being done twice.

    :raises sqlalchemy.exc.OperationalError: the server stayed away for ``longest`` seconds.
    """
    until, pause = time.monotonic() + longest, 0.1
    while True:
        try:
            with store.begin() as db:
                return do(db)
        except (sa.exc.OperationalError, sa.exc.InterfaceError):
            if time.monotonic() + pause > until:
                raise
        time.sleep(pause)
        pause = min(2.0, pause * 2)
