"""The port of the job engine: what every engine promises, held by ``tests/conformance/test_job_engine.py``.

A job is a function of a :class:`Context` and a payload (JSON). Whatever touches the world runs in
``context.step``; the rest of the function must do the same again when it is run again. When a process dies,
another one runs the function anew: steps that are on record are not repeated but give their recorded result,
and the first one that is not on record is where the work really goes on. So a step that was interrupted runs
twice; it must bear that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from towpath.errors import TowpathError

__all__ = ["Context", "Function", "Handle", "Job", "JobEngine", "Listener", "State"]


class State(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"  #: waits for its turn
    RUNNING = "running"  #: a process works on it, or did until it died
    DONE = "done"  #: ended with a result
    FAILED = "failed"  #: ended with an error
    CANCELLED = "cancelled"  #: was told to end

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self in {State.DONE, State.FAILED, State.CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as it stands on record."""

    id: str
    name: str
    state: State
    payload: Mapping[str, Any]
    result: Any  #: JSON; None before the end
    error: TowpathError | None  #: why it failed
    created_at: datetime
    queue: str | None
    key: str | None  #: the part of the queue that has a limit of its own, such as one Odoo database


class Context(Protocol):
    """What a job's function gets to work with. Only for use in the function's own thread."""

    @property
    def job_id(self) -> str:
        """The id the job was started with."""

    @property
    def cancelled(self) -> bool:
        """Whether the job was told to end, or the process is closing; long steps should look now and then.

        Learnt within about a second when another process cancels.
        """

    def check(self) -> None:
        """Leave the job here when it was cancelled or the process is closing; call it in long loops.

        It leaves by a BaseException that must not be caught. A step that is left so is not on record and
        begins anew when the job goes on.
        """

    def step(self, name: str, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        """Run the function once and record its result (anything JSON can hold; it comes back as JSON does).

        An error is recorded as well and raised here each time: TowpathErrors as they are, others as
        GiveUpError. Steps run one after the other; do not nest them.
        """

    def report(self, **event: Any) -> None:
        """Tell listeners in this process about progress; nothing is recorded."""

    def sleep(self, seconds: float) -> None:
        """Wait; a restart does not begin the wait anew."""

    def receive(self, topic: str, timeout: float) -> Any:
        """The next message sent to this job on the topic, or None after ``timeout`` seconds. Recorded."""

    def start(
        self,
        name: str,
        job_id: str,
        payload: Mapping[str, Any],
        *,
        queue: str | None = None,
        key: str | None = None,
    ) -> str:
        """Start another job from this one, once; returns its id."""

    def wait(self, job_id: str) -> Any:
        """The result of a job that :meth:`start` gave; raises its error. Recorded."""


Function = Callable[[Context, dict[str, Any]], Any]
Listener = Callable[[Mapping[str, Any]], None]


class JobEngine(Protocol):
    """Starts jobs, remembers them, and goes on with them after a crash. All methods are thread-safe.

    Order of use: ``register`` and ``queue`` everything, ``open``, then the rest, ``close``.
    Call from ordinary threads; inside a job use the Context.
    """

    def register(self, name: str, function: Function) -> None:
        """Name a function. Every process registers the same ones, before ``open``."""

    def queue(self, name: str, *, limit_per_key: int | None = None, limit_here: int | None = None) -> None:
        """Declare a queue, before ``open``.

        Of the jobs with one ``key`` at most ``limit_per_key`` run at a time over all processes (None: no
        limit per key, and jobs need none); at most ``limit_here`` of the queue in this process.
        """

    def open(self) -> None:
        """Begin to work, and take over what dead processes have left. Repeating does nothing."""

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
        """Start a job, or take hold of the one of that id: the same id is the same job, for ever.

        Without a queue it starts in this process at once. Raises InputError when the name is not registered,
        the id belongs to a job of another name, or the payload is no JSON object.
        """

    def get(self, job_id: str) -> Job | None:
        """The job as it stands now, or None."""

    def states(self, job_ids: Collection[str]) -> Mapping[str, State]:
        """Where these jobs are, by id and by one look; those that are not there are left out."""

    def unfinished(self, name: str | None = None) -> Sequence[Job]:
        """Jobs that have not ended (queued or running, in whatever process), oldest first."""

    def wait(self, job_id: str, timeout: float | None = None) -> Any:
        """The job's result.

        Raises its TowpathError; GiveUpError when it was cancelled (``details["state"]`` is ``"cancelled"``);
        TimedOutError after ``timeout`` seconds; NotFoundError.
        """

    def listen(self, job_id: str, on_progress: Listener) -> None:
        """Hear what the job reports while it runs in this process."""

    def cancel(self, job_id: str) -> None:
        """Tell a job to end: at its next step, wherever it runs. An ended job stays as it is."""

    def send(self, job_id: str, topic: str, message: Any) -> None:
        """Leave a message for the job's ``receive``; kept until it is read. Raises NotFoundError."""

    def resume_pending(self) -> Sequence[str]:
        """Take over what dead processes have left, now; the ids of the jobs. ``open`` does it too."""

    def close(self, grace: float = 10.0) -> None:
        """Stop at the next step of each job, after at most ``grace`` seconds.

        What has not ended goes on in another process, or at the next ``open``. Repeating does nothing.
        """


@dataclass(frozen=True, slots=True)
class Handle:
    """A job that was started."""

    engine: JobEngine
    id: str

    def wait(self, timeout: float | None = None) -> Any:
        """See :meth:`JobEngine.wait`."""
        return self.engine.wait(self.id, timeout)

    def cancel(self) -> None:
        """See :meth:`JobEngine.cancel`."""
        self.engine.cancel(self.id)

    def job(self) -> Job:
        """The job as it stands now. Raises NotFoundError."""
        from towpath.errors import NotFoundError

        job = self.engine.get(self.id)
        if job is None:
            raise NotFoundError(f"There is no job {self.id}.")
        return job
