"""XML-RPC text to Python values: a reader for this one grammar, safe because it knows nothing else.

There are no entities but the five of XML and numbers, no document types, no attributes, no comments; whatever
is not an XML-RPC answer ends in ProtocolError. It reads what Odoo writes twice as fast as the parser of the
standard library, because one match takes a whole member of a record (an answer holds little else).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from towpath.errors import ProtocolError

__all__ = ["XmlFault", "read_answer"]

DEEPEST = 60
"""Deepest nesting read; Odoo's answers reach about ten."""

SIMPLE = "int|string|boolean|double"
TOKEN = re.compile(
    # a member with a simple value, or the beginning of another one
    rf"<member>\s*<name>([^<]*)</name>\s*<value>(?:<({SIMPLE})>([^<]*)</\2></value>\s*</member>\s*)?"
    rf"|<value><({SIMPLE})>([^<]*)</\4></value>\s*"  # a simple value in a list
    r"|<(/?[A-Za-z][\w.]*/?)>"
    r"|([^<]+)|<"
)
Token: TypeAlias = tuple[str | None, ...]
ENTITY = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{1,10}));|&")
ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
HEAD = re.compile(r"\ufeff?\s*(?:<\?xml[^<>]*\?>)?\s*")


class XmlFault(Exception):  # noqa: N818  (the protocol's own word; it never leaves the transport)
    """A fault that Odoo answered: `code` and `text` as they came."""

    def __init__(self, code: int, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(code)


def read_answer(body: bytes | bytearray) -> Any:
    """Return the value of an answer; raises XmlFault for a fault, ProtocolError for anything that is not one."""
    try:
        text = body.decode("utf-8")
        head = HEAD.match(text)
        tokens = map(re.Match.groups, TOKEN.finditer(text, head.end() if head else 0))
        return _answer(tokens)
    except (ValueError, TypeError, KeyError, OverflowError):
        raise _damaged() from None


def _answer(tokens: Iterator[Token]) -> Any:
    if _tag(tokens) != "methodResponse":
        raise ProtocolError("The answer is not XML-RPC; check the address.")
    kind = _tag(tokens)
    if kind == "fault":
        fault = _read_value(tokens)
        _expect(tokens, "/fault", "/methodResponse")
        raise XmlFault(int(fault["faultCode"]), str(fault["faultString"]))
    if kind != "params":
        raise _damaged()
    _expect(tokens, "param")
    value = _read_value(tokens)
    _expect(tokens, "/param", "/params", "/methodResponse")
    if any((token[-1] or "").strip() or token[-1] is None for token in tokens):
        raise _damaged()
    return value


def _read_value(tokens: Iterator[Token]) -> Any:
    """Read one whole value, from its opening tag on."""
    for _name, _kind, _value, kind, value, tag, text in tokens:
        if kind is not None:
            return SCALARS[kind](value or "")
        if tag == "value":
            return _inside(tokens, 0)
        if text is None or text.strip():
            break
    raise _damaged()


def _inside(tokens: Iterator[Token], depth: int) -> Any:
    """Read the rest of a value whose opening tag is read already."""
    found = ""
    for *_, tag, text in tokens:
        if tag is None:
            if text is None:
                raise _damaged()
            found += text
        elif tag == "/value":  # text without a type is a string
            return _text(found)
        elif found.strip():
            raise _damaged()
        else:
            value = _typed(tokens, tag, depth)
            _expect(tokens, "/value")
            return value
    raise _damaged()


def _typed(tokens: Iterator[Token], tag: str, depth: int) -> Any:
    if depth > DEEPEST:
        raise ProtocolError("The XML-RPC answer is nested too deeply.")
    if tag == "struct":
        return _struct(tokens, depth)
    if tag == "array":
        _expect(tokens, "data")
        value = _list(tokens, depth)
        _expect(tokens, "/array")
        return value
    if tag.endswith("/"):
        return SCALARS[tag[:-1]]("")
    read = SCALARS.get(tag)
    if read is None:
        raise ProtocolError(f"The XML-RPC answer holds a value of the unknown type “{tag[:40]}”.")
    found = ""
    for *_, closing, text in tokens:
        if closing == f"/{tag}":
            return read(found)
        if text is None:
            raise _damaged()
        found += text
    raise _damaged()


def _struct(tokens: Iterator[Token], depth: int) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for name, kind, value, other, _value, tag, text in tokens:
        if kind is not None:
            record[_text(name or "")] = SCALARS[kind](value or "")
        elif name is not None:
            record[_text(name)] = _inside(tokens, depth + 1)
            _expect(tokens, "/member")
        elif tag == "/struct":
            return record
        elif other is not None or tag is not None or text is None or text.strip():
            raise _damaged()
    raise _damaged()


def _list(tokens: Iterator[Token], depth: int) -> list[Any]:
    values: list[Any] = []
    for name, _kind, _value, kind, value, tag, text in tokens:
        if kind is not None:
            values.append(SCALARS[kind](value or ""))
        elif tag == "value":
            values.append(_inside(tokens, depth + 1))
        elif tag == "/data":
            return values
        elif name is not None or tag is not None or text is None or text.strip():
            raise _damaged()
    raise _damaged()


def _tag(tokens: Iterator[Token]) -> str:
    """Return the next tag, past nothing but blanks."""
    for *_, tag, text in tokens:
        if tag is not None:
            return tag
        if text is None or text.strip():
            break
    raise ProtocolError("The answer is not XML-RPC; check the address.")


def _expect(tokens: Iterator[Token], *tags: str) -> None:
    for tag in tags:
        if _tag(tokens) != tag:
            raise _damaged()


def _text(text: str) -> str:
    return ENTITY.sub(_entity, text) if "&" in text else text


def _entity(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name is not None and name in ENTITIES:
        return ENTITIES[name]
    if decimal is None and hexadecimal is None:
        raise _damaged()
    number = int(decimal) if decimal is not None else int(hexadecimal, 16)
    return "\ufffd" if 0xD800 <= number <= 0xDFFF else chr(number)


def _boolean(text: str) -> bool:
    return {"1": True, "0": False}[text.strip()]


def _base64(text: str) -> str:
    return "".join(text.split())


def _nil(text: str) -> None:
    if text.strip():
        raise _damaged()


def _moment(text: str) -> str:
    """Return Odoo's own form of a time, as the other protocols give it."""
    digits = text.strip().replace("-", "")
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]} {digits[9:17]}"


def _damaged() -> ProtocolError:
    return ProtocolError("The XML-RPC answer is damaged; something on the way changed it.")


SCALARS: dict[str, Callable[[str], Any]] = {
    "string": _text,
    "int": int,
    "i4": int,
    "i8": int,
    "boolean": _boolean,
    "double": float,
    "nil": _nil,
    "base64": _base64,
    "dateTime.iso8601": _moment,
}
