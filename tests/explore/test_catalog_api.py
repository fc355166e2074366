"""The catalog over REST: who sees what, rows in blocks, versions, differences, lineage."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from towpath.features.explore.windows import window
from towpath.hub import Hub
from towpath.lake import difference
from towpath.lake.table import Commit, Table


def paths(found: Any) -> list[str]:
    return [table["path"] for table in found["items"]]


@pytest.mark.feature("S2.22")
def test_everybody_sees_the_tables_of_their_connections(ask: Any):
    assert paths(ask.get("/catalog")) == [
        "raw/demo/account_move",
        "raw/demo/crm_lead",
        "raw/demo/res_partner",
        "raw/demo/res_partner__category_id",
        "raw/other/account_move",
        "raw/other/hr_employee",
        "raw/other/hr_employee__versions",
        "raw/other/res_partner",
        "raw/other/res_partner__category_id",
    ]
    mine = ask.get("/catalog", by=ask.of_one)
    assert paths(mine) == [
        "raw/demo/account_move",
        "raw/demo/crm_lead",
        "raw/demo/res_partner",
        "raw/demo/res_partner__category_id",
    ]
    first = mine["items"][0]
    assert (first["rows"], first["deleted"], first["version"], first["sql_name"]) == (
        148,
        2,
        1,
        "account_move",
    )
    assert first["may_read"]
    seen = {table["path"]: table["may_read"] for table in ask.get("/catalog", by=ask.sees_two)["items"]}
    assert seen["raw/demo/account_move"]
    assert not seen["raw/other/account_move"]
    assert not any(table["may_read"] for table in ask.get("/catalog", by=ask.operator)["items"])


def test_the_catalog_comes_in_pages_and_is_searched(ask: Any):
    first = ask.get("/catalog", limit=3)
    rest = ask.get("/catalog", limit=500, cursor=first["next"])
    assert paths(first) + paths(rest) == paths(ask.get("/catalog"))
    assert rest["next"] is None
    assert paths(ask.get("/catalog", search="ALL ENTRIES")) == [
        "raw/demo/account_move",
        "raw/other/account_move",
    ]
    assert paths(ask.get("/catalog", search="res.partner", connection="demo")) == ["raw/demo/res_partner"]


def test_a_table_tells_what_odoo_says_of_its_columns(ask: Any):
    found = ask.get("/catalog/tables/raw.demo.account_move", by=ask.operator)
    column = next(one for one in found["columns"] if one["name"] == "partner_id")
    assert (column["label"], column["odoo_type"], column["relation"]) == (
        "Partner",
        "many2one",
        "res.partner",
    )
    assert (column["type"], column["kind"]) == ("bigint", "number")
    assert next(one["name"] for one in found["columns"] if one["system"]) == "_towpath_run_id"


@pytest.mark.parametrize(
    "table", ["raw.other.account_move", "hr_employee", "hr.employee", "raw.other.hr_employee__versions"]
)
@pytest.mark.parametrize(
    "part",
    ["", "/rows", "/versions", "/lineage", "/difference?old=0&new=1", "/difference/summary?old=0&new=1"],
)
def test_what_somebody_may_not_see_does_not_exist(ask: Any, table: str, part: str):
    refused = ask("GET", f"/catalog/tables/{table}{part}", by=ask.of_one)
    assert refused.status_code == 404
    assert "employee" not in refused.json()["detail"].replace(table, "")
    allowed = ask("GET", f"/catalog/tables/{table}{part}")
    assert allowed.status_code == 200, allowed.text


@pytest.mark.parametrize("part", ["/rows", "/difference?old=0&new=1", "/difference/summary?old=0&new=1"])
def test_rows_take_the_right_to_read_them(ask: Any, part: str):
    refused = ask("GET", f"/catalog/tables/raw.other.account_move{part}", by=ask.sees_two)
    assert refused.status_code == 403
    assert "role Analyst of the connection other" in refused.json()["detail"]
    assert ask("GET", f"/catalog/tables/account_move{part}", by=ask.operator).status_code == 403


def test_rows_come_in_blocks(ask: Any, audit_of: Callable[[str], list[dict[str, Any]]]):
    first = ask.get(
        "/catalog/tables/raw.demo.account_move/rows", limit=100, columns="id,name,amount_total,write_date"
    )
    assert first["columns"] == ["id", "name", "amount_total", "write_date"]
    assert first["rows"][0] == [3, "INV/00003", "3.30", "2026-01-01T00:00:03Z"]
    assert (first["total"], first["version"]) == (148, 1)
    rest = ask.get(
        "/catalog/tables/raw.demo.account_move/rows", start=100, limit=100, columns="id", version=1
    )
    assert [row[0] for row in first["rows"] + rest["rows"]] == list(range(3, 151))
    back = ask.get("/catalog/tables/raw.demo.account_move/rows", limit=2, columns="id", sort="-id")
    assert back["rows"] == [[150], [149]]
    everything = ask.get("/catalog/tables/raw.demo.account_move/rows", limit=1, columns="id", rows="all")
    assert (everything["total"], everything["rows"]) == (150, [[1]])
    gone = ask.get("/catalog/tables/raw.demo.account_move/rows", columns="id,_towpath_state", rows="deleted")
    assert gone["rows"] == [[1, "deleted"], [2, "deleted"]]
    before = ask.get("/catalog/tables/raw.demo.account_move/rows", version=0, limit=1, columns="id")
    assert (before["total"], before["rows"], before["version"]) == (150, [[1]], 0)
    assert ask.get("/catalog/tables/raw.demo.account_move/rows", start=10_000)["rows"] == []
    before = len(audit_of("catalog.read"))
    for start in (0, 50, 100):
        ask.get("/catalog/tables/raw.demo.account_move/rows", start=start, sort="-name")
    looks = audit_of("catalog.read")[before:]
    assert [(one["object"], one["sort"]) for one in looks] == [("table/raw/demo/account_move", "-name")], (
        "one row for each look, not for each block"
    )


def test_rows_are_sorted_and_filtered(ask: Any):
    def rows(**query: Any) -> list[Any]:
        found = ask.get("/catalog/tables/raw.demo.account_move/rows", columns="id", **query)
        return [row[0] for row in found["rows"]]

    def where(*conditions: tuple[Any, ...]) -> str:
        return json.dumps(
            [dict(zip(("column", "operator", "value"), one, strict=False)) for one in conditions]
        )

    assert rows(sort="partner_id,-amount_total", limit=3) == [147, 140, 133]
    assert rows(sort="-partner_id", limit=2, start=1) == [13, 20]
    assert rows(filter=where(("name", "contains", "inv/0001"), ("id", "lt", "12"))) == [10, 11]
    assert rows(filter=where(("amount_total", "ge", "164.99"))) == [150]
    assert rows(filter=where(("day", "eq", "2026-01-02"), ("id", "le", 60))) == [29, 57]
    assert rows(filter=where(("id", "in", [5, 6]), ("state", "filled"))) == [5, 6]
    assert rows(filter=where(("state", "empty"))) == []
    assert rows(filter=where(("name", "eq", "x' or 1=1 --"))) == []
    assert rows(filter=where(("write_date", "lt", "2026-01-01T00:00:01Z"), ("id", "ne", 60))) == [120]


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "x"},
        {"filter": "[1]"},
        {"filter": '[{"column": "nothing", "operator": "eq"}]'},
        {"filter": '[{"column": "id", "operator": "eq", "value": "x"}]'},
        {"filter": '[{"column": "id", "operator": "; drop", "value": "x"}]'},
        {"filter": '{"a": 1}'},
        {"sort": 'id" desc, (select 1)'},
        {"columns": "nothing"},
        {"version": 99},
        {"at": "noon"},
        {"at": "0001-01-01T00:00+23:59"},
        {"start": -1},
        {"limit": 501},
    ],
)
def test_what_can_not_be_read_is_said(ask: Any, query: dict[str, Any]):
    refused = ask("GET", "/catalog/tables/raw.demo.account_move/rows", params=query)
    assert refused.status_code == 422, refused.text
    assert refused.json()["detail"]


def test_versions_tell_what_they_brought(ask: Any):
    found = ask.get("/catalog/tables/raw.demo.account_move/versions")["items"]
    assert [(one["version"], one["run_id"], one["inserted"], one["deleted"]) for one in found] == [
        (1, "r2", 0, 2),
        (0, "r1", 150, 0),
    ]
    assert all(one["readable"] for one in found)
    page = ask.get("/catalog/tables/raw.demo.account_move/versions", limit=1)
    rest = ask.get("/catalog/tables/raw.demo.account_move/versions", cursor=page["next"])
    assert [one["version"] for one in page["items"] + rest["items"]] == [1, 0]
    assert ask.get("/catalog/tables/raw.other.res_partner/versions")["items"] == []


def test_a_difference_has_rows_that_came_went_and_changed(
    ask: Any, hub: Hub, rows_of: Callable[..., pa.Table], audit_of: Callable[[str], list[dict[str, Any]]]
):
    table = Table(f"{hub.lake_root}/raw/other/res_partner__category_id")
    news = pa.concat_tables([rows_of(1, 1), rows_of(5, 5, state="paid"), rows_of(8, 9)])
    table.upsert(news, delete=[6], commit=Commit(app_id="s", sequence=3, run_id="r3"))
    found = ask.get("/catalog/tables/raw.other.res_partner__category_id/difference", old=1, new=2)
    told = [(one["kind"], one["id"], one["columns"], one["state"]) for one in found["items"]]
    assert told == [
        ("added", 1, [], ""),
        ("changed", 5, ["state"], ""),
        ("removed", 6, [], "deleted"),
        ("added", 8, [], ""),
        ("added", 9, [], ""),
    ]
    changed = found["items"][1]
    assert (changed["old"]["state"], changed["new"]["state"]) == ("posted", "paid")
    assert changed["new"]["amount_total"] == "5.50"
    pages: list[Any] = []
    cursor = None
    while True:
        page = ask.get(
            "/catalog/tables/raw.other.res_partner__category_id/difference",
            old=1,
            new=2,
            limit=2,
            **({"cursor": cursor} if cursor else {}),
        )
        pages += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert pages == found["items"]
    summary = ask.get("/catalog/tables/raw.other.res_partner__category_id/difference/summary", old=1, new=2)
    assert summary == {"added": 3, "removed": 1, "changed": 1, "columns": {"state": 1}}
    assert (
        ask("GET", "/catalog/tables/raw.other.res_partner__category_id/difference?old=2&new=1").status_code
        == 422
    )
    assert audit_of("catalog.compare")[-1]["old"] == 1


def test_a_difference_of_a_replaced_table_and_of_a_column(tmp_path: Path, rows_of: Callable[..., pa.Table]):
    table = Table(str(tmp_path / "t"))
    for number, rows in enumerate((rows_of(1, 100), rows_of(50, 120).drop_columns(["day"]))):
        staged = table.stage(rows.to_batches())
        table.publish(
            staged,
            mode="replace",
            schema=rows.schema,
            commit=Commit(app_id="s", sequence=number + 1, run_id=f"r{number}"),
        )
    old, new = table.require(0), table.require(1)
    assert difference.columns(old, new).removed == ("day",)
    found = difference.summary(table, old, new)
    assert (found.added, found.removed, found.changed) == (20, 49, 0)
    changes, rest = difference.changes(table, old, new, limit=30)
    assert ([one.key for one in changes], rest) == (list(range(1, 31)), 30)
    assert changes[0].state == ""


def test_a_difference_opens_only_files_that_differ(tmp_path: Path, rows_of: Callable[..., pa.Table]):
    table = Table(str(tmp_path / "t"))
    batches = [rows_of(low, low + 99) for low in (1, 101, 201)]
    staged = [part for rows in batches for part in table.stage(rows.to_batches())]
    table.publish(
        staged, mode="replace", schema=batches[0].schema, commit=Commit(app_id="s", sequence=1, run_id="r")
    )
    table.upsert(rows_of(150, 150, state="paid"), commit=Commit(app_id="s", sequence=2, run_id="r"))
    old, new = table.require(0), table.require(1)
    for path in set(old.files) & set(new.files):
        (tmp_path / "t" / path).unlink()
    changes, _ = difference.changes(table, old, new)
    assert [(one.key, one.columns) for one in changes] == [(150, ("state",))]


def test_lineage_leads_from_odoo_to_the_runs(ask: Any):
    found = ask.get("/catalog/tables/raw.demo.account_move/lineage", by=ask.operator)
    assert (found["connection"], found["model"], found["sync_type"]) == (
        "demo",
        "account.move",
        "INCREMENTAL",
    )
    assert found["stream_id"]
    assert [one["run_id"] for one in found["versions"]] == ["r2", "r1"]
    beside = ask.get("/catalog/tables/raw.other.res_partner__category_id/lineage")
    assert beside["part_of"] == "raw/other/res_partner"
    assert ask.get("/catalog/tables/raw.demo.res_partner/lineage")["beside"] == [
        "raw/demo/res_partner__category_id"
    ]


def test_an_editor_gets_the_names_of_what_may_be_read(ask: Any):
    found = ask.get("/catalog/completion", by=ask.sees_two)
    assert (
        {"account_move", "res_partner"} <= set(found["tables"]) <= {"account_move", "crm_lead", "res_partner"}
    )
    assert found["labels"]["account_move"]["partner_id"] == "Partner"
    assert "date_trunc" in found["functions"]


@pytest.mark.slow
def test_a_million_rows_are_scrolled_through_at_once(ask: Any, hub: Hub):
    """A block of 200 rows, after the first one, comes in less than 150 ms: by id, sorted, at the end."""
    table = Table(f"{hub.lake_root}/raw/demo/crm_lead")
    sql = "select i id, 'INV/' || i as name, i % 4999 as partner_id, (i * 7919 % 1000003)::decimal(20,2) as amount_total"
    with duckdb.connect() as engine:
        rows = engine.sql(f"{sql} from range(1, 1000001) t(i)").to_arrow_reader(50_000)
        staged = table.stage(rows)
    sequence = table.sequence("s") + 1
    table.publish(
        staged, mode="replace", schema=rows.schema, commit=Commit(app_id="s", sequence=sequence, run_id="m")
    )
    for sort in ("", "-amount_total"):
        address = "/catalog/tables/raw.demo.crm_lead/rows"
        version = ask.get(address, limit=1, sort=sort)["version"]
        best = []
        for start in (200, 400, 600, 500_000, 500_200, 999_800, 30_000):
            seconds = []
            while not seconds or (seconds[-1] > 0.15 and len(seconds) < 15):  # others use the machine too
                began = time.perf_counter()
                block = ask.get(address, start=start, limit=200, sort=sort, version=version)
                seconds.append(time.perf_counter() - began)
            best.append(min(seconds))
            assert (len(block["rows"]), block["total"]) == (200, 1_000_000)
        assert sorted(best)[len(best) // 2] < 0.15, best
    assert ask.get(address, limit=1, sort="-amount_total", columns="amount_total")["rows"] == [["1000002.00"]]


def test_windows_are_those_of_the_whole_table(tmp_path: Path, rows_of: Callable[..., pa.Table]):
    table = Table(str(tmp_path / "t"))
    batches = [rows_of(low, low + 49) for low in (1, 51, 101)]
    staged = [part for rows in batches for part in table.stage(rows.to_batches())]
    table.publish(
        staged, mode="replace", schema=batches[0].schema, commit=Commit(app_id="s", sequence=1, run_id="r")
    )
    table.upsert(rows_of(1, 0), delete=[1, 50, 51, 150], commit=Commit(app_id="s", sequence=2, run_id="r"))
    snapshot = table.require()
    ids = [number for number in range(1, 151) if number not in {1, 50, 51, 150}]
    for start, limit in ((0, 1), (0, 500), (40, 20), (47, 1), (96, 60), (145, 5), (146, 5)):
        for backwards in (False, True):
            found = window(
                "t", table.storage, snapshot, ["id"], start=start, limit=limit, backwards=backwards
            )
            wanted = (ids[::-1] if backwards else ids)[start : start + limit]
            assert (found.rows.column("id").to_pylist(), found.total) == (wanted, len(ids))
