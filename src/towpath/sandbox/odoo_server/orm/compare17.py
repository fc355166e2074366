"""Comparing a column with a value by the rules of 17.0 (real-odoo §2, §6): raw SQL, where NULL is not zero.

Dates and datetimes are compared as PostgreSQL reads the text, so a bad one is PostgreSQL's error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.orm.domain import Leaf
    from towpath.sandbox.odoo_server.orm.fields import FieldDef

__all__ = ["Sql", "scalar", "shown"]

Sql = tuple[str, list[Any]]
NEGATIVE = frozenset({"!=", "not in", "not like", "not ilike", "not any"})
PATTERNS = {"=like": "LIKE", "=ilike": "ILIKE", "like": "LIKE", "ilike": "ILIKE"}


def shown(leaf: Leaf) -> str:
    """A condition as error messages print it."""
    right = leaf.right
    return f"({leaf.left!r}, {leaf.operator!r}, {right!r})"


def scalar(field: FieldDef, column: str, leaf: Leaf) -> Sql:
    """The SQL of one condition on a stored field that is not relational to many.

    Raises:
        ValueError: for ``in`` with something that is no list.
    """
    operator, right = leaf.operator, leaf.right
    if operator in {"in", "not in"}:
        return _member(field, column, leaf)
    if field.type == "boolean" and operator in {"=", "!="} and isinstance(right, bool):
        if (operator == "=") != right:
            return f"({column} IS NULL OR {column} = false)", []
        return f"({column} IS NOT NULL AND {column} <> false)", []
    if right is False or right is None:
        if operator == "=":
            return f"{column} IS NULL", []
        if operator == "!=":
            return f"{column} IS NOT NULL", []
        if operator == "=?":
            return "TRUE", []
        if operator in {"<", ">", "<=", ">="}:
            return "FALSE", []
    if operator == "=?":
        operator = "="
    if field.type == "datetime" and isinstance(right, str) and len(right) == 10:
        right += " 23:59:59" if operator in {">", "<="} else " 00:00:00"
    bare = operator.removeprefix("not ")
    if bare in PATTERNS:
        return _pattern(column, operator, right)
    value, cast = _parameter(field, right)
    query = f"{column} {'<>' if operator == '!=' else operator} %s{cast}"
    if operator == "!=" and right:
        query = f"({query} OR {column} IS NULL)"
    return query, [value]


def _pattern(column: str, operator: str, right: Any) -> Sql:
    bare = operator.removeprefix("not ")
    exact = bare.startswith("=")
    text = "" if right is False or right is None else str(right)
    value = text if exact else f"%{text}%"
    word = f"NOT {PATTERNS[bare]}" if operator != bare else PATTERNS[bare]
    query = f"{column}::text {word} %s"
    if (not exact and not text) or (right and operator in NEGATIVE):
        query = f"({query} OR {column} IS NULL)"
    return query, [value]


def _member(field: FieldDef, column: str, leaf: Leaf) -> Sql:
    negative, right = leaf.operator == "not in", leaf.right
    if isinstance(right, bool):
        return ("TRUE" if negative != right else "FALSE"), []
    if not isinstance(right, list | tuple | set | frozenset):
        raise ValueError(f"Invalid domain term {shown(leaf)}")  # noqa: TRY004 - Odoo's class
    if field.type == "boolean":
        found = [one for one in (True, False) if one in right]
        empty = False in right
    else:
        found = [one for one in right if one is not False and one is not None]
        empty = len(found) < len(right)
    parts: list[str] = []
    params: list[Any] = []
    if found:
        kind = field.base_sql_type or "text"
        cast = "" if kind in {"varchar", "text", "bool", "bytea"} else f"::{kind}[]"
        params.append([_parameter(field, one)[0] for one in found])
        parts.append(f"{column} <> ALL(%s{cast})" if negative else f"{column} = ANY(%s{cast})")
    else:
        parts.append("TRUE" if negative else "FALSE")
    if negative == empty:
        return (f"({parts[0]} AND {column} IS NOT NULL)", params) if negative else (parts[0], params)
    return f"({parts[0]} OR {column} IS NULL)", params


def _parameter(field: FieldDef, value: Any) -> tuple[Any, str]:
    """The parameter for a value and the cast it needs."""
    kind = field.type
    if hasattr(value, "ids"):
        value = value.ids[0] if value.ids else None
    if kind in {"date", "datetime"}:
        return str(value), ""
    if kind == "boolean":
        return bool(value), ""
    if kind in {"integer", "many2one_reference"} and not isinstance(value, bool):
        return int(value or 0), ""
    if kind in {"float", "monetary"}:
        number = float(value or 0.0)
        return number, "::numeric" if field.base_sql_type == "numeric" else ""
    if kind == "many2one":
        return value, ""
    return str(value), ""
