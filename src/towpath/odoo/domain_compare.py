"""One term on one field, by the field's type and by the rules of the version."""

from __future__ import annotations

import operator as ops
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from towpath.errors import InputError
from towpath.odoo.domain_tree import Term
from towpath.odoo.domain_values import DATE
from towpath.odoo.schema import Field
from towpath.odoo.text_pattern import like

__all__ = ["NEGATIONS", "Test", "compare"]

Test = Callable[[Mapping[str, Any]], bool]
Read = Callable[[Mapping[str, Any]], Any]
Find = Callable[[str, str], Collection[int]]

#: Negative operators with their positive: a value that is empty passes the negative one.
NEGATIONS = {
    "!=": "=", "not in": "in", "not like": "like", "not ilike": "ilike",
    "not =like": "=like", "not =ilike": "=ilike",
}  # fmt: skip

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {"<": ops.lt, ">": ops.gt, "<=": ops.le, ">=": ops.ge}
#: Written by the server with microseconds, of which the API shows whole seconds only.
_STAMPS = frozenset({"create_date", "write_date"})
_TEXTS = frozenset({"char", "text", "html"})
_NUMBERS = frozenset({"integer", "float", "monetary", "many2one_reference"})


def compare(term: Term, field: Field, read: Read, *, old: bool, named: Find) -> Test:
    """The test for a term whose operator compares values; ``old`` means the rules up to 18.

    ``named`` finds ids of the related model by name. Raises InputError when the value can not be compared.
    """
    operator = term.operator
    value: Any = term.value
    if operator == "=?":
        if value is None or value is False:
            return lambda _: True
        operator = "="
    if isinstance(value, tuple) and operator in {"=", "!="}:
        operator = "in" if operator == "=" else "not in"
        if not old and not value:
            value = (False,)  # views of 19 write `!= []` for "is filled"
    if operator in {"in", "not in"} and not isinstance(value, tuple):
        if value is None or value is False:
            everything = operator == "not in"
            return lambda _: everything
        value = (value,)
    if field.to_many:
        return _to_many(operator, value, read, named, old=old)
    if field.type == "many2one":
        return _to_one(operator, value, read, named, old=old)
    prepare = _preparer(field, old=old)
    if operator.endswith("like"):
        if old and field.type == "datetime" and isinstance(value, str) and DATE.match(value):
            value = f"{value} 00:00:00"  # as 17.0 does before it compares (search-dates)
        return _pattern(operator, value, read, old=old)
    if field.type == "boolean":
        return _boolean(operator, value, read, old=old)
    if field.type == "datetime":
        return _moment(operator, value, read, stamp=field.name in _STAMPS, old=old)
    if operator in _ORDER:
        return _order(_ORDER[operator], _wanted(field, value), read, prepare)
    return _equal(operator, value, field, read, prepare, old=old)


def _preparer(field: Field, *, old: bool) -> Callable[[Any], Any]:
    """What a record's value is compared as; None where SQL has NULL."""
    empty: Any = None
    if not old and field.type in _TEXTS:
        empty = ""
    elif not old and field.type in _NUMBERS and field.name != "id":
        empty = 0
    if field.type == "date":
        return lambda value: str(value)[:10] if value else None

    def prepare(value: Any) -> Any:
        return empty if value is None or value is False else value

    return prepare


def _wanted(field: Field, value: Any) -> Any:
    """The value of a term as it is compared with values of the field."""
    try:
        if field.type in _NUMBERS and isinstance(value, str):
            return float(value) if re.search(r"[.eE]", value) else int(value)
        if field.type == "date" and value:
            return datetime.fromisoformat(str(value)).date().isoformat()
    except ValueError:
        raise InputError(
            f"{value!r} can not be compared with '{field.name}', which is of the type {field.type}."
        ) from None
    return value


def _order(test: Callable[[Any, Any], bool], wanted: Any, read: Read, prepare: Callable[[Any], Any]) -> Test:
    if wanted is None or isinstance(wanted, bool):
        return lambda _: False

    def passes(record: Mapping[str, Any]) -> bool:
        value = prepare(read(record))
        return value is not None and test(value, wanted)

    return passes


def _equal(
    operator: str, value: Any, field: Field, read: Read, prepare: Callable[[Any], Any], *, old: bool
) -> Test:
    values = value if isinstance(value, tuple) else (value,)
    wanted = {_wanted(field, entry) for entry in values if entry is not None and entry is not False}
    empty = len(wanted) < len(values) and any(entry is None or entry is False for entry in values)
    if not old:
        nothing: Any = 0 if field.type in _NUMBERS else ""
        empty = empty or nothing in wanted
        if empty:
            wanted.add(nothing)
    negative = operator in NEGATIONS
    # up to 18 `!= ''` and `!= 0` leave out what was never set, as no "or is null" is added for them
    strict = old and operator == "!=" and not empty and not any(wanted)

    def passes(record: Mapping[str, Any]) -> bool:
        found = prepare(read(record))
        if found is None:
            return (not empty and not strict) if negative else empty
        return (found in wanted) is not negative

    return passes


def _boolean(operator: str, value: Any, read: Read, *, old: bool) -> Test:
    values = value if isinstance(value, tuple) else (value,)
    if old and values == (None,) and operator in {"=", "!="}:
        answer = operator == "!="
        return lambda _: answer
    wanted = {_truth(entry, old=old) for entry in values if not (old and entry is None)}
    negative = operator in NEGATIONS
    return lambda record: (bool(read(record)) in wanted) is not negative


