"""Attacks on the explorer through the API: other people's tables, the machine's files, its memory, its time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from towpath.hub import Hub

#: Names under which the rows of the connection c2 could be looked for by somebody who may read c1 alone.
FOREIGN = [
    "select * from other.account_move",
    "select * from raw.other.account_move",
    'select * from "raw"."other"."account_move"',
    'select * from RAW."OTHER".Account_Move',
    "select * from other.account_move__all",
    "select * from other.account_move__deleted",
    "select * from other.account_move__history",
    "select * from raw.other.account_move at (version => 0)",
    "select * from other.account_move at (timestamp => '2099-01-01')",
    "select * from hr_employee",
    "select * from hr_employee__all",
    "select * from hr_employee__history",
    "select * from hr_employee__versions",
    "select * from raw.other.res_partner__category_id",
    "with a as (select * from other.account_move) select * from a",
    "with account_move as (select * from other.account_move) select * from account_move",
    "with recursive a as (select id from other.account_move union select id + 1 from a where id < 5) select * from a",
    "select (select count(*) from other.account_move)",
    "select * from account_move where id in (select id from other.account_move)",
    "select * from account_move m, lateral (select * from other.account_move o where o.id = m.id)",
    "select * from account_move union all select * from other.account_move",
    "select exists(from other.account_move)",
    "from other.account_move",
    "select * from (pivot other.account_move on state in ('posted') using count(*))",
    "select * from other.account_move pivot (count(*) for state in ('posted'))",
    "describe other.account_move",
    "summarize other.account_move",
    "select * from account_move /* */ join /**/ other /**/ . /**/ account_move using (id)",
    'select * from "other.account_move"',
    'select * from "raw/other/account_move"',
    "select * from query_table('other.account_move')",
    "select * from query('select * from other.account_move')",
    "table other.account_move",
]


@pytest.mark.parametrize("sql", FOREIGN)
def test_no_name_leads_to_the_tables_of_another_connection(ask: Any, sql: str):
    refused = ask.run(sql, by=ask.of_one)
    assert refused.status_code == 422, refused.text
    assert "INV" not in refused.text
    seen = ask.run(sql, by=ask.sees_two)
    assert seen.status_code in {403, 422}, seen.text
    assert "INV" not in seen.text


@pytest.mark.parametrize("sql", FOREIGN[:4])
def test_who_sees_but_may_not_read_is_told_whom_to_ask(
    ask: Any, sql: str, audit_of: Callable[[str], list[dict[str, Any]]]
):
    refused = ask.run(sql, by=ask.sees_two)
    assert refused.status_code == 403
    assert "Analyst of the connection other" in refused.json()["detail"]
    last = audit_of("query.run")[-1]
    assert (last["result"], last["sql"]) == ("refused", sql)


def test_a_name_is_clear_where_only_one_of_its_tables_is_seen(ask: Any):
    answer = ask.run("select count(*) n from account_move", by=ask.of_one).json()
    assert answer["rows"] == [[148]]
    assert ask.run("select count(*) n from account_move").status_code == 422, (
        "two of that name for the administrator"
    )


def test_no_table_is_read_unseen_behind_the_name_of_a_with_part(ask: Any):
    """What a query reads is on record and is asked for again with its answer; a list of tables must not open others."""
    hidden = (
        "select m.name from (with account_move as (select 1 a) select a from account_move) part, account_move m, "
        "information_schema.tables"
    )
    refused = ask.run(hidden, by=ask.of_one)
    assert refused.status_code == 422, refused.text
    named = ask.run(hidden.replace("account_move m", "demo.account_move m"), by=ask.of_one).json()
    assert named["tables"] == ["raw/demo/account_move"]


def test_lists_of_tables_have_ones_own_alone(ask: Any):
    for sql in (
        "select table_schema, table_name from information_schema.tables",
        "select table_name, column_name from information_schema.columns",
        "show all tables",
        "show tables",
    ):
        answer = ask.run(sql, by=ask.of_one)
        assert answer.status_code == 200, answer.text
        assert "account_move" in answer.text
        assert "employee" not in answer.text
        assert '"other"' not in answer.text


LEAKS = [
    "select * from pg_catalog.pg_settings",
    "select * from pg_catalog.pg_views",
    "select * from system.pg_catalog.pg_views",
    "select view_definition from information_schema.views",
    "select view_definition from system.information_schema.views",
    "select * from pg_catalog.pg_prepared_statements",
    "select * from duckdb_settings()",
    "select * from duckdb_settings",
    "select * from duckdb_views()",
    "select * from duckdb_views",
    "select * from system.main.duckdb_views",
    "select * from main.duckdb_logs",
    "select * from sqlite_master",
    "select * from pragma_database_list",
    "select * from duckdb_secrets()",
    "select * from duckdb_variables()",
    "select * from duckdb_prepared_statements()",
    "select * from duckdb_temporary_files()",
    "select * from duckdb_external_file_cache()",
    "select * from which_secret('s3://x', 's3')",
    "select * from pragma_table_info('account_move')",
    "select current_setting('allowed_paths')",
    "select current_setting('secret_directory')",
    "select getenv('HOME')",
    "select getenv('TOWPATH_MASTER_KEY')",
    "select json_serialize_plan('select * from account_move')",
    "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "select pg_get_viewdef(1)",
    "select * from __towpath_0",
    "select * from arrow_scan(1, 2, 3)",
    "select * from python_map_function()",
    "select * from pandas_scan(1)",
    "select * from seq_scan('account_move')",
    "select * from read_duckdb('/etc/passwd')",
    "select * from test_all_types()",
]

FILES = [
    "select * from read_csv('/etc/passwd')",
    "select * from read_csv_auto('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/proc/self/environ')",
    "select * from read_json('/etc/os-release')",
    "select * from read_ndjson_objects('/etc/passwd')",
    "select * from read_parquet('{other}')",
    "select * from parquet_scan('{other}')",
    "select * from parquet_schema('{other}')",
    "select * from parquet_kv_metadata('{other}')",
    "select * from parquet_full_metadata('{own}')",
    "select * from '{other}'",
    "select * from '{own}'",
    'select * from "{other}"',
    "select * from '/etc/passwd'",
    "select * from '/proc/self/environ.csv'",
    "select * from glob('/**')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from 'https://example.org/x.parquet'",
    "select * from read_csv('http://169.254.169.254/latest/meta-data')",
    "select * from 's3://bucket/x.parquet'",
    "select * from read_parquet('hf://datasets/x/y.parquet')",
    "copy account_move to '/tmp/towpath-attack.csv'",
    "copy (select 1) to '/tmp/towpath-attack.parquet' (format parquet)",
    "copy account_move from '/etc/passwd'",
    "export database '/tmp/towpath-attack'",
    "import database '/tmp'",
    "attach '/tmp/towpath-attack.db' as x",
    "attach 'postgres:dbname=postgres' as x (type postgres)",
    "install httpfs",
    "install httpfs from 'http://example.org'",
    "load httpfs",
    "load '/tmp/x.duckdb_extension'",
    "force install postgres",
]

STATEMENTS = [
    "set memory_limit = '100GB'",
    "set enable_external_access = true",
    "set global lock_configuration = false",
    "set variable x = (select 1)",
    "reset all",
    "pragma enable_profiling",
    "pragma add_parquet_key('k', '0123456789112345')",
    "pragma database_list",
    "call force_checkpoint()",
    "create secret s (type s3)",
    "create macro m() as (select 1)",
    "create view v as select 1",
    "create or replace temp table t as select 1",
    "create function f() as 1",
    "drop view account_move",
    "alter table account_move add column x int",
    "insert into account_move values (1)",
    "update account_move set id = 1",
    "delete from account_move",
    "truncate account_move",
    "merge into account_move using account_move on true when matched then delete",
    "begin; select 1",
    "select 1; select 2",
    "select 1; copy (select 1) to '/tmp/towpath-attack.csv'",
    "select 1;;;attach '/tmp/towpath-attack.db'",
    "/* select 1 */ drop view account_move",
    "-- select 1\ndrop view account_move",
    "select 1 -- \n; drop view account_move",
    "/* ; */ ; /* */ select 1; drop view account_move",
    "prepare p as select 1",
    "execute p",
    "deallocate p",
    "explain select 1",
    "explain analyze select * from account_move",
    "use raw.other",
    "vacuum",
    "checkpoint",
    "comment on view account_move is 'x'",
    "kill 1",
    "select ?",
    "select $1",
    "with x as materialized (delete from account_move returning *) select * from x",
]


@pytest.mark.parametrize("sql", LEAKS + FILES + STATEMENTS)
def test_nothing_of_the_machine_is_reached(ask: Any, hub: Hub, sql: str):
    own = next(Path(f"{hub.lake_root}/raw/demo/account_move").glob("*.parquet"))
    other = next(Path(f"{hub.lake_root}/raw/other/account_move").glob("*.parquet"))
    refused = ask.run(sql.replace("{own}", str(own)).replace("{other}", str(other)), by=ask.of_one)
    assert refused.status_code == 422, refused.text
    text = refused.json()["detail"]
    assert "root:" not in text
    assert hub.lake_root not in text.replace(str(own), "").replace(str(other), "")
    assert not list(Path("/tmp").glob("towpath-attack*"))  # noqa: S108  # the very place the query names


def test_the_process_for_queries_knows_no_secret(ask: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from towpath.features.explore.kitchen import Kitchen

    monkeypatch.setenv("TOWPATH_MASTER_KEY", "canary-4711")
    kitchen = Kitchen(memory_mb=256, file_mb=64)
    try:
        kitchen.work("builtins:dict", {}, seconds=5)
        (child,) = [one for one in psutil.Process().children() if "answering" in " ".join(one.cmdline())][-1:]
        assert "canary-4711" not in str(child.environ())
    finally:
        kitchen.close()


#: What DuckDB's own memory limit does not count, or its interruption does not reach.
BOMBS = [
    "select length(repeat('x', 1900000000))",
    "select len(range(300000000))",
    "select list_transform(range(30000000), lambda x: repeat('x', 100))",
    "select length(format('{:>1900000000}', 'x'))",
    "select length(regexp_replace(repeat('a', 5000000), 'a', repeat('b', 1000), 'g'))",
    "select length(string_agg(repeat('x', 1000000), '')) from range(3000)",
    "with recursive r as (select 1 a, repeat('x', 1000) s union all select a + 1, s || s from r where a < 30) select max(length(s)) from r",
    "select array_agg(repeat('y', 100000)) from range(100000)",
    "select repeat('x', 10000000) || i from range(1000) t(i)",
]


@pytest.mark.parametrize("sql", BOMBS)
def test_memory_is_limited_whatever_asks_for_it(ask: Any, sql: str):
    before = psutil.Process().memory_info().rss
    refused = ask.run(sql, by=ask.of_one)
    assert refused.status_code == 422, refused.text[:300]
    assert "memory" in refused.json()["detail"] or "seconds" in refused.json()["detail"]
    assert psutil.Process().memory_info().rss - before < 300 * 1024 * 1024, "the server itself has grown"


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory, hub: Hub) -> Any:
    """Asks the room's process itself, with a second of time."""
    from towpath.features.explore.kitchen import Kitchen
    from towpath.features.explore.service import Limits

    folder = tmp_path_factory.mktemp("answers")
    kitchen = Kitchen(memory_mb=256, file_mb=64)

    def ask(sql: str) -> Any:
        limits = Limits(seconds=1, memory_mb=256)
        arguments = {
            "sql": sql, "tables": [], "limits": limits, "as_of": None, "most_bytes": 10**8, "path": str(folder / "a"),
        }  # fmt: skip
        return kitchen.work("towpath.features.explore.answers:write", arguments, seconds=1)

    yield ask
    kitchen.close()


