"""Exports over REST: tables, queries and answers as CSV, Excel and Parquet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from towpath.errors import InputError
from towpath.features.explore.kitchen import Kitchen
from towpath.features.explore.service import Column, Limits, Result
from towpath.features.export_files.workbook import write_workbook

#: The second of January 2026 as Excel counts days.
DAY = 46024
NAMES = {"": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets(data: bytes) -> list[list[list[Any]]]:
    """Rows of all sheets: texts as texts, numbers as numbers, booleans as booleans; null where there is no cell."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert not [name for name in book.namelist() if "externalLink" in name or "_rels/sheet" in name], (
            "no links"
        )
        names = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        for name in sorted(
            names, key=lambda name: int(name.removeprefix("xl/worksheets/sheet").removesuffix(".xml"))
        ):
            rows = []
            for row in ET.fromstring(book.read(name)).iterfind(".//row", NAMES):  # noqa: S314  # our own file
                values: dict[int, Any] = {}
                for cell in row.iterfind("c", NAMES):
                    assert cell.find("f", NAMES) is None, "no formulas"
                    kind, text = cell.get("t"), "".join(cell.itertext())
                    value = text if kind == "inlineStr" else text == "1" if kind == "b" else float(text)
                    values[ord(str(cell.get("r"))[0]) - ord("A")] = value
                rows.append([values.get(place) for place in range(max(values, default=-1) + 1)])
            found.append(rows)
    return found


def export(ask: Any, by: Any = None, **body: Any) -> Any:
    return ask("POST", "/exports", by=by, json={"wait": 50, **body})


def fetched(ask: Any, made: Any, by: Any = None) -> Any:
    assert made.status_code == 201, made.text
    found = ask("GET", f"/exports/{made.json()['id']}/file", by=by)
    assert found.status_code == 200, found.text
    return found


def test_a_table_becomes_a_file_of_each_kind(ask: Any, audit_of: Callable[[str], list[dict[str, Any]]]):
    made = export(ask, table="raw.demo.account_move", format="parquet")
    assert (made.json()["rows"], made.json()["file"]) == (148, "account_move.parquet")
    table = pq.read_table(io.BytesIO(fetched(ask, made).content))
    assert table.schema.field("amount_total").type == pa.decimal128(20, 2)
    assert table.column("id").to_pylist() == list(range(3, 151))
    found = fetched(
        ask, export(ask, table="raw.demo.account_move", format="csv", version=0, name="../../Entries: 1")
    )
    assert found.headers["Content-Disposition"] == 'attachment; filename="Entries-1.csv"'
    lines = list(csv.reader(io.StringIO(found.text)))
    assert (len(lines), lines[1][:2]) == (151, ["1", "INV/00001"])
    ((heading, first, *_),) = sheets(
        fetched(ask, export(ask, table="raw.demo.account_move", format="xlsx")).content
    )
    assert heading[:3] == ["id", "name", "partner_id"]
    assert first[:6] == [3, "INV/00003", 3, "posted", 3.3, DAY + 2]
    started = [row for row in audit_of("export.start") if row.get("table") == "raw/demo/account_move"]
    assert {row["format"] for row in started} == {"parquet", "csv", "xlsx"}
    assert audit_of("export.fetch")[-1]["file"] == "account_move.xlsx"


def test_an_answer_is_exported_as_it_was(ask: Any):
    answer = ask.run("select random() r, i from range(3000) t(i)", page=5).json()
    table = pq.read_table(
        io.BytesIO(fetched(ask, export(ask, answer=answer["id"], format="parquet")).content)
    )
    assert table.num_rows == 3000
    assert table.column("r").to_pylist()[:5] == [row[0] for row in answer["rows"]]


def test_a_query_is_exported_beyond_the_limit_of_an_answer(ask: Any):
    made = export(ask, sql="select i, '=1+1' as formula from range(200001) t(i)", format="csv", name="many")
    assert made.json()["rows"] == 200_001
    lines = fetched(ask, made).text.splitlines()
    assert (len(lines), lines[1]) == (200_002, "0,'=1+1")


