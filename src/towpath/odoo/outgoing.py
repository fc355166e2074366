"""Python values as Odoo takes them on every protocol: UTC text for times, base64 for bytes, floats for decimals.

Also the argument order of well-known methods: JSON-2 sends names, the older protocols send the first ones by
place, because modules rename them (facts §1.7.11) and versions differ (`name_search`, real-odoo.md §3).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import orjson

from towpath.errors import InputError

__all__ = ["PLACES", "as_json", "by_place", "call_path", "plain"]

PLACES: dict[str, tuple[str, ...]] = {
    "create": ("vals_list",),
    "write": ("vals",),
    "copy": ("default",),
    "load": ("fields", "data"),
    "name_create": ("name",),
    "name_search": ("name", "domain"),
    "default_get": ("fields",),
    "export_data": ("fields_to_export",),
    "fields_get": ("allfields", "attributes"),
    "read": ("fields",),
    "search": ("domain",),
    "search_count": ("domain",),
    "search_read": ("domain", "fields"),
    "read_group": ("domain", "fields", "groupby"),
    "formatted_read_group": ("domain", "groupby", "aggregates"),
    "web_read": ("specification",),
    "web_search_read": ("domain", "specification"),
    "has_group": ("group_ext_id",),
    "has_access": ("operation",),
    "check_access_rights": ("operation",),
}
"""Leading parameters of well-known methods, in Odoo's order and under the names of 19.0."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")
JSON_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_NON_STR_KEYS


def by_place(method: str, arguments: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Split named arguments into leading ones by place and the rest by name.

    >>> by_place("search_read", {"domain": [], "fields": ["name"], "limit": 5})
    ([[], ['name']], {'limit': 5})
    """
    rest = dict(arguments)
    leading: list[Any] = []
    for name in PLACES.get(method, ()):
        if name not in rest:
            break
        leading.append(rest.pop(name))
    return leading, rest


def call_path(model: str, method: str) -> tuple[str, str]:
    """Return model and method when both are names that may stand in an address; raises InputError."""
    for what, text in (("model", model), ("method", method)):
        if not NAME.fullmatch(text) or len(text) > 200:
            raise InputError(f"“{text[:80]}” is not the name of a {what} of Odoo; check the spelling.")
    return model, method


def as_json(value: Any) -> bytes:
    """Return a request body; raises InputError for what JSON can not carry."""
    try:
        return orjson.dumps(value, default=plain, option=JSON_OPTIONS)
    except TypeError as error:
        raise InputError(f"A value can not be sent to Odoo ({error}).") from None


def plain(value: Any) -> Any:
    """Return one value that is not plain JSON in the form Odoo reads; raises TypeError for others."""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo is not None else value
        return moment.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (str, int, float)):  # a subclass of one of them
        return next(kind(value) for kind in (str, int, float) if isinstance(value, kind))
    if isinstance(value, (Sequence, AbstractSet)):
        return list(value)
    raise TypeError(f"values of the type {type(value).__name__} have no form in Odoo")
