# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Copying records: which values go along, and which lines are copied with their owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import write
from towpath.sandbox.odoo_server.orm.fields import FieldDef

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["copy", "copy_data"]

LINES = frozenset(
    {
        ("account.move", "line_ids"),
        ("sale.order", "order_line"),
        ("purchase.order", "order_line"),
        ("res.partner.category", "child_ids"),
        ("product.template", "attribute_line_ids"),
        ("product.pricelist", "item_ids"),
        ("account.payment.term", "line_ids"),
        ("sale.order.template", "sale_order_template_line_ids"),
    }
) - {("res.partner.category", "child_ids")}
"""The one2many fields whose lines are copied with their owner."""


def _copied(field: FieldDef, *, inherited: bool) -> bool:
    if field.name in write.IGNORED or field.name == "display_name":
        return False
    if field.type == "one2many":
        return (field.model, field.name) in LINES
    if field.inherited and field.sql_type is None:
        return inherited
    if field.sql_type is None and field.relation_table is None:
        return False
    if field.related and field.readonly:
        return False
    return field.copy


def copy_data(records: RecordSet, default: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The values to create copies from, one dictionary per record."""
    given = dict(default or {})
    found: list[dict[str, Any]] = []
    for record in records:
        vals: dict[str, Any] = dict(given)
        for name, field in record._model.fields.items():
            if name in vals or not _copied(field, inherited=False):
                continue
            if field.inherited and field.related[0] in given:
                continue
            value = record._value(name)
            if field.type == "one2many":
                vals[name] = [(0, 0, one) for one in copy_data(value, {})]
                for _code, _zero, line in vals[name]:
                    line.pop(field.inverse, None)
            elif field.type == "many2many":
                vals[name] = [(6, 0, list(value.ids))]
            elif field.type == "many2one":
                vals[name] = value.id
            else:
                vals[name] = value
        for link, parent in record._model.inherits.items():
            if link not in given:
                vals.pop(link, None)
                inner = record.sudo()[link] if hasattr(record, "sudo") else record[link]
                for name, value in copy_data(inner, {})[0].items() if inner else ():
                    own = record._model.fields.get(name)
                    if own is not None and own.inherited and name not in vals and parent:
                        vals[name] = value
        found.append(vals)
    return found


def copy(records: RecordSet, default: Mapping[str, Any] | None = None) -> Any:
    """Make copies; names get what the model says (``_copy_name``).

    Raises:
        AccessError: without the right to read these or to create others.
    """
    write.check(records, "read")
    return records.create(records.copy_data(default))
