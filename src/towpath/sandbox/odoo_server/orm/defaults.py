# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Default values: ``default_<field>`` of the context, the model's own, and what the company or user implies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm.fields import MISSING
from towpath.sandbox.odoo_server.orm.values import to_reply

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["get", "missing"]


CHOSEN = frozenset(
    {
        ("account.journal", "type"),
        ("ir.model.fields", "ttype"),
        ("ir.actions.server", "state"),
        ("ir.filters", "model_id"),
    }
)
"""Required selections without any default: the caller has to choose."""


def _own(records: RecordSet, field: FieldDef) -> Any:
    """The default the model declares; MISSING when there is none."""
    default = field.default
    return default(records) if callable(default) else default


def get(records: RecordSet, fields: Iterable[str]) -> dict[str, Any]:
    """Defaults of some fields in the form of replies; fields without one are left out."""
    found: dict[str, Any] = {}
    for name in fields:
        field = records._model.fields.get(name)
        if field is None:
            continue
        key = f"default_{name}"
        if key in records.env.context:
            found[name] = records.env.context[key]
            continue
        value = _own(records, field)
        if value is MISSING and field.inherited:
            parent = records.env[records._model.inherits[field.related[0]]]
            value = get(parent, [field.related[1]]).get(field.related[1], MISSING)
        if value is not MISSING and value is not None:
            found[name] = to_reply(field, value)
    return found


def missing(records: RecordSet, vals: Mapping[str, Any]) -> dict[str, Any]:
    """Values a new record gets for the fields its caller left out."""
    model = records._model
    names = [
        name
        for name, field in model.fields.items()
        if name not in vals
        and name
        not in {"id", "create_uid", "create_date", "write_uid", "write_date", "parent_path", "display_name"}
        and not (field.inherited and field.sql_type is None and vals.get(field.related[0]))
        and (field.store or field.inherited or f"default_{name}" in records.env.context)
    ]
    wanted = [
        name for name in names if f"default_{name}" in records.env.context or not model.fields[name].inherited
    ]
    found = records.default_get(wanted)
    for name in names:
        field = model.fields[name]
        if name in found or not field.required or field.sql_type is None:
            continue
        implied = _implied(records, field)
        if implied is not None:
            found[name] = implied
    return {name: value for name, value in found.items() if name in model.fields and name not in vals}


def _implied(records: RecordSet, field: FieldDef) -> Any:
    """A required value that nobody gave: the first choice, today, the caller's company, currency or user."""
    env = records.env
    if field.type == "selection" and field.attrs.get("selection") and (field.model, field.name) not in CHOSEN:
        return field.attrs["selection"][0][0]
    if field.type == "date":
        return env.now.date()
    if field.type == "datetime":
        return env.now.replace(microsecond=0)
    if field.type != "many2one":
        return None
    if field.relation == "res.company" and field.name == "company_id":
        return env.company_id
    if field.relation == "res.currency" and field.name in {"currency_id", "company_currency_id"}:
        return env.company.currency_id.id if env.company_id else None
    if field.relation == "res.users":
        return env.uid
    return None
