# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""What the web client asks for beside records: the choices of a search panel, the values of a new form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.orm import web
from towpath.sandbox.odoo_server.orm.domain_text import both
from towpath.sandbox.odoo_server.orm.group import grouped
from towpath.sandbox.odoo_server.orm.values import EMPTY, to_reply

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.records import Records

__all__ = ["new_values", "select_range"]

KINDS = {"many2one", "selection", "many2many"}


def select_range(records: Records, name: str, asked: Mapping[str, Any], *, multiple: bool) -> dict[str, Any]:
    """The choices of one category or filter of a search panel, with counts when they are asked for.

    ``asked`` are Odoo's keyword arguments: ``search_domain``, ``category_domain``, ``filter_domain``,
    ``comodel_domain``, ``enable_counters``, ``expand``, ``limit``.

    Raises:
        UserError: for a field of another kind.
    """
    env, model = records.env, records._model
    field = model.fields[name]
    allowed = KINDS if multiple else KINDS - {"many2many"}
    if field.type not in allowed:
        kinds = "many2one, many2many or selection" if multiple else "many2one or selection"
        raise UserError(
            f"Only types {kinds} are supported for {'filter' if multiple else 'category'} (found type {field.type})"
        )
    domain = both(
        [asked.get(key) or [] for key in ("search_domain", "category_domain", "filter_domain")], is19=env.is19
    )
    counts: dict[Any, int] = {}
    if asked.get("enable_counters") or not asked.get("expand"):
        counts = {row[0]: row[1] for row in grouped(records, domain, [name], ["__count"]).rows}
    values: list[dict[str, Any]] = []
    if field.type == "selection":
        for key, label in field.attrs.get("selection") or ():
            if asked.get("expand") or key in counts:
                values.append({"id": key, "display_name": label})
        parent: Any = False
    else:
        comodel = env[field.relation]
        parent = comodel._model.parent_name if comodel._model.parent_name in comodel._model.fields else False
        inner = list(asked.get("comodel_domain") or [])
        if not asked.get("expand"):
            inner = both([inner, [("id", "in", [one for one in counts if one])]], is19=env.is19)
        names = ["display_name", *([parent] if parent and not multiple else [])]
        found = comodel.search_read(inner, names, limit=asked.get("limit"))
        values = [{key: one[key] for key in ("id", *names)} for one in found]
    if asked.get("enable_counters"):
        for one in values:
            one["__count"] = counts.get(one["id"], 0)
    return {"values": values} if multiple else {"parent_field": parent, "values": values}


def new_values(
    records: Records, values: Mapping[str, Any], specification: web.Specification
) -> dict[str, Any]:
    """The values of a form for a new record: defaults, else the empty value of each field."""
    env, model = records.env, records._model
    defaults = records.default_get([name for name in specification if name not in values])
    found: dict[str, Any] = {}
    for name, asked in specification.items():
        field = model.fields.get(name)
        if field is None or name in values or name == "id":
            continue
        value = to_reply(field, defaults.get(name, EMPTY.get(field.type, False)))
        if field.multiple:
            value = [list(one) if isinstance(one, tuple) else one for one in value or []]
        elif field.type == "many2one" and value and "fields" in asked:
            rows = web.web_read(env[field.relation].browse(value), asked["fields"])
            value = rows[0] if rows else False
        found[name] = value
    return found
