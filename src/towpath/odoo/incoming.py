"""Reading the JSON that Odoo writes.

Odoo writes with Python's own library, which puts NaN and Infinity where the standard knows no such numbers.
One float like that in a page must not cost the page, so a body that the fast reader refuses is read again by
the library that wrote it.
"""

from __future__ import annotations

import json
from typing import Any

import orjson

from towpath.errors import ProtocolError

__all__ = ["read_json"]


def read_json(body: bytes | bytearray) -> Any:
    """Return the value; raises ProtocolError when the text is cut or no JSON at all.

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
        raise ProtocolError("Odoo's answer is not whole JSON; something on the way damaged it.") from None
