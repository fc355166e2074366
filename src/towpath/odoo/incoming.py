"""Reading the JSON that Odoo writes.

Odoo writes with Python's own library, which puts NaN and Infinity where the standard knows no such numbers.
One float like that in a page must not cost the page, so a body that the fast reader refuses is read again by
the library that wrote it.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from towpath.errors import RetryLaterError

__all__ = ["read_json"]


def read_json(body: bytes | bytearray) -> Any:
    """Return the value.

    :raises RetryLaterError: the text is cut or no JSON at all, though it was said to be; what may be asked again is.

    >>> read_json(b'[1, {"a": false}]')
    [1, {'a': False}]
    """
    try:
        return orjson.loads(body)
    except ValueError:
        pass
    try:
        return json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise RetryLaterError(
            "Odoo's answer is not whole JSON; something between here and there damaged it.",
            details={"cause": "garbage"},
        ) from None
