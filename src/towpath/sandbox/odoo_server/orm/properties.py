# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Properties: values whose fields are defined on a parent record (scenario read-properties).

The column holds ``{name: value}``; a reply joins it with the parent's definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from towpath.sandbox.odoo_server.orm.compare17 import PATTERNS, Sql

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.orm.domain import Leaf
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["condition", "definition", "reply", "to_column"]


def definition(records: RecordSet, field: FieldDef, parent: Any = None) -> list[dict[str, Any]]:
    """The definition that holds for a record (or for the parent given)."""
    if field.definition is None:
        return []
    link, there = field.definition
    target = parent
    if target is None:
        if not records.ids or link not in records._model.fields:
            return []
        target = records._value(link)
    if not target or there not in target._model.fields:
        return []
    return list(target.sudo()._value(there) or [])


def _defaults(defined: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        one["name"]: one["default"]
        for one in defined
        if one.get("default") not in {None, False} and "name" in one
    }


def to_column(records: RecordSet, field: FieldDef, value: Any, current: Any = None) -> Any:
    """The value to store: for properties the dictionary by name, for definitions the list itself.

    ``current`` are all values of a record that is being created: its parent gives the defaults.
    """
    if field.type == "properties_definition":
        return Jsonb(list(value)) if value else None
    if isinstance(value, list | tuple):
        given = {
            one["name"]: one.get("value", False)
            for one in value
            if isinstance(one, Mapping) and "name" in one
        }
    else:
        given = dict(value or {})
    if isinstance(current, Mapping) and field.definition is not None:
        link = current.get(field.definition[0])
        linked = records._model.fields.get(field.definition[0])
        if link and linked is not None and linked.relation in records.env.registry:
            parent = records.env[linked.relation].browse(link.id if hasattr(link, "ids") else link)
            given = {**_defaults(definition(records, field, parent)), **given}
    return Jsonb(given)


def reply(records: RecordSet, field: FieldDef, value: Any) -> Any:
    """The definition of each property with its value; 17.0 shows an unset one as false, 19.0 leaves it out."""
    defined = definition(records, field)
    if not defined:
        return [] if not value or field.definition is not None else value
    known = value if isinstance(value, Mapping) else {}
    found = []
    for one in defined:
        shown = {key: item for key, item in one.items() if key != "value"}
        if one.get("name") in known:
            shown["value"] = known[one["name"]]
        elif not records.env.is19:
            shown["value"] = False
        found.append(shown)
    return found


def condition(field: FieldDef, alias: str, name: str, leaf: Leaf) -> Sql:
    """A condition on one property."""
    column = f'"{alias}"."{field.name}"'
    key = name.replace("'", "''").replace("%", "%%")
    operator, right = leaf.operator, leaf.right
    text = f"({column}->>'{key}')"
    if operator in {"=", "!="}:
        if right is False or right is None:
            empty = f"({text} IS NULL OR {text} = 'false' OR {text} = '')"
            return (empty if operator == "=" else f"NOT {empty}"), []
        query = f"{column}->'{key}' = %s"
        return (f"({query})" if operator == "=" else f"(({query}) IS NOT TRUE)"), [Jsonb(right)]
    if operator in {"in", "not in"} and isinstance(right, list | tuple):
        query = f"EXISTS (SELECT 1 FROM jsonb_array_elements(%s) v WHERE v = {column}->'{key}' OR {column}->'{key}' @> v)"
        return (query if operator == "in" else f"NOT {query}"), [Jsonb(list(right))]
    bare = operator.removeprefix("not ")
    if bare in PATTERNS:
        value = str(right) if bare.startswith("=") else f"%{right}%"
        query = f"{text} {PATTERNS[bare]} %s"
        return (query if bare == operator else f"(({query}) IS NOT TRUE)"), [value]
    return f"({column}->'{key}') {operator} %s", [Jsonb(right)]
