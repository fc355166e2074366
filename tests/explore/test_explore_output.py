from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from rich.console import Console

from towpath.features.explore import output
from towpath.features.explore.service import Limits, query

EVERYTHING = """
select 1 as n, 9223372036854775808::hugeint big, 1.10::decimal(16, 2) amount, 0.5::double ratio, 'nan'::double odd,
    true ok, null nothing, date '2026-01-02' as day, timestamptz '2026-01-02 03:04:05.678+01' as at_,
    timestamp '2026-01-02 03:04:05' as local, time '10:20' clock, interval 90 minute span, [1, null] list,
    {'a': 1.5::decimal(3, 1)} object, map {'k': 'v'} dict, '\\x00\\xFF'::blob data, 'a,"b"' || chr(10) || chr(27) || '[31m' text
"""


def shown(sql: str, width: int = 80, **limits: Any) -> str:
    with query(sql, [], Limits(**limits)) as result:
        console = Console(file=io.StringIO(), width=width)
        output.print_table(result, console)
        return console.file.getvalue()  # type: ignore[attr-defined]  # the StringIO given above


def written(printer: Any, sql: str) -> str:
    parts: list[str] = []
    with query(sql, []) as result:
        printer(result, parts.append)
    return "".join(parts)


@pytest.mark.feature("S2.56", "S2.57", "S2.58")
def test_json_keeps_numbers_exact_and_times_in_utc():
    text = written(output.print_json, EVERYTHING)
    assert '"amount":1.10' in text
    assert json.loads(text) == [
        {
            "n": 1,
            "big": 9223372036854775808,
            "amount": 1.1,
            "ratio": 0.5,
            "odd": None,
            "ok": True,
            "nothing": None,
            "day": "2026-01-02",
            "at_": "2026-01-02T02:04:05.678000Z",
            "local": "2026-01-02T03:04:05",
            "clock": "10:20:00",
            "span": "01:30:00",
            "list": [1, None],
            "object": {"a": 1.5},
            "dict": [["k", "v"]],
            "data": "AP8=",
            "text": 'a,"b"\n\x1b[31m',
        }
    ]


def test_json_of_no_rows_and_of_many():
    assert written(output.print_json, "select 1 x where false") == "[]\n"
    assert json.loads(written(output.print_json, "select * from range(5000) t(x)"))[-1] == {"x": 4999}


def test_csv_has_the_same_texts():
    rows = list(csv.reader(io.StringIO(written(output.print_csv, EVERYTHING), newline="")))
    found = dict(zip(*rows, strict=True))
    assert found["amount"] == "1.10"
    assert found["nothing"] == ""
    assert found["at_"] == "2026-01-02T02:04:05.678000Z"
    assert found["list"] == "[1,null]"
    assert found["data"] == "AP8="
    assert found["text"] == 'a,"b"\n\x1b[31m'
    assert len(written(output.print_csv, "select * from range(30000)").splitlines()) == 30_001


def test_a_table_for_people():
    text = shown("select 'Café' as name, 1234.5::decimal(10, 2) amount union all select 'B', 7")
    assert text.splitlines()[0].split() == ["name", "amount"]
    assert "1234.50" in text
    assert text.splitlines()[-1].strip() == "2 rows"


def test_control_characters_do_not_reach_the_terminal():
    assert "\x1b" not in shown("select 'a' || chr(27) || '[31mred' || chr(10) || 'b' as x")


def test_few_wide_rows_are_shown_line_by_line():
    columns = ", ".join(f"'value {number}' as column_{number}" for number in range(20))
    text = shown(f"select {columns}")
    assert "column_19  value 19" in text
    assert max(map(len, text.splitlines())) <= 80


def test_of_many_wide_rows_the_columns_that_fit_are_shown_and_the_rest_named():
    columns = ", ".join(f"'value {number}' as column_{number}" for number in range(20))
    text = shown(f"select {columns} from range(10)")
    assert "not shown:" in text
    assert "column_19" in text.partition("not shown:")[2]
    assert all(len(line) <= 80 for line in text.partition("not shown:")[0].splitlines())


def test_no_rows():
    assert shown("select 1 as x where false").split() == ["x", "0", "rows"]


def test_one_long_text_is_folded():
    text = shown("select repeat('word ', 100) as story, 1 as n from range(4)")
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("interval 0 day", "00:00:00"),
        ("interval '14 months' + interval 1 day", "1 year 2 months 1 day"),
        ("interval '-3 days' + interval '-90 minutes'", "-3 days -01:30:00"),
        ("timestamp '2026-01-02 00:00:00.25' - timestamp '2026-01-01'", "1 day 00:00:00.25"),
        ("null::interval", None),
    ],
)
def test_intervals_are_words(sql: str, text: str | None):
    with query(f"select {sql} as x", []) as result:
        assert list(result.rows()) == [{"x": text}]
