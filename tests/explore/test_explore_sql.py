from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from obstore.store import MemoryStore

from towpath.errors import DamagedError, InputError, NotFoundError, TowpathError
from towpath.features.explore import engine
from towpath.features.explore.names import find_one, short_names
from towpath.features.explore.service import AsOf, Limits, describe, entries, query
from towpath.lake import TableRef
from towpath.lake.objects import ObjectStorage
from towpath.lake.table import Commit, Table

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64()),
        pa.field("name", pa.string(), metadata={"odoo.label": "Number", "odoo.type": "char"}),
        pa.field("amount_total", pa.decimal128(16, 2), metadata={"odoo.label": "Total"}),
        pa.field("day", pa.date32()),
        pa.field("write_date", pa.timestamp("us", tz="UTC")),
        pa.field("tag_ids", pa.list_(pa.int64())),
    ]
)


def ref(folder: Path, name: str, *, layer: str = "raw", place: str = "demo", model: str = "") -> TableRef:
    return TableRef(layer=layer, folder=place, name=name, uri=str(folder / layer / place / name), model=model)


def fill(table: TableRef, count: int, delete: Sequence[int] = ()) -> None:
    rows = pa.Table.from_pylist(
        [
            {
                "id": number,
                "name": f"INV/{number}",
                "amount_total": Decimal(number) * Decimal("1.10"),
                "day": date(2026, 1, 1 + number % 28),
                "write_date": datetime(2026, 1, 1, 0, 0, number % 60, tzinfo=UTC),
                "tag_ids": [number],
            }
            for number in range(1, count + 1)
        ],
        schema=SCHEMA,
    )
    lake = Table(table.uri)
    lake.upsert(rows, commit=Commit(app_id="s", sequence=1, run_id="r1"))
    if delete:
        lake.upsert(rows.slice(0, 0), delete=delete, commit=Commit(app_id="s", sequence=2, run_id="r2"))


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> list[TableRef]:
    folder = tmp_path_factory.mktemp("lake")
    found = [
        ref(folder, "account_move", model="account.move"),
        ref(folder, "res_partner", model="res.partner"),
        ref(folder, "res_partner", place="other", model="res.partner"),
        ref(folder, "Odd 'Name", place="demo", model="x.odd"),
        ref(folder, "never_read", model="never.read"),
    ]
    fill(found[0], 100, delete=[1, 2])
    fill(found[1], 10)
    fill(found[2], 5)
    fill(found[3], 3)
    return found


def ask(tables: Sequence[TableRef], sql: str, **limits: Any) -> list[dict[str, Any]]:
    with query(sql, tables, Limits(**limits)) as result:
        return list(result.rows())


