"""Columns: Arrow types to Delta types and back, the system columns, and how a schema may grow.

| Arrow | Delta | Arrow when read |
|---|---|---|
| bool | boolean | bool |
| int8, int16, int32, int64 | byte, short, integer, long | the same |
| float32, float64 | float, double | the same |
| decimal128(p, s) | decimal(p,s) | the same |
| string, large_string, dictionary of strings, null | string | string |
| binary, large_binary | binary | binary |
| date32, date64 | date | date32 |
| timestamp of any unit | timestamp (UTC; without a zone it is taken as UTC) | timestamp[us, UTC] |
| list, large_list; struct; map | array; struct; map | list; struct; map |

Field metadata (labels, Odoo types) travels in the Delta schema as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from towpath.errors import InputError

__all__ = [
    "DELETED",
    "DELETED_AT",
    "EXTRACTED_AT",
    "RUN_ID",
    "STATE",
    "SYSTEM_COLUMNS",
    "SYSTEM_FIELDS",
    "conform",
    "delta_schema",
    "grow",
    "plain_schema",
    "read_schema",
    "stamp",
]

RUN_ID = "_towpath_run_id"
EXTRACTED_AT = "_towpath_extracted_at"
DELETED_AT = "_towpath_deleted_at"
STATE = "_towpath_state"
SYSTEM_COLUMNS = (RUN_ID, EXTRACTED_AT, DELETED_AT, STATE)
#: The state of a row that is marked, where none is given; rows of tables that were written before say none.
DELETED = "deleted"

TIMESTAMP = pa.timestamp("us", tz="UTC")
SYSTEM_FIELDS = (
    pa.field(RUN_ID, pa.string(), metadata={"label": "Run that last wrote the row"}),
    pa.field(EXTRACTED_AT, TIMESTAMP, metadata={"label": "Read from the source at"}),
    pa.field(DELETED_AT, TIMESTAMP, metadata={"label": "Found gone from the source at"}),
    pa.field(STATE, pa.string(), metadata={"label": "How it is gone: deleted, unreachable or filtered"}),
)

_PRIMITIVE: dict[str, pa.DataType] = {
    "boolean": pa.bool_(),
    "byte": pa.int8(),
    "short": pa.int16(),
    "integer": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "binary": pa.binary(),
    "date": pa.date32(),
    "timestamp": TIMESTAMP,
    "timestamp_ntz": pa.timestamp("us"),
}
_NAMES = {kind: name for name, kind in _PRIMITIVE.items()}
_DECIMAL = re.compile(r"decimal\((\d+),\s*(-?\d+)\)")
_FORBIDDEN = re.compile(r"[ ,;{}()\n\t=]")


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type a column of `kind` has in a table (middle column to last column of the table above).

    Raises InputError for a type Delta does not have.
    """
    types = pa.types
    if kind in _NAMES and kind != pa.timestamp("us"):
        return kind
    if types.is_large_string(kind) or types.is_string_view(kind) or types.is_null(kind):
        return pa.string()
    if types.is_large_binary(kind) or types.is_binary_view(kind) or types.is_fixed_size_binary(kind):
        return pa.binary()
    if types.is_timestamp(kind):
        return TIMESTAMP
    if types.is_date64(kind):
        return pa.date32()
    if types.is_dictionary(kind):
        return plain_type(kind.value_type)
    if types.is_unsigned_integer(kind):
        return pa.int32() if kind.bit_width < 32 else pa.int64()
    if types.is_decimal(kind) and kind.precision <= 38 and 0 <= kind.scale <= kind.precision:
        return pa.decimal128(kind.precision, kind.scale)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return pa.list_(pa.field("element", plain_type(kind.value_type)))
    if types.is_struct(kind):
        return pa.struct([pa.field(part.name, plain_type(part.type)) for part in kind])
    if types.is_map(kind):
        return pa.map_(plain_type(kind.key_type), plain_type(kind.item_type))
    raise InputError(f"A column of type {kind} can not be kept in a table; convert it to text first.")


def plain_schema(schema: pa.Schema, *, system: bool = True) -> pa.Schema:
    """The schema a table gets from the one rows come with; system columns are added at the end.

    All columns may be null (Odoo says false where it knows nothing). Raises InputError for names that
    Delta can not hold and for two names that differ in upper and lower case alone.
    """
    fields: list[pa.Field] = []
    seen: dict[str, str] = {}
    for field in schema:
        if not field.name or _FORBIDDEN.search(field.name):
            raise InputError(
                f"The column name {field.name!r} has a character that tables do not allow; rename it."
            )
        other = seen.setdefault(field.name.lower(), field.name)
        if other != field.name or any(field.name == done.name for done in fields):
            raise InputError(f"The columns {other!r} and {field.name!r} have the same name; leave one out.")
        fields.append(pa.field(field.name, plain_type(field.type), metadata=_own_metadata(field.metadata)))
    if system:
        fields += [field for field in SYSTEM_FIELDS if field.name not in seen]
    return pa.schema(fields)


