"""Lists in pages: an opaque cursor leads to the next one, so that what is added meanwhile shifts nothing."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Query
from pydantic import BaseModel, Field

from towpath.errors import InputError

__all__ = ["Cursor", "Limit", "Page", "decode", "encode", "page_of"]

T = TypeVar("T")

#: By what items of short lists are told apart: the first of these that they have.
_NAMES = ("id", "owner", "connection_id", "name")
#: How many of the last items a cursor tells: as many may go before its page is asked for.
_MARKS = 8

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
    """One page of a short list that is at hand as a whole.

    The cursor tells the last items of the page before: the next page begins behind the last of them that is still
    there, so that nothing is told twice or passed over when others came or went meanwhile.

    :raises InputError: the cursor is none of ours.
    """
    start = 0 if cursor is None else _behind(items, decode(cursor))
    page = items[start : start + limit]
    rest = start + limit < len(items)
    told = [_mark(one) for one in page[-_MARKS:]]
    return Page(items=list(page), next=encode([start + limit, *told]) if rest else None)


def _behind(items: Sequence[Any], position: Any) -> int:
    """Where the next page begins, by a cursor's ``[place, mark, ...]``; where none of them is there, as many were before."""
    place, *marks = position if isinstance(position, list) and position else [None]
    if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place <= 2**31:
        raise InputError("The cursor is not one of a page before; leave it out to begin anew.")
    places = {_mark(one): number for number, one in enumerate(items)}
    found = (places[mark] + 1 for mark in reversed(marks) if isinstance(mark, str) and mark in places)
    return next(found, max(0, place - len(marks)))


def _mark(item: Any) -> str:
    """What tells an item from others of its list, in a few signs."""
    name = next(getattr(item, key) for key in _NAMES if hasattr(item, key))
    return hashlib.sha256(str(name).encode()).hexdigest()[:10]
