"""How values and errors travel through the record: as JSON, never as pickled objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from towpath import errors
from towpath.errors import GiveUpError, InputError, TowpathError
from towpath.jobs.engine import Job, State

__all__ = [
    "as_towpath_error",
    "cancelled_error",
    "check_payload",
    "error_from_json",
    "error_to_json",
    "plain",
]


def plain(value: Any) -> Any:
    """The value as it will come back from the record: tuples are lists, dates are texts, and so on.

    Raises GiveUpError when JSON can not hold it.
    """
    import orjson

    try:
        return orjson.loads(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS))
    except TypeError as error:
        raise GiveUpError(
            "A step of a job gave something that can not be kept on record.", details={"reason": str(error)}
        ) from error


def check_payload(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the payload as it will come back. Raises InputError when it is no JSON object."""
    import orjson

    try:
        copy: dict[str, Any] = orjson.loads(orjson.dumps(dict(payload)))
    except TypeError as error:
        raise InputError(f"The payload of a job must be a JSON object: {error}.") from None
    return copy


def as_towpath_error(error: BaseException) -> TowpathError:
    """The error itself when it is ours, else a GiveUpError that names it."""
    if isinstance(error, TowpathError):
        return error
    kind = type(error).__name__
    return GiveUpError(
        f"The job stopped because of a fault in Towpath ({kind}: {error}).", details={"type": kind}
    )


def error_to_json(error: BaseException) -> dict[str, Any]:
    """Type, message, details and retry time."""
    ours = as_towpath_error(error)
    known: type[TowpathError] = next(
        (kind for kind in type(ours).__mro__ if getattr(errors, kind.__name__, None) is kind), GiveUpError
    )
    try:
        details = plain(ours.details)
    except GiveUpError:
        details = {key: str(value) for key, value in ours.details.items()}
    return {
        "type": known.__name__,
        "message": ours.message,
        "details": details,
        "retry_after": getattr(ours, "retry_after", None),
    }


def error_from_json(data: Mapping[str, Any]) -> TowpathError:
    """The error as it was raised; of the same class as long as ``towpath.errors`` has it."""
    kind = getattr(errors, str(data.get("type")), GiveUpError)
    if not (isinstance(kind, type) and issubclass(kind, TowpathError)):
        kind = GiveUpError
    error: TowpathError = kind(data.get("message"), details=dict(data.get("details") or {}))
    if data.get("retry_after") is not None:
        error.retry_after = data["retry_after"]  # type: ignore[attr-defined]  # only RetryLaterErrors carry it
    return error


def cancelled_error(job_id: str) -> GiveUpError:
    """What ``wait`` raises for a job that was cancelled."""
    return GiveUpError("The job was cancelled.", details={"state": "cancelled", "job": job_id})


def outcome(job: Job) -> Any:
    """The result of a job that has ended; raises its error."""
    if job.state is State.CANCELLED:
        raise cancelled_error(job.id)
    if job.error is not None:
        raise job.error
    return job.result
