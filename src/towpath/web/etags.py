"""ETags: two people who edit the same thing do not overwrite each other unseen."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import orjson
from fastapi import Header, Response

from towpath.errors import ConflictError

__all__ = ["IfMatch", "check", "etag_of", "stamp"]

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="The ETag that was read; the change is refused (412) when somebody changed it since.",
    ),
]


def etag_of(value: Any) -> str:
    """The ETag of something's JSON."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)
    return f'"{hashlib.sha256(text).hexdigest()[:24]}"'


def stamp(response: Response, value: Any) -> None:
    """Tell the ETag of what is answered."""
    response.headers["ETag"] = etag_of(value)


def check(if_match: str | None, value: Any) -> None:
    """Refuse a change that was made on an older state.

    :raises ConflictError: ``If-Match`` is missing (428) or names another state (412).
    """
    if if_match is None:
        raise ConflictError(
            "Send the ETag you read as `If-Match`, so that nobody's change is overwritten unseen.",
            details={"status": 428},
        )
    if if_match.strip() != "*" and etag_of(value) not in {one.strip() for one in if_match.split(",")}:
        raise ConflictError(
            "Somebody changed this meanwhile; load it again and repeat your change.", details={"status": 412}
        )
