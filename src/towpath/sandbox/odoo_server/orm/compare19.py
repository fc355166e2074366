"""Comparing a column with a value by the rules of 19.0 (real-odoo §2, §6): NULL is the type's empty value.

Text is empty as NULL or "", numbers as NULL or 0; datetimes are compared in whole seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import dates
from towpath.sandbox.odoo_server.orm.compare17 import PATTERNS, Sql, shown
from towpath.sandbox.odoo_server.orm.domain import Leaf

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef

__all__ = ["date_part", "scalar"]

FALSY: dict[str, Any] = {
    "char": "",
    "text": "",
    "html": "",
    "integer": 0,
    "float": 0.0,
    "monetary": 0.0,
    "boolean": False,
    "many2one_reference": 0,
}
NO_VALUE = {"false", "f", "no", "n", "off", "0", "", "none"}
PARTS = {
    "year_number": "year",
    "quarter_number": "quarter",
    "month_number": "month",
    "iso_week_number": "week",
    "day_of_year": "doy",
    "day_of_month": "day",
    "day_of_week": "dow",
    "hour_number": "hour",
    "minute_number": "minute",
    "second_number": "second",
}


def scalar(env: Env, field: FieldDef, column: str, leaf: Leaf) -> Sql:
    """The SQL of one condition on a stored field that is not relational to many.

    Raises:
        ValueError: for a value of the wrong kind.
    """
    operator, right = leaf.operator, leaf.right
    if operator == "=?":
        if right is None or right is False:
            return "TRUE", []
        operator = "="
    if operator in {"=", "!="}:
        operator, right = ("in" if operator == "=" else "not in"), [right]
    if operator in {"in", "not in"}:
        if right is False:
            right = []
        if not isinstance(right, list | tuple | set | frozenset):
            right = [right]
        return _member(env, field, column, list(right), negative=operator == "not in")
    if operator in {"<", "<=", ">", ">="}:
        return _inequality(env, field, column, Leaf(leaf.left, operator, right))
    if operator.removeprefix("not ") in PATTERNS:
        return _pattern(field, column, operator, right)
    raise ValueError(f"Invalid operator in condition {shown(leaf)}")


def _value(env: Env, field: FieldDef, value: Any) -> Any:
    """A value as the column's Python type; None when it means empty."""
    if hasattr(value, "ids"):
        value = value.ids[0] if value.ids else None
    if value is None or (value is False and field.type != "boolean"):
        return None
    kind = field.type
    if kind == "boolean":
        return value.lower() not in NO_VALUE if isinstance(value, str) else bool(value)
    if kind in {"integer", "many2one_reference"}:
        return int(value)
    if kind in {"float", "monetary"}:
        return float(value)
    if kind == "date":
        return dates.to_date(value, env.now)
    if kind == "many2one":
        return value
    return str(value)


def _member(env: Env, field: FieldDef, column: str, right: list[Any], *, negative: bool) -> Sql:
    if field.type == "datetime":
        return _moments(env, column, right, negative=negative)
    falsy = FALSY.get(field.type)
    found: list[Any] = []
    empty = False
    for one in right:
        value = _value(env, field, one)
        if value is None or (falsy is not None and value == falsy):
            empty = True
        else:
            found.append(value)
    if empty and falsy is not None and field.type != "many2one":
        found.append(falsy)
    kind = field.base_sql_type or "text"
    cast = "" if kind in {"varchar", "text", "bytea"} else f"::{kind}[]"
    if not found:
        if empty:
            return f"{column} IS {'NOT ' if negative else ''}NULL", []
        return ("TRUE" if negative else "FALSE"), []
    if negative:
        query = f"{column} <> ALL(%s{cast})"
        return (f"({query} AND {column} IS NOT NULL)" if empty else f"({query} OR {column} IS NULL)"), [found]
    query = f"{column} = ANY(%s{cast})"
    return (f"({query} OR {column} IS NULL)" if empty else query), [found]


def _moments(env: Env, column: str, right: list[Any], *, negative: bool) -> Sql:
    """Membership among datetimes: each stands for its whole second; a bare date is no moment."""
    parts: list[str] = []
    params: list[Any] = []
    for one in right:
        moment, bare = dates.to_datetime(one, env.now)
        if moment is None:
            parts.append(f"{column} IS NULL")
        elif not bare:
            start = moment.replace(microsecond=0)
            parts.append(f"({column} >= %s AND {column} < %s)")
            params += [start, start + timedelta(seconds=1)]
    if not parts:
        return ("TRUE" if negative else "FALSE"), []
    query = f"({' OR '.join(parts)})"
    return (f"({query} IS NOT TRUE)" if negative else query), params


def _inequality(env: Env, field: FieldDef, column: str, leaf: Leaf) -> Sql:
    operator, right = leaf.operator, leaf.right
    if field.type == "datetime":
        moment, _bare = dates.to_datetime(right, env.now)
        if moment is None:
            return "FALSE", []
        start = moment.replace(microsecond=0)
        if operator in {">", "<="}:
            start += timedelta(seconds=1)
            operator = ">=" if operator == ">" else "<"
        return f"{column} {operator} %s", [start]
    value = _value(env, field, right)
    if field.type == "boolean":
        value = bool(value)
    falsy = FALSY.get(field.type)
    if value is None:
        if falsy is None:
            return "FALSE", []
        value = falsy
    query = f"{column} {operator} %s"
    if field.base_sql_type == "numeric":
        query += "::numeric"
    if falsy is not None and _holds(falsy, operator, value):
        return f"({query} OR {column} IS NULL)", [value]
    return query, [value]


def _holds(left: Any, operator: str, right: Any) -> bool:
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    return bool(left > right) if operator == ">" else bool(left >= right)


def _pattern(field: FieldDef, column: str, operator: str, right: Any) -> Sql:
    bare = operator.removeprefix("not ")
    negative = operator != bare
    exact = bare.startswith("=")
    text = "" if right is False or right is None else str(right)
    if not text and not exact:
        return ("FALSE" if negative else "TRUE"), []
    if isinstance(right, datetime):
        text = right.isoformat(" ")
    word = f"NOT {PATTERNS[bare]}" if negative else PATTERNS[bare]
    source = column if field.base_sql_type in {"varchar", "text"} else f"{column}::text"
    query = f"{source} {word} %s"
    if negative or (exact and not text):
        query = f"({query} OR {column} IS NULL)"
    return query, [text if exact else f"%{text}%"]


def date_part(field: FieldDef, column: str, part: str, leaf: Leaf) -> Sql | None:
    """A condition on a part of a date, such as ``create_date.month_number``; None when there is no such part."""
    unit = PARTS.get(part)
    if unit is None or field.type not in {"date", "datetime"}:
        return None
    number = f"date_part('{unit}', {column})::int4"
    operator, right = leaf.operator, leaf.right
    if operator in {"=", "!="} and right is not False and right is not None:
        operator, right = ("in" if operator == "=" else "not in"), [right]
    if operator in {"in", "not in"} and isinstance(right, list | tuple | set):
        query = f"{number} = ANY(%s::int4[])"
        return (f"({query} IS NOT TRUE)" if operator == "not in" else query), [[int(one) for one in right]]
    if operator in {"<", "<=", ">", ">="}:
        return f"{number} {operator} %s", [int(right)]
    return f"{column} IS {'NULL' if operator == '=' else 'NOT NULL'}", []
