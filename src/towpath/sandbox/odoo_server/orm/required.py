"""Required values: checked before PostgreSQL sees the row, so that the message names the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm.refusals import missing_value

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["check_created", "check_written"]

LENIENT = frozenset({"boolean", "integer", "float", "monetary", "json", "properties"})
"""Types whose empty value is a value."""


def _empty(value: Any) -> bool:
    if hasattr(value, "ids"):
        return not value.ids
    return value is None or value is False or (isinstance(value, list | tuple) and not value)


def check_created(model: ModelDef, row: Mapping[str, Any], *, is19: bool) -> None:
    """Nothing when a row to insert has all required values.

    Raises:
        ValidationError: naming the first field without one.
    """
    named = [model.rec_name] if model.rec_name else []
    for name in dict.fromkeys([*named, *model.fields]):
        field = model.fields.get(name)
        if field is None or not field.required or field.sql_type is None or field.type in LENIENT:
            continue
        if field.manual or field.company_dependent or field.related:
            continue
        if _empty(row.get(name)):
            raise missing_value(model, field, is19=is19)


def check_written(model: ModelDef, values: Mapping[str, Any], *, is19: bool) -> None:
    """Nothing when no required field is emptied.

    Raises:
        ValidationError: naming the first that is.
    """
    for name, value in values.items():
        field = model.fields[name]
        strict = (
            field.required and field.type not in LENIENT and not field.manual and not field.company_dependent
        )
        if strict and _empty(value):
            raise missing_value(model, field, is19=is19)
