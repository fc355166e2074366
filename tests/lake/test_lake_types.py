"""Every type a column can have, with random values: kept, read back by others, and recognised as unchanged."""

from __future__ import annotations

import math
import tempfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.errors import InputError
from towpath.lake.columns import delta_schema, plain_schema, read_schema
from towpath.lake.table import Commit, Counts, Table

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2262, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds are naive by contract
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
SIMPLE: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.bool_(), st.booleans()),
    (pa.int8(), st.integers(-(2**7), 2**7 - 1)),
    (pa.int16(), st.integers(-(2**15), 2**15 - 1)),
    (pa.uint8(), st.integers(0, 255)),
    (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (pa.float32(), st.floats(width=32)),
    (pa.float64(), st.floats()),
    (pa.decimal128(10, 2), st.decimals(-(10**7), 10**7, places=2, allow_nan=False)),
    (pa.decimal128(38, 9), st.decimals(-(10**27), 10**27, places=9, allow_nan=False)),
    (pa.string(), TEXTS),
    (pa.large_string(), TEXTS),
    (pa.dictionary(pa.int32(), pa.string()), TEXTS),
    (pa.binary(), st.binary(max_size=20)),
    (pa.date32(), st.dates(date(1, 1, 1), date(9999, 12, 31))),
    (pa.timestamp("us", tz="UTC"), MOMENTS),
    (pa.timestamp("ns", tz="Europe/Berlin"), MOMENTS),
    (pa.timestamp("ms"), st.datetimes(datetime(1900, 1, 1), datetime(2262, 1, 1)).map(lambda v: v.replace(microsecond=0))),  # noqa: DTZ001  # naive is the case
    (pa.null(), st.none()),
]  # fmt: skip
NESTED: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.list_(pa.int64()), st.lists(st.none() | st.integers(-5, 5), max_size=4)),
    (pa.large_list(pa.string()), st.lists(TEXTS, max_size=3)),
    (
        pa.struct([("a", pa.int64()), ("b", pa.list_(pa.string()))]),
        st.fixed_dictionaries({"a": st.none() | st.integers(-9, 9), "b": st.none() | st.lists(TEXTS, max_size=2)}),
    ),
    (pa.map_(pa.string(), pa.int64()), st.dictionaries(TEXTS, st.none() | st.integers(-9, 9), max_size=3).map(lambda v: list(v.items()))),
]  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    kinds = draw(st.lists(st.sampled_from(SIMPLE + NESTED), min_size=1, max_size=5))
    count = draw(st.integers(0, 8))
    columns: dict[str, pa.Array] = {"id": pa.array(range(count), pa.int64())}
    for number, (kind, values) in enumerate(kinds):
        cells = draw(st.lists(st.none() | values, min_size=count, max_size=count))
        columns[f"c{number}"] = (
            pa.array(cells, pa.string()).cast(kind) if pa.types.is_dictionary(kind) else pa.array(cells, kind)
        )
    return pa.table(columns)


def plain(value: Any) -> Any:
    """A value with what readers legitimately tell apart taken out: NaN, tuples, zones."""
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def listed(table: pa.Table, names: list[str]) -> list[Any]:
    return plain(table.select(names).sort_by("id").to_pylist())  # type: ignore[no-any-return]  # a list comes back as a list


@settings(max_examples=60, deadline=None)
@given(rows=tables())
def test_kept_read_by_others_and_recognised(rows: pa.Table):
    with tempfile.TemporaryDirectory(prefix="types") as folder:
        table = Table(str(Path(folder) / "t"))
        staged = table.stage([rows])
        table.publish(
            staged, mode="replace", schema=rows.schema, commit=Commit(app_id="a", sequence=1, run_id="r")
        )
        assert read_schema(delta_schema(table.schema)) == table.schema
        again = table.upsert(rows, commit=Commit(app_id="a", sequence=2, run_id="r"))
        assert again == Counts(unchanged=rows.num_rows)
        names = rows.schema.names
        wanted = listed(
            pa.table(
                [
                    column.cast(plain_schema(pa.schema([rows.schema.field(number)])).field(0).type)
                    for number, column in enumerate(rows.columns)
                ],
                names,
            ),
            names,
        )
        ours = pa.Table.from_batches(list(table.scan()), table.schema)
        assert listed(ours, names) == wanted
        assert listed(DeltaTable(table.uri).to_pyarrow_table(), names) == wanted
        if rows.num_rows:
            found = duckdb.sql(
                "select * from read_parquet(?)", params=[f"{table.uri}/*.parquet"]
            ).to_arrow_table()
            assert listed(found, names) == wanted
            assert pl.read_delta(table.uri).sort("id").get_column("id").to_list() == list(
                range(rows.num_rows)
            )


@pytest.mark.parametrize(
    "kind",
    [pa.time64("us"), pa.duration("s"), pa.decimal256(60, 2), pa.list_(pa.time32("s")), pa.decimal128(5, -2)],
)
def test_types_without_a_home_are_refused(kind: pa.DataType):
    with pytest.raises(InputError, match="convert it to text"):
        plain_schema(pa.schema([("id", pa.int64()), ("x", kind)]))


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        (pa.array([Decimal("1.50"), Decimal("-2.25")], pa.decimal128(10, 2)), -2.25, 1.5),
        (pa.array([datetime(1969, 1, 1, 0, 0, 0, 1, tzinfo=UTC)], pa.timestamp("us", tz="UTC")), "1969-01-01T00:00:00.000001Z", None),
        (pa.array(["b" * 50, "a" * 50]), "a" * 32, "b" * 32 + "\U0010ffff"),
        (pa.array([float("nan"), 1.0]), None, None),
        (pa.array([date(2026, 1, 2), None]), "2026-01-02", "2026-01-02"),
        (pa.array([b"x"]), None, None),
    ],
)  # fmt: skip
def test_statistics_are_bounds(tmp_path: Path, values: pa.Array, low: Any, high: Any):
    table = Table(str(tmp_path))
    rows = pa.table({"id": list(range(len(values))), "x": values})
    table.upsert(rows, commit=Commit(app_id="a", sequence=1, run_id="r"))
    (file,) = table.files()
    assert file.bounds("x") == (low, high if high is not None else low)
    assert file.bounds("id") == (0, len(values) - 1)
