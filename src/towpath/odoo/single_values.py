"""One value of Odoo to one Python value of its column: the careful way, for what the fast way refused.

Each function takes what Odoo sent (never False or None) and gives what belongs into the column. A value that
does not fit raises :class:`Unfit` with the reason and with as much of it as can be kept.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

__all__ = ["CONVERTERS", "Unfit", "json_text", "money"]

_INT64 = 2**63


class Unfit(Exception):  # noqa: N818 - it is caught next door and never seen by anyone as an error
    """A value that can not be kept as it came. ``kept`` is what can be, mostly None."""

    def __init__(self, reason: str, kept: Any = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kept = kept


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value == 0 or value == 1:  # noqa: PLR1714 - a list is not hashable
        return bool(value)
    raise Unfit("not yes or no, left empty")


def _integer(value: Any) -> int:
    if (isinstance(value, str) and value.strip().lstrip("+-").isdecimal() and len(value) < 30) or (
        isinstance(value, float) and value.is_integer()
    ):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unfit("not a whole number, left empty")
    if not -_INT64 <= value < _INT64:
        raise Unfit("larger than 64 bits, left empty")
    return value


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise Unfit("not a number, left empty")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise Unfit("not a number, left empty") from None
    if not math.isfinite(number):
        raise Unfit("not a finite number, left empty")
    return number


def money(value: Any, *, precision: int, scale: int) -> Decimal:
    """The amount with ``scale`` decimals; Unfit with the rounded amount when it has more, or none if too large."""
    number = _float(value)
    exact = Decimal(repr(number))
    try:
        rounded = round(exact, scale)
    except InvalidOperation:
        raise Unfit("too large an amount, left empty") from None
    if len(rounded.as_tuple().digits) > precision:
        raise Unfit("too large an amount, left empty")
    if abs(float(rounded) - number) > 4 * math.ulp(number) + 1e-9:
        raise Unfit(f"rounded to {scale} decimals", rounded)
    return rounded


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
    elif isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise Unfit("not a date and time, left empty") from None
    else:
        raise Unfit("not a date and time, left empty")
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Unfit("not a date and time, left empty") from None


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return _moment(value).date()
    except Unfit:
        raise Unfit("not a date, left empty") from None


def _text(value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            kept = value.encode(errors="replace").decode()
            raise Unfit("held characters that are not Unicode, replaced by '?'", kept) from None
        return value
    raise Unfit("not text, kept as JSON", json_text(value))


def json_text(value: Any) -> str:
    """The value as JSON text with sorted keys, so that equal values give equal text."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # a number of more than 64 bits, half a character, a key that is no text
        try:
            return json.dumps(value, sort_keys=True, default=str, separators=(",", ":"))
        except TypeError:
            return json.dumps(value, default=str, separators=(",", ":"))


def _id(value: Any) -> int:
    if isinstance(value, (list, tuple)) and value:
        value = value[0]
    elif isinstance(value, Mapping):
        value = value.get("id")
    if type(value) is int and -_INT64 <= value < _INT64:
        return value
    raise Unfit("not the id of a record, left empty")


def _ids(value: Any) -> list[int]:
    if not isinstance(value, (list, tuple)):
        raise Unfit("not a list of ids, left empty")
    kept, unfit = [], 0
    for item in value:
        try:
            kept.append(_id(item))
        except Unfit:
            unfit += 1
    if unfit:
        raise Unfit("entries that are not ids were left out of the list", kept)
    return kept


CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "float": _float,
    "date": _day,
    "datetime": _moment,
    "text": _text,
    "id": _id,
    "ids": _ids,
}
