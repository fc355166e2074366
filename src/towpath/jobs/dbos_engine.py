"""The durable engine: DBOS on the store's PostgreSQL. Only this file and ``dbos_context`` import ``dbos``.

DBOS records jobs and steps in the schema ``towpath_jobs`` and runs queues; what is added here (style.md C3):
a constant application version, so that an upgrade does not strand work; one executor id per process with
heartbeat and takeover; JSON in place of pickles; our errors; no noise. A process that lost its work to a
takeover can not record anything for it any more: DBOS gives each run of a job a token of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import Context
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, SetEnqueueOptions, SetWorkflowID
from dbos import error as dbos_errors
from structlog.contextvars import bound_contextvars

from towpath.errors import InputError, NotFoundError, TimedOutError, TowpathError
from towpath.jobs import carry
from towpath.jobs.dbos_context import DbosContext, JsonSerializer, StoppedError
from towpath.jobs.engine import Function, Handle, Job, Listener, State
from towpath.jobs.executors import Executors
from towpath.jobs.record import ATTEMPTS, SCHEMA, VERSION, Record, job_of

__all__ = ["DbosEngine", "takeover_within"]

_QUEUE_POLL = 0.2  # seconds between looks at a queue while there is something to do
_IDLE_POLL = 0.5  # and when there was nothing for a while
_LIVELY = 10.0  # seconds for which one counts as the other
_QUEUE_KEPT = 5.0  # seconds for which a queue's settings are not read again
_TICK = 1.0  # seconds between looks for cancellations
_TIDYING = 3600.0  # seconds between looks for jobs that are on record for too long
_OPEN_STATES = ["ENQUEUED", "DELAYED", "PENDING"]


def _beat(silence: float) -> float:
    """Seconds between two signs of life, and between two looks for processes that give none.

    At most five, however patient this process is: others may be less so.
    """
    return min(5.0, max(0.5, silence / 4))


def takeover_within(silence: float) -> float:
    """Seconds after its end at which the work of a process goes on on another machine, at the latest.

    A dead process of the same home is noticed within a tick, by its lock.
    """
    return silence + _beat(silence) + _TICK + _IDLE_POLL


def _aside(ask: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Ask DBOS as somebody from outside, also from within a job.

    There the answer would be kept as one of the job's steps, which it can not be, and a job that was cancelled could
    ask nothing at all any more.
    """
    return Context().run(ask, *arguments, **named)


