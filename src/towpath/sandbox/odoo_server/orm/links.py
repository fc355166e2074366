"""The ids behind one2many and many2many fields, in the comodel's order, as far as the user may see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from towpath.sandbox.odoo_server.exceptions import AccessError
from towpath.sandbox.odoo_server.orm import access, order, where
from towpath.sandbox.odoo_server.orm.domain import TRUE, Leaf, Node, conjunction

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef

__all__ = ["check", "linked"]


def check(env: Env, field: FieldDef) -> None:
    """Nothing when the user may read the other side of a one2many or many2many field that was asked for by name.

    Raises:
        AccessError: as the version words it; 17.0 asks for the right on one2many only.
    """
    if env.su or field.relation not in env.registry or (field.related and not field.store):
        return
    comodel = env.registry[field.relation]
    if not field.store or access.may(env, comodel, "read") or (field.type == "many2many" and not env.is19):
        return
    refused = access.refusal(env, comodel, "read")
    raise AccessError(f"Failed to read field {field}\n{refused.message}") if env.is19 else refused


def linked(env: Env, field: FieldDef, ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Ids by record id; a record without links is there with an empty tuple.

    What the user has no right to read, or what is archived, is left out.
    """
    found: dict[int, list[int]] = {one: [] for one in ids}
    empty: dict[int, tuple[int, ...]] = dict.fromkeys(found, ())
    if not found or field.relation not in env.registry or not env.registry[field.relation].stored:
        return empty
    comodel = env.registry[field.relation]
    inner = env.derive(context={**env.context, **field.context}) if field.context else env
    if not access.may(env, comodel, "read"):
        if env.is19 or field.type == "one2many":
            return empty
        inner = inner.sudo()  # 17.0 asks for no right on the other side of a many2many
    node: Node = where.tree(env, field.domain) if field.domain else TRUE
    if field.relation_table is not None:
        table = field.relation_table
        key = f'r."{table.column1}"'
        source = f'"{table.table}" r JOIN "{comodel.table}" t ON t.id = r."{table.column2}"'
    else:
        inverse = comodel.fields.get(field.inverse)
        if inverse is None or inverse.sql_type is None:
            return empty
        key = f't."{field.inverse}"'
        source = f'"{comodel.table}" t'
        if field.model_field:
            node = conjunction((Leaf(field.model_field, "=", field.model), node))
    sql, params = where.visible(inner, comodel, node, "t")
    sorting = order.clause(inner, comodel, None, "t")
    query = f"SELECT {key}, t.id FROM {source} {sorting.joins} WHERE {key} = ANY(%s) AND {sql} ORDER BY {sorting.terms}"
    for owner, other in env.cr.execute(query, [list(found), *params]).fetchall():
        found[owner].append(other)
    return {one: tuple(others) for one, others in found.items()}
