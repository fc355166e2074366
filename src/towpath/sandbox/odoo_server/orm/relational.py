# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Conditions on many2one, one2many and many2many fields by id, list, name, sub-domain or emptiness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import compare17, compare19, computed, where
from towpath.sandbox.odoo_server.orm.columns import expression
from towpath.sandbox.odoo_server.orm.compare17 import Sql
from towpath.sandbox.odoo_server.orm.domain import TRUE, Both, Constant, Leaf, Node, Not, conjunction, parse

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["condition", "links"]

CONTRARY = {"!=": "=", "not in": "in", "not like": "like", "not ilike": "ilike", "not =like": "=like"}
CONTRARY["not =ilike"] = "=ilike"


def condition(env: Env, model: ModelDef, alias: str, field: FieldDef, leaf: Leaf) -> Sql:
    """The SQL of one condition on a relational field."""
    operator, right = leaf.operator, leaf.right
    if field.relation not in env.registry:
        return ("TRUE" if where.negated(operator) else "FALSE"), []
    computes = not field.store and not field.related and field.name in getattr(model.cls, "_computes", ())
    if computes and not isinstance(right, Leaf | Both | Not | Constant) and not _texts(right):
        return computed.condition(env, model, alias, field, leaf)
    if operator.removesuffix("!") in {"any", "not any"}:
        if not isinstance(right, Leaf | Both | Not | Constant):
            right = parse(right, is19=env.is19)
        node = where.tree(env, right)
        if field.related and field.sql_type is None and field.relation_table is None:
            path = Leaf(".".join(field.related), operator, node)
            return where.condition(env.sudo(), model, alias, path)
        return _among(
            env, alias, field, node, negative=operator.startswith("not"), ruled=not operator.endswith("!")
        )
    if hasattr(right, "ids"):
        right = list(right.ids)
    if field.type == "many2one":
        return _single(env, alias, field, Leaf(field.name, operator, right))
    return _many(env, alias, field, Leaf(field.name, operator, right))


def _comodel(env: Env, field: FieldDef, *, active: bool | None) -> Env:
    """The environment in which the field's comodel is searched."""
    if active is None:
        return env.derive(context={**env.context, **field.context}) if field.context else env
    return env.with_context(active_test=active)


def _among(
    env: Env,
    alias: str,
    field: FieldDef,
    node: Node,
    *,
    negative: bool,
    ruled: bool = True,
    named: bool = False,
) -> Sql:
    """Records with (or without) a link to a record that fulfils a tree.

    The field's own domain counts on 19.0, for searches by name, and where the model stands beside the id.
    """
    comodel = env.registry[field.relation]
    if field.type == "many2one":
        inner = _comodel(env, field, active=False)
        if field.sql_type is None:
            return ("TRUE" if negative else "FALSE"), []
        sql, params = where.subselect(inner, comodel, node, ruled=ruled)
        column = expression(env, field, alias)
        if negative:
            return f"({column} IS NULL OR {column} NOT IN ({sql}))", params
        return f"{column} IN ({sql})", params
    inner = _comodel(env, field, active=None)
    if field.domain and (env.is19 or named or field.model_field):
        node = conjunction((node, where.tree(env, field.domain)))
    word = "NOT IN" if negative else "IN"
    linked = links(inner, field, node, ruled=ruled)
    if linked is None:
        return ("TRUE" if negative else "FALSE"), []
    return f'"{alias}"."id" {word} ({linked[0]})', linked[1]


def links(env: Env, field: FieldDef, node: Node, *, ruled: bool = True) -> Sql | None:
    """``SELECT`` of the ids of this side that are linked to records of the other side; None without storage."""
    comodel = env.registry[field.relation]
    if field.relation_table is not None:
        table = field.relation_table
        sql, params = where.subselect(env, comodel, node, ruled=ruled)
        return (
            f'SELECT "{table.column1}" FROM "{table.table}" WHERE "{table.column2}" IN ({sql})',
            params,
        )
    inverse = comodel.fields.get(field.inverse)
    if inverse is None or inverse.sql_type is None:
        return None
    if field.model_field:
        node = conjunction((node, Leaf(field.model_field, "=", field.model)))
    if inverse.type == "many2one":
        node = conjunction((node, Leaf(field.inverse, "!=", False)))
    return where.subselect(env, comodel, node, column=field.inverse, ruled=ruled)


def _named(env: Env, field: FieldDef, operator: str, right: Any) -> Node:
    """The condition on the comodel's names."""
    comodel = env[field.relation]
    values = list(right) if isinstance(right, list | tuple | set) else [right]
    word = {"in": "=", "not in": "!="}.get(operator, operator)
    found = [where.tree(env, comodel._search_display_name(word, one)) for one in values]
    return found[0] if len(found) == 1 else Both("|", tuple(found))


