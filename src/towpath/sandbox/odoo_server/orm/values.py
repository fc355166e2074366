"""Field values: from what callers send to what PostgreSQL stores, with the errors recorded for bad ones."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.orm.markup import sanitize

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.orm.fields import FieldDef

__all__ = ["EMPTY", "human_size", "rounded", "to_column", "to_reply"]

EMPTY: Mapping[str, Any] = {
    "integer": 0,
    "float": 0.0,
    "monetary": 0.0,
    "boolean": False,
    "many2one_reference": 0,
}
"""What an empty field reads as; ``False`` for every other type."""
DATETIME_FORMAT = "%Y-%m-%d %H:%M:%S"
IMAGES = ("image", "logo", "avatar")
SIGNATURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"<svg", b"<?xml", b"BM", b"\x00\x00\x01\x00")


def rounded(value: float, digits: int) -> float:
    """Half up, on the decimal digits a person sees."""
    step = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP))


def human_size(size: int) -> str:
    """``12.00 bytes``, ``2.93 Kb``: what a binary field reads as under ``bin_size``."""
    amount = float(size)
    for unit in ("bytes", "Kb", "Mb", "Gb"):
        if amount < 1024 or unit == "Gb":
            return f"{amount:0.2f} {unit}"
        amount /= 1024
    raise AssertionError("unreachable")


def to_column(field: FieldDef, value: Any) -> Any:
    """The parameter to store for a value that was written; None for NULL.

    Raises:
        ValueError: for a text that is no number or date, or no choice of a selection.
        UserError: for an image that is none.
    """
    kind = field.type
    if kind in {"char", "text"}:
        return _text(field, value)
    if kind == "boolean":
        return bool(value)
    if kind == "many2one":
        return _link(field, value)
    if kind in {"integer", "many2one_reference"}:
        return int(value.id if hasattr(value, "ids") else value or 0)
    if kind in {"float", "monetary"}:
        number = float(value or 0.0)
        return rounded(number, field.digits[1]) if field.digits and kind == "float" else number
    if kind == "selection":
        return _choice(field, value)
    if kind == "html":
        return None if value is None or value is False else sanitize(str(value))
    if kind == "date":
        return to_date(value)
    if kind == "datetime":
        return to_datetime(value)
    if kind == "binary":
        return _binary(field, value)
    if kind == "reference":
        return _reference(field, value)
    return None if value is None or value is False else Jsonb(value)


def _text(field: FieldDef, value: Any) -> str | None:
    if value is None or value is False:
        return None
    text = value.decode() if isinstance(value, bytes) else str(value)
    if "\x00" in text:
        raise ValueError("A string literal cannot contain NUL (0x00) characters.")
    return text[: field.size] if field.size else text


def _link(field: FieldDef, value: Any) -> Any:
    if hasattr(value, "ids"):
        return value.ids[0] if value.ids else None
    if isinstance(value, list | tuple):
        return value[0] if value else None
    if isinstance(value, Mapping):
        raise ValueError(f"Wrong value for {field}: {value!r}")  # noqa: TRY004 - Odoo's class
    return value or None


def _choice(field: FieldDef, value: Any) -> Any:
    if value is None or value is False or value == "":
        return None
    if field.selection is not None and value not in field.selection and field.name != "lang":
        raise ValueError(f"Wrong value for {field}: {value!r}")
    return value


def to_date(value: Any) -> date | None:
    """A date from a date, a datetime or a text that begins with one.

    Raises:
        ValueError: when the text is none.
    """
    if not value:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return datetime.strptime(value[:10], "%Y-%m-%d").replace(tzinfo=UTC).date()


def to_datetime(value: Any) -> datetime | None:
    """A naive UTC datetime in whole seconds from a datetime, a date or a text in the server's format.

    Raises:
        ValueError: when the text is none, or the value has a time zone.
    """
    if not value:
        return None
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise ValueError(f"Datetime field expects a naive datetime: {value}")
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - naive UTC is Odoo's convention
    return datetime.strptime(value, DATETIME_FORMAT[: len(value) - 2])  # noqa: DTZ007 - naive UTC is Odoo's convention


def _binary(field: FieldDef, value: Any) -> bytes | None:
    if value is None or value is False or value == "":
        return None
    raw = value.encode() if isinstance(value, str) else bytes(getattr(value, "data", value))
    if not field.name.startswith(IMAGES):
        try:
            return base64.b64decode(raw)
        except binascii.Error:
            return raw
    try:
        decoded = base64.b64decode(raw.replace(b"\n", b""), validate=True)
    except binascii.Error:
        raise UserError("Image is not encoded in base64.") from None
    if not decoded.lstrip().startswith(SIGNATURES):
        raise UserError("This file could not be decoded as an image file.")
    return decoded


def _reference(field: FieldDef, value: Any) -> str | None:
    if not value:
        return None
    if hasattr(value, "ids"):
        return f"{value._name},{value.ids[0]}"  # noqa: SLF001 - the ORM's own word
    if isinstance(value, str) and "," in value:
        return value
    raise ValueError(f"Wrong value for {field}: {value!r}")


def to_reply(field: FieldDef, value: Any) -> Any:
    """A Python value of a field, as held in the cache, in the form replies have (many2one as bare id)."""
    if isinstance(value, datetime):
        return value.strftime(DATETIME_FORMAT)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if hasattr(value, "ids"):
        return list(value.ids) if field.multiple else (value.ids[0] if value.ids else False)
    if isinstance(value, tuple):
        return list(value)
    if value is None:
        return EMPTY.get(field.type, False)
    if field.type in {"float", "monetary"} and isinstance(value, int):
        return float(value)
    return value