def _truth(value: Any, *, old: bool) -> bool:
    if isinstance(value, str) and not old:
        return value.strip().lower() not in {"", "0", "f", "false", "n", "no", "off"}
    return bool(value)


def _pattern(operator: str, value: Any, read: Read, *, old: bool) -> Test:
    negative = operator in NEGATIONS
    positive = NEGATIONS.get(operator, operator)
    text = "" if value is None or value is False else str(value)
    wild = positive in {"like", "ilike"}
    matches = like(f"%{text}%" if wild else text, ignore_case=positive.endswith("ilike"))
    if not text and wild:
        # up to 18 an empty pattern also finds what is empty, and its negation nothing else
        if negative:
            return lambda record: old and _absent(read(record))
        return lambda _: True
    if not text and not old:
        return lambda record: (read(record) in {None, False, ""}) is not negative

    def passes(record: Mapping[str, Any]) -> bool:
        found = read(record)
        return negative if _absent(found) else matches(str(found)) is not negative

    return passes


def _absent(value: Any) -> bool:
    return value is None or value is False


def _moment(operator: str, value: Any, read: Read, *, stamp: bool, old: bool) -> Test:
    """Moments as texts of the API: seconds from 19 on, microseconds before (a stamp has some that are not shown)."""
    values = value if isinstance(value, tuple) else (value,)
    empty = any(entry is None or entry is False for entry in values)
    texts = [entry for entry in values if entry is not None and entry is not False]
    if operator in _ORDER:
        return _moment_order(operator, texts[0] if texts else None, read, stamp=stamp, old=old)
    # 19.0 finds no moment that equals a bare day; up to 18 it is the day's first moment (search-dates)
    wanted = {
        _micro(entry, old=old) for entry in texts if old or not (isinstance(entry, str) and DATE.match(entry))
    }
    negative = operator in NEGATIONS

    def passes(record: Mapping[str, Any]) -> bool:
        found = read(record)
        if not found:
            return empty is not negative
        if old and stamp and "." not in str(found):
            return negative
        return (_micro(found, old=old) in wanted) is not negative

    return passes


def _moment_order(operator: str, value: Any, read: Read, *, stamp: bool, old: bool) -> Test:
    if value is None:
        return lambda _: False
    if old and isinstance(value, str) and DATE.match(value) and operator in {">", "<="}:
        value = f"{value} 23:59:59"
    wanted = _micro(value, old=old)
    test = _ORDER[operator]

    def passes(record: Mapping[str, Any]) -> bool:
        found = read(record)
        if not found:
            return False
        shown = _micro(found, old=old)
        if old and stamp and "." not in str(found):
            shown += "1"  # a moment after the whole second, before any other moment that can be written
        return test(shown, wanted)

    return passes


def _micro(value: Any, *, old: bool) -> str:
    """The moment as a text that orders like it: with microseconds up to 18, without from 19 on."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise InputError(f"{value!r} is not a moment; write one as '2026-01-31 13:00:00'.") from None
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds" if old else "seconds")


def _to_one(operator: str, value: Any, read: Read, named: Find, *, old: bool) -> Test:
    negative = operator in NEGATIONS
    if operator in _ORDER:
        return _order(_ORDER[operator], value, lambda record: _one(read(record)), lambda found: found)
    if operator.endswith("like"):
        text = "" if value is None or value is False else str(value)
        if not text and not old:
            filled = operator in {"like", "ilike", "not =like", "not =ilike"}
            return lambda record: (_one(read(record)) is not None) is filled
        ids: Collection[int] = named(NEGATIONS.get(operator, operator), text)
        return lambda record: (_one(read(record)) in ids) is not negative
    values = value if isinstance(value, tuple) else (value,)
    empty = any(entry is None or entry is False for entry in values)
    ids = _by_id_or_name(values, named)
    strict = old and operator == "!=" and values == (0,) and not empty

    def passes(record: Mapping[str, Any]) -> bool:
        found = _one(read(record))
        if found is None:
            return (not empty and not strict) if negative else empty
        return (found in ids) is not negative

    return passes


def _one(value: Any) -> int | None:
    if isinstance(value, (list, tuple)):
        value = value[0] if value else None
    return None if value is None or value is False else int(value)


def _to_many(operator: str, value: Any, read: Read, named: Find, *, old: bool) -> Test:
    negative = operator in NEGATIONS
    if operator in _ORDER:
        raise InputError(f"'{operator}' does not work on a list of records.")
    if operator.endswith("like"):
        text = "" if value is None or value is False else str(value)
        if not text and not old:
            filled = operator in {"like", "ilike", "not =like", "not =ilike"}
            return lambda record: bool(read(record)) is filled
        ids: Collection[int] = named(NEGATIONS.get(operator, operator), text)
        return lambda record: any(id_ in ids for id_ in read(record) or ()) is not negative
    values = value if isinstance(value, tuple) else (value,)
    ids = _by_id_or_name(values, named)
    empty = any(entry is None or entry is False for entry in values)
    if old and ids:
        empty = False  # up to 18 False among ids is passed over (search-x2many)

    def passes(record: Mapping[str, Any]) -> bool:
        found = read(record) or ()
        return (any(id_ in ids for id_ in found) or (empty and not found)) is not negative

    return passes


def _by_id_or_name(values: Collection[Any], named: Find) -> frozenset[int]:
    ids: set[int] = set()
    for entry in values:
        if isinstance(entry, str):
            ids.update(named("=", entry))
        elif entry is not None and not isinstance(entry, bool):
            ids.add(entry)
    return frozenset(ids)
