"""Queries and exports under way in this server: who waits, who is worked on, whose answers are kept.

So many at a time as the settings say, so many of one person, first come first served otherwise; who comes when too many
wait is told to come again. Answers lie under the home folder, are kept for a quarter of an hour after they were last
asked for, and go with the server. Each server process has its own: a page is asked of the server that ran the query.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from towpath.errors import DamagedError, NotFoundError, RateLimitedError, ServerBusyError, TowpathError
from towpath.features.explore.kitchen import Kitchen, StoppedError
from towpath.hub import Hub
from towpath.logs import get_logger

__all__ = ["Job", "Room", "State", "let_go", "room_of"]

log = get_logger(__name__)

_KEPT_SECONDS = 900.0
#: A job nobody comes to work on for so long is given up.
_PATIENCE = 120.0
_OPEN = frozenset({"queued", "running"})
#: How many of one person may wait.
_WAITING_EACH = 20


State = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """One query or export, from when it was asked for until its answer is removed."""

    owner: str
    """Whose it is: nobody else gets its answer."""
    target: str
    """What the process does, as ``module:function``; it is given `path` beside the arguments."""
    arguments: Mapping[str, Any]
    seconds: float
    connections: frozenset[str]
    """Ids of the connections whose rows are in the answer."""
    suffix: str = ".arrow"
    about: Mapping[str, Any] = field(default_factory=dict)
    """What whoever asked wants to remember of it."""
    ended: Callable[[Job], None] | None = None
    """Called once when the work has ended, however it did."""
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:16])
    state: State = "queued"
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds_taken: float = 0.0
    done: Mapping[str, Any] = field(default_factory=dict)
    """What the work returned."""
    error: TowpathError | None = None
    path: Path = Path()
    stop: bool = False
    waiting: list[Callable[[], None]] = field(default_factory=list)
    """Called when it has ended, by whoever ends it."""
    born: float = field(default_factory=time.monotonic)
    touched: float = field(default_factory=time.monotonic)

    @property
    def open(self) -> bool:
        """Whether its work has not ended."""
        return self.state in _OPEN


class Room:
    """All jobs of this process. Use :func:`room_of`."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._settings = hub.settings
        self._folder = hub.settings.home / "answers" / uuid.uuid4().hex
        self._jobs: dict[str, Job] = {}
        self._queue: list[Job] = []
        self._change = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._expired = 0.0
        self._clear_old()
        self._folder.mkdir(parents=True, mode=0o700)

    # -- asking ------------------------------------------------------------------------------------

    def submit(self, job: Job) -> Job:
        """Queue a job.

        :raises RateLimitedError: too many of this person wait already.
        :raises ServerBusyError: too many wait at all, or the server is closing.
        """
        with self._change:
            self._expire(at_once=True)
            waiting = [one for one in self._queue if one.owner == job.owner]
            if len(waiting) >= _WAITING_EACH:
                raise RateLimitedError(
                    f"{len(waiting)} queries of yours are waiting already; let some end, or stop them.",
                    retry_after=5,
                )
            busy = sum(one.state == "running" for one in self._jobs.values())
            room = self._settings.queries_waiting + max(0, self._settings.queries_at_once - busy)
            if self._closed or len(self._queue) >= room:
                raise ServerBusyError(
                    "Too many queries are waiting at the moment; try again in a few seconds.", retry_after=5
                )
            job.path = self._folder / f"{job.id}{job.suffix}"
            self._jobs[job.id] = job
            self._queue.append(job)
            if len(self._threads) < self._settings.queries_at_once:
                thread = threading.Thread(target=self._work, name="towpath-query", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._change.notify_all()
        return job

    def find(self, job_id: str, owner: str) -> Job:
        """A job of theirs.

        :raises NotFoundError: there is none, or it is not kept any more, or it is somebody else's.
        """
        with self._change:
            self._expire()
            job = self._jobs.get(job_id)
            if job is None or job.owner != owner:
                raise NotFoundError("The answer is not kept any more; run the query again.")
            job.touched = time.monotonic()
            return job

    def of(self, owner: str) -> list[Job]:
        """Their jobs that are kept, newest first."""
        with self._change:
            self._expire()
            return [job for job in reversed(self._jobs.values()) if job.owner == owner]

    def states(self) -> list[State]:
        """How all jobs stand that are kept."""
        with self._change:
            return [job.state for job in self._jobs.values()]

    async def ended(self, job: Job, seconds: float) -> Job:
        """Come back when the job has ended, or after so many seconds. No thread waits for it: routes share forty."""
        over, loop = asyncio.Event(), asyncio.get_running_loop()

        def tell() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(over.set)

        with self._change:
            if not job.open or self._closed:
                return job
            job.waiting.append(tell)
        try:
            async with asyncio.timeout(seconds):
                await over.wait()
        except TimeoutError:
            pass
        finally:
            with self._change, suppress(ValueError):
                job.waiting.remove(tell)
        return job

    def let_go(self) -> None:
        """Whoever waits for a job waits no longer, however it stands: the server stops answering."""
        with self._change:
            for job in self._jobs.values():
                for tell in job.waiting:
                    tell()

    def cancel(self, job: Job) -> bool:
        """Stop the work; False when it has ended already. Its thread tells its end."""
        with self._change:
            if not job.open:
                return False
            job.stop = True
            if job in self._queue:
                self._queue.remove(job)
                self._end(job, "cancelled", None)
            self._change.notify_all()
        return True

    def forget(self, job: Job) -> None:
        """Remove an answer."""
        with self._change:
            self._drop(job)

    def close(self) -> None:
        """Stop everything and remove all answers."""
        with self._change:
            self._closed = True
            for job in self._jobs.values():
                job.stop = True
                for tell in job.waiting:
                    tell()
            self._queue.clear()
            self._change.notify_all()
        for thread in self._threads:
            thread.join(5)
        shutil.rmtree(self._folder, ignore_errors=True)

    # -- working -----------------------------------------------------------------------------------

    def _work(self) -> None:
        """One of the threads: take what comes next, have a process of its own do it."""
        kitchen = Kitchen(
            memory_mb=self._settings.sql_memory_mb, file_mb=max(1, self._settings.answers_mb // 2)
        )
        try:
            while (job := self._next()) is not None:
                began = time.monotonic()
                error: TowpathError | None = None
                state: State = "succeeded"
                try:
                    job.done = kitchen.work(
                        job.target,
                        {**job.arguments, "path": str(job.path)},
                        seconds=job.seconds,
                        stopped=lambda job=job: job.stop,  # type: ignore[misc]  # mypy can not type a default
                    )
                except StoppedError:
                    state = "cancelled"
                except TowpathError as problem:
                    state, error = "failed", problem
                except Exception as problem:
                    log.exception("query_failed", error=type(problem).__name__)
                    state, error = "failed", DamagedError("The query met something Towpath did not expect.")
                job.seconds_taken = time.monotonic() - began
                with self._change:
                    self._end(job, state, error)
        finally:
            kitchen.close()

    def _next(self) -> Job | None:
        with self._change:
            while True:
                if self._closed:
                    return None
                now = time.monotonic()
                for job in [one for one in self._queue if now - one.born > _PATIENCE]:
                    self._queue.remove(job)
                    self._end(job, "failed", ServerBusyError("Nobody came to work on this query; try again."))
                running = [job.owner for job in self._jobs.values() if job.state == "running"]
                for job in self._queue:
                    if running.count(job.owner) < self._settings.queries_per_person:
                        self._queue.remove(job)
                        job.state = "running"
                        return job
                self._change.wait(5)

    def _end(self, job: Job, state: State, error: TowpathError | None) -> None:
        job.state, job.error = state, error
        job.touched = time.monotonic()
        if state != "succeeded":
            for path in (
                job.path,
                *self._folder.glob(f".{job.path.name}.*"),
            ):  # what a killed process left too
                path.unlink(missing_ok=True)
        self._change.notify_all()
        for tell in job.waiting:
            tell()
        if job.ended is not None:
            threading.Thread(target=self._tell, args=(job,), daemon=True).start()

    def _tell(self, job: Job) -> None:
        """Outside the lock: whoever is told may ask the database."""
        with suppress(TowpathError):
            if job.ended is not None and not self._closed:
                job.ended(job)

    # -- keeping -----------------------------------------------------------------------------------

    def _expire(self, *, at_once: bool = False) -> None:
        """Remove what nobody has asked for lately, and the oldest when there is too much; once a second at most.

        :param at_once: however short ago it was done.
        """
        now = time.monotonic()
        if not at_once and now - self._expired < 1.0:
            return
        self._expired = now
        ended = sorted((job for job in self._jobs.values() if not job.open), key=lambda job: job.touched)
        total = sum(int(job.done.get("bytes") or 0) for job in ended)
        for job in ended:
            if now - job.touched > _KEPT_SECONDS or total > self._settings.answers_mb * 1024 * 1024:
                total -= int(job.done.get("bytes") or 0)
                self._drop(job)

    def _drop(self, job: Job) -> None:
        self._jobs.pop(job.id, None)
        job.path.unlink(missing_ok=True)

    def _clear_old(self) -> None:
        """Remove what servers left that were killed; one that works touches its folder all the time."""
        with suppress(OSError):
            for folder in (self._hub.settings.home / "answers").iterdir():
                newest = max((path.stat().st_mtime for path in [folder, *folder.iterdir()]), default=0.0)
                if time.time() - newest > 4 * _KEPT_SECONDS:
                    shutil.rmtree(folder, ignore_errors=True)


_ROOMS: dict[int, Room] = {}
_GUARD = threading.Lock()


def room_of(hub: Hub) -> Room:
    """The room of a hub, made when it is first asked for and closed with the hub."""
    with _GUARD:
        found = _ROOMS.get(id(hub))
        if found is None:
            found = _ROOMS[id(hub)] = Room(hub)

            def close() -> None:
                with _GUARD:
                    room = _ROOMS.pop(id(hub), None)
                if room is not None:
                    room.close()

            hub.at_close(close)
        return found


def let_go(hub: Hub) -> None:
    """See :meth:`Room.let_go`; nothing where nobody has asked for the room of the hub yet."""
    with _GUARD:
        room = _ROOMS.get(id(hub))
    if room is not None:
        room.let_go()
