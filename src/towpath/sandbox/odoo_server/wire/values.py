"""Results of methods turned into what each protocol sends.

JSON: dates as text, bytes as text, record sets as ids (19.0) or their printed form (17.0, real-odoo §4).
A ready-made `orjson.Fragment` passes untouched.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import orjson

__all__ = ["dumps", "is_records", "loads", "text_of_records"]

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def loads(text: bytes) -> Any:
    """Parse JSON as Python's own parser does: NaN, lone surrogates and huge numbers included.

    Raises:
        ValueError: with the message of Python's parser.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def dumps(value: Any) -> bytes:
    """Write JSON.

    Raises:
        UnicodeEncodeError: when a text holds half a surrogate pair.
        TypeError: when a value has no JSON form.
    """
    try:
        return orjson.dumps(value, default=_default, option=_OPTIONS)
    except orjson.JSONEncodeError:
        return json.dumps(value, default=_slow_default, ensure_ascii=False).encode()


def is_records(value: Any) -> bool:
    """True for a record set (told by its marks, so that the wire needs no import of the ORM)."""
    return hasattr(value, "_name") and hasattr(value, "env") and hasattr(value, "ids")


def text_of_records(value: Any) -> str:
    """`res.partner(5,)`: how a record set prints."""
    return f"{value._name}{tuple(value.ids)}"  # noqa: SLF001 - the ORM's own word


def _default(value: Any) -> Any:
    rule = _RULES.get(type(value))
    if rule is not None:
        return rule(value)
    if is_records(value):
        return text_of_records(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, dt.datetime):
        return _datetime(value)
    return str(value)


def _slow_default(value: Any) -> Any:
    if isinstance(value, orjson.Fragment):
        return orjson.loads(orjson.dumps(value))
    return _default(value)


def _datetime(value: dt.datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S")


_RULES: dict[type, Callable[[Any], Any]] = {
    dt.datetime: _datetime,
    dt.date: dt.date.isoformat,
    bytes: bytes.decode,
    memoryview: lambda value: bytes(value).decode(),
    Decimal: float,
    set: list,
    frozenset: list,
}
