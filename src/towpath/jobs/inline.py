"""The engine's in-process twin: threads and a journal in memory, the same promises but for durability.

For tests, for scripts and for reading how an engine has to behave. Two engines given the same
:class:`Journal` are like two processes on one database: what the first left when it was closed or crashed
(:meth:`InlineEngine.crash_before`), the second goes on with.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from towpath.errors import InputError, NotFoundError, TimedOutError, TowpathError
from towpath.jobs import carry
from towpath.jobs.engine import Context, Function, Handle, Job, Listener, State

__all__ = ["InlineEngine", "Journal"]


class _StoppedError(BaseException):
    """Leaves a job's function without ending the job. Not an Exception, so that no job catches it."""


class _CancelledError(BaseException):
    """Leaves a job's function because the job was cancelled."""


@dataclass(slots=True)
class _Entry:
    job: Job
    owner: object = None
    steps: list[tuple[str, Any, TowpathError | None]] = field(default_factory=list)
    messages: defaultdict[str, deque[Any]] = field(default_factory=lambda: defaultdict(deque))


class Journal:
    """What the engines of one imaginary database have on record."""

    def __init__(self) -> None:
        self.entries: dict[str, _Entry] = {}
        self.changed = threading.Condition(threading.RLock())


class InlineEngine:
    """JobEngine in one process; see the port for what the methods promise."""

    def __init__(self, journal: Journal | None = None, *, work: bool = True) -> None:
        self._journal = journal or Journal()
        self._changed = self._journal.changed
        self._work = work
        self._functions: dict[str, Function] = {}
        self._queues: dict[str, tuple[int | None, int | None]] = {}
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)
        self._threads: dict[str, threading.Thread] = {}
        self._crash_at: str | None = None
        self._is_open = False

    def register(self, name: str, function: Function) -> None:
        """See the port."""
        self._functions[name] = function

    def queue(self, name: str, *, limit_per_key: int | None = None, limit_here: int | None = None) -> None:
        """See the port."""
        self._queues[name] = (limit_per_key, limit_here)

    def open(self) -> None:
        """See the port."""
        with self._changed:
            self._is_open = True
        self.resume_pending()

    def crash_before(self, step: str) -> None:
        """At the next step of that name stop the engine as kill -9 would: nothing more is recorded."""
        self._crash_at = step

    def start(
        self,
        name: str,
        job_id: str,
        payload: Mapping[str, Any],
        *,
        queue: str | None = None,
        key: str | None = None,
        on_progress: Listener | None = None,
    ) -> Handle:
        """See the port."""
        copy = carry.check_payload(payload)
        with self._changed:
            if name not in self._functions:
                raise InputError(f"There is no job function {name}.")
            if queue is not None and queue not in self._queues:
                raise InputError(f"There is no queue {queue}.")
            entry = self._journal.entries.get(job_id)
            if entry is not None and entry.job.name != name:
                raise InputError(f"The id {job_id} belongs to a job {entry.job.name}.")
            if on_progress is not None:
                self.listen(job_id, on_progress)
            if entry is None:
                job = Job(
                    id=job_id,
                    name=name,
                    state=State.QUEUED,
                    payload=copy,
                    result=None,
                    error=None,
                    created_at=datetime.now(UTC),
                    queue=queue,
                    key=key,
                )
                self._journal.entries[job_id] = _Entry(job)
                self._pump()
        return Handle(self, job_id)

    def get(self, job_id: str) -> Job | None:
        """See the port."""
        entry = self._journal.entries.get(job_id)
        return entry.job if entry else None

    def states(self, job_ids: Collection[str]) -> Mapping[str, State]:
        """See the port."""
        with self._changed:
            entries = self._journal.entries
            return {job_id: entries[job_id].job.state for job_id in job_ids if job_id in entries}

    def unfinished(self, name: str | None = None) -> Sequence[Job]:
        """See the port."""
        with self._changed:
            jobs = [entry.job for entry in self._journal.entries.values()]
        return [job for job in jobs if not job.state.ended and name in {None, job.name}]

    def wait(self, job_id: str, timeout: float | None = None) -> Any:
        """See the port."""
        with self._changed:
            entry = self._journal.entries.get(job_id)
            if entry is None:
                raise NotFoundError(f"There is no job {job_id}.")
            if not self._changed.wait_for(lambda: entry.job.state.ended, timeout):
                raise TimedOutError(f"The job {job_id} has not ended yet.")
            return carry.outcome(entry.job)

    def listen(self, job_id: str, on_progress: Listener) -> None:
        """See the port."""
        self._listeners[job_id].append(on_progress)

    def cancel(self, job_id: str) -> None:
        """See the port."""
        with self._changed:
            entry = self._journal.entries.get(job_id)
            if entry is None:
                raise NotFoundError(f"There is no job {job_id}.")
            if not entry.job.state.ended:
                entry.job = replace(entry.job, state=State.CANCELLED)
                self._changed.notify_all()
                self._pump()

    def send(self, job_id: str, topic: str, message: Any) -> None:
        """See the port."""
        with self._changed:
            entry = self._journal.entries.get(job_id)
            if entry is None:
                raise NotFoundError(f"There is no job {job_id}.")
            entry.messages[topic].append(carry.plain(message))
            self._changed.notify_all()

    def resume_pending(self) -> Sequence[str]:
        """See the port."""
        taken = []
        with self._changed:
            for entry in self._journal.entries.values():
                if entry.job.state is State.RUNNING and entry.owner is None:
                    entry.job = replace(entry.job, state=State.QUEUED)
                    taken.append(entry.job.id)
            self._pump()
        return taken

    def close(self, grace: float = 10.0) -> None:
        """See the port."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()
        deadline = time.monotonic() + grace
        for thread in list(self._threads.values()):
            thread.join(max(0.0, deadline - time.monotonic()))

    def _pump(self) -> None:
        """Start whatever may run now; the lock is held."""
        if not self._is_open:
            return
        for entry in list(self._journal.entries.values()):
            if (
                entry.job.state is State.QUEUED
                and entry.job.name in self._functions
                and self._may_run(entry.job)
            ):
                entry.job = replace(entry.job, state=State.RUNNING)
                entry.owner = self
                thread = threading.Thread(
                    target=self._run, args=(entry,), name=f"job-{entry.job.id}", daemon=True
                )
                self._threads[entry.job.id] = thread
                thread.start()

    def _may_run(self, job: Job) -> bool:
        if job.queue is None:
            return True
        per_key, here = self._queues.get(job.queue, (None, None))
        busy = [
            entry
            for entry in self._journal.entries.values()
            if entry.owner is not None and entry.job.id != job.id and entry.job.queue == job.queue
        ]
        same_key = sum(entry.job.key == job.key for entry in busy)
        mine = sum(entry.owner is self for entry in busy)
        return self._work and (per_key is None or same_key < per_key) and (here is None or mine < here)

    def _run(self, entry: _Entry) -> None:
        context = _InlineContext(self, entry)
        try:
            result = carry.plain(self._functions[entry.job.name](context, dict(entry.job.payload)))
        except _CancelledError:
            self._end(entry)
        except _StoppedError:
            with self._changed:
                entry.owner = None
        except Exception as error:  # noqa: BLE001  # whatever a job raises is its outcome
            self._end(entry, state=State.FAILED, error=_carried(error))
        else:
            self._end(entry, state=State.DONE, result=result)

    def _end(self, entry: _Entry, **values: Any) -> None:
        with self._changed:
            entry.owner = None
            self._threads.pop(entry.job.id, None)
            if entry.job.state is State.RUNNING and self._is_open:  # a cancellation that came first stays
                entry.job = replace(entry.job, **values)
            self._changed.notify_all()
            self._pump()


class _InlineContext(Context):
    def __init__(self, engine: InlineEngine, entry: _Entry) -> None:
        self._engine = engine
        self._entry = entry
        self._number = 0

    @property
    def job_id(self) -> str:
        return self._entry.job.id

    @property
    def cancelled(self) -> bool:
        return self._entry.job.state is State.CANCELLED or not self._engine._is_open  # noqa: SLF001  # its own part

    def step(self, name: str, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        return self._recorded(name, lambda: function(*arguments, **named))

    def report(self, **event: Any) -> None:
        for listener in list(self._engine._listeners[self.job_id]):  # noqa: SLF001  # its own part
            listener(event)

    def sleep(self, seconds: float) -> None:
        until = self._recorded("sleep", lambda: time.time() + seconds)
        with self._engine._changed:  # noqa: SLF001  # its own part
            self._engine._changed.wait_for(lambda: self.cancelled, max(0.0, until - time.time()))  # noqa: SLF001
        self.check()

    def receive(self, topic: str, timeout: float) -> Any:
        def take() -> Any:
            with self._engine._changed:  # noqa: SLF001  # its own part
                box = self._entry.messages[topic]
                self._engine._changed.wait_for(lambda: box or self.cancelled, timeout)  # noqa: SLF001
                self.check()
                return box.popleft() if box else None

        return self._recorded(f"receive {topic}", take)

    def start(
        self,
        name: str,
        job_id: str,
        payload: Mapping[str, Any],
        *,
        queue: str | None = None,
        key: str | None = None,
    ) -> str:
        return str(
            self._recorded(
                f"start {name}", lambda: self._engine.start(name, job_id, payload, queue=queue, key=key).id
            )
        )

    def wait(self, job_id: str) -> Any:
        def take() -> Any:
            with self._engine._changed:  # noqa: SLF001  # its own part
                entry = self._engine._journal.entries[job_id]  # noqa: SLF001
                self._engine._changed.wait_for(lambda: entry.job.state.ended or self.cancelled)  # noqa: SLF001
                self.check()
                return carry.outcome(entry.job)

        return self._recorded(f"wait {job_id}", take)

    def check(self) -> None:
        if self._entry.job.state is State.CANCELLED:
            raise _CancelledError
        if not self._engine._is_open:  # noqa: SLF001  # its own part
            raise _StoppedError

    def _recorded(self, name: str, function: Callable[[], Any]) -> Any:
        self.check()
        number, self._number = self._number, self._number + 1
        if number < len(self._entry.steps):
            _, result, error = self._entry.steps[number]
        else:
            if self._engine._crash_at == name:  # noqa: SLF001  # its own part
                with self._engine._changed:  # noqa: SLF001
                    self._engine._is_open = False  # noqa: SLF001
                raise _StoppedError
            result, error = None, None
            try:
                result = carry.plain(function())
            except Exception as raised:  # noqa: BLE001  # whatever a step raises is its outcome
                error = _carried(raised)
            self._entry.steps.append((name, result, error))
        if error is not None:
            raise error
        return result


def _carried(error: Exception) -> TowpathError:
    return carry.error_from_json(carry.error_to_json(error))
