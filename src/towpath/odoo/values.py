"""Odoo's records to Arrow batches and back (S2.55-S2.58; the table of types is in docs/types.md).

Odoo says ``false`` for every empty value but that of a number, so ``false`` becomes null in every column except
a boolean's. A value that does not fit its column becomes null (or the part that fits) and is counted in
:class:`~towpath.odoo.changes.Changes`; it never fails the page. Whole columns are converted at once by Arrow;
only a column that Arrow refuses is looked at value by value.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from towpath.errors import ProtocolError
from towpath.odoo.changes import Changes
from towpath.odoo.columns import Column, plan
from towpath.odoo.masking import Mask, apply
from towpath.odoo.schema import Field, Model
from towpath.odoo.single_values import CONVERTERS, Unfit, json_text, money

__all__ = ["MASK", "fill", "to_batch", "to_odoo"]

#: What stands in a table for a secret (S2.37): that there is one is kept, what it is is not.
MASK = "********"

Rows = Sequence[Mapping[str, Any]]
Known = Mapping[str, Mapping[int, str]]

#: Above it a binary number no longer tells every decimal unit apart, so its shortest text decides.
_EXACT = 2**52

_REFUSED = (pa.ArrowException, TypeError, ValueError, OverflowError)


def to_batch(
    rows: Rows,
    model: Model,
    fields: Iterable[str] | None = None,
    *,
    names: Known | None = None,
    changes: Changes | None = None,
    money: int | None = None,
    name_columns: bool = True,
    reveal: Iterable[str] = (),
    masks: Mapping[str, Mask] | None = None,
) -> pa.RecordBatch:
    """The records as one Arrow batch with the columns of ``columns(model, fields, ...)`` in the same order.

    ``rows`` are what ``search_read`` or ``read`` gives, with ``load=''`` or without. ``names`` maps model to id
    to name for the ``__name`` columns (``Names.gather`` makes it); without it names come from ``[id, name]``
    pairs, else they are null. ``changes`` collects what did not fit.
    Raises ProtocolError when a record has no whole number as ``id``.
    """
    made = plan(model, fields, money=money, names=name_columns, reveal=reveal, masks=masks)
    return fill(rows, made, names=names, changes=changes)


def fill(
    rows: Rows, made: Sequence[Column], *, names: Known | None = None, changes: Changes | None = None
) -> pa.RecordBatch:
    """The records as one Arrow batch with these columns; as :func:`to_batch`, for a plan made once."""
    noted = Changes() if changes is None else changes
    fields = _by_field(rows, {column.field.name for column in made})
    arrays = [_array(rows, fields[column.field.name], column, names or {}, noted) for column in made]
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema([column.arrow() for column in made]))


def _by_field(rows: Rows, wanted: Iterable[str]) -> dict[str, Sequence[Any]]:
    """The values of each field in the order of the rows; None where a row does not have it.

    A row is taken apart at once: when all rows are gone through for each field, they are out of the processor's
    cache by the time they come round. All goes into one list, as thousands of tuples would wake the garbage collector.
    """
    names = list(wanted)
    if len(names) > 1:
        with suppress(KeyError):
            values = list(chain.from_iterable(map(itemgetter(*names), rows)))
            return {name: values[place :: len(names)] for place, name in enumerate(names)}
    return {name: [row.get(name) for row in rows] for name in names}


def to_odoo(value: Any, field: Field, *, commands: bool = False) -> Any:
    """A value of a table as Odoo's API has it: what ``read`` gives with ``load=''`` and ``write`` takes.

    Null becomes False. ``commands=True`` gives a list of ids as the command that replaces all links.
    The names, labels and masked secrets of a table have no way back.
    """
    if field.to_many:
        ids = [] if value is None else list(value)
        return [[6, 0, ids]] if commands else ids
    if value is None:
        return False
    if field.type in {"json", "properties", "properties_definition"} and isinstance(value, str):
        return orjson.loads(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        moment = value if value.tzinfo is None else value.astimezone(UTC)
        return f"{moment:%Y-%m-%d %H:%M:%S}".rjust(19, "0") if field.type == "datetime" else _day_text(moment)
    if isinstance(value, date):
        return _day_text(value) if field.type == "date" else f"{_day_text(value)} 00:00:00"
    return value


def _day_text(value: date) -> str:
    return f"{value.year:04}-{value.month:02}-{value.day:02}"


def _array(
    rows: Rows, raw: Sequence[Any], column: Column, names: Known, changes: Changes, *, hidden: bool = False
) -> pa.Array:
    """A column of the values that Odoo sent for its field, in the order of the rows."""
    field = column.field
    if column.under is not None and column.mask is not None:
        plain = _array(rows, raw, column.under, names, changes, hidden=True)
        return apply(column.mask, plain, field.relation if field.relational else None)
    kind = column.kind
    if kind == "name":
        return _names(raw, names.get(field.relation or "", {}))
    if kind == "label":
        return _labels(raw, dict(field.selection))
    if kind == "secret":
        shown = [MASK if value else (value if value == "" else None) for value in raw]
        return pa.array(shown, pa.string())
    values = raw
    if kind != "boolean" and False in raw:  # 0 is equal to it, so they are told apart one by one
        values = [None if value is False else value for value in raw]
    if kind == "json":
        as_is = field.type not in {"json", "properties", "properties_definition"}
        return pa.array(
            [v if v is None or (as_is and type(v) is str) else json_text(v) for v in values], pa.string()
        )
    try:
        array = _FAST[kind](values, column.type)
    except _REFUSED:
        array = None
    if array is None:
        array = _one_by_one(rows, values, column, changes, hidden=hidden or column.mask is not None)
    if field.name == "id" and array.null_count:
        raise ProtocolError("Odoo sent a record without its id; the page can not be used.")
    return array


def _one_by_one(
    rows: Rows, values: Sequence[Any], column: Column, changes: Changes, *, hidden: bool
) -> pa.Array:
    convert = CONVERTERS.get(column.kind)
    if convert is None:
        convert = partial(money, precision=column.type.precision, scale=column.type.scale)
    field = column.field
    kept: list[Any] = []
    for row, value in zip(rows, values, strict=True):
        if value is None:
            kept.append(None)
            continue
        try:
            kept.append(convert(value))
        except Unfit as unfit:
            kept.append(unfit.kept)
            changes.add(field.name, row.get("id"), unfit.reason, value, secret=hidden or field.secret)
    return pa.array(kept, column.type)


def _names(raw: Sequence[Any], known: Mapping[int, str]) -> pa.Array:
    get = known.get
    try:
        return pa.array(list(map(get, raw)), pa.string())
    except (*_REFUSED, UnicodeError):
        return pa.array([_name(value, get) for value in raw], pa.string())


def _name(value: Any, get: Callable[[int], str | None]) -> str | None:
    id_, name = (*value, None, None)[:2] if isinstance(value, (list, tuple)) else (value, None)
    if not isinstance(name, str):
        name = get(id_) if type(id_) is int else None
    return None if name is None else name.encode(errors="replace").decode()


def _labels(raw: Sequence[Any], labels: Mapping[str, str]) -> pa.Array:
    get = labels.get
    try:
        return pa.array(list(map(get, raw)), pa.string())
    except TypeError:
        return pa.array([get(value) if isinstance(value, str) else None for value in raw], pa.string())


def _same(values: Sequence[Any], wanted: pa.DataType) -> pa.Array | None:
    """The array when Arrow finds exactly the wanted type in the values; else None (it would coerce)."""
    array = pa.array(values)
    if array.type == wanted:
        return array
    return pa.nulls(len(values), wanted) if pa.types.is_null(array.type) else None


def _numbers(values: Sequence[Any], wanted: pa.DataType) -> pa.Array | None:
    array = pa.array(values)
    if pa.types.is_int64(array.type):
        array = array.cast(pa.float64())
    elif pa.types.is_null(array.type):
        return pa.nulls(len(values), wanted)
    elif not pa.types.is_float64(array.type):
        return None
    return array if pc.all(pc.is_finite(array), min_count=0).as_py() else None


def _amounts(values: Sequence[Any], wanted: pa.DataType) -> pa.Array | None:
    array = _numbers(values, pa.float64())
    if array is None:
        return None
    largest = pc.max(pc.abs(array)).as_py()
    if largest is not None and largest * 10**wanted.scale >= _EXACT:
        return None
    exact = array.cast(wanted)
    error = pc.abs(pc.subtract(exact.cast(pa.float64()), array))
    allowed = pc.add(pc.multiply(pc.abs(array), 4 * sys.float_info.epsilon), 1e-9)
    return exact if pc.all(pc.less_equal(error, allowed), min_count=0).as_py() else None


def _days(values: Sequence[Any], wanted: pa.DataType) -> pa.Array | None:
    array = _same(values, pa.string())
    return None if array is None else array.cast(wanted)


def _moments(values: Sequence[Any], wanted: pa.DataType) -> pa.Array | None:
    array = _same(values, pa.string())
    return None if array is None else array.cast(pa.timestamp(wanted.unit)).cast(wanted)


def _lists(values: Sequence[Any], wanted: pa.DataType) -> pa.Array | None:
    array = pa.array(values)
    if array.type == wanted:
        return array
    if pa.types.is_null(array.type):
        return pa.nulls(len(values), wanted)
    empty = pa.types.is_list(array.type) and pa.types.is_null(array.type.value_type)
    return array.cast(wanted) if empty and array.values.null_count == 0 else None


_FAST: Mapping[str, Callable[[Sequence[Any], pa.DataType], pa.Array | None]] = {
    "boolean": _same,
    "integer": _same,
    "float": _numbers,
    "money": _amounts,
    "date": _days,
    "datetime": _moments,
    "text": _same,
    "id": _same,
    "ids": _lists,
}
