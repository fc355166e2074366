"""Python values to XML-RPC text, as Odoo reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from xml.sax.saxutils import escape

from towpath.errors import RecordRefusedError
from towpath.odoo.outgoing import plain

__all__ = ["write_call"]

DEEPEST = 60
"""Deepest nesting written; what Odoo takes reaches about ten."""

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_call(method: str, params: Sequence[Any]) -> bytes:
    """Return the text of a call; raises RecordRefusedError for a character that XML can not carry."""
    parts = [f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params>"]
    for value in params:
        parts.append("<param>")
        _write(value, parts, 0)
        parts.append("</param>")
    parts.append("</params></methodCall>")
    return "".join(parts).encode("utf-8")


def _write(value: Any, parts: list[str], depth: int) -> None:
    if depth > DEEPEST:
        raise RecordRefusedError("The values are nested too deeply to be sent.")
    match value:
        case None:
            parts.append("<value><nil/></value>")
        case bool():
            parts.append(f"<value><boolean>{value:d}</boolean></value>")
        case int():
            kind = "int" if -(2**31) <= value < 2**31 else "i8"
            parts.append(f"<value><{kind}>{value:d}</{kind}></value>")
        case float():
            parts.append(f"<value><double>{value!r}</double></value>")
        case str():
            parts.append(f"<value><string>{_text(value)}</string></value>")
        case Mapping():
            parts.append("<value><struct>")
            for name, item in value.items():
                parts.append(f"<member><name>{_text(str(name))}</name>")
                _write(item, parts, depth + 1)
                parts.append("</member>")
            parts.append("</struct></value>")
        case Sequence() | AbstractSet() if not isinstance(value, (bytes, bytearray, memoryview)):
            parts.append("<value><array><data>")
            for item in value:
                _write(item, parts, depth + 1)
            parts.append("</data></array></value>")
        case _:
            try:
                _write(plain(value), parts, depth + 1)
            except TypeError as error:
                raise RecordRefusedError(f"A value can not be sent to Odoo ({error}).") from None


def _text(value: str) -> str:
    found = NOT_XML.search(value)
    if found:
        raise RecordRefusedError(
            f"A text holds the character U+{ord(found.group()):04X}, which XML-RPC can not carry; "
            "remove it, or connect over JSON-RPC or JSON-2."
        )
    return escape(value, {"\r": "&#13;"})
