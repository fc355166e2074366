from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
import sqlglot

from towpath.errors import InputError, NotFoundError
from towpath.features.explore.guard import examine
from towpath.features.explore.ready import fitted, of_connection, ready_queries, ready_query, translate
from towpath.features.explore.service import query
from towpath.lake import TableRef
from towpath.lake.table import Commit, Table

FIELDS = {
    version: json.loads(
        (Path(__file__).parents[3] / "shared" / "odoo" / f"fields-{version}.json").read_text(encoding="utf-8")
    )
    for version in ("17.0", "19.0")
}
TYPES = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "many2one": pa.int64(),
    "monetary": pa.decimal128(20, 2),
    "float": pa.float64(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", tz="UTC"),
}
SECOND = Commit(app_id="s", sequence=2, run_id="r")
#: A customer's own model, of which no recording exists (S2.36-S2.46).
QUOTATION = {
    "id": "integer",
    "create_date": "datetime",
    "status": "char",
    "is_renewal": "boolean",
    "total_premium_amount": "monetary",
    "items_value": "monetary",
    "partner_id": "many2one",
    "proponent_type": "char",
    "proponent_state_id": "many2one",
}
KINDS: dict[str, dict[str, dict[str, str]]] = {
    version: {"mut.insurance.quotation": QUOTATION}
    | {
        model: {name: field["type"] for name, field in known[model]["fields"].items() if field.get("store")}
        for model in ("account.payment", "account.move", "sale.order")
    }
    for version, known in FIELDS.items()
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> list[TableRef]:
    return build(tmp_path_factory.mktemp("lake"), "19.0")


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> list[TableRef]:
    return build(tmp_path_factory.mktemp("lake"), "17.0", connection="old")


def build(folder: Path, version: str, connection: str = "demo") -> list[TableRef]:
    """Tables with all stored fields of a version of Odoo, two empty rows in each."""
    made = []
    for model, fields in KINDS[version].items():
        columns = {
            name: TYPES.get(kind, pa.string()) for name, kind in fields.items() if not kind.endswith("2many")
        }
        second = {name: pa.string() for name, kind in fields.items() if kind == "many2one"}
        columns |= {f"{name}__name": kind for name, kind in second.items()}
        columns |= {f"{name}__label": pa.string() for name, kind in fields.items() if kind == "selection"}
        schema = pa.schema(
            [("id", pa.int64()), *((name, kind) for name, kind in columns.items() if name != "id")]
        )
        name = model.replace(".", "_")
        table = TableRef(
            layer="raw",
            folder=connection,
            name=name,
            uri=str(folder / name),
            model=model,
            connection=connection,
        )
        commit = Commit(app_id="s", sequence=1, run_id="r")
        Table(table.uri).upsert(pa.Table.from_pylist([{"id": 1}, {"id": 2}], schema=schema), commit=commit)
        made.append(table)
    return made


@pytest.mark.feature("S2.49", "S2.50", "S2.51")
@pytest.mark.parametrize("name", [found.name for found in ready_queries()])
def test_each_runs_on_tables_of_odoo_19(tables: list[TableRef], name: str):
    found = ready_query(name)
    assert found.title
    assert found.about
    with query(found.sql, tables) as result:
        list(result.rows())
        assert len(result.columns) > 4


@pytest.mark.feature("S2.49", "S2.50", "S2.51")
@pytest.mark.parametrize("name", [found.name for found in ready_queries()])
def test_each_runs_on_tables_of_odoo_17(older: list[TableRef], name: str):
    with query(fitted(ready_query(name).sql, older), older) as result:
        list(result.rows())
        assert len(result.columns) > 4


@pytest.mark.feature("S2.49")
def test_payments_of_odoo_17_have_the_date_of_their_entry(tmp_path: Path):
    tables = build(tmp_path, "17.0")
    places = {table.model: Table(table.uri) for table in tables}
    entries = [
        {"id": 7, "date": date(2026, 3, 5), "state": "posted"},
        {"id": 8, "date": date(2026, 3, 9), "state": "draft"},
    ]
    payments = [
        {
            "id": number,
            "move_id": entry,
            "payment_type": "inbound",
            "amount": Decimal(amount),
            "currency_id__name": "EUR",
        }
        for number, entry, amount in ((1, 7, "10.50"), (2, 8, "99.00"), (3, 7, "1.00"))
    ]
    for model, rows in (("account.move", entries), ("account.payment", payments)):
        schema = pa.schema([places[model].schema.field(name) for name in rows[0]])
        found = pa.Table.from_pylist(rows, schema=schema)
        places[model].upsert(found, commit=SECOND)
    places["account.payment"].upsert(found.slice(0, 0), delete=[3], commit=replace(SECOND, sequence=3))
    with query(fitted(ready_query("payments-by-month").sql, tables), tables) as result:
        (row,) = result.rows()
    assert (row["month"], row["currency"], row["money_in"]) == (date(2026, 3, 1), "EUR", Decimal("10.50"))
    with pytest.raises(InputError, match=r"add a stream of account\.move"):
        fitted(ready_query("payments-by-month").sql, [one for one in tables if one.model != "account.move"])


@pytest.mark.feature("S2.49")
@pytest.mark.parametrize("name", ["payments-by-month", "invoices-by-month"])
def test_of_two_connections_one_is_named(tables: list[TableRef], older: list[TableRef], name: str):
    both = [*tables, *older]
    with pytest.raises(InputError, match="--connection demo or old"):
        fitted(ready_query(name).sql, both)
    for connection in ("demo", "old"):
        chosen = of_connection(both, connection)
        with query(fitted(ready_query(name).sql, chosen), chosen) as result:
            assert len(list(result.rows())) <= 1
    with pytest.raises(NotFoundError, match="demo, old"):
        of_connection(both, "new")


@pytest.mark.feature("S2.49")
@pytest.mark.parametrize("dialect", ["athena", "bigquery", "trino", "spark", "snowflake", "postgres"])
@pytest.mark.parametrize("name", [found.name for found in ready_queries()])
def test_each_is_there_for_other_engines(name: str, dialect: str):
    text = translate(ready_query(name).sql, dialect)
    assert sqlglot.parse_one(text, read=dialect)
    assert "_towpath_deleted_at IS NULL" in text


def test_tables_of_other_engines_are_read_without_the_deleted_rows():
    text = translate(
        "with m as (select * from a) select * from m join b__all x using (id) join s.c y using (id)", "athena"
    )
    assert " ".join(text.split()) == (
        "WITH m AS ( SELECT * FROM ( SELECT * FROM a WHERE _towpath_deleted_at IS NULL ) AS a ) "
        "SELECT * FROM m JOIN b AS x USING (id) "
        "JOIN ( SELECT * FROM s.c WHERE _towpath_deleted_at IS NULL ) AS y USING (id)"
    )
    assert " ".join(translate("select id from b__DELETED", "athena").split()) == (
        "SELECT id FROM ( SELECT * FROM b WHERE NOT _towpath_deleted_at IS NULL ) AS b__DELETED"
    )


def test_names_and_dialects_that_are_not_there():
    with pytest.raises(NotFoundError, match="did you mean payments-by-month"):
        ready_query("payments-by-mont")
    with pytest.raises(InputError, match="athena"):
        translate("select 1", "oracle7")
    with pytest.raises(InputError, match="can not be translated"):
        translate("select from where", "athena")
    assert examine(ready_query("payments-by-month").sql).references
