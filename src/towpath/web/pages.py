"""Lists in pages: an opaque cursor leads to the next one, so that what is added meanwhile shifts nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel, Field

from towpath.errors import InputError

__all__ = ["Cursor", "Limit", "Page", "decode", "encode", "page_of"]

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=500, description="Most items to answer.")]
Cursor = Annotated[
    str | None, Query(max_length=500, description="`next` of the page before; none for the first page.")
]


class Page(BaseModel, Generic[T]):
    """Some items of a list, and how to get the next ones."""

    items: list[T]
    next: str | None = Field(
        default=None, description="Give it as `cursor` for the next page; null on the last one."
    )


def encode(position: Any) -> str:
    """A position (plain JSON) as a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).decode().rstrip("=")


def decode(cursor: str | None) -> Any:
    """The position in a cursor; None for none.

    :raises InputError: it is none of ours.
    """
    if cursor is None:
        return None
    try:
        return orjson.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
    except (binascii.Error, ValueError):
        raise InputError("The cursor is not one of a page before; leave it out to begin anew.") from None


def page_of(items: Sequence[T], *, cursor: str | None, limit: int) -> Page[T]:
    """One page of a short list that is at hand as a whole, by position.

    :raises InputError: the cursor is none of ours.
    """
    start = decode(cursor) or 0
    if not isinstance(start, int) or isinstance(start, bool) or not 0 <= start <= 2**31:
        raise InputError("The cursor is not one of a page before; leave it out to begin anew.")
    rest = start + limit < len(items)
    return Page(items=list(items[start : start + limit]), next=encode(start + limit) if rest else None)
