# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Copying records: which values go along, which lines are copied with their owner, and what the copy is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.orm import field_access, write
from towpath.sandbox.odoo_server.orm.fields import FieldDef

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["copy", "copy_data"]

LINES = frozenset(
    {
        ("account.move", "line_ids"),
        ("sale.order", "order_line"),
        ("purchase.order", "order_line"),
        ("product.template", "attribute_line_ids"),
        ("product.pricelist", "item_ids"),
        ("account.payment.term", "line_ids"),
        ("sale.order.template", "sale_order_template_line_ids"),
    }
)
"""The one2many fields whose lines are copied with their owner."""
MARKED: Mapping[str, tuple[str, ...]] = {
    "account.account": ("name",),
    "account.analytic.account": ("name",),
    "account.journal": ("name",),
    "account.payment.term": ("name",),
    "account.tax": ("name",),
    "ir.actions.server": ("name",),
    "mail.template": ("name",),
    "product.pricelist": ("name",),
    "product.product": ("name",),
    "product.template": ("name",),
    "project.project": ("name",),
    "project.task": ("name",),
    "res.partner": ("name",),
    "res.users": ("name", "login"),
}
"""Texts that get " (copy)" behind them, by model."""


def _copied(records: RecordSet, field: FieldDef) -> bool:
    if field.name in write.IGNORED or field.name == "display_name":
        return False
    if not field_access.allowed(records.env, field):
        return False
    if field.type == "one2many":
        return (field.model, field.name) in LINES
    if field.sql_type is None and field.relation_table is None:
        return False
    if field.related and field.readonly:
        return False
    return field.copy or (field.model, field.name) == ("res.users", "login")


def _value(record: RecordSet, field: FieldDef) -> Any:
    """A value in the form a create takes."""
    value = record._value(field.name)
    if field.type == "one2many":
        lines = value.copy_data({})
        for line in lines:
            line.pop(field.inverse, None)
        return [(0, 0, line) for line in lines]
    if field.type == "many2many":
        return [(6, 0, list(value.ids))]
    return value.id if field.type == "many2one" else value


def _delegated(record: RecordSet, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the records this one delegates to, under this model's names."""
    found: dict[str, Any] = {}
    for link in record._model.inherits:
        parent: Any = None if link in given else record._with_env(record.env.sudo())._value(link)
        if parent:
            vals = copy_data(parent, {}, marked=False)[0]
            fields = record._model.fields
            found |= {
                name: value for name, value in vals.items() if name in fields and fields[name].inherited
            }
    return found


def copy_data(
    records: RecordSet, default: Mapping[str, Any] | None = None, *, marked: bool = True
) -> list[dict[str, Any]]:
    """The values to create copies from, one dictionary per record; names are ``marked`` as copies."""
    given = dict(default or {})
    found: list[dict[str, Any]] = []
    for record in records:
        vals: dict[str, Any] = {}
        for name, field in record._model.fields.items():
            if name in given or name in record._model.inherits or not _copied(record, field):
                continue
            if not (field.inherited and field.related[0] in given):
                vals[name] = _value(record, field)
        vals = {**_delegated(record, given), **vals}
        for name in MARKED.get(record._name, ()) if marked else ():
            if name not in given and isinstance(vals.get(name), str):
                vals[name] = f"{vals[name]} (copy)"
        found.append({**vals, **given})
    return found


def copy(records: RecordSet, default: Mapping[str, Any] | None = None) -> Any:
    """Make copies of records.

    Raises:
        AccessError: without the right to read these or to create others.
        UserError: for a model that cannot be copied.
    """
    write.check(records, "read")
    if records._name == "res.company":
        raise UserError("Duplicating a company is not allowed. Please create a new company instead.")
    return records.create(records.copy_data(default))
