"""Tables are read alike by everything that reads Delta or Parquet, whatever happened to them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable

from towpath.features.explore.service import AsOf, Limits, query
from towpath.lake import TableRef
from towpath.lake.dataset import dataset
from towpath.lake.table import Commit, Table

Rows = list[dict[str, Any]]
Reader = Callable[[Table, int | None], Rows]

NARROW = pa.schema(
    [
        pa.field("id", pa.int64()),
        pa.field("name", pa.string(), metadata={"label": "Näme"}),
        pa.field("total", pa.decimal128(23, 2)),
        pa.field("rate", pa.decimal128(38, 10)),
        pa.field("ratio", pa.float64()),
        pa.field("active", pa.bool_()),
        pa.field("day", pa.date32()),
        pa.field("write_date", pa.timestamp("us", tz="UTC")),
        pa.field("tag_ids", pa.list_(pa.int64())),
        pa.field("image", pa.binary()),
    ]
)
WIDE = pa.schema(
    [
        *NARROW,
        pa.field("color", pa.int32()),
        pa.field("lines", pa.list_(pa.struct([("sku", pa.string()), ("price", pa.decimal128(16, 2))]))),
    ]
)


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": None if number % 5 == 0 else f"Zoë 船 {number}",
        "total": Decimal(number * 100 + 1) / 100,
        "rate": None if number % 3 == 0 else Decimal(10**15 + number) / 10**10,
        "ratio": number / 7,
        "active": number % 2 == 0,
        "day": date(1899, 12, 31) + timedelta(days=number * 1000),
        "write_date": datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC) + timedelta(seconds=number),
        "tag_ids": [[], [number, None], None][number % 3],
        "image": bytes([number % 256, 0, 255]),
        **changes,
    }


def more(number: int) -> dict[str, Any]:
    lines = [{"sku": f"S{number}", "price": Decimal("1.50")}, {"sku": None, "price": None}]
    return row(number, name="grown", color=number, lines=lines)


def commit(number: int) -> Commit:
    return Commit(app_id="a", sequence=number, cursor={"n": number}, run_id=f"r{number}")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    """A table that went through everything a table goes through."""
    table = Table(str(tmp_path_factory.mktemp("lake") / "raw" / "demo" / "t"))
    staged = table.stage([pa.Table.from_pylist([row(n) for n in range(1, 41)], schema=NARROW)], run_id="r1")
    table.publish(staged, mode="replace", schema=NARROW, commit=commit(1))
    narrow = pa.Table.from_pylist([row(n, name="changed") for n in (1, 2, 60)], schema=NARROW)
    table.upsert(narrow, delete={"deleted": [3, 4], "unreachable": [5]}, commit=commit(2))  # version 1
    wide = pa.Table.from_pylist([more(n) for n in (2, 3, 70)], schema=WIDE)
    table.upsert(wide, delete={"filtered": [6]}, commit=commit(3))  # version 2
    for number in range(4, 15):  # past a checkpoint, in many small parts
        staged = table.stage([pa.Table.from_pylist([more(100 + number)], schema=WIDE)], run_id=f"r{number}")
        table.publish(staged, mode="append", schema=WIDE, commit=commit(number))
    table.compact()  # version 14
    table.sweep()
    table.upsert(wide.slice(0, 1), delete=[60], commit=commit(15))  # version 15
    return table


def ours(table: Table, version: int | None) -> Rows:
    return [one for batch in table.scan(version=version, deleted=True) for one in batch.to_pylist()]


def our_dataset(table: Table, version: int | None) -> Rows:
    found: Rows = dataset(table.storage, table.require(version)).to_table().to_pylist()
    return found


def our_sql(table: Table, version: int | None) -> Rows:
    known = [TableRef(layer="raw", folder="demo", name="t", uri=table.uri)]
    as_of = None if version is None else AsOf(version=version)
    with query("select * from t__all", known, Limits(), as_of=as_of) as result:
        return list(result.rows())


def by_deltalake(table: Table, version: int | None) -> Rows:
    found: Rows = DeltaTable(table.uri, version=version).to_pyarrow_dataset().to_table().to_pylist()
    return found


def by_deltalake_table(table: Table, version: int | None) -> Rows:
    found: Rows = DeltaTable(table.uri, version=version).to_pyarrow_table().to_pylist()
    return found


def by_polars(table: Table, version: int | None) -> Rows:
    return pl.scan_delta(table.uri, version=version).collect().to_dicts()


def by_pandas(table: Table, version: int | None) -> Rows:
    pytest.importorskip("pandas", reason="`make readers` brings pandas")
    frame = DeltaTable(table.uri, version=version).to_pandas(types_mapper=_arrow_backed())
    found: Rows = pa.Table.from_pandas(frame, preserve_index=False).to_pylist()
    return found


def _arrow_backed() -> Any:
    import pandas as pd

    return pd.ArrowDtype


READERS = [our_dataset, our_sql, by_deltalake, by_deltalake_table, by_polars, by_pandas]


def plain(rows: Rows) -> Rows:
    """By id; moments in UTC whatever the reader's zone object."""
    return sorted(
        ({name: _plain(value) for name, value in one.items()} for one in rows), key=lambda one: one["id"]
    )