@pytest.mark.feature("S2.49", "S2.22")
@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("select count(*) n from account_move", [{"n": 98}]),
        ("SELECT count(*) n FROM Account_Move -- comment; here", [{"n": 98}]),
        ("select count(*) n from account_move__all", [{"n": 100}]),
        (
            "from account_move select min(id) as low, sum(amount_total) total",
            [{"low": 3, "total": Decimal("5551.70")}],
        ),
        ("select count(*) n from demo.res_partner", [{"n": 10}]),
        ("select count(*) n from raw.other.res_partner", [{"n": 5}]),
        ("select count(*) n from raw.other.res_partner a join demo.res_partner using (id)", [{"n": 5}]),
        ('select count(*) n from "Odd \'Name"', [{"n": 3}]),
        ("with account as (select 7 as x) select x from account", [{"x": 7}]),
        (
            "with m as (select id from account_move) select count(*) n from m, m other where m.id = other.id",
            [{"n": 98}],
        ),
        ("select id, id from account_move where id = 3", [{"id": 3, "id_1": 3}]),
        ("select unnest(tag_ids) tag from account_move where id = 4;", [{"tag": 4}]),
        (
            "select write_date from account_move where id = 5",
            [{"write_date": datetime(2026, 1, 1, 0, 0, 5, tzinfo=UTC)}],
        ),
        ("values (1)", [{"col0": 1}]),
        (
            "select * from (select id % 2 odd from account_move) pivot (count(*) for odd in (0, 1))",
            [{"0": 49, "1": 49}],
        ),
        ("select _towpath_run_id r from account_move__all where id = 1", [{"r": "r2"}]),
        (
            "with recursive r as (select 1 a union all select a + 1 from r where a < 5) select sum(a) s from r",
            [{"s": 15}],
        ),
    ],
)
def test_questions_are_answered(tables: list[TableRef], sql: str, rows: list[dict[str, Any]]):
    assert ask(tables, sql) == rows


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from read_blob('/etc/passwd')",
        "select * from read_parquet('{part}')",
        "select * from parquet_metadata('{part}')",
        "select * from '/etc/passwd'",
        "select * from '{part}'",
        'select * from "{part}"',
        "select * from glob('/*')",
        "select * from 'https://example.org/x.parquet'",
        "select * from read_json('http://127.0.0.1:1/x')",
        "select getenv('HOME')",
        "select current_setting('allowed_paths')",
        "select * from duckdb_settings()",
        "select * from duckdb_secrets()",
        "select * from pragma_version()",
        "select * from query('select 1')",
        "select * from query_table('account_move')",
        "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
        "select write_log('x')",
        "select * from sniff_csv('/etc/passwd')",
        "copy account_move to '/tmp/x.csv'",
        "copy (select 1) to '{part}'",
        "/* select */ copy account_move to '/tmp/x.csv'",
        "export database '/tmp/x'",
        "attach '/tmp/x.db'",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '10GB'",
        "pragma database_list",
        "reset memory_limit",
        "create table x as select 1",
        "drop view account_move",
        "insert into account_move values (1)",
        "with x as (insert into account_move values (1) returning *) select * from x",
        "with x as (delete from account_move returning *) select * from x",
        "with x as (update account_move set id = 1 returning *) select * from x",
        "select * from (with x as (delete from account_move returning *) select * from x)",
        "select 1; select 2",
        "select 1; drop view account_move",
        "select 1 /* ; */; copy (select 1) to '/tmp/x'",
        "call pragma_version()",
        "explain analyze select 1",
        "begin transaction",
        "checkpoint",
        "execute x",
        "prepare x as select 1",
        "vacuum",
        "use memory",
        "select * from account_move at (version => 99)",
        "select * from account_move at (version => 0 + 0)",
        "select * from account_move at (timestamp => '1999-01-01')",
        "select * from account_move at (timestamp => 'noon')",
        "select * from account_move at (timestamp => now())",
        "select * from account_move at (version => 0) tablesample 10%",
        "with a as (select 1) select * from a at (version => 0)",
        "select ?",
        "",
        " ; ",
        "-- select 1",
        "selec 1",
        "select * from account_move where",
        "select nothing from account_move",
        "select '" + "x" * 300_000 + "'",
        "select " + "-(1 + " * 900 + "1" + ")" * 900,
        "pivot account_move on day using count(*)",
        "select \x00 from account_move",
        "select '\udcff'",
        'select * from "a\nb"',
        "/* \n",
    ],
)
def test_nothing_but_a_select_over_tables_is_possible(tables: list[TableRef], tmp_path: Path, sql: str):
    part = next(Path(tables[0].uri).glob("*.parquet"))
    before = {path: path.read_bytes() for path in Path(tables[0].uri).rglob("*") if path.is_file()}
    with pytest.raises(InputError) as caught:
        ask(tables, sql.replace("{part}", str(part)))
    assert caught.value.exit_code == 2
    assert "\n" not in caught.value.message
    assert before == {path: path.read_bytes() for path in Path(tables[0].uri).rglob("*") if path.is_file()}


HOSTILE_ENGINE = [
    "select * from read_csv('/etc/passwd')",
    "select * from read_blob('/proc/self/environ')",
    "select * from glob('/etc/*')",
    "select * from read_parquet('{outside}')",
    "copy (select 1) to '/tmp/towpath-must-not-exist.csv'",
    "attach '/tmp/towpath-must-not-exist.db'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "set allowed_paths = ['/etc/passwd']",
    "set lock_configuration = false",
    "export database '/tmp/towpath-must-not-exist'",
    "select * from read_parquet('s3://bucket/x.parquet')",
    "select * from 'https://example.org/x.parquet'",
]


@pytest.mark.parametrize("sql", HOSTILE_ENGINE)
def test_the_engine_is_locked_even_without_the_guard(tables: list[TableRef], sql: str):
    from towpath.features.explore.guard import Reference
    from towpath.features.explore.names import Resolved

    outside = next(Path(tables[1].uri).glob("*.parquet"))
    resolved = Resolved(reference=Reference(table="account_move"), table=tables[0], deleted=False)
    with (
        engine.Engine([resolved], memory_mb=200, seconds=20) as locked,
        pytest.raises(InputError, match=r"Permission|disabled|locked|can not be run|Cannot"),
    ):
        list(locked.batches(sql.replace("{outside}", str(outside)), 100))
    assert not list(Path("/tmp").glob("towpath-must-not-exist*"))  # noqa: S108  # the very place the query names