class DbosEngine:
    """JobEngine on PostgreSQL; see the port for what the methods promise. One open engine per process.

    ``store`` is the engine of the store's database, ``home`` the folder for lock files, ``silence`` the seconds
    without a heartbeat that mean death, ``at_once`` how many queued jobs this process works on, ``keep_days``
    how long ended jobs stay on record, ``work`` whether the process takes queued jobs at all.
    """

    def __init__(
        self,
        store: sa.Engine,
        *,
        home: Path,
        silence: float = 20.0,
        at_once: int = 4,
        keep_days: float = 90.0,
        work: bool = True,
    ) -> None:
        self.record = Record(store)
        self._store = store
        self._keep_days = keep_days
        self._home = home
        self._silence = silence
        self._at_once = at_once
        self._work = work
        self._functions: dict[str, Function] = {}
        self._bodies: dict[str, Callable[[dict[str, Any]], Any]] = {}
        self._queues: dict[str, tuple[int | None, int | None]] = {}
        self._listeners: defaultdict[str, list[Listener]] = defaultdict(list)
        self._running: set[DbosContext] = set()
        self._settling: set[str] = set()  # ended here, outcome not yet seen on record
        self._lively_until = 0.0
        self._changed = threading.Condition()
        self.closing = threading.Event()
        self._engine: sa.Engine | None = None
        self._executors: Executors | None = None
        self._keeper: threading.Thread | None = None

    def register(self, name: str, function: Function) -> None:
        """See the port."""
        self._functions[name] = function

    def queue(self, name: str, *, limit_per_key: int | None = None, limit_here: int | None = None) -> None:
        """See the port."""
        self._queues[name] = (limit_per_key, limit_here)

    def open(self) -> None:
        """See the port."""
        if self._engine is not None:
            return
        quiet = logging.getLogger("dbos")
        if not quiet.handlers:  # with a handler in place DBOS adds none that writes to the console
            quiet.addHandler(logging.NullHandler())
        self.closing.clear()
        self._engine = sa.create_engine(
            self._store.url,
            pool_size=4,
            max_overflow=26,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "application_name": "towpath-jobs"},
        )
        sa.event.listen(self._engine, "do_connect", self._connect)
        self._executors = Executors(self._store, self._home, self._silence)
        try:
            self._executors.join()
            self._launch(self._executors.id)
        except BaseException:
            self._leave()
            raise
        self.resume_pending()
        self._keeper = threading.Thread(target=self._keep, name="jobs-keeper", daemon=True)
        self._keeper.start()

    def _connect(self, dialect: Any, _record: Any, arguments: Any, named: Any) -> Any:
        """Connect; a server that is away is told in the words that make DBOS wait for it, until we close."""
        try:
            return dialect.connect(*arguments, **named)
        except dialect.loaded_dbapi.OperationalError as error:
            if self.closing.is_set():
                raise
            raise dialect.loaded_dbapi.OperationalError(f"connection failed: {error}") from error

    def _launch(self, executor: str) -> None:
        system = DBOS(
            config={
                "name": "towpath",
                "system_database_engine": self._engine,
                "dbos_system_schema": SCHEMA,
                "application_version": VERSION,
                "executor_id": executor,
                "serializer": JsonSerializer(),
                "log_level": "ERROR",
                "enable_otlp": False,
                "notification_listener_polling_interval_sec": 0.5,
            }
        )
        for name, function in self._functions.items():
            body = DBOS.workflow(name=name, max_recovery_attempts=ATTEMPTS)(self._body(name, function))
            self._bodies[name] = body
        DBOS.listen_queues(list(self._queues) if self._work else [])
        DBOS.launch()
        self._keep_own_limits(system._sys_db)  # noqa: SLF001  # see there
        for name, (per_key, here) in self._queues.items():
            DBOS.register_queue(
                name,
                partition_concurrency=per_key,
                worker_concurrency=here or self._at_once,
                polling_interval_sec=_QUEUE_POLL,
                on_conflict="always_update",
            )

    def _keep_own_limits(self, system: Any) -> None:
        """How much this process does at a time is its own affair.

        DBOS keeps a queue's settings in the database and reads them at every look, so that the limit of whichever
        process started last would hold for all. What it reads is corrected here, and kept for some seconds: the
        reading was half the work of a process that has none.
        """
        read = system.get_queue
        kept: dict[str, tuple[float, Any]] = {}

        def get_queue(name: str, **more: Any) -> Any:
            if name not in self._queues:
                return read(name, **more)
            now = time.monotonic()
            until, queue = kept.get(name, (0.0, None))
            if queue is None or now > until:
                queue = read(name, **more)
                kept[name] = (now + _QUEUE_KEPT, queue)
            if queue is not None:  # there are no setters that stay in the process
                queue._worker_concurrency = self._queues[name][1] or self._at_once  # noqa: SLF001
                lively = self._running or now < self._lively_until
                queue._polling_interval_sec = _QUEUE_POLL if lively else _IDLE_POLL  # noqa: SLF001
            return queue

        system.get_queue = get_queue

    def _body(self, name: str, function: Function) -> Callable[[dict[str, Any]], Any]:
        def job(payload: dict[str, Any]) -> Any:
            job_id = str(DBOS.workflow_id)
            with bound_contextvars(job=job_id):
                return run(job_id, payload)

        def run(job_id: str, payload: dict[str, Any]) -> Any:
            context = DbosContext(self, job_id)
            ended = True
            with self._changed:
                self._running.add(context)
            try:
                context.check()
                return carry.plain(function(context, payload))
            except StoppedError:
                ended = False
                raise
            except TowpathError:
                raise
            except Exception as error:
                logging.getLogger("towpath.jobs").exception("job %s (%s) stopped by a fault", job_id, name)
                raise carry.as_towpath_error(error) from error
            finally:
                with self._changed:
                    self._running.discard(context)
                    self._lively_until = time.monotonic() + _LIVELY
                    if ended:
                        self._settling.add(job_id)
                        self._listeners.pop(job_id, None)
                    self._changed.notify_all()

        job.__name__ = job.__qualname__ = name
        return job

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
        if on_progress is not None:
            self.listen(job_id, on_progress)
        self.begin(name, job_id, payload, queue, key)
        return Handle(self, job_id)

    def begin(
        self, name: str, job_id: str, payload: Mapping[str, Any], queue: str | None, key: str | None
    ) -> str:
        """``start`` without a handle, for a job's context too; the job's id."""
        copy = carry.check_payload(payload)
        function = self._bodies.get(name)
        if function is None:
            raise InputError(f"There is no job function {name}.")
        if queue is not None and queue not in self._queues:
            raise InputError(f"There is no queue {queue}.")
        self._lively_until = time.monotonic() + _LIVELY
        try:
            with SetWorkflowID(job_id):
                if queue is None:
                    return DBOS.start_workflow(function, copy).get_workflow_id()
                with SetEnqueueOptions(queue_partition_key=key):
                    return DBOS.enqueue_workflow(queue, function, copy).get_workflow_id()
        except dbos_errors.DBOSConflictingWorkflowError:
            raise InputError(f"The id {job_id} belongs to a job of another name.") from None

    def get(self, job_id: str) -> Job | None:
        """See the port."""
        status = _aside(DBOS.get_workflow_status, job_id)
        return None if status is None else job_of(status)

    def states(self, job_ids: Collection[str]) -> Mapping[str, State]:
        """See the port."""
        return self.record.states(job_ids)

    def unfinished(self, name: str | None = None) -> Sequence[Job]:
        """See the port."""
        found = _aside(DBOS.list_workflows, status=_OPEN_STATES, name=name, load_output=False)
        return [job_of(status) for status in found]

    def wait(self, job_id: str, timeout: float | None = None) -> Any:
        """See the port."""
        deadline = None if timeout is None else time.monotonic() + timeout
        pause = 0.005
        while True:
            job = self.get(job_id)
            if job is None:
                raise NotFoundError(f"There is no job {job_id}.")
            if job.state.ended:
                self._listeners.pop(job_id, None)
                return carry.outcome(job)
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise TimedOutError(f"The job {job_id} has not ended yet.")
            with self._changed:
                # a job of this process wakes us when it ends; its outcome is on record a moment later
                if any(context.job_id == job_id for context in self._running):
                    self._changed.wait(min(1.0, left or 1.0))
                    pause = 0.005
                else:
                    self._changed.wait(min(pause, left or pause))
                    pause = min(0.5, pause * 1.5)

    def listen(self, job_id: str, on_progress: Listener) -> None:
        """See the port."""
        self._listeners[job_id].append(on_progress)

    def cancel(self, job_id: str) -> None:
        """See the port."""
        if self.get(job_id) is None:
            raise NotFoundError(f"There is no job {job_id}.")
        _aside(DBOS.cancel_workflow, job_id)
        self._mark_cancelled({job_id})

    def send(self, job_id: str, topic: str, message: Any) -> None:
        """See the port."""
        try:
            DBOS.send(job_id, carry.plain(message), topic)
        except dbos_errors.DBOSNonExistentWorkflowError:
            raise NotFoundError(f"There is no job {job_id}.") from None

    def resume_pending(self) -> Sequence[str]:
        """See the port.

        1. Remove the rows of dead processes.
        2. List running jobs, then living processes: a process writes its row before it starts a job.
        3. Jobs of processes without a row go back to their queue. DBOS does that by one conditional UPDATE on
           the dead process's id, so a rival process or a second call can not start a job twice.
        """
        if self._executors is None:
            return []
        self._executors.bury()
        orphaned = self.record.executors()
        orphaned -= set(self._executors.living())
        if not orphaned:
            return []
        taken = DBOS._recover_pending_workflows(sorted(orphaned))  # noqa: SLF001  # the public resume_workflow would
        # put jobs into DBOS's own queue, past the limit per key, and would also restart what a rival took over
        return [handle.get_workflow_id() for handle in taken]

    def close(self, grace: float = 10.0) -> None:
        """See the port."""
        if self._engine is None:
            return
        self.closing.set()
        deadline = time.monotonic() + grace
        with self._changed:
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._running, grace)
        while self._unsettled() and time.monotonic() < deadline:
            time.sleep(0.01)
        if self._keeper is not None:
            self._keeper.join(5)
        self._leave()

    def _leave(self) -> None:
        DBOS.destroy(destroy_registry=True)
        if self._executors is not None:
            self._executors.leave()
            self._executors = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _unsettled(self) -> bool:
        """Whether an outcome of a job that ended here is still on its way to the record."""
        with self._changed:
            asked = sorted(self._settling)
        if not asked:
            return False
        on_the_way = self.record.running(asked, str(DBOS.executor_id))
        with self._changed:
            self._settling -= set(asked) - on_the_way
            return bool(self._settling)

    def _keep(self) -> None:
        """Heartbeat, takeover, cancellations and tidying, until the engine closes."""
        beat = _beat(self._silence)
        next_beat = next_tidying = time.monotonic() + beat
        while not self.closing.wait(min(_TICK, beat)):
            now = time.monotonic()
            try:
                self._notice_cancelled()
                if now >= next_beat:
                    next_beat = now + beat
                    self._sign_of_life()
                elif self._executors is not None and self._executors.somebody_left():
                    self.resume_pending()
                if now >= next_tidying:
                    next_tidying = now + _TIDYING
                    self._tidy()
            except (sa.exc.SQLAlchemyError, TowpathError, dbos_errors.DBOSException) as error:
                # the database may be restarting; the next tick tries again
                logging.getLogger("towpath.jobs").warning(
                    "no sign of life could be given: %s", type(error).__name__
                )

    def _sign_of_life(self) -> None:
        if self._executors is not None and not self._executors.beat():
            self._begin_anew(self._executors.id)
        self.resume_pending()
        self._unsettled()

    def _tidy(self) -> None:
        """Take old jobs off the record, a few hundred at a time."""
        before = datetime.now(UTC) - timedelta(days=self._keep_days)
        while not self.closing.is_set() and (old := self.record.ended_before(before, 500)):
            DBOS.delete_workflows(sorted(old))

    def _begin_anew(self, executor: str) -> None:
        """Others took this process for dead: stop what runs here, and let the queue decide who goes on with it."""
        logging.getLogger("towpath.jobs").warning(
            "this process was silent for so long that others may take its jobs"
        )
        with self._changed:
            for context in self._running:
                context.lost = True
        DBOS._recover_pending_workflows([executor])  # noqa: SLF001  # as in resume_pending

    def _notice_cancelled(self) -> None:
        with self._changed:
            mine = sorted({context.job_id for context in self._running if not context.cancelled})
        if mine:
            self._mark_cancelled(self.record.cancelled(mine))

    def _mark_cancelled(self, job_ids: set[str]) -> None:
        with self._changed:
            for context in self._running:
                if context.job_id in job_ids:
                    context.cancelled_elsewhere = True
            self._changed.notify_all()

    def listeners(self, job_id: str) -> Sequence[Listener]:
        """Who wants to hear of the job's progress."""
        return tuple(self._listeners.get(job_id, ()))
