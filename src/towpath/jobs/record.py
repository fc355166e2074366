"""What DBOS has on record about a job, in our words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from towpath.errors import GiveUpError, TowpathError
from towpath.jobs.engine import Job, State

if TYPE_CHECKING:  # importing DBOS takes a second; only the engine does it
    from dbos import WorkflowStatus

__all__ = ["ATTEMPTS", "job_of"]

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