def test_exports_keep_to_the_rights(ask: Any):
    for body in (
        {"table": "raw.other.account_move"},
        {"sql": "select * from other.account_move"},
        {"sql": "select * from hr_employee__history"},
    ):
        assert export(ask, ask.of_one, format="csv", **body).status_code in {404, 422}
        assert export(ask, ask.sees_two, format="csv", **body).status_code == 403
    assert export(ask, ask.operator, table="raw.demo.account_move", format="csv").status_code == 403
    mine = export(ask, ask.of_one, table="account_move", format="csv").json()
    assert mine["rows"] == 148
    assert ask("GET", f"/exports/{mine['id']}/file").status_code == 404, "somebody else's"
    answer = ask.run("select 1").json()
    assert export(ask, ask.of_one, answer=answer["id"], format="csv").status_code == 404
    assert [one["id"] for one in ask.get("/exports", by=ask.of_one)["items"]] == [mine["id"]]
    assert ask("DELETE", f"/exports/{mine['id']}", by=ask.of_one).status_code == 204
    assert ask("GET", f"/exports/{mine['id']}", by=ask.of_one).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"format": "csv"},
        {"format": "csv", "table": "account_move", "sql": "select 1"},
        {"format": "docx", "sql": "select 1"},
        {"format": "csv", "sql": "drop table x"},
        {"format": "csv", "sql": "select \x00"},
        {"format": "csv", "table": "raw.demo.account_move", "version": 99},
        {"format": "parquet", "sql": "select interval '1 day' i"},
        {"format": "csv", "sql": "select repeat('x', 1900000000)"},
    ],
)
def test_what_can_not_be_exported_is_said(ask: Any, body: dict[str, Any]):
    refused = export(ask, **body)
    assert refused.status_code == 422, refused.text
    assert refused.json()["detail"]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_file_that_is_too_large_is_refused_without_naming_places(tmp_path: Path, kind: str):
    kitchen = Kitchen(memory_mb=256, file_mb=1)
    arguments = {
        "kind": kind,
        "guard": True,
        "sql": "select md5(i::varchar) a, md5((i+1)::varchar) b from range(200000) t(i)",
    }
    limits = Limits(rows=None, seconds=60, memory_mb=256)
    try:
        with pytest.raises(InputError, match="TOWPATH_ANSWERS_MB") as caught:
            kitchen.work(
                "towpath.features.export_files.service:produce",
                {**arguments, "limits": limits, "path": str(tmp_path / f"x.{kind}")},
                seconds=60,
            )
    finally:
        kitchen.close()
    assert str(tmp_path) not in caught.value.message
    assert not (tmp_path / f"x.{kind}").exists()


def result(columns: dict[str, Any], kinds: dict[str, pa.DataType]) -> Result:
    batch = pa.record_batch(
        [pa.array(columns[name], kind) for name, kind in kinds.items()], names=list(kinds)
    )
    found = Result(
        columns=tuple(Column(name=name, type=kind) for name, kind in kinds.items()), batches=iter([batch])
    )
    found.count = batch.num_rows
    return found


def test_excel_keeps_types_and_says_what_it_can_not_hold(tmp_path: Path):
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    found = result(
        {
            "whole": [1, 10**17, None],
            "money": [Decimal("1.10"), Decimal("12345678901234567.89"), None],
            "real": [0.5, float("nan"), None],
            "yes": [True, False, None],
            "day": [dt.date(2026, 1, 2), dt.date(1850, 1, 1), None],
            "at": [moment, None, None],
            "text": ["=1+1", "x" * 40_000, "https://example.org"],
            "ids": [[1, 2], [], None],
        },
        {
            "whole": pa.int64(),
            "money": pa.decimal128(38, 2),
            "real": pa.float64(),
            "yes": pa.bool_(),
            "day": pa.date32(),
            "at": pa.timestamp("us", "UTC"),
            "text": pa.string(),
            "ids": pa.list_(pa.int64()),
        },
    )
    remarks = write_workbook(found, str(tmp_path / "x.xlsx"))
    assert len(remarks) == 3
    assert "1 texts were cut" in remarks[0]
    assert "2 numbers" in remarks[1]
    ((_, first, second, third),) = sheets((tmp_path / "x.xlsx").read_bytes())
    clock = DAY + (3 * 3600 + 4 * 60 + 5) / 86_400
    assert first == [1, 1.1, 0.5, True, DAY, pytest.approx(clock), "=1+1", "[1,2]"]
    assert second[:6] == ["100000000000000000", "12345678901234567.89", None, False, "1850-01-01", None]
    assert len(second[6]) == 32_767
    assert third == [None] * 6 + ["https://example.org"]


def test_rows_beyond_a_sheet_go_on_in_the_next(tmp_path: Path):
    found = result({"n": list(range(25))}, {"n": pa.int64()})
    remarks = write_workbook(found, str(tmp_path / "x.xlsx"), rows_a_sheet=11)
    assert "3 sheets" in remarks[0]
    found_sheets = sheets((tmp_path / "x.xlsx").read_bytes())
    assert [len(rows) for rows in found_sheets] == [11, 11, 6]
    assert [row[0] for rows in found_sheets for row in rows[1:]] == list(range(25))


def test_more_columns_than_excel_has_are_refused(tmp_path: Path):
    columns = tuple(Column(name=f"c{number}", type=pa.int64()) for number in range(16_385))
    with pytest.raises(InputError, match="16,384 columns"):
        write_workbook(Result(columns=columns, batches=iter(())), str(tmp_path / "x.xlsx"))