def test_time_is_limited(tables: list[TableRef]):
    with pytest.raises(InputError, match=r"longer than 0.3 seconds"):
        ask(tables, "select count(*) from range(100000000000) a, range(1000) b", seconds=0.3)


def test_memory_is_limited(tables: list[TableRef]):
    with pytest.raises(InputError, match="80 MB of memory"):
        ask(tables, "select list(x) from range(1000000000) t(x)", memory_mb=80)


def test_time_the_reader_takes_does_not_count(tables: list[TableRef]):
    import time

    with query("select * from range(10000)", tables, Limits(seconds=2)) as result:
        for number, _ in enumerate(result.batches):
            time.sleep(0 if number else 2.1)
        assert result.count == 10_000


def test_rows_are_cut_at_the_limit_and_it_is_known(tables: list[TableRef]):
    for limit, cut in ((97, True), (98, False), (None, False)):
        with query("select id from account_move order by id", tables, Limits(rows=limit)) as result:
            assert [row["id"] for row in result.rows()] == list(range(3, 3 + (limit or 98)))
            assert result.cut is cut
    with query("select * from range(1000000000)", tables, Limits(rows=5)) as result:
        assert len(list(result.rows())) == 5, "a large answer is not computed to the end"


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select * from acount_move", "did you mean account_move"),
        ("select * from account.move", "did you mean account_move"),
        ("select * from partner", "did you mean res_partner"),
        ("select * from zzzz", "towpath catalog ls"),
        ("select * from res_partner", r"raw\.demo\.res_partner, raw\.other\.res_partner"),
        ("select nme from account_move", '"nme" not found.*name'),
        ("selec 1", r'syntax error at or near "selec" \(line 1, character 1\)'),
        ("select 1\nfrom account_move group", r"line 2, character"),
    ],
)
def test_mistakes_are_told_with_what_to_do(tables: list[TableRef], sql: str, message: str):
    with pytest.raises(InputError, match=message) as caught:
        ask(tables, sql)
    assert tables[0].uri not in caught.value.message


def test_a_table_never_read_says_so(tables: list[TableRef]):
    with pytest.raises(NotFoundError, match="run its stream first"):
        ask(tables, "select * from never_read")
    with pytest.raises(InputError, match="add a stream"):
        ask([], "select * from account_move")


def test_only_the_tables_of_the_query_are_opened(tables: list[TableRef]):
    broken = [*tables, TableRef(layer="raw", folder="x", name="broken", uri="ftp://nowhere")]
    assert ask(broken, "select count(*) n from account_move") == [{"n": 98}]


def test_the_list_of_tables_can_be_asked_for(tables: list[TableRef]):
    found = ask(tables, "select table_schema, table_name from information_schema.tables order by all")
    assert {"table_schema": "main", "table_name": "account_move"} in found
    assert {"table_schema": "demo", "table_name": "res_partner"} in found
    assert "account_move" in [row["name"] for row in ask(tables, "show tables")]
    assert ask(tables, "describe account_move")[0]["column_name"] == "id"
    assert ask(tables, "summarize account_move")[0]["column_name"] == "id"


def test_earlier_states_can_be_asked_for(tmp_path: Path):
    table = ref(tmp_path, "Ünï")
    fill(table, 3)
    after = datetime.now(UTC)
    fill_more = Commit(app_id="s", sequence=2, run_id="r2")
    Table(table.uri).upsert(
        pa.Table.from_pylist([{"id": 1, "name": "new"}], schema=SCHEMA), delete=[2], commit=fill_more
    )
    now, then = "select name from ünï order by id", "select x.name from ünï x at (version => 0) order by id"
    assert [row["name"] for row in ask([table], now)] == ["new", "INV/3"]
    assert [row["name"] for row in ask([table], then)] == ["INV/1", "INV/2", "INV/3"]
    both = "select old.name as before, ünï.name as after from demo.Ünï as old at (version => 0) join ünï using (id) where id = 1"
    assert ask([table], both) == [{"before": "INV/1", "after": "new"}]
    at = f"select count(*) n, count(*) filter (where name = 'é') from ünï u(a, name) at (timestamp => '{after.isoformat()}')"
    assert ask([table], at)[0]["n"] == 3
    with query(now, [table], as_of=AsOf.from_text(after.isoformat())) as result:
        assert len(list(result.rows())) == 3
    Table(table.uri).sweep(now=datetime.now(UTC) + timedelta(days=8))
    with pytest.raises(InputError, match="not kept any more"):
        ask([table], then)


