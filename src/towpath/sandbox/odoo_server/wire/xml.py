"""XML-RPC documents: requests parsed safely, answers written as each version writes them.

The marshalling rules are Odoo's: no None, text keys only, dates and bytes as text, control characters dropped.
"""

from __future__ import annotations

import datetime as dt
import xmlrpc.client
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

import orjson

from towpath.sandbox.odoo_server.wire.values import is_records

__all__ = ["parse_call", "write_fault", "write_result"]

_CONTROL = dict.fromkeys(i for i in range(32) if i not in {9, 10, 13})
Writer = Callable[[Any, Callable[[str], object]], object]
_MAXINT = 2**31 - 1
_HEADERS = {"17.0": "<?xml version='1.0'?>\n", "19.0": '<?xml version="1.0"?>\n'}


def parse_call(body: bytes, *, use_datetime: bool) -> tuple[tuple[Any, ...], str | None]:
    """(params, method name) of a methodCall; `use_datetime` turns dateTime values into datetimes (19.0).

    Raises:
        xml.parsers.expat.ExpatError: when it is not XML.
        ValueError: when it declares entities.
        xmlrpc.client.ResponseError: when it is no complete call.
    """
    target = xmlrpc.client.Unmarshaller(use_datetime=use_datetime)
    parser = _SafeParser(target)
    parser.feed(body)
    parser.close()
    return target.close(), target.getmethodname()


def write_result(value: Any, version: str) -> bytes:
    """The methodResponse for a value.

    Raises:
        TypeError: for None, integer keys, record sets and other types XML-RPC cannot carry.
        OverflowError: for an integer of more than 32 bits.
    """
    out: list[str] = ["<params>\n<param>\n"]
    _write(value, out.append)
    out.append("</param>\n</params>\n")
    return _document("".join(out), version)


def write_fault(code: int | str, text: str, version: str) -> bytes:
    """The methodResponse for an error."""
    out: list[str] = ["<fault>\n"]
    _write({"faultCode": code, "faultString": text}, out.append)
    out.append("</fault>\n")
    return _document("".join(out), version)


class _SafeParser(xmlrpc.client.ExpatParser):
    """The standard parser without entity declarations, which can blow a short text up to gigabytes."""

    def __init__(self, target: xmlrpc.client.Unmarshaller) -> None:
        super().__init__(target)
        parser: Any = vars(self)["_parser"]  # expat's parser, which the standard class keeps to itself
        parser.EntityDeclHandler = self._refuse

    @staticmethod
    def _refuse(*declaration: Any) -> NoReturn:
        raise ValueError(f"Entities forbidden: {declaration[0]}")


def _document(inner: str, version: str) -> bytes:
    # 19.0 leaves an empty line before the closing tag, 17.0 does not (recorded)
    tail = "</methodResponse>\n" if version == "17.0" else "\n</methodResponse>\n"
    return f"{_HEADERS[version]}<methodResponse>\n{inner}{tail}".encode("utf-8", "surrogatepass")


def _write(value: Any, write: Callable[[str], object]) -> None:
    writer = _WRITERS.get(type(value))
    if writer is None:
        writer = _writer_of(value)
    writer(value, write)


def _writer_of(value: Any) -> Writer:
    for cls, writer in _WRITERS.items():
        if isinstance(value, cls):
            return writer
    if is_records(value):
        raise TypeError(f"cannot marshal <class 'odoo.api.{value._name}'> objects")  # noqa: SLF001 - the ORM's own word
    raise TypeError(f"cannot marshal {type(value)} objects")


def _none(_value: None, _: Callable[[str], object]) -> None:
    raise TypeError("cannot marshal None unless allow_none is enabled")


def _text(value: str, write: Callable[[str], object]) -> None:
    text = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if not text.isprintable():
        text = text.translate(_CONTROL)
    write(f"<value><string>{text}</string></value>\n")


def _int(value: int, write: Callable[[str], object]) -> None:
    if not -_MAXINT - 1 <= value <= _MAXINT:
        raise OverflowError("int exceeds XML-RPC limits")
    write(f"<value><int>{value}</int></value>\n")


def _array(value: Any, write: Callable[[str], object]) -> None:
    write("<value><array><data>\n")
    for item in value:
        _write(item, write)
    write("</data></array></value>\n")


def _struct(value: dict[Any, Any], write: Callable[[str], object]) -> None:
    write("<value><struct>\n")
    for key, item in value.items():
        if not isinstance(key, str):
            raise TypeError("dictionary key must be string")
        name = key.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        write(f"<member>\n<name>{name}</name>\n")
        _write(item, write)
        write("</member>\n")
    write("</struct></value>\n")


_WRITERS: dict[type, Writer] = {
    str: _text,
    bool: lambda value, write: write(f"<value><boolean>{value:d}</boolean></value>\n"),
    int: _int,
    float: lambda value, write: write(f"<value><double>{value!r}</double></value>\n"),
    list: _array,
    tuple: _array,
    dict: _struct,
    type(None): _none,
    Decimal: lambda value, write: write(f"<value><double>{float(value)!r}</double></value>\n"),
    dt.datetime: lambda value, write: _text(value.strftime("%Y-%m-%d %H:%M:%S"), write),
    dt.date: lambda value, write: _text(value.isoformat(), write),
    bytes: lambda value, write: _text(value.decode(), write),
    xmlrpc.client.Binary: lambda value, write: _text(value.data.decode("latin-1"), write),
    xmlrpc.client.DateTime: lambda value, write: _text(str(value), write),
    orjson.Fragment: lambda value, write: _write(orjson.loads(orjson.dumps(value)), write),
}
