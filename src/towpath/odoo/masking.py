"""Masks: what stands in a table in place of personal data (docs/masking.md). Pure; keeps no key.

``hash`` puts a keyed hash in place of each value, the same for the same value in every table; ``drop`` does
not read the field at all; ``truncate:N`` keeps the first letters of a text, ``truncate:year`` and
``truncate:month`` the year or month of a date; ``no-name`` keeps the id of a linked record and drops its name.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, get_args

from towpath.errors import InputError
from towpath.odoo.sensitive import about_people

if TYPE_CHECKING:
    import pyarrow as pa

    from towpath.odoo.schema import Field, Model

__all__ = ["HASH_LENGTH", "Mask", "apply", "canonical", "check", "parse", "suggest"]

Kind = Literal["hash", "drop", "truncate", "no-name"]

#: Hexadecimal digits of a hash in a table: 128 bits.
HASH_LENGTH = 32
_LONGEST_CUT = 1_000
_TEXTS = frozenset({"char", "text", "html"})
_MOMENTS = frozenset({"date", "datetime"})
_WAYS = "hash, drop, truncate:3, truncate:year (of a date) or no-name (of a link)"
#: By these Towpath knows which records there are and which changed.
_NEEDED = frozenset({"id", "write_date"})
#: Masks for the kinds of personal data that `sensitive` finds; a hash tells people apart without naming them.
_SUGGESTED: Mapping[str, str] = {"birth": "truncate:year", "address": "drop", "private life": "drop"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """What is done to the values of one field."""

    kind: Kind
    #: Of ``truncate``: letters that are kept, or the part of a date.
    size: int | Literal["year", "month"] | None = None
    #: Of ``hash``: the installation's key.
    key: bytes = field(default=b"", repr=False)

    def __str__(self) -> str:
        """As people write it."""
        return self.kind if self.size is None else f"{self.kind}:{self.size}"

    @property
    def key_id(self) -> str | None:
        """Eight digits that differ from key to key and tell nothing of it; None where there is none."""
        return hashlib.sha256(self.key).hexdigest()[:8] if self.kind == "hash" else None


def parse(text: str, field: Field, key: bytes = b"") -> Mask:
    """The mask that the text describes for this field.

    :param key: of ``hash``; 32 random bytes that stay the same.
    :raises InputError: there is no such mask, or it does not fit the field.
    """
    if field.name in _NEEDED:
        raise InputError(f"'{field.name}' can not be masked: by it Towpath knows which records changed.")
    kind, colon, size = text.strip().lower().partition(":")
    if kind not in get_args(Kind) or bool(colon) != (kind == "truncate"):
        raise InputError(
            f"'{text}' is no way to mask '{field.name}'; write {field.name}=WAY with {_WAYS} as the way."
        )
    if kind == "truncate":
        return Mask(kind="truncate", size=_size(size, field))
    if kind == "no-name" and field.type != "many2one":
        raise InputError(f"'{field.name}' is no link to one record, so it has no name to leave out.")
    if kind == "hash":
        return Mask(kind="hash", key=key)
    return Mask(kind="drop" if kind == "drop" else "no-name")


def _size(text: str, field: Field) -> int | Literal["year", "month"]:
    if field.type in _MOMENTS:
        if text == "year":
            return "year"
        if text == "month":
            return "month"
        raise InputError(f"'{field.name}' is a date; cut it with truncate:year or truncate:month.")
    if field.type not in _TEXTS or field.secret:
        raise InputError(f"'{field.name}' is no text that can be cut; mask it with hash or drop.")
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= _LONGEST_CUT):
        raise InputError(
            f"'truncate:{text}' is no way to mask '{field.name}'; say how many letters to keep, from 1 to "
            f"{_LONGEST_CUT}, such as truncate:3."
        )
    return int(text)


def check(model: Model, name: str, text: str) -> None:
    """See that a mask fits a field of the model.

    :raises InputError: there is no such field or mask, or they do not fit.
    """
    if name not in model.fields:
        raise InputError(model.missing(name))
    parse(text, model.fields[name])


def suggest(model: Model) -> dict[str, str]:
    """Masks for the fields of a model that probably hold personal data, or show the name of a person.

    A hint by the names of fields and models, as `sensitive` has them.
    """
    found: dict[str, str] = {}
    for name, one in model.fields.items():
        if one.type == "many2one" and about_people(one.relation or ""):
            found[name] = "no-name"
        elif one.personal and name not in _NEEDED:
            way = _SUGGESTED.get(one.personal, "hash")
            found[name] = "drop" if way == "truncate:year" and one.type not in _MOMENTS else way
    return found


def apply(mask: Mask, values: pa.Array, field_relation: str | None = None) -> pa.Array:
    """The values of a column with the mask on: as many, null where they were null.

    :param values: as the table would have them without a mask.
    :param field_relation: the model that ids belong to; None for other values.
    :raises InputError: values of this type can not be cut.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if mask.kind == "truncate":
        try:
            if mask.size in {"year", "month"}:
                return pc.floor_temporal(values, unit=mask.size).cast(values.type)
            return pc.utf8_slice_codeunits(values, 0, mask.size)
        except pa.ArrowNotImplementedError:
            raise InputError(
                f"Values of type {values.type} can not be cut; mask them with hash or drop."
            ) from None
    if mask.kind != "hash":
        return values
    hashed = _hasher(mask.key, field_relation)
    if pa.types.is_list(values.type):
        known: dict[Any, str] = {}
        lists = [
            None
            if entries is None
            else [known[e] if e in known else known.setdefault(e, hashed(e)) for e in entries]
            for entries in values.to_pylist()
        ]
        return pa.array(lists, pa.list_(pa.string()))
    # Every distinct value is hashed once.
    coded = values.dictionary_encode()
    return pa.array([hashed(value) for value in coded.dictionary.to_pylist()], pa.string()).take(
        coded.indices
    )


def _hasher(key: bytes, relation: str | None) -> Callable[[Any], str]:
    if not key:
        raise ValueError("a hash needs a key")
    # An id is hashed with its model: else partner 5 and product 5 would look the same.
    before = f"{relation}," if relation else ""

    def hashed(value: Any) -> str:
        text = f"{before}{canonical(value)}".encode()
        return hmac.digest(key, text, "sha256").hex()[:HASH_LENGTH]

    return hashed


def canonical(value: Any) -> str:
    """The text of a value that is hashed: one text for one value, whatever the type of the column.

    Whole numbers have no decimals, decimals no zeros at the end; moments are in UTC. Texts stay as they are: case
    and spaces count.

    >>> canonical(5), canonical(5.0), canonical(Decimal("5.00")), canonical(Decimal("0.10")), canonical(True)
    ('5', '5', '5', '0.1', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value
        return moment.replace(tzinfo=None).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
