"""Rows as JSON for people's screens: exact, and small enough to be sent.

Whole numbers beyond 2^53 and all decimals are texts, since JavaScript's numbers would round them; times are ISO 8601 in
UTC with `Z`; binary values base64; what is not a number is null. Texts longer than :data:`LONGEST` are cut, which the
page says; exports hold them whole.
"""

from __future__ import annotations

import base64
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from towpath.features.explore.service import span

__all__ = ["LONGEST", "Cells", "kind_of"]

LONGEST = 5_000
_SAFE = 2**53


class Cells:
    """Turns batches into lists of plain values, and remembers whether a text was cut."""

    def __init__(self) -> None:
        self.shortened = False

    def rows(self, batch: pa.RecordBatch | pa.Table) -> list[list[Any]]:
        """The rows, each a list of values in the order of the columns."""
        columns = [self._column(column) for column in batch.columns]
        return (
            [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in range(len(batch))]
        )

    def record(self, row: dict[str, Any]) -> dict[str, Any]:
        """One row by name."""
        return {name: self.plain(value) for name, value in row.items()}

    def _column(self, column: Any) -> list[Any]:
        kind = column.type
        values = column.to_pylist()
        if pa.types.is_interval(kind):
            return [span(value) for value in values]
        if pa.types.is_boolean(kind) or (pa.types.is_integer(kind) and kind.bit_width <= 32):
            return list(values)
        return [self.plain(value) for value in values]

    def plain(self, value: Any) -> Any:  # one line a type reads best
        """One value."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._cut(value)
        if isinstance(value, int):
            return value if -_SAFE <= value <= _SAFE else str(value)
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, Decimal):
            return f"{value:f}" if value.is_finite() else None
        if isinstance(value, datetime):
            moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            return moment.isoformat() + ("Z" if value.tzinfo else "")
        if isinstance(value, date | time):
            return value.isoformat()
        if isinstance(value, timedelta):
            return str(value)
        if isinstance(value, bytes):
            return self._cut(base64.b64encode(value[: LONGEST + 2]).decode())
        if isinstance(value, dict):
            return {str(name): self.plain(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            if len(value) > LONGEST:
                self.shortened = True
            return [self.plain(part) for part in value[:LONGEST]]
        return self._cut(str(value))

    def _cut(self, text: str) -> str:
        if len(text) <= LONGEST:
            return text
        self.shortened = True
        return text[:LONGEST] + "…"


def kind_of(kind: pa.DataType) -> str:  # one line a kind
    """What a column holds, for whoever shows it: number, decimal, boolean, date, time, datetime, text or list."""
    types = pa.types
    if types.is_boolean(kind):
        return "boolean"
    if types.is_decimal(kind):
        return "decimal"
    if types.is_integer(kind) or types.is_floating(kind):
        return "number"
    if types.is_date(kind):
        return "date"
    if types.is_timestamp(kind):
        return "datetime"
    if types.is_time(kind):
        return "time"
    return "list" if types.is_nested(kind) else "text"
