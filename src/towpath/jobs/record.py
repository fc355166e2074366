"""What DBOS has on record about jobs: a job in our words, and the few questions the engine asks its tables.

The questions go through the store's own engine, which brings an embedded server that died back to life;
DBOS's calls would wait for that for ever, and inside a job they would be recorded as steps.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from towpath.errors import GiveUpError, TowpathError
from towpath.jobs.engine import Job, State

if TYPE_CHECKING:  # importing DBOS takes a second; only the engine does it
    from dbos import WorkflowStatus

__all__ = ["ATTEMPTS", "SCHEMA", "VERSION", "Record", "job_of"]

SCHEMA = "towpath_jobs"
VERSION = "jobs-v1"  # constant: DBOS only gives a job to processes of the version it was started under

ATTEMPTS = 20  # starts after which a job that kills its process every time is given up
_STATES = {
    "ENQUEUED": State.QUEUED,
    "DELAYED": State.QUEUED,
    "PENDING": State.RUNNING,
    "SUCCESS": State.DONE,
    "ERROR": State.FAILED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": State.FAILED,
    "CANCELLED": State.CANCELLED,
}


def job_of(status: WorkflowStatus) -> Job:
    """The job in our words."""
    state = _STATES[status.status]
    error = status.error if isinstance(status.error, TowpathError) else None
    if state is State.FAILED and error is None:
        error = GiveUpError(
            f"The job was started {ATTEMPTS} times and its process ended every time; see the log of the process.",
            details={"job": status.workflow_id},
        )
    given = status.input["args"] if status.input else ()
    return Job(
        id=status.workflow_id,
        name=status.name,
        state=state,
        payload=given[0] if given else {},
        result=status.output,
        error=error,
        created_at=datetime.fromtimestamp((status.created_at or 0) / 1000, UTC),
        queue=status.queue_name,
        key=status.queue_partition_key,
    )


class Record:
    """Questions to DBOS's tables, outside of any job and of DBOS's own calls."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def states(self, job_ids: Collection[str]) -> Mapping[str, State]:
        """Where the jobs are."""
        query = sa.text(
            f"select workflow_uuid, status from {SCHEMA}.workflow_status where workflow_uuid = any(:ids)"
        )
        with self._engine.connect() as connection:
            return {job: _STATES[status] for job, status in connection.execute(query, {"ids": list(job_ids)})}

    def cancelled(self, job_ids: Collection[str]) -> set[str]:
        """Which of the jobs were cancelled."""
        return self._ids("status = 'CANCELLED' and workflow_uuid = any(:ids)", ids=list(job_ids))

    def running(self, job_ids: Collection[str], executor: str) -> set[str]:
        """Which of the jobs are still on record as being worked on by the process."""
        return self._ids(
            "status = 'PENDING' and executor_id = :executor and workflow_uuid = any(:ids)",
            executor=executor,
            ids=list(job_ids),
        )

    def executors(self) -> set[str]:
        """The processes that have jobs running."""
        return self._texts(
            f"select distinct executor_id from {SCHEMA}.workflow_status"
            " where status = 'PENDING' and application_version = :version",
            version=VERSION,
        )

    def ended_before(self, time: datetime, limit: int) -> set[str]:
        """Some jobs that ended before the time."""
        return self._texts(
            f"select workflow_uuid from {SCHEMA}.workflow_status"
            " where status not in ('ENQUEUED', 'DELAYED', 'PENDING') and updated_at < :time limit :limit",
            time=int(time.timestamp() * 1000),
            limit=limit,
        )

    def ended(self, job_id: str) -> bool:
        """Whether the job has ended, or is not there."""
        return not self._ids(
            "status in ('ENQUEUED', 'DELAYED', 'PENDING') and workflow_uuid = :id", id=job_id
        )

    def arrived(self, job_id: str, topic: str, step: int) -> bool:
        """Whether a message waits for the job, or it has been past the step before and need not wait again."""
        with self._engine.connect() as connection:
            return bool(
                connection.scalar(
                    sa.text(
                        f"select exists(select 1 from {SCHEMA}.notifications"
                        " where destination_uuid = :id and topic = :topic and not consumed)"
                        f" or exists(select 1 from {SCHEMA}.operation_outputs"
                        " where workflow_uuid = :id and function_id > :step)"
                    ),
                    {"id": job_id, "topic": topic, "step": step},
                )
            )

    def _ids(self, condition: str, **values: Any) -> set[str]:
        return self._texts(f"select workflow_uuid from {SCHEMA}.workflow_status where {condition}", **values)

    def _texts(self, query: str, **values: Any) -> set[str]:
        with self._engine.connect() as connection:
            return set(connection.scalars(sa.text(query), values))