def _plain(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


@pytest.mark.feature("S2.22")
@pytest.mark.parametrize("version", [None, 0, 1, 2, 13, 14])
@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
def test_all_see_the_same(table: Table, reader: Reader, version: int | None):
    wanted = plain(ours(table, version))
    found = plain(reader(table, version))
    assert [one["id"] for one in found] == [one["id"] for one in wanted]
    assert found == wanted


@pytest.mark.feature("S2.22")
def test_what_they_see_is_what_was_written(table: Table):
    found = {one["id"]: one for one in plain(ours(table, None))}
    assert sorted(found) == [*range(1, 41), 60, 70, *range(104, 115)]
    for number in range(7, 41):
        expected = {**row(number), "color": None, "lines": None}
        assert {name: found[number][name] for name in expected} == expected
    for number in (2, 3, 70, 104, 114):
        assert {name: found[number][name] for name in WIDE.names} == more(number)
    states = {number: one["_towpath_state"] for number, one in found.items() if one["_towpath_deleted_at"]}
    assert states == {4: "deleted", 5: "unreachable", 6: "filtered", 60: "deleted"}


@pytest.mark.feature("S2.22")
def test_filters_that_skip_files_skip_none_that_matter(table: Table):
    at = datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC)
    wanted = sorted(one["id"] for one in ours(table, None) if one["write_date"] > at and one["total"] < 110)
    lazy = pl.scan_delta(table.uri).filter((pl.col("write_date") > at) & (pl.col("total") < Decimal(110)))
    assert sorted(lazy.collect()["id"].to_list()) == wanted
    known = [TableRef(layer="raw", folder="demo", name="t", uri=table.uri)]
    sql = "select id from t__all where write_date > '1970-01-01 00:00:20+00' and total < 110 order by id"
    with query(sql, known, Limits()) as result:
        assert [one["id"] for one in result.rows()] == wanted
    present = pl.scan_delta(table.uri).filter(pl.col("_towpath_deleted_at").is_null()).select(pl.len())
    assert present.collect().item() == table.count()


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="`make readers` brings pyspark")
    settings = {"spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false", "spark.master": "local[1]"}
    session = sql.SparkSession.builder.config(map=settings).getOrCreate()
    yield session
    gateway = session.sparkContext._gateway
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()  # the end of what the Java process lives for
    gateway.proc.wait(60)


@pytest.mark.slow
@pytest.mark.feature("S2.22")
@pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # sockets that py4j leaves open
@pytest.mark.parametrize("version", [None, 1, 13])
def test_spark_sees_the_same(spark: Any, table: Table, version: int | None):
    """Spark's part for Delta comes from Maven alone, so it is told the files of the log."""
    files = [f"{table.uri}/{file.path}" for file in table.files(version)]
    schema = table.require(version).metadata.schema
    found = spark.read.option("mergeSchema", "true").parquet(*files).select(*schema.names)
    assert plain(found.toArrow().cast(schema).to_pylist()) == plain(ours(table, version))


@pytest.mark.feature("S2.22")
def test_they_agree_after_old_states_are_swept_away(table: Table, tmp_path: Path):
    shutil.copytree(table.uri, tmp_path / "t")
    copy = Table(str(tmp_path / "t"))
    wanted = plain(ours(table, None))
    assert copy.sweep(now=datetime.now(UTC) + timedelta(days=60), orphans_after=0).parts
    for reader in (ours, our_sql, by_deltalake, by_polars):
        assert plain(reader(copy, None)) == wanted, reader.__name__
