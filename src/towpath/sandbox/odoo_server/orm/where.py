# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Domains as SQL conditions on one table, with sub-queries for paths over other models.

``condition`` gives the condition alone; ``visible`` adds what a search adds: the filter on archived records and
the record rules of the user.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import (
    access,
    compare17,
    compare19,
    computed,
    field_access,
    hierarchy,
    relational,
    rules,
)
from towpath.sandbox.odoo_server.orm.columns import expression
from towpath.sandbox.odoo_server.orm.compare17 import Sql, shown
from towpath.sandbox.odoo_server.orm.domain import (
    TRUE,
    Both,
    Constant,
    Leaf,
    Node,
    Not,
    conjunction,
    listed,
    parse,
    push_not,
)

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["condition", "mentions", "negated", "tree", "visible"]

ALIASES = itertools.count(1)
"""Aliases of sub-queries only have to differ within one statement; a counter for the whole process will do."""


def tree(env: Env, domain: Any) -> Node:
    """The tree of a domain as sent, negations moved to the leaves."""
    if isinstance(domain, Leaf | Both | Not | Constant):
        return domain
    return push_not(parse(domain, is19=env.is19))


def mentions(node: Node, name: str) -> bool:
    """Whether a condition on this very field stands anywhere in the tree."""
    if isinstance(node, Both):
        return any(mentions(part, name) for part in node.parts)
    if isinstance(node, Not):
        return mentions(node.part, name)
    return isinstance(node, Leaf) and node.left == name


def visible(env: Env, model: ModelDef, node: Node, alias: str, *, ruled: bool = True) -> Sql:
    """The condition of a search: the domain, no archived records unless asked for, the user's record rules.

    Raises:
        AccessError: when the user may not read the model.
    """
    active = model.active_name
    if active and env.context.get("active_test", True) and not mentions(node, active):
        node = conjunction((Leaf(active, "=", True), node))
    sql, params = condition(env, model, alias, node)
    if ruled and not env.su:
        access.check_model(env, model, "read")
        rule = rules.domain(env, model, "read")
        if rule is not TRUE:
            more, others = condition(env.sudo(), model, alias, rule)
            sql, params = f"({sql}) AND ({more})", [*params, *others]
    return sql, params


def condition(env: Env, model: ModelDef, alias: str, node: Node) -> Sql:
    """The SQL of a tree on the rows of a table called ``alias``."""
    if isinstance(node, Constant):
        return ("TRUE" if node.value else "FALSE"), []
    if isinstance(node, Not):
        sql, params = condition(env, model, alias, node.part)
        return f"(({sql}) IS NOT TRUE)", params
    if isinstance(node, Both):
        parts = [condition(env, model, alias, part) for part in node.parts]
        word = " AND " if node.operator == "&" else " OR "
        return f"({word.join(sql for sql, _ in parts)})", [one for _, params in parts for one in params]
    return _leaf(env, model, alias, node)


def negated(operator: str) -> bool:
    """Whether an operator excludes instead of finding."""
    return operator == "!=" or operator.startswith("not ")


def subselect(env: Env, model: ModelDef, node: Node, *, column: str = "id", ruled: bool = True) -> Sql:
    """``SELECT column FROM table WHERE ...`` with everything a search by this user would hide."""
    if not model.stored:
        return "SELECT NULL::int4 WHERE FALSE", []
    alias = f"t{next(ALIASES)}"
    sql, params = visible(env, model, node, alias, ruled=ruled)
    return f'SELECT "{alias}"."{column}" FROM "{model.table}" AS "{alias}" WHERE {sql}', params


def _unknown(env: Env, model: ModelDef, name: str, leaf: Leaf) -> ValueError:
    word = "condition" if env.is19 else "leaf"
    return ValueError(f"Invalid field {model.name}.{name} in {word} {shown(leaf)}")


def _leaf(env: Env, model: ModelDef, alias: str, leaf: Leaf) -> Sql:
    name, _, rest = leaf.left.partition(".")
    field = model.fields.get(name)
    if field is None:
        raise _unknown(env, model, name, leaf)
    if env.is19:
        field_access.check(env, model, (name,), "read")
    if rest:
        return _path(env, model, alias, field, rest, leaf)
    custom = None if field.sql_type else getattr(model.cls, f"_search_{name}", None)
    if custom is not None and name != "display_name":
        found = custom(env[model.name], leaf.operator, leaf.right)
        return condition(env, model, alias, tree(env, found))
    if leaf.operator in {"child_of", "parent_of"}:
        return hierarchy.condition(env, model, alias, field, leaf)
    if leaf.operator in {"any", "not any"} and not field.relational:
        node = tree(env, leaf.right)
        if name == "id" and env.is19:
            return condition(env, model, alias, node if leaf.operator == "any" else Not(node))
        if not env.is19:
            raise KeyError(leaf.operator)
        said = shown(Leaf(leaf.left, leaf.operator, listed(node)))
        raise ValueError(f"Cannot use 'any' with non-relational fields in condition {said}")
    if field.relational and not (field.related and field.sql_type is None and not field.relation_table):
        return relational.condition(env, model, alias, field, leaf)
    if field.sql_type is not None:
        column = expression(env, field, alias)
        return (
            compare19.scalar(env, field, column, leaf) if env.is19 else compare17.scalar(field, column, leaf)
        )
    if name == "id":
        column = f'"{alias}"."id"'
        return (
            compare19.scalar(env, field, column, leaf) if env.is19 else compare17.scalar(field, column, leaf)
        )
    if field.related:
        return _through(env, model, alias, field, leaf)
    if name == "display_name" and env.is19:
        return condition(
            env, model, alias, tree(env, env[model.name]._search_display_name(leaf.operator, leaf.right))
        )
    if field.attrs.get("searchable"):
        return computed.condition(env, model, alias, field, leaf)
    if env.is19:
        raise ValueError(f"Cannot convert {field} to SQL because it is not stored")
    return "TRUE", []  # 17.0 only logs that such a field cannot be searched


def _through(env: Env, model: ModelDef, alias: str, field: FieldDef, leaf: Leaf) -> Sql:
    """A related field is searched along its path, with the powers of the superuser."""
    path = ".".join(field.related)
    node: Node = Leaf(path, leaf.operator, leaf.right)
    if leaf.right is False and leaf.operator in {"=", "!="}:
        # empty also when a step of the way is: turned round, so that the missing link counts as empty
        node = Leaf(path, "!=", False)
        sql, params = condition(env.sudo(), model, alias, node)
        return (f"(({sql}) IS NOT TRUE)" if leaf.operator == "=" else sql), params
    return condition(env.sudo(), model, alias, node)


def _path(env: Env, model: ModelDef, alias: str, field: FieldDef, rest: str, leaf: Leaf) -> Sql:
    """A dotted path: records whose ``field`` leads to a record that fulfils the rest."""
    if field.relational:
        inner = Leaf(rest, leaf.operator, leaf.right)
        if rest == "id" and field.type == "many2one" and not field.related:
            return relational.condition(env, model, alias, field, Leaf(field.name, leaf.operator, leaf.right))
        return relational.condition(env, model, alias, field, Leaf(field.name, "any", inner))
    if field.type == "properties":
        from towpath.sandbox.odoo_server.orm import properties

        return properties.condition(field, alias, rest, leaf)
    if env.is19:
        column = expression(env, field, alias) if field.sql_type else "NULL"
        found = compare19.date_part(field, column, rest, leaf)
        if found is not None:
            return found
        raise ValueError(f"Invalid field property {rest!r} on {field}")
    raise AssertionError(f"Invalid field {leaf.left!r} in domain term {shown(leaf)}")
