# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Conditions on computed fields that have neither a column nor a search of their own: compared value by value."""

from __future__ import annotations

import operator as operators
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm.values import EMPTY, to_reply

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.compare17 import Sql
    from towpath.sandbox.odoo_server.orm.domain import Leaf
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["condition", "holds"]

ORDERED: dict[str, Callable[[Any, Any], Any]] = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


def condition(env: Env, model: ModelDef, alias: str, field: FieldDef, leaf: Leaf) -> Sql:
    """The SQL of one condition: a list of ids, or a constant when nothing computes the field."""
    known = model.cls is not None and field.name in model.cls._computes
    if not known:
        empty = () if field.multiple else EMPTY.get(field.type, False)
        return ("TRUE" if holds(field, empty, leaf) else "FALSE"), []
    records = env.records(model.name, env.cr.execute(f'SELECT id FROM "{model.table}"').column())
    found = [one.ids[0] for one in records if holds(field, one._value(field.name), leaf)]
    return f'"{alias}"."id" = ANY(%s::int4[])', [found]


def holds(field: FieldDef, value: Any, leaf: Leaf) -> bool:
    """Whether a Python value fulfils a condition."""
    operator, right = leaf.operator, leaf.right
    plain = to_reply(field, value)
    if operator.startswith("not ") or operator == "!=":
        positive = "=" if operator == "!=" else operator.removeprefix("not ")
        return not _holds(plain, positive, right)
    return _holds(plain, operator, right)


def _holds(value: Any, operator: str, right: Any) -> bool:
    if operator == "=?":
        return right is None or right is False or _equal(value, right)
    if operator == "=":
        return (
            any(_equal(value, one) for one in right)
            if isinstance(right, list | tuple)
            else _equal(value, right)
        )
    if operator == "in":
        return (
            any(_equal(value, one) for one in right)
            if isinstance(right, list | tuple | set)
            else _equal(value, right)
        )
    if operator in ORDERED:
        try:
            return bool(value is not False and ORDERED[operator](value, right))
        except TypeError:
            return bool(ORDERED[operator](str(value), str(right)))
    bare = operator.removeprefix("=")
    if bare in {"like", "ilike"}:
        return _like(str(value or ""), str(right or ""), whole=operator.startswith("="), fold=bare == "ilike")
    return False


def _equal(value: Any, right: Any) -> bool:
    if isinstance(value, list):
        return right in value if right else not value
    if right is None or right is False:
        return not value
    return bool(value == right) or (not isinstance(value, bool) and str(value) == str(right))


def _like(text: str, pattern: str, *, whole: bool, fold: bool) -> bool:
    """SQL's LIKE: ``%`` for any text, ``_`` for any character."""
    parts = re.split(r"(\\.|%|_)", pattern)
    known = {"%": ".*", "_": "."}
    body = "".join(known.get(part) or re.escape(part.removeprefix("\\")) for part in parts if part)
    flags = re.DOTALL | (re.IGNORECASE if fold else 0)
    return re.fullmatch(body if whole else f".*{body}.*", text, flags) is not None