def test_lost_and_damaged_files_are_said_so(tmp_path: Path):
    table = ref(tmp_path, "t")
    fill(table, 3)
    part = next(Path(table.uri).glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:100])
    with pytest.raises(TowpathError, match=r"missing or damaged|can not be run"):
        ask([table], "select * from t")
    part.unlink()
    with pytest.raises(DamagedError, match="towpath sync run --full"):
        ask([table], "select * from t")


@pytest.mark.parametrize("layer", ["temp", "system", "memory", "main", "select"])
def test_names_that_mean_something_to_the_engine(tmp_path: Path, layer: str):
    table = ref(tmp_path, "t", layer=layer, place=layer)
    fill(table, 2)
    assert ask([table], "select count(*) n from t") == [{"n": 2}]
    try:
        assert ask([table], f'select count(*) n from "{layer}"."{layer}".t') == [{"n": 2}]
    except InputError as error:
        assert layer in {"temp", "system", "main"}, error  # noqa: PT017  # both outcomes are right


def test_a_column_newer_than_all_parts_is_null(tmp_path: Path):
    table = ref(tmp_path, "t")
    fill(table, 3)
    wider = pa.schema([*SCHEMA, pa.field("x_new", pa.decimal128(10, 2))])
    Table(table.uri).publish(
        [], mode="append", schema=wider, commit=Commit(app_id="s", sequence=9, run_id="r")
    )
    assert ask([table], "select count(*) n, count(x_new) m, sum(id) s from t") == [{"n": 3, "m": 0, "s": 6}]
    Table(table.uri).publish(
        [], mode="replace", schema=wider, commit=Commit(app_id="s", sequence=10, run_id="r")
    )
    assert ask([table], "select count(*) n, max(x_new) m from t") == [{"n": 0, "m": None}]


def test_tables_in_an_object_store_are_asked_the_same_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    local = ref(tmp_path, "local")
    fill(local, 5)
    storage = ObjectStorage(MemoryStore())
    far = Table("memory://far", storage=storage)
    rows = pa.Table.from_batches(list(Table(local.uri).scan(SCHEMA.names)))
    far.upsert(rows, delete=[], commit=Commit(app_id="s", sequence=1, run_id="r"))
    far.upsert(rows.slice(0, 0), delete=[2], commit=Commit(app_id="s", sequence=2, run_id="r"))
    monkeypatch.setattr(engine, "Table", lambda uri, _: far if uri.startswith("memory") else Table(uri))
    tables = [local, TableRef(layer="raw", folder="demo", name="far", uri="memory://far")]
    sql = (
        "select count(*) n, sum(far.amount_total) s from far join local using (id) join far again using (id)"
    )
    assert ask(tables, sql) == [{"n": 4, "s": Decimal("14.30")}]
    assert ask(tables, "select count(*) n from raw.demo.far__all") == [{"n": 5}]


@pytest.mark.feature("S2.22")
def test_the_catalog_tells_what_is_there(tables: list[TableRef]):
    found = {entry.table.path: entry for entry in entries(tables)}
    move = found["raw/demo/account_move"]
    assert (move.rows, move.deleted, move.version, move.name) == (98, 2, 1, "account_move")
    assert move.changed is not None
    assert move.size > 1000
    assert found["raw/demo/never_read"].rows is None
    assert found["raw/other/res_partner"].name == "other.res_partner"
    entry, columns = describe(tables[0])
    assert entry.to_json()["rows"] == 98
    total = next(column for column in columns if column.name == "amount_total")
    assert (total.type, total.note("label")) == ("decimal(16,2)", "Total")
    assert total.to_json() == {"name": "amount_total", "type": "decimal(16,2)", "label": "Total"}


def test_a_table_is_found_by_name_path_or_model(tables: list[TableRef]):
    for text in (
        "account_move",
        "raw/demo/account_move",
        "raw.demo.account_move",
        "demo.account_move",
        "account.move",
    ):
        assert find_one(text, tables) == tables[0]
    with pytest.raises(InputError, match="Several tables"):
        find_one("res_partner", tables)
    with pytest.raises(NotFoundError, match="did you mean account_move"):
        find_one("acount_move", tables)
    assert short_names(tables)[tables[2]] == "other.res_partner"