def _texts(right: Any) -> bool:
    if isinstance(right, str):
        return True
    return (
        isinstance(right, list | tuple | set) and bool(right) and all(isinstance(one, str) for one in right)
    )


def _single(env: Env, alias: str, field: FieldDef, leaf: Leaf) -> Sql:
    operator, right = leaf.operator, leaf.right
    negative = where.negated(operator)
    if not env.is19 and operator in {"in", "not in"} and not isinstance(right, list | tuple | set | bool):
        raise ValueError(f"Invalid domain term {compare17.shown(leaf)}")
    if _texts(right) or (
        operator.removeprefix("not ") in compare17.PATTERNS and right is not None and right is not False
    ):
        positive = CONTRARY.get(operator, operator)
        return _among(env, alias, field, _named(env, field, positive, right), negative=negative, named=True)
    if env.is19 and isinstance(right, list | tuple | set) and any(isinstance(one, str) for one in right):
        texts = [one for one in right if isinstance(one, str)]
        others = [one for one in right if not isinstance(one, str)]
        word = "in" if operator == "in" else "not in"
        parts = (Leaf(field.name, word, texts), Leaf(field.name, word, others))
        return where.condition(
            env, env.registry[field.model], alias, Both("|" if word == "in" else "&", parts)
        )
    if field.sql_type is None:
        return "FALSE", []
    column = expression(env, field, alias)
    if operator in {"in", "not in"} and isinstance(right, list | tuple | set):
        right = [one for one in right if one is not True]
    if env.is19:
        return compare19.scalar(env, field, column, Leaf(field.name, operator, right))
    return compare17.scalar(field, column, Leaf(field.name, operator, right))


def _many(env: Env, alias: str, field: FieldDef, leaf: Leaf) -> Sql:
    operator, right = leaf.operator, leaf.right
    negative = where.negated(operator)
    if operator == "=?":
        if not right:
            return "TRUE", []
        operator = "="
    if right is None:
        right = False
    if right is False and operator in {"in", "not in"} and env.is19:
        right = []
    if right is False or right is True:
        # "= False": no link at all; "!= False" or "= True": some link
        wanted = negative if right is False else not negative
        return _present(env, alias, field, wanted=wanted)
    if isinstance(right, str) or _texts(right):
        positive = CONTRARY.get(operator, operator)
        return _among(env, alias, field, _named(env, field, positive, right), negative=negative, named=True)
    if not isinstance(right, list | tuple | set):
        right = [right]
    ids = [one for one in right if one is not False and one is not None]
    linked = _by_id(env, alias, field, ids, negative=negative)
    if len(ids) < len(right) and env.is19:
        present = _present(env, alias, field, wanted=negative)
        word = "AND" if negative else "OR"
        return f"({linked[0]} {word} {present[0]})", [*linked[1], *present[1]]
    return linked


def _by_id(env: Env, alias: str, field: FieldDef, ids: list[Any], *, negative: bool) -> Sql:
    """Linked to one of these ids, archived or not; 19.0 minds the field's own domain."""
    word = "NOT IN" if negative else "IN"
    if not ids:
        return ("TRUE" if negative else "FALSE"), []
    if field.relation_table is not None and not (env.is19 and field.domain):
        table = field.relation_table
        return (
            (
                f'"{alias}"."id" {word} (SELECT "{table.column1}" FROM "{table.table}" '
                f'WHERE "{table.column2}" = ANY(%s::int4[]))'
            ),
            [ids],
        )
    node: Node = Leaf("id", "in", ids)
    if env.is19 and field.domain:
        node = conjunction((node, where.tree(env, field.domain)))
    linked = links(env.sudo().with_context(active_test=False), field, node)
    if linked is None:
        return ("TRUE" if negative else "FALSE"), []
    return f'"{alias}"."id" {word} ({linked[0]})', linked[1]


def _present(env: Env, alias: str, field: FieldDef, *, wanted: bool) -> Sql:
    """Whether there is any link: 17.0 counts archived records, 19.0 does not."""
    word = "IN" if wanted else "NOT IN"
    if env.is19:
        node = where.tree(env, field.domain) if field.domain else TRUE
        linked = links(_comodel(env.sudo(), field, active=None), field, node)
    elif field.relation_table is not None:
        linked = (f'SELECT "{field.relation_table.column1}" FROM "{field.relation_table.table}"', [])
    else:
        linked = links(env.sudo().with_context(active_test=False), field, TRUE)
    if linked is None:
        return ("FALSE" if wanted else "TRUE"), []
    return f'"{alias}"."id" {word} ({linked[0]})', linked[1]
