"""Whether the value of a term fits its field and operator."""

from __future__ import annotations

import difflib
import re
from datetime import date, datetime

from towpath.odoo.domain_tree import Domain, Scalar, Term
from towpath.odoo.schema import Field

__all__ = ["DATE", "MOMENT", "value_problem"]

#: The texts that every version reads as a date, and as a date and time (UTC, without an offset).
DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\Z", re.ASCII)

_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*\Z", re.ASCII)
_SHOWN = 6


def value_problem(term: Term, field: Field) -> str | None:
    """What is wrong with the term's value, with what to write instead; None when nothing is."""
    value, operator = term.value, term.operator
    if operator in {"any", "not any"} or isinstance(value, Domain):
        return None
    if operator in {"in", "not in"} and not isinstance(value, tuple):
        return f"'{operator}' takes a list; write [{value!r}]"
    if operator in {"child_of", "parent_of"}:
        return _tree_problem(value)
    if operator.endswith("like"):
        if isinstance(value, str):
            return None
        return f"'{operator}' compares with a text; put {value!r} in quotes or use '='"
    if isinstance(value, tuple) and operator not in {"=", "!=", "in", "not in"}:
        return f"'{operator}' takes one value, not a list; write one value"
    if operator[0] in "<>" and (value is None or isinstance(value, bool)):
        return f"nothing is larger or smaller than {value!r}; write a value, or use '=' or '!='"
    for entry in value if isinstance(value, tuple) else (value,):
        problem = _scalar_problem(entry, field)
        if problem is None and operator[0] not in "<>":
            problem = _equality_problem(entry, term.field, field)
        if problem is not None:
            return problem
    return None


def _equality_problem(value: Scalar, path: str, field: Field) -> str | None:
    if field.type == "integer" and isinstance(value, float) and value % 1:
        return f"'{field.name}' holds whole numbers and never equals {value!r}; write a whole number"
    if field.type == "datetime" and isinstance(value, str) and DATE.match(value):
        return f"a whole day equals no moment; write ('{path}', '>=', {value!r}) and '<' the next day"
    return None


def _tree_problem(value: Scalar | tuple[Scalar, ...]) -> str | None:
    for entry in value if isinstance(value, tuple) else (value,):
        if entry is True or entry is None or isinstance(entry, float):
            return f"{entry!r} is not a record; write its id, a list of ids, or its name"
    return None


def _scalar_problem(value: Scalar, field: Field) -> str | None:
    kind = field.type
    if kind == "boolean":
        if value is None or isinstance(value, str) or value not in {0, 1}:
            return f"'{field.name}' is yes or no, which versions of Odoo see in {value!r} differently; write True or False"
        return None
    if value is None or value is False:
        return None
    if value is True:
        return f"True is not a value of '{field.name}'; to ask whether it is filled write ('{field.name}', '!=', False)"
    if kind in {"integer", "many2one_reference", "float", "monetary"}:
        return None if _is_number(value) else f"{value!r} is not a number; write one without quotes"
    if kind in {"date", "datetime"}:
        return _date_problem(value, field)
    if kind == "selection":
        return _choice_problem(value, field)
    if field.relational:
        if isinstance(value, float):
            return f"{value!r} is not an id; write the id or the name of a record of {field.relation}"
        return None
    if kind in {"binary", "properties", "properties_definition"}:
        return f"only whether '{field.name}' is filled can be asked; write False"
    if kind in {"char", "text", "html", "reference"} and not isinstance(value, str):
        return f"'{field.name}' holds text; put {value!r} in quotes"
    return None


def _is_number(value: Scalar) -> bool:
    return isinstance(value, (int, float)) or (isinstance(value, str) and bool(_NUMBER.match(value)))


def _date_problem(value: Scalar, field: Field) -> str | None:
    example = "'2026-01-31'" if field.type == "date" else "'2026-01-31 13:00:00'"
    if isinstance(value, str) and (DATE.match(value) or MOMENT.match(value)):
        try:
            date.fromisoformat(value[:10])
            datetime.fromisoformat(value)
        except ValueError:
            return f"there is no such day or time as {value!r}; write one that exists, as {example}"
        return None
    if isinstance(value, str) and re.search(r"Z\Z|[+-]\d\d:?\d\d\Z", value) and len(value) > 11:
        return (
            f"{value!r} names a time zone, which 19.0 refuses; write the time in UTC without it, as {example}"
        )
    return f"{value!r} is not a date as Odoo writes it; write {example}"


def _choice_problem(value: Scalar, field: Field) -> str | None:
    keys = [key for key, _ in field.selection]
    if not keys or str(value) in keys:
        return None
    for key, label in field.selection:
        if isinstance(value, str) and value.casefold() == label.casefold():
            return f"{value!r} is what people read; write its key {key!r}"
    near = difflib.get_close_matches(str(value), keys, n=1)
    if near:
        return f"{value!r} is not a choice of '{field.name}'; did you mean {near[0]!r}?"
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return f"{value!r} is not a choice of '{field.name}'; write one of {', '.join(map(repr, keys[:_SHOWN]))}{more}"
