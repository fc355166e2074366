"""How long old states are kept: what people may write, and that it is applied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st

from towpath.errors import InputError
from towpath.features.explore.service import AsOf, query
from towpath.lake import TableRef
from towpath.lake.retention import FILES, LOG_ENTRIES, checked, retention
from towpath.lake.table import Commit, Table

SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string())])
DAY = timedelta(days=1)


def write(table: Table, times: int, first: int = 1) -> None:
    for number in range(first, first + times):
        rows = pa.table({"id": [1, 2], "name": [str(number)] * 2}, schema=SCHEMA)
        table.upsert(
            rows, commit=Commit(app_id="a", sequence=number, cursor={"n": number}, run_id=f"r{number}")
        )


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(str(tmp_path / "t"))


@pytest.mark.parametrize(
    ("text", "seconds", "stored"),
    [
        ("interval 30 days", 2_592_000, "interval 30 days"),
        ("30 days", 2_592_000, "interval 30 days"),
        ("30  Days ", 2_592_000, "interval 30 days"),
        ("1 hour", 3600, "interval 1 hour"),
        ("INTERVAL 2 weeks", 1_209_600, "interval 2 weeks"),
        ("a week", 604_800, "interval 1 week"),
        ("3 months", 7_776_000, "interval 90 days"),
        ("1 year", 31_536_000, "interval 365 days"),
        ("15m", 900, "interval 15 minutes"),
        ("90 mins", 5400, "interval 90 minutes"),
        ("2h", 7200, "interval 2 hours"),
        ("7d", 604_800, "interval 7 days"),
        ("500ms", 0.5, "interval 500 milliseconds"),
    ],
)
def test_lengths_of_time(text: str, seconds: int, stored: str):
    assert retention(text) == seconds
    assert checked({LOG_ENTRIES: text, "mine": text}) == {LOG_ENTRIES: stored, "mine": text}


@pytest.mark.parametrize(
    "text",
    ["", "soon", "30", "-1 days", "3 fortnights", "1.5 days", "30 days ago", "200 years", "9" * 40 + " days"],
)
def test_no_length_of_time(text: str, table: Table):
    with pytest.raises(InputError, match="30 days"):
        retention(text)
    write(table, 1)
    with pytest.raises(InputError, match="30 days"):
        table.describe(properties={FILES: text})
    assert table.version == 0


@given(st.text(max_size=30))
def test_any_text_is_a_length_or_refused(text: str):
    try:
        seconds = retention(text)
    except InputError:
        return
    stored = checked({LOG_ENTRIES: text})
    assert stored is not None
    assert retention(stored[LOG_ENTRIES]) == seconds


@pytest.mark.feature("S2.18")
def test_the_shorter_retention_bounds_time_travel_and_is_named(table: Table):
    write(table, 25)
    table.describe(properties={LOG_ENTRIES: "30 days", FILES: "2 days"})
    assert DeltaTable(table.uri).metadata().configuration[FILES] == "interval 2 days"
    known = [TableRef(layer="raw", folder="demo", name="t", uri=table.uri)]
    begin = datetime.now(UTC)

    def names(version: int) -> set[str]:
        with query("select name from t", known, as_of=AsOf(version=version)) as result:
            return {row["name"] for row in result.rows()}

    assert table.sweep(now=begin + DAY).parts == 0
    assert names(3) == {"4"}
    assert table.sweep(now=begin + 3 * DAY).log_files == 0
    with pytest.raises(
        InputError, match=r"Version 3 .* for 2 days .delta.deletedFileRetentionDuration.*newer one"
    ):
        names(3)
    table.describe(properties={LOG_ENTRIES: "1 day"})
    assert table.sweep(now=begin + 5 * DAY).log_files > 20
    for read in (lambda: names(3), lambda: table.snapshot(3)):
        with pytest.raises(
            InputError, match=r"Version 3 .* for 1 day .delta.logRetentionDuration.*newer one"
        ):
            read()
    with pytest.raises(InputError, match="for 1 day"):
        table.version_at(begin - DAY)
    assert names(table.version) == {"25"}
    with pytest.raises(InputError, match=r"no version 99; its newest is 26"):
        names(99)


def test_before_the_table_began(table: Table):
    write(table, 2)
    with pytest.raises(InputError, match="not there yet"):
        table.version_at(datetime.now(UTC) - DAY)


def test_staged_files_of_a_run_at_work_outlive_a_short_retention(table: Table):
    write(table, 1)
    table.describe(properties={FILES: "0 days", LOG_ENTRIES: "0 days"})
    staged = table.stage([pa.table({"id": [3], "name": ["late"]}, schema=SCHEMA)])
    now = datetime.now(UTC) + timedelta(hours=2)
    assert table.sweep(now=now).orphans == 0
    table.publish(staged, mode="append", schema=SCHEMA, commit=Commit(app_id="b", sequence=1, run_id="b"))
    assert table.count() == 3
    table.stage([pa.table({"id": [4], "name": ["never"]}, schema=SCHEMA)])
    assert table.sweep(now=now + 2 * DAY).orphans == 1
