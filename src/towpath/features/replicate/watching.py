"""Watching runs for everybody who looks on: one thread a process asks PostgreSQL, however many they are.

While somebody watches it asks about once a second what changed: two small queries, whoever works on the runs and in
whatever process. Each watcher has a queue of its own; one that does not keep up loses its place, not the others theirs.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from towpath.errors import TowpathError
from towpath.features.replicate import listing, run_log, streams
from towpath.features.replicate.run_log import Line
from towpath.features.replicate.runs import OPEN, Run
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import run_log as run_log_rows
from towpath.features.replicate.tables import streams as stream_rows
from towpath.hub import Hub
from towpath.logs import get_logger

__all__ = ["LOOK", "Change", "Ear", "Watch", "watch_of"]

log = get_logger(__name__)

#: Seconds between two looks.
LOOK = 0.7
#: Changes one watcher may have waiting.
_WAITING = 2000
#: Numbers are given before they are committed: so many behind the newest are looked at again.
_BEHIND = 200
_RECENT = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A run that changed, or a line of its log."""

    run: Run
    stream: Stream
    line: Line | None = None
    #: The newest ``seq`` of the log at that moment: where somebody who comes again goes on.
    seq: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Ear:
    """One who watches: waiting changes, and how to wake them."""

    wake: Callable[[], None]
    #: Only this run; None for all.
    run_id: str | None = None
    #: Who it is, so that one person can not take the room of all.
    whose: str = ""
    waiting: deque[Change] = field(default_factory=deque)
    #: Did not keep up, and is told nothing more.
    lost: bool = False

    def hear(self, changes: Collection[Change]) -> None:
        """Take what concerns this one; called by the watching thread."""
        mine = [one for one in changes if self.run_id in {None, one.run.id}]
        if len(self.waiting) + len(mine) > _WAITING:
            self.lost = True
        else:
            self.waiting.extend(mine)
        if mine:
            self.wake()


class Watch:
    """What watches the runs of one hub. Thread-safe."""

    def __init__(self, hub: Hub) -> None:
        self._hub = weakref.ref(hub)
        self._lock = threading.Lock()
        self._ears: set[Ear] = set()
        self._thread: threading.Thread | None = None
        #: Looks made so far, for the tests and the measures.
        self.looks = 0

    def __len__(self) -> int:
        """How many watch."""
        return len(self._ears)

    def of(self, whose: str) -> int:
        """How often somebody watches."""
        with self._lock:
            return sum(ear.whose == whose for ear in self._ears)

    def add(self, ear: Ear) -> None:
        """Let somebody watch; the first one starts the thread."""
        with self._lock:
            self._ears.add(ear)
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_looking, name="watch runs", daemon=True)
                self._thread.start()

    def remove(self, ear: Ear) -> None:
        """Nobody is told any more through this ear."""
        with self._lock:
            self._ears.discard(ear)

    def _keep_looking(self) -> None:
        sight = _Sight()
        while True:
            with self._lock:
                ears = tuple(self._ears)
                hub = self._hub()
                if not ears or hub is None or hub.closed:
                    self._thread = None  # the next one to watch starts another
                    return
            try:
                changes = sight.look(hub)
            except (sa.exc.SQLAlchemyError, TowpathError, OSError) as problem:
                log.info("watch_missed", reason=type(problem).__name__)
                changes = []
            del hub
            self.looks += 1
            if changes:
                for ear in ears:
                    ear.hear(changes)
            time.sleep(LOOK)


class _Sight:
    """What the thread has seen so far."""

    def __init__(self) -> None:
        self._seq: int | None = None
        self._told: dict[tuple[str, int], int] = {}
        #: Open runs as they were last told.
        self._open: dict[str, Run] = {}
        self._begun = datetime.now(UTC)
        #: Runs that were told when they had ended, so that they are told once.
        self._ended: dict[str, datetime] = {}

    def look(self, hub: Hub) -> list[Change]:
        """What changed since the last look."""
        with hub.store.begin() as db:
            if self._seq is None:
                newest = sa.select(sa.func.coalesce(sa.func.max(run_log_rows.c.seq), 0))
                self._seq = db.execute(newest).scalar_one()
            lines = run_log.since(db, self._seq - _BEHIND)
            now: datetime = db.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
            runs = listing.changed(db, list(self._open), max(self._begun, now - _RECENT))
            wanted = {run.stream_id for run in runs}
            known = {
                one.id: one
                for one in streams.fetch(db, stream_rows.select().where(stream_rows.c.id.in_(wanted)))
            }
        fresh = self._fresh(lines)
        by_id = {run.id: run for run in runs}
        changes = [
            Change(run=run, stream=known[run.stream_id], seq=self._seq)
            for run in runs
            if run.stream_id in known and self._is_news(run, now)
        ]
        for line in fresh:
            run = by_id.get(line.run_id)
            if run is not None and run.stream_id in known:
                changes.append(Change(run=run, stream=known[run.stream_id], line=line, seq=line.seq))
        self._open = {run.id: run for run in runs if run.state in OPEN}
        self._ended = {one: at for one, at in self._ended.items() if now - at < 4 * _RECENT}
        # A line is told before the end of its run, so that whoever leaves at the end has heard all of it.
        return sorted(changes, key=lambda one: one.line is None)

    def _fresh(self, lines: list[Line]) -> list[Line]:
        fresh = [line for line in lines if self._told.get((line.run_id, line.number), -1) < line.seq]
        if self._seq is not None:
            first = not self._told
            behind = self._seq
            self._told = {(line.run_id, line.number): line.seq for line in lines}
            self._seq = max([self._seq, *(line.seq for line in lines)])
            if first:  # what stood there before the first look is known already
                fresh = [line for line in fresh if line.seq > behind]
        return fresh

    def _is_news(self, run: Run, now: datetime) -> bool:
        if run.state in OPEN:
            before = self._open.get(run.id)
            return before != run
        if run.id in self._ended:
            return False
        self._ended[run.id] = now
        return True


_WATCHES: weakref.WeakKeyDictionary[Hub, Watch] = weakref.WeakKeyDictionary()
_WATCHES_LOCK = threading.Lock()


def watch_of(hub: Hub) -> Watch:
    """The one watch of a hub."""
    with _WATCHES_LOCK:
        found = _WATCHES.get(hub)
        if found is None:
            found = _WATCHES[hub] = Watch(hub)
        return found
