# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""``child_of`` and ``parent_of``: a record with everything below or above it, through a parent field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import relational, where
from towpath.sandbox.odoo_server.orm.compare17 import Sql
from towpath.sandbox.odoo_server.orm.domain import FALSE, Both, Leaf, Node

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["condition"]


def condition(env: Env, model: ModelDef, alias: str, field: FieldDef, leaf: Leaf) -> Sql:
    """The SQL of a hierarchy condition on ``id`` or a relational field.

    Raises:
        ValueError: on another kind of field.
    """
    if field.name != "id" and not field.relational:
        raise ValueError(f"Cannot execute {leaf.operator} for {field}, works only for relational fields")
    comodel = model if field.name == "id" else env.registry[field.relation]
    ids = _start(env, comodel, field, leaf.right)
    if not ids:
        return "FALSE", []
    parent = comodel.parent_name
    target = field
    if comodel is model and field.name != "id":
        parent = field.name
        if field.type == "many2one" or not env.is19:
            target = model.fields["id"]
    found = _members(env, comodel, ids, parent, up=leaf.operator == "parent_of")
    if target.name == "id":
        return where.condition(env, model, alias, found)
    if isinstance(found, Leaf) and found.left == "id" and field.type != "many2one" and env.is19:
        return relational.condition(env, model, alias, field, Leaf(field.name, "in", found.right))
    inner = env.sudo() if field.type == "many2one" else env
    return relational.condition(inner, model, alias, field, Leaf(field.name, "any", found))


def _start(env: Env, comodel: ModelDef, field: FieldDef, right: Any) -> list[int]:
    """The ids a value stands for; texts are searched among the names."""
    if right is None or isinstance(right, bool):
        return []
    if hasattr(right, "ids"):
        right = list(right.ids)
    values = list(right) if isinstance(right, list | tuple | set) else [right]
    ids = [one for one in values if isinstance(one, int) and not isinstance(one, bool)]
    texts = [one for one in values if isinstance(one, str)]
    if texts:
        inner = env.with_context(active_test=False) if field.type == "many2one" else env
        names: Node = Both(
            "|",
            tuple(where.tree(inner, inner[comodel.name]._search_display_name("ilike", one)) for one in texts),
        )
        sql, params = where.subselect(inner, comodel, names)
        ids += env.cr.execute(sql, params).column()
    return ids


def _members(env: Env, model: ModelDef, ids: list[int], parent: str, *, up: bool) -> Node:
    """The tree that holds for the start records and everything below (or above) them."""
    if parent not in model.fields:
        return Leaf("id", "in", ids)
    if model.parent_store and parent == model.parent_name:
        paths = env.cr.execute(f'SELECT parent_path FROM "{model.table}" WHERE id = ANY(%s)', [ids]).column()
        known = [path for path in paths if path]
        if not known:
            return FALSE
        if up:
            above = sorted({int(one) for path in known for one in path.split("/") if one})
            return Leaf("id", "in", above)
        return Both("|", tuple(Leaf("parent_path", "=like", f"{path}%") for path in known))
    field = model.fields[parent]
    if field.type != "many2one" or field.sql_type is None:
        return Leaf("id", "in", _walk(env, model, ids, parent, up=up))
    step = (
        f'SELECT t."{parent}" FROM "{model.table}" t JOIN found f ON t.id = f.id WHERE t."{parent}" IS NOT NULL'
        if up
        else f'SELECT t.id FROM "{model.table}" t JOIN found f ON t."{parent}" = f.id'
    )
    query = f"WITH RECURSIVE found(id) AS (SELECT unnest(%s::int4[]) UNION {step}) SELECT id FROM found"
    return Leaf("id", "in", env.cr.execute(query, [ids]).column())


def _walk(env: Env, model: ModelDef, ids: list[int], parent: str, *, up: bool) -> list[int]:
    """The same by searching step by step, for parents that are no column (``child_ids child_of``)."""
    records = env.sudo().with_context(active_test=False)[model.name]
    found: dict[int, None] = {}
    batch = list(ids)
    while batch:
        found.update(dict.fromkeys(batch))
        linked = (
            records.browse(batch)[parent].ids
            if up
            else records.search([(parent, "in", batch)], order="id").ids
        )
        batch = [one for one in linked if one not in found]
    return list(found)
