"""A page of records as it came: where it ends is known before the rest of it is read.

Whoever reads page after page asks for the next one behind the last id of the present one. That id stands at the end
of the text, so it is taken from there, and Odoo is at work again while the page is made into values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import orjson

from towpath.errors import ProtocolError
from towpath.odoo.incoming import read_json

__all__ = ["Page"]

#: How a record begins: Odoo's ``read`` puts the id before all other fields. In a text the quotes would be escaped.
_BEGIN = b'{"id"'
#: So many places are looked at, from the end: more stand inside of the last record only where it is odd.
_LOOKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Records of one answer. `rows` makes them into values, once for each time that it is asked."""

    #: How many records there are; too many by those that stand inside of others, where `rows` was not asked yet.
    count: int
    #: Id of the last record; None without any.
    last_id: int | None
    _text: bytes | bytearray | None = None
    _rows: Sequence[dict[str, Any]] = ()

    @classmethod
    def of_rows(cls, rows: Any, what: str) -> Self:
        """A page that was read already.

        what: such as ``res.partner.search_read``. Raises ProtocolError when these are no records with an id.
        """
        if not isinstance(rows, list):
            raise ProtocolError(
                f"Odoo answered {what} with something else than a list; "
                "over XML-RPC an empty value in a record does that, so connect over JSON-RPC."
            )
        last = rows[-1].get("id") if rows and isinstance(rows[-1], dict) else None
        if rows and type(last) is not int:
            raise ProtocolError("Odoo sent a record without its id; the page can not be used.")
        return cls(count=len(rows), last_id=last, _rows=rows)

    @classmethod
    def of_text(cls, text: bytes | bytearray, what: str) -> Self:
        """A page as the JSON text of a list of records; one whose end is not as Odoo writes it is read at once."""
        last = _last_id(text)
        if last is None:
            return cls.of_rows(read_json(text), what)
        return cls(count=text.count(_BEGIN), last_id=last, _text=text)

    def rows(self) -> list[dict[str, Any]]:
        """The records; raises RetryLaterError when the text is damaged."""
        if self._text is None:
            return list(self._rows)
        rows: list[dict[str, Any]] = read_json(self._text)
        return rows


def _last_id(text: bytes | bytearray) -> int | None:
    """The id of the last record of a list, or None where it can not be told for sure.

    What begins like a record and is whole JSON up to the end of the list is the last record, and no part of one.

    >>> _last_id(b'[{"id": 4, "name": "a"}, {"id": 7, "x": {"id": 9}}]')
    7
    """
    end = text.rstrip() if text[-1:] in b"\n\r\t " else text
    if not end.startswith(b"[") or not end.endswith(b"}]"):
        return None
    start = len(end)
    for _ in range(_LOOKS):
        start = end.rfind(_BEGIN, 0, start)
        if start < 0:
            break
        try:
            last = orjson.loads(memoryview(end)[start:-1])
        except ValueError:
            continue
        return last["id"] if type(last["id"]) is int else None
    return None
