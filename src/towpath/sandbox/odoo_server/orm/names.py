# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Display names and searching by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm.columns import expression
from towpath.sandbox.odoo_server.orm.values import to_reply

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["display_names", "name_domain"]

NEGATIVE = frozenset({"!=", "not in", "not like", "not ilike", "not =like", "not =ilike"})


def display_names(records: RecordSet) -> dict[int, Any]:
    """The value of the naming field by id; ``model,id`` for models without one, False where it is empty.

    Records that are gone are left out.
    """
    model, env = records._model, records.env
    ids = [one for one in records.ids if isinstance(one, int)]
    if not ids or not model.stored:
        return {}
    field = model.fields.get(model.rec_name or "")
    if field is not None and _chained(records):
        return _chains(records)
    if field is None:
        rows = env.cr.execute(f'SELECT id FROM "{model.table}" WHERE id = ANY(%s)', [ids]).column()
        return {one: f"{model.name},{one}" for one in rows}
    if field.sql_type is not None and field.type in {"char", "text", "selection"}:
        column = expression(env, field, "t")
        rows2 = env.cr.execute(
            f'SELECT t.id, {column} FROM "{model.table}" t WHERE t.id = ANY(%s)', [ids]
        ).fetchall()
        if field.type == "selection":
            labels = dict(field.attrs.get("selection") or ())
            return {one: labels.get(value, value) or False for one, value in rows2}
        return {one: (value if value is not None else False) for one, value in rows2}
    found: dict[int, Any] = {}
    for record in records.exists():
        value = record._value(field.name)
        if field.type == "many2one":
            found[record.ids[0]] = value._display_names().get(value.id, False) if value else False
        else:
            found[record.ids[0]] = str(to_reply(field, value)) if value not in {None, False} else False
    return found


def _chained(records: RecordSet) -> bool:
    """Whether names are those of all parents in a row, without the model saying so itself."""
    model = records._model
    field = model.fields.get(model.rec_name or "")
    if field is None or field.sql_type is not None or field.related or field.name in type(records)._computes:
        return False
    return field.name in {"complete_name", "full_name"} and "name" in model.fields


def _chains(records: RecordSet) -> dict[int, Any]:
    """``Top / Middle / This`` by id."""
    found: dict[int, Any] = {}
    parent = records._model.parent_name
    for record in records.exists():
        parts: list[str] = []
        here: Any = record.sudo()
        while here and len(parts) < 50:
            parts.append(str(here._value("name") or ""))
            here = here._value(parent) if parent in records._model.fields else False
        found[record.ids[0]] = " / ".join(reversed(parts))
    return found


def _searched(records: RecordSet, name: str) -> str:
    """The field to search in place of a name that is computed without a search of its own; "" for none."""
    model = records._model
    field = model.fields.get(name.partition(".")[0])
    if field is None:
        return ""
    if field.sql_type or field.related or field.relational or getattr(model.cls, f"_search_{name}", None):
        return name
    plain = model.fields.get("name")
    return "name" if plain is not None and (plain.sql_type or plain.related) else name


def name_domain(records: RecordSet, operator: str, value: Any) -> list[Any]:
    """The domain that stands for a condition on the display name."""
    model = records._model
    names = [*model.rec_names_search] or [model.rec_name or ""]
    fields = list(dict.fromkeys(one for name in names if (one := _searched(records, name))))
    if not fields:
        return []  # without a naming field the condition restrains nothing
    if operator in {"like", "ilike"} and value == "":
        return []
    usable = fields
    if operator in {"=", "in", "!=", "not in"} and not isinstance(value, str | list | tuple | set):
        usable = [name for name in fields if name == model.rec_name] or fields[:1]
    parts: list[Any] = [(name, operator, value) for name in usable]
    joint = "&" if operator in NEGATIVE else "|"
    return [joint] * (len(parts) - 1) + parts
