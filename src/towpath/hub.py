"""The composition root: the one place that builds Towpath's parts and joins them.

Every part is made when it is first asked for, so that a command pays only for what it uses.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from towpath import plugins
from towpath.errors import RetryLaterError
from towpath.settings import Settings, load

if TYPE_CHECKING:
    from towpath.jobs import JobEngine
    from towpath.lake.catalog import TableRef
    from towpath.secrets import Cabinet
    from towpath.store import Store

__all__ = ["Hub", "open_hub"]


class Hub:
    """Towpath's parts, made as they are needed. Use :func:`open_hub`; not to be shared between processes."""

    def __init__(self, settings: Settings, *, works: bool = True) -> None:
        self.settings = settings
        #: Whether this process takes up queued jobs, or leaves them to workers.
        self.works = works
        self._lock = threading.RLock()
        self._engine: JobEngine | None = None
        self._closed = False
        self._endings: list[Callable[[], None]] = []

    def at_close(self, end: Callable[[], None]) -> None:
        """Call `end` first when the hub closes: for what a feature keeps running beside it."""
        self._endings.append(end)

    @cached_property
    def store(self) -> Store:
        """Towpath's PostgreSQL, its tables up to date."""
        from towpath.store import Store

        self._still_open()
        store = Store(self.settings)
        store.open()
        store.migrate()
        return store

    @cached_property
    def cabinet(self) -> Cabinet:
        """Sealed secrets by owner; their use is put on record."""
        from towpath.secrets import Cabinet, Vault, any_sealed, key_source
        from towpath.store.uses import Uses

        engine = self.store.engine
        # A second key beside a lost one would seal what the first one does not open when it is back.
        vault = Vault(key_source(self.settings, make=lambda: not any_sealed(engine)))
        return Cabinet(engine, vault, used=Uses(self.store).note)

    @property
    def lake_root(self) -> str:
        """Folder or object store address under which all tables lie."""
        return self.settings.lake_root

    def jobs(self) -> JobEngine:
        """The job engine, open; what a crash cut off goes on now."""
        with self._lock:
            if self._engine is None:
                self._still_open()
                from towpath import logs
                from towpath.jobs import open_engine

                logs.set_up(self.settings)
                engine = open_engine(self.settings, self.store.engine, work=self.works)
                for feature in plugins.features():
                    for name, limit in feature.queues.items():
                        per_key = limit if isinstance(limit, int) else getattr(self.settings, limit)
                        engine.queue(name, limit_per_key=per_key, limit_here=self.settings.jobs_at_once)
                    for name, target in feature.jobs.items():
                        engine.register(name, partial(_callable(target), self))
                engine.open()
                self._engine = engine
            return self._engine

    def tables(self) -> Sequence[TableRef]:
        """All tables of the catalog, from every feature that has some."""
        return [
            table
            for feature in plugins.features()
            if feature.tables
            for table in _callable(feature.tables)(self)
        ]

    def close(self) -> None:
        """Stop what was started, in reverse order. Running jobs are left to the next start."""
        self._closed = True
        while self._endings:
            self._endings.pop()()
        with self._lock:
            engine, self._engine = self._engine, None
        # Not under the lock: a job may ask for a part while it ends.
        if engine is not None:
            engine.close()
        with self._lock:
            store = self.__dict__.pop("store", None)
        if store is not None:
            store.close()

    @property
    def closed(self) -> bool:
        """Whether the hub is closing or closed: jobs that still run leave their work to the next start."""
        return self._closed

    def _still_open(self) -> None:
        """A thread that outlives the hub must not start PostgreSQL again behind its back."""
        if self._closed:
            raise RetryLaterError("Towpath is closing; what was cut off goes on at the next start.")


def _callable(target: str) -> Callable[..., Any]:
    found = plugins.load(target)
    if not callable(found):
        raise TypeError(f"{target} can not be called")
    return found


@contextmanager
def open_hub(settings: Settings | None = None, *, works: bool = True) -> Iterator[Hub]:
    """A hub for the length of a ``with`` block.

    :param settings: None reads them from the environment.
    :param works: False leaves queued jobs to other processes; this one only starts and watches them.
    """
    hub = Hub(settings or load(), works=works)
    try:
        yield hub
    finally:
        hub.close()
