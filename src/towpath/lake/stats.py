"""Statistics of a part in Delta's form: number of rows, least and greatest value, nulls per column.

Kept for the key and the first 32 columns that have an order (the protocol's own default), so that readers
skip files. Texts are cut to 32 characters as other writers do.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from towpath.lake.columns import DELETED_AT

__all__ = ["collect"]

_COLUMNS = 32
_TEXT = 32
_LAST_CHARACTER = "\U0010ffff"


def collect(rows: pa.Table, *, key: str = "id") -> str:
    """The statistics of `rows` as the JSON text of `add.stats`."""
    low: dict[str, Any] = {}
    high: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    first = [name for name in (key, DELETED_AT) if name in rows.schema.names]
    chosen = first + [field.name for field in rows.schema if field.name not in first][: _COLUMNS - len(first)]
    for name in rows.schema.names:
        if name not in set(chosen):
            continue
        column = rows.column(name)
        if pa.types.is_nested(column.type):
            continue
        nulls[name] = column.null_count
        if column.null_count == len(column):
            continue
        bounds = _bounds(column)
        if bounds is not None:
            low[name], high[name] = bounds
    return orjson.dumps(
        {"numRecords": rows.num_rows, "minValues": low, "maxValues": high, "nullCount": nulls}
    ).decode()


def _bounds(column: pa.ChunkedArray) -> tuple[Any, Any] | None:
    """Least and greatest value as JSON, or None where the type has no exact form in JSON."""
    kind = column.type
    types = pa.types
    if types.is_binary(kind) or types.is_boolean(kind):
        return None
    if types.is_decimal(kind) and kind.precision > 15:  # more digits than a JSON number keeps
        return None
    if types.is_floating(kind) and not pc.all(pc.is_finite(column)).as_py():  # NaN and infinity are no JSON
        return None
    found = pc.min_max(column)
    low, high = found["min"].as_py(), found["max"].as_py()
    if isinstance(low, str):
        return low[:_TEXT], high if len(high) <= _TEXT else high[:_TEXT] + _LAST_CHARACTER
    return _json(low), _json(high)


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value