def _own_metadata(metadata: Mapping[bytes, bytes] | None) -> dict[bytes, bytes] | None:
    """Field metadata without the notes Parquet and Arrow leave for themselves."""
    kept = {
        key: value
        for key, value in (metadata or {}).items()
        if not key.startswith((b"PARQUET:", b"ARROW:", b"delta."))
    }
    return kept or None


def delta_schema(schema: pa.Schema) -> str:
    """A table's schema as the JSON text of Delta's `metaData.schemaString`."""
    return orjson.dumps({"type": "struct", "fields": [_delta_field(field) for field in schema]}).decode()


def _delta_field(field: pa.Field) -> dict[str, Any]:
    metadata = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    label = next((value for key, value in metadata.items() if key.rpartition(".")[2] == "label"), None)
    if label and "comment" not in metadata:
        metadata["comment"] = label  # what Spark, Databricks and Fabric show beside a column
    return {"name": field.name, "type": _delta_type(field.type), "nullable": True, "metadata": metadata}


def _delta_type(kind: pa.DataType) -> Any:
    if kind in _NAMES:
        return _NAMES[kind]
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_list(kind):
        return {"type": "array", "elementType": _delta_type(kind.value_type), "containsNull": True}
    if pa.types.is_map(kind):
        return {
            "type": "map",
            "keyType": _delta_type(kind.key_type),
            "valueType": _delta_type(kind.item_type),
            "valueContainsNull": True,
        }
    return {"type": "struct", "fields": [_delta_field(part) for part in kind]}


def read_schema(text: str) -> pa.Schema:
    """The Arrow schema of a `metaData.schemaString`; InputError for types of other programs we can not read."""
    return pa.schema([_arrow_field(field) for field in orjson.loads(text)["fields"]])


def _arrow_field(field: Mapping[str, Any]) -> pa.Field:
    metadata = {
        str(key): value if isinstance(value, str) else orjson.dumps(value).decode()
        for key, value in (field.get("metadata") or {}).items()
    }
    return pa.field(field["name"], _arrow_type(field["type"]), metadata=metadata or None)


def _arrow_type(kind: Any) -> pa.DataType:
    if isinstance(kind, str):
        if kind in _PRIMITIVE:
            return _PRIMITIVE[kind]
        if kind == "decimal":
            return pa.decimal128(10, 0)
        if found := _DECIMAL.fullmatch(kind):
            return pa.decimal128(int(found[1]), int(found[2]))
    elif kind["type"] == "array":
        return pa.list_(pa.field("element", _arrow_type(kind["elementType"])))
    elif kind["type"] == "map":
        return pa.map_(_arrow_type(kind["keyType"]), _arrow_type(kind["valueType"]))
    elif kind["type"] == "struct":
        return pa.struct([_arrow_field(part) for part in kind["fields"]])
    raise InputError(
        f"The table has a column of type {kind!r}, which another program made and Towpath can not read."
    )


def grow(before: pa.Schema, after: pa.Schema) -> pa.Schema:
    """`before` with the columns that only `after` has; labels are taken from `after`.

    A column that `after` lacks stays (its new rows are null). Raises InputError with
    `details={"retyped": {name: [before, after]}}` when a column would change its type.
    """
    retyped = {
        field.name: [str(before.field(field.name).type), str(field.type)]
        for field in after
        if field.name in before.names and before.field(field.name).type != field.type
    }
    if retyped:
        names = ", ".join(f"{name} ({was} to {now})" for name, (was, now) in retyped.items())
        raise InputError(
            f"The type of a column changed: {names}; give the new one another name or read the table in full.",
            details={"retyped": retyped},
        )
    folded = {name.lower(): name for name in before.names}
    for name in after.names:
        if folded.get(name.lower(), name) != name:
            raise InputError(
                f"The columns {folded[name.lower()]!r} and {name!r} have the same name; leave one out."
            )
    kept = [
        after.field(field.name) if field.name in after.names and after.field(field.name).metadata else field
        for field in before
    ]
    return pa.schema(kept + [field for field in after if field.name not in before.names])


def conform(rows: pa.Table | pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    """`rows` with exactly the columns of `schema`, in its order: missing ones null, others left out."""
    columns = []
    names = set(rows.schema.names)
    for field in schema:
        if field.name not in names:
            columns.append(pa.nulls(rows.num_rows, field.type))
            continue
        column = rows.column(field.name)
        columns.append(column if column.type == field.type else _cast(column, field.type))
    return pa.table(columns, schema=schema)


def _cast(column: Any, kind: pa.DataType) -> Any:
    """Cast one column; a timestamp without zone is taken as UTC."""
    return pc.cast(column, kind)


def stamp(rows: pa.Table | pa.RecordBatch, schema: pa.Schema, *, run_id: str, at: datetime) -> pa.Table:
    """`rows` conformed to `schema` with the system columns filled: who read them and when (UTC)."""
    count = rows.num_rows
    plain = conform(rows, schema)
    given = set(rows.schema.names)
    for name, value in (
        (RUN_ID, pa.repeat(pa.scalar(run_id, pa.string()), count)),
        (EXTRACTED_AT, pa.repeat(pa.scalar(at, TIMESTAMP), count)),
    ):
        if name not in given and name in schema.names:
            plain = plain.set_column(schema.get_field_index(name), schema.field(name), value)
    return plain
