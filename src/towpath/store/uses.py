"""The use of secrets on record: one row of the audit for an hour of use by one actor, not one for every call."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from towpath.access import acting
from towpath.errors import RetryLaterError

if TYPE_CHECKING:
    from towpath.store.database import Store

__all__ = ["SESSION", "Uses"]

#: Seconds for which uses of one secret by one actor from one address count as one.
SESSION = 3600.0
#: Sessions that are remembered; beyond that the oldest one's next use is a row again.
_MOST = 10_000
_PATIENCE = "20s"


class Uses:
    """Puts the use of secrets on record. Thread-safe; each process has its own sessions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._since: OrderedDict[tuple[str, str, str | None], float] = OrderedDict()
        self._guard = threading.Lock()

    def note(self, owner: str) -> None:
        """Put a use on record unless this session already is.

        :raises RetryLaterError: the audit is held by somebody; nothing was used.
        """
        now, by = time.monotonic(), acting()
        session = (owner, by.name, by.address)
        with self._guard:
            since = self._since.get(session)
        if since is not None and now - since < SESSION:
            return
        try:
            with self._store.begin() as db:
                # A caller that holds the audit's lock and opens a secret would wait for itself for ever.
                db.exec_driver_sql(f"set local lock_timeout = '{_PATIENCE}'")
                self._store.audit(by.name, "secret.use", f"secret/{owner}", connection=db)
        except sa.exc.OperationalError as problem:
            if getattr(problem.orig, "sqlstate", None) != "55P03":  # lock_not_available
                raise
            raise RetryLaterError(
                "The use of a secret could not be put on record, so it was not handed out; try again in a moment."
            ) from problem
        with self._guard:
            self._since[session] = now
            self._since.move_to_end(session)
            if len(self._since) > _MOST:
                self._since.popitem(last=False)
