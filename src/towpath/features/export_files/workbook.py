"""Rows as an Excel workbook: types kept, memory flat, and Excel's limits said plainly.

A sheet holds 1,048,576 rows and 16,384 columns, a cell 32,767 characters, a number 15 digits, a date no day before 1900.
Rows beyond a sheet go on in the next one; a longer text is cut; a number with more digits, and an earlier date, become
texts, so that nothing is rounded. What of this happened is told. Texts are never formulas or links. Times are UTC, as
Excel knows no zones.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from towpath.errors import InputError
from towpath.features.explore.service import Column, Result, span

__all__ = ["COLUMNS", "ROWS", "TEXT", "write_workbook"]

ROWS, COLUMNS, TEXT = 1_048_576, 16_384, 32_767
_DIGITS = 15
_FIRST_DAY = datetime(1900, 1, 1)  # noqa: DTZ001  # Excel's days have no zone
_WIDTHS = {"date": 11, "datetime": 19, "number": 13, "text": 24}


def write_workbook(result: Result, file: str, *, rows_a_sheet: int = ROWS) -> list[str]:
    """Write all rows; the sentences tell what Excel could not hold as it was.

    `rows_a_sheet` counts the heading. Raises InputError when there are too many columns.
    """
    import xlsxwriter
    import xlsxwriter.exceptions

    if len(result.columns) > COLUMNS:
        raise InputError(f"Excel holds {COLUMNS:,} columns at most; choose fewer, or take Parquet or CSV.")
    options = {
        "constant_memory": True,
        "tmpdir": str(Path(file).parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd hh:mm:ss",
    }
    book = xlsxwriter.Workbook(file, options)
    told = _Told()
    try:
        formats = {
            "heading": book.add_format({"bold": True}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            "time": book.add_format({"num_format": "hh:mm:ss"}),
            "amount": book.add_format({"num_format": "#,##0.00"}),
        }
        sheets = 0
        sheet: Any = None
        place = rows_a_sheet
        for values in _rows(result):
            if place >= rows_a_sheet:
                sheets += 1
                sheet = _sheet(book, result.columns, formats, sheets)
                place = 1
            for column, (part, value) in enumerate(zip(result.columns, values, strict=True)):
                if value is not None:
                    _put(sheet, place, column, part, value, formats, told)
            place += 1
        if sheet is None:
            _sheet(book, result.columns, formats, 1)
    finally:
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:  # its own wrapper of what the system said
            raise error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error)) from None
    return told.sentences(sheets)


class _Told:
    """What Excel could not hold."""

    def __init__(self) -> None:
        self.cut = self.digits = self.early = 0

    def sentences(self, sheets: int) -> list[str]:
        found = []
        if sheets > 1:
            found.append(f"A sheet of Excel holds {ROWS:,} rows; the rows are in {sheets} sheets.")
        if self.cut:
            found.append(f"{self.cut:,} texts were cut, since a cell holds {TEXT:,} characters.")
        if self.digits:
            found.append(
                f"{self.digits:,} numbers with more than {_DIGITS} digits are texts, so that none is rounded."
            )
        if self.early:
            found.append(f"{self.early:,} dates before 1900 are texts.")
        return found


def _rows(result: Result) -> Iterator[list[Any]]:
    for batch in result.batches:
        columns = []
        for column in batch.columns:
            values = column.to_pylist()
            columns.append([span(one) for one in values] if pa.types.is_interval(column.type) else values)
        yield from map(list, zip(*columns, strict=True))


def _sheet(book: Any, columns: Sequence[Column], formats: dict[str, Any], number: int) -> Any:
    sheet = book.add_worksheet("Rows" if number == 1 else f"Rows {number}")
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, max(_WIDTHS[_width(column.type)], min(len(column.name) + 2, 40)))
        sheet.write_string(0, place, column.name[:TEXT], formats["heading"])
    return sheet


def _width(kind: pa.DataType) -> str:
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_timestamp(kind):
        return "datetime"
    return (
        "number"
        if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        else "text"
    )


def _put(
    sheet: Any, row: int, column: int, part: Column, value: Any, formats: dict[str, Any], told: _Told
) -> None:
    """One cell in the type Excel has for it."""
    put = _WRITERS.get(type(value))
    if put is None:
        value, put = _plain(value), _text
    put(sheet, row, column, part, value, formats, told)


def _text(sheet: Any, row: int, column: int, _part: Column, value: str, _formats: Any, told: _Told) -> None:
    if len(value) > TEXT:
        told.cut += 1
        value = value[:TEXT]
    sheet.write_string(row, column, value)


def _boolean(
    sheet: Any, row: int, column: int, _part: Column, value: bool, _formats: Any, _told: _Told
) -> None:  # one of many writers
    sheet.write_boolean(row, column, value)


def _number(
    sheet: Any,
    row: int,
    column: int,
    part: Column,
    value: Any,
    formats: dict[str, Any],
    told: _Told,
) -> None:
    if isinstance(value, Decimal):
        if not value.is_finite():
            return
        exact = len(value.as_tuple().digits) <= _DIGITS or len(value.normalize().as_tuple().digits) <= _DIGITS
    elif isinstance(value, float):
        if not math.isfinite(value):
            return
        exact = True
    else:
        exact = abs(value) < 10**_DIGITS
    if not exact:
        told.digits += 1
        sheet.write_string(row, column, f"{value:f}" if isinstance(value, Decimal) else str(value))
        return
    two = pa.types.is_decimal(part.type) and part.type.scale == 2
    sheet.write_number(row, column, value, formats["amount"] if two else None)


def _moment(
    sheet: Any, row: int, column: int, _part: Column, value: date, formats: dict[str, Any], told: _Told
) -> None:
    if isinstance(value, datetime):
        value = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        name, moment = "datetime", value
    else:
        name, moment = "date", datetime(value.year, value.month, value.day)  # noqa: DTZ001  # as above
    if moment < _FIRST_DAY:
        told.early += 1
        sheet.write_string(row, column, value.isoformat())
        return
    sheet.write_datetime(row, column, moment, formats[name])


def _clock(
    sheet: Any, row: int, column: int, _part: Column, value: time, formats: dict[str, Any], _told: _Told
) -> None:
    sheet.write_datetime(row, column, value.replace(tzinfo=None), formats["time"])


_WRITERS: dict[type, Callable[..., None]] = {
    str: _text, bool: _boolean, int: _number, float: _number, Decimal: _number, datetime: _moment, date: _moment,
    time: _clock,
}  # fmt: skip


def _plain(value: Any) -> str:
    """What Excel has no type for, as text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, timedelta):
        return str(value)
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return str(value)
