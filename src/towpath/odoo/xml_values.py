"""XML-RPC text to Python values and back, safely: no entities, no DTD, bounded depth.

The C parser of the standard library builds the tree and a short walk turns it into values; it reads the text
as UTF-8 whatever its header says, so that a check of the bytes for ``<!`` is enough to keep every document
type, and with it every entity, out. An XML-RPC answer never holds ``<!`` otherwise: ``<`` is always escaped.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET  # documents with a DTD are refused before it sees them
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from xml.sax.saxutils import escape

from towpath.errors import ProtocolError, RecordRefusedError
from towpath.odoo.outgoing import plain

__all__ = ["XmlFault", "read_answer", "write_call"]

DEEPEST = 60
"""Deepest nesting read; Odoo's answers reach about ten."""

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class XmlFault(Exception):  # noqa: N818  (the protocol's own word; it never leaves the transport)
    """A fault that Odoo answered: `code` and `text` as they came."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(code)


def write_call(method: str, params: Sequence[Any]) -> bytes:
    """Return the text of a call; raises RecordRefusedError for a character that XML can not carry."""
    parts = [f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params>"]
    for value in params:
        parts.append("<param>")
        _write(value, parts, 0)
        parts.append("</param>")
    parts.append("</params></methodCall>")
    return "".join(parts).encode("utf-8")


def read_answer(body: bytes | bytearray) -> Any:
    """Return the value of an answer; raises XmlFault for a fault, ProtocolError for anything that is not one."""
    if b"<!" in body:
        raise ProtocolError("The XML-RPC answer holds a document type, which is never taken.")
    parser = ET.XMLParser(encoding="utf-8")  # noqa: S314  (see the module's docstring)
    try:
        parser.feed(body)
        root = parser.close()
    except ET.ParseError:
        raise ProtocolError("The answer is not XML-RPC; check the address.") from None
    if root.tag != "methodResponse" or len(root) != 1:
        raise ProtocolError("The answer is XML but not XML-RPC; check the address.")
    try:
        if root[0].tag == "fault":
            fault = _read(root[0][0], 0)
            raise XmlFault(int(fault["faultCode"]), str(fault["faultString"]))
        return _read(root[0][0][0], 0)
    except (IndexError, KeyError, TypeError, ValueError):
        raise ProtocolError("The XML-RPC answer is damaged.") from None


def _read(value: ET.Element, depth: int) -> Any:
    if not len(value):  # text without a type is a string
        return value.text or ""
    typed = value[0]
    match typed.tag:
        case "string":
            return typed.text or ""
        case "int" | "i4" | "i8":
            return int(typed.text or "")
        case "boolean":
            return typed.text == "1"
        case "double":
            return float(typed.text or "")
        case "struct":
            if depth > DEEPEST:
                raise ProtocolError("The XML-RPC answer is nested too deeply.")
            return {member[0].text or "": _read(member[1], depth + 1) for member in typed}
        case "array":
            if depth > DEEPEST:
                raise ProtocolError("The XML-RPC answer is nested too deeply.")
            return [_read(item, depth + 1) for item in typed[0]]
        case "nil":
            return None
        case "base64":
            return "".join((typed.text or "").split())
        case "dateTime.iso8601":
            return _moment(typed.text or "")
        case _:
            raise ProtocolError(f"The XML-RPC answer holds a value of the unknown type “{typed.tag[:40]}”.")


def _moment(text: str) -> str:
    """Return Odoo's own form of a time, as the other protocols give it."""
    digits = text.replace("-", "")
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]} {digits[9:17]}"


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