@pytest.mark.parametrize(
    "sql",
    [
        "with recursive r as (select 1 a union all select a + 1 from r) select count(*) from r",
        "select count(*) from range(100000000000) a, range(1000) b",
        "select count(*) from range(10000000) t(a) where regexp_matches(repeat('a', 1000) || a::varchar, '(a+)+b(a+)+b(.*)+')",
        "select levenshtein(repeat('ab', 50000), repeat('cd', 50000))",
        "select length(lpad('x', 500000000, 'y'))",
    ],
)
def test_time_is_limited_whatever_spends_it(impatient: Any, sql: str):
    from towpath.errors import InputError

    began = time.monotonic()
    with pytest.raises(InputError, match="longer than 1 seconds"):
        impatient(sql)
    assert time.monotonic() - began < 60
    assert impatient("select 1")["rows"] == 1, "the next query has a process again"


def test_a_huge_answer_is_cut_on_disk(tmp_path: Path):
    from towpath.features.explore.answers import page, write
    from towpath.features.explore.service import Limits

    sql = "select md5(i::varchar) || md5((i + 1)::varchar) t, random() r from range(10000000) t(i)"
    path = tmp_path / "answer"
    told = write(
        sql=sql,
        tables=[],
        limits=Limits(rows=None, seconds=20),
        as_of=None,
        path=str(path),
        most_bytes=3_000_000,
    )
    assert told["cut"]
    assert told["rows"] < 100_000
    assert path.stat().st_size < 4_000_000
    assert page(path, told["rows"] - 1, 10).num_rows == 1
