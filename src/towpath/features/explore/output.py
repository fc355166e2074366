"""Printed forms of a result: a table for people, JSON and CSV for machines.

JSON is one array of row objects. Numbers keep all their digits (decimals and whole numbers beyond 64 bits
too), timestamps are ISO 8601 in UTC with `Z`, dates `YYYY-MM-DD`, binary values base64 (S2.58), what is not
a number is null. CSV holds the same texts, lists and objects as JSON, null as nothing.
"""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from rich.text import Text

from towpath.features.explore.service import Column, Result
from towpath.web.formulas import harmless

__all__ = ["print_csv", "print_json", "print_table"]

_WIDEST = 60
_FEW = 3


def _plain(value: Any) -> Any:
    """What orjson does not know by itself."""
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}".encode()) if value.is_finite() else None
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return str(value)


_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_SUBCLASS


def print_json(result: Result, write: Callable[[str], object]) -> None:
    """Write the rows as one JSON array, row by row."""
    first = True
    write("[")
    for row in result.rows():
        write(("" if first else ",\n ") + orjson.dumps(row, default=_plain, option=_OPTIONS).decode())
        first = False
    write("]\n")


def print_csv(result: Result, write: Callable[[str], object], *, guard: bool = False) -> None:
    """Write a heading and the rows as CSV (RFC 4180, lines end with CR LF).

    With `guard` texts that a spreadsheet would take for formulas get an apostrophe before them.
    """
    names = [column.name for column in result.columns]
    held = io.StringIO()
    lines = csv.writer(held)
    lines.writerow(map(harmless, names) if guard else names)
    for row in result.rows():
        cells = [
            harmless(_cell(value)) if guard and not _number(value) else _cell(value) for value in row.values()
        ]
        lines.writerow(cells)
        if held.tell() > 65_536:
            write(held.getvalue())
            held.seek(0)
            held.truncate()
    write(held.getvalue())


def _number(value: Any) -> bool:
    """Whether it is one, whose minus begins no formula."""
    return isinstance(value, int | float | Decimal | timedelta)


def _cell(value: Any) -> str:
    """One value as text; empty for null."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    text = orjson.dumps(value, default=_plain, option=_OPTIONS).decode()
    return text[1:-1] if text.startswith('"') else text


def print_table(result: Result, console: Console) -> None:
    """Print the rows as a table that fits the console.

    Of few rows that are too wide every value gets a line of its own; of many the columns that fit are
    shown and the rest is named.
    """
    rows = [tuple(row.values()) for row in result.rows()]
    texts = [[_shown(value) for value in row] for row in rows]
    widths = [
        min(_WIDEST, max(len(column.name), *(len(line[index]) for line in texts), 1))
        for index, column in enumerate(result.columns)
    ]
    fitting = _fitting(widths, console.width)
    if fitting < len(widths) and 0 < len(rows) <= _FEW:
        _print_records(result.columns, texts, console)
    else:
        _print_grid(result.columns, texts, fitting, console)
    noun = "row" if len(rows) == 1 else "rows"
    console.print(f"{len(rows):,} {noun}", style="dim", highlight=False)


def _fitting(widths: list[int], room: int) -> int:
    """How many columns fit; long texts are folded a little before a column is given up."""
    used = 0
    for count, width in enumerate(widths):
        used += min(width, max(room // 2, 10)) + 2
        if used > room + 2 and count:
            return count
    return len(widths)


def _print_grid(columns: tuple[Column, ...], texts: list[list[str]], shown: int, console: Console) -> None:
    grid = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns[:shown]:
        grid.add_column(
            Text(column.name),
            justify="right" if _is_number(column.type) else "left",
            overflow="fold",
            no_wrap=_is_number(column.type),
        )
    for line in texts:
        grid.add_row(*(Text(text) for text in line[:shown]))
    console.print(grid)
    if shown < len(columns):
        names = ", ".join(column.name for column in columns[shown:])
        console.print(
            Text(f"not shown: {names} (name the columns you want, or use --json or --csv)"),
            style="dim",
            soft_wrap=True,
        )


def _print_records(columns: tuple[Column, ...], texts: list[list[str]], console: Console) -> None:
    for number, line in enumerate(texts, 1):
        console.print(f"[bold]row {number}[/]", highlight=False)
        grid = Table(box=None, pad_edge=False, show_header=False, show_edge=False)
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for column, text in zip(columns, line, strict=True):
            grid.add_row(Text(column.name), Text(text))
        console.print(grid)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _shown(value: Any) -> str:
    """One value for people: nothing for null, six decimals at most, times without their zone (all are UTC)."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return moment.isoformat(sep=" ", timespec="microseconds" if moment.microsecond else "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value and not 1e-4 <= abs(value) < 1e15:
            return f"{value:g}"
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    text = _cell(value)
    return _printable(text)


def _printable(text: str) -> str:
    """The text without control characters, which could move the cursor or colour the terminal."""
    return "".join(
        sign if sign.isprintable() else ("⏎" if sign == "\n" else " " if sign.isspace() else "\ufffd")
        for sign in text
    )
