"""What a job gets to work with under DBOS."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from dbos import DBOS, Serializer
from dbos import error as dbos_errors

from towpath.errors import TowpathError
from towpath.jobs import carry
from towpath.jobs.engine import Context, Listener
from towpath.jobs.record import Record

__all__ = ["DbosContext", "JsonSerializer", "Owner", "StoppedError"]

_LONGEST_PAUSE = 2.0  # seconds between looks for a message or for the end of another job


class StoppedError(BaseException):
    """Leaves a job's function because the process is closing. Not an Exception: neither jobs nor DBOS catch it."""


class Owner(Protocol):
    """What a context needs of its engine."""

    closing: threading.Event
    record: Record

    def listeners(self, job_id: str) -> Sequence[Listener]:
        """Who wants to hear of the job's progress."""

    def begin(
        self, name: str, job_id: str, payload: Mapping[str, Any], queue: str | None, key: str | None
    ) -> str:
        """Start a job; its id."""


class DbosContext(Context):
    """The Context of one run of a job. ``cancelled_elsewhere`` and ``lost`` are set by the engine's keeper."""

    def __init__(self, owner: Owner, job_id: str) -> None:
        self._owner = owner
        self._id = job_id
        self.cancelled_elsewhere = False
        self.lost = False

    @property
    def job_id(self) -> str:
        """See the port."""
        return self._id

    @property
    def cancelled(self) -> bool:
        """See the port."""
        return self._owner.closing.is_set() or self.cancelled_elsewhere or self.lost

    def check(self) -> None:
        """See the port."""
        if self.cancelled_elsewhere:
            raise dbos_errors.DBOSWorkflowCancelledError("cancelled")
        if self.lost:
            raise dbos_errors.DBOSWorkflowConflictIDError(self._id)
        if self._owner.closing.is_set():
            raise StoppedError

    def step(self, name: str, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        """See the port."""
        self.check()
        return DBOS.run_step({"name": name}, self._kept(name, lambda: function(*arguments, **named)))

    def report(self, **event: Any) -> None:
        """See the port."""
        for listener in self._owner.listeners(self._id):
            listener(event)

    def sleep(self, seconds: float) -> None:
        """See the port."""
        until = float(self.step("sleep", lambda: time.time() + seconds))
        while (left := until - time.time()) > 0:
            self.check()
            time.sleep(min(left, 0.25))
        self.check()

    def receive(self, topic: str, timeout: float) -> Any:
        """See the port. Waits here and not in DBOS, so that a closing process need not wait as well."""
        self.check()
        step = DBOS.reserve_step()
        until = float(step.run({"name": f"receive {topic}"}, lambda: time.time() + timeout))
        self._wait_until(lambda: self._owner.record.arrived(self._id, topic, step.step_id), until)
        return DBOS.recv(topic, 0)

    def start(
        self,
        name: str,
        job_id: str,
        payload: Mapping[str, Any],
        *,
        queue: str | None = None,
        key: str | None = None,
    ) -> str:
        """See the port."""
        self.check()
        return self._owner.begin(name, job_id, payload, queue, key)

    def wait(self, job_id: str) -> Any:
        """See the port."""
        self._wait_until(lambda: self._owner.record.ended(job_id), None)
        try:
            return DBOS.retrieve_workflow(job_id, existing_workflow=False).get_result(
                polling_interval_sec=0.05
            )
        except dbos_errors.DBOSAwaitedWorkflowCancelledError:
            raise carry.cancelled_error(job_id) from None

    def _wait_until(self, condition: Callable[[], bool], end: float | None) -> None:
        """Ask again and again until the answer is yes or the time is over. A database that is away is waited for."""
        pause = 0.02
        while True:
            self.check()
            try:
                if condition():
                    return
            except sa.exc.OperationalError:
                pause = _LONGEST_PAUSE
            left = pause if end is None else end - time.time()
            if left <= 0:
                return
            self._owner.closing.wait(min(left, pause))
            pause = min(_LONGEST_PAUSE, pause * 1.3)

    def _kept(self, name: str, function: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            try:
                return carry.plain(function())
            except TowpathError:
                raise
            except Exception as error:
                logging.getLogger("towpath.jobs").exception(
                    "step %s of job %s stopped by a fault", name, self._id
                )
                raise carry.as_towpath_error(error) from error

        return run


class JsonSerializer(Serializer):
    """Values and errors as JSON, so that what is on record can be read by any release and runs nothing."""

    def name(self) -> str:
        """The name that DBOS writes beside each value."""
        return "towpath_json"

    def serialize(self, data: Any) -> str:
        """JSON; an error becomes ``{"towpath_error": {...}}``."""
        import orjson

        if isinstance(data, BaseException):
            data = {"towpath_error": carry.error_to_json(data)}
        return orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS).decode()

    def deserialize(self, serialized_data: str) -> Any:
        """The value or the error."""
        import orjson

        data = orjson.loads(serialized_data)
        if isinstance(data, dict) and list(data) == ["towpath_error"]:
            return carry.error_from_json(data["towpath_error"])
        return data
