"""The commands `sql` and `catalog` as people and machines call them."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from towpath.cli import main
from towpath.features.connections.tables import connections
from towpath.features.replicate import streams
from towpath.hub import open_hub
from towpath.lake.manifest import Manifest, publish
from towpath.lake.table import Commit, Table

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), metadata={"odoo.type": "integer", "odoo.label": "ID"}),
        pa.field("name", pa.string(), metadata={"odoo.type": "char", "odoo.label": "Number"}),
        pa.field(
            "partner_id",
            pa.int64(),
            metadata={"odoo.type": "many2one", "odoo.label": "Partner", "odoo.relation": "res.partner"},
        ),
        pa.field(
            "amount_total", pa.decimal128(20, 2), metadata={"odoo.type": "monetary", "odoo.label": "Total"}
        ),
    ]
)


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with two streams, one of which has been read."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOWPATH_HOME", str(folder))
        for name in ("TOWPATH_STORAGE", "TOWPATH_DATABASE_URL"):
            patch.delenv(name, raising=False)
        with open_hub() as hub:
            with hub.store.begin() as db:
                values = {
                    "id": "c1",
                    "name": "demo",
                    "url": "http://127.0.0.1:1",
                    "protocol": "json2",
                    "version": "19.0",
                }
                db.execute(connections.insert().values(values))
                for model in ("account.move", "res.partner"):
                    streams.add(
                        db,
                        connection_id="c1",
                        model=model,
                        layer="raw",
                        folder="demo",
                        table_name=streams.table_name_of(model),
                        description="All entries" if model == "account.move" else "",
                    )
            table = Table(f"{hub.lake_root}/raw/demo/account_move")
            numbers = range(1, 151)
            rows = pa.table(
                {
                    "id": list(numbers),
                    "name": [f"INV/{number}" for number in numbers],
                    "partner_id": [number % 7 for number in numbers],
                    "amount_total": [Decimal(number) / 10 for number in numbers],
                },
                schema=SCHEMA,
            )
            table.upsert(rows, commit=Commit(app_id="s", sequence=1, run_id="r1"))
            table.upsert(rows.slice(0, 0), delete=[1], commit=Commit(app_id="s", sequence=2, run_id="r2"))
            yield folder


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    found = capsys.readouterr()
    return code, found.out, found.err


@pytest.mark.feature("S2.49")
def test_the_tables_of_one_connection_are_asked(capsys: pytest.CaptureFixture[str]):
    asked = ("sql", "select count(*) n from account_move", "--json", "--connection")
    code, out, err = run(capsys, *asked, "demo")
    assert (code, json.loads(out), err) == (0, [{"n": 149}], "")
    code, out, err = run(capsys, *asked, "other")
    assert (code, out) == (2, "")
    assert "there are some of: demo" in err


@pytest.mark.feature("S2.49")
def test_json_is_an_array_of_objects(capsys: pytest.CaptureFixture[str]):
    code, out, err = run(
        capsys, "sql", "select count(*) n, sum(amount_total) total from account_move", "--json"
    )
    assert (code, err) == (0, "")
    assert json.loads(out) == [{"n": 149, "total": 1132.4}]
    assert '"total":1132.40' in out


def test_a_table_is_cut_with_a_note(capsys: pytest.CaptureFixture[str]):
    code, out, err = run(capsys, "sql", "select id, name from account_move")
    assert code == 0
    assert len(out.splitlines()) == 102
    assert "more than 100 rows; --limit 0" not in out
    assert "more than 100 rows" in err
    code, out, err = run(capsys, "sql", "select id from account_move", "--limit", "149")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].strip() == "149 rows"


def test_csv_and_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("select id, name from account_move order by id desc"))
    code, out, err = run(capsys, "sql", "-", "--csv", "--limit", "2")
    assert code == 0
    assert list(csv.reader(io.StringIO(out))) == [["id", "name"], ["150", "INV/150"], ["149", "INV/149"]]
    assert "more than 2 rows" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sql", "select * from acount_move"], "did you mean account_move?"),
        (["sql", "selec 1"], "not valid"),
        (["sql", "drop table account_move"], "Only one SELECT"),
        (["sql", "select * from read_csv('/etc/passwd')"], "read_csv() is not possible"),
        (["sql", "select * from res_partner"], "run its stream first"),
        (
            ["sql", "select count(*) from range(1000000000000) a", "--timeout", "0.2"],
            "longer than 0.2 seconds",
        ),
        (["sql"], "Give the SQL"),
        (["sql", "select 1", "--query", "payments-by-month"], "Give the SQL"),
        (["sql", "select 1", "--json", "--csv"], "one of --json and --csv"),
        (["sql", "select 1", "--limit", "0"], "add --json or --csv"),
        (["sql", "--query", "payments"], "did you mean payments-by-month"),
        (["sql", "select 1", "--dialect", "cobol"], "take one of"),
        (["catalog", "show", "acount_move"], "did you mean account_move?"),
        (["catalog", "show", "res_partner"], "run its stream first"),
    ],
)
def test_mistakes_end_with_2_and_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
):
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_a_mistake_is_json_for_machines(capsys: pytest.CaptureFixture[str]):
    code, out, err = run(capsys, "sql", "select * from acount_move", "--json")
    assert (code, out) == (2, "")
    assert json.loads(err)["error"]["type"] == "InputError"


@pytest.mark.feature("S2.22")
def test_the_catalog_lists_tables(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "catalog", "ls", "--json")
    assert code == 0
    found = {entry["table"]: entry for entry in json.loads(out)}
    assert found["account_move"]["rows"] == 149
    assert found["account_move"]["deleted"] == 1
    assert found["res_partner"]["rows"] is None
    code, out, _ = run(capsys, "catalog", "ls")
    assert "raw/demo" in out
    assert "not read yet" in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.feature("S2.22")
@pytest.mark.parametrize("name", ["account_move", "account.move", "raw/demo/account_move"])
def test_the_catalog_shows_a_table(capsys: pytest.CaptureFixture[str], name: str):
    code, out, _ = run(capsys, "catalog", "show", name)
    assert code == 0
    assert "149 rows, 1 deleted" in out
    assert "All entries" in out
    assert "many2one res.partner" in " ".join(out.split())
    code, out, _ = run(capsys, "catalog", "show", name, "--json")
    found = json.loads(out)
    assert found["columns"][3] == {
        "name": "amount_total",
        "type": "decimal(20,2)",
        "label": "Total",
        "odoo_type": "monetary",
    }
    assert [version["counts"]["deleted"] for version in found["versions"]] == [1, 0]


@pytest.mark.feature("S2.49")
def test_ready_queries_are_listed_shown_and_translated(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "sql", "--list", "--json")
    assert code == 0
    assert "payments-by-month" in {query["name"] for query in json.loads(out)}
    assert run(capsys, "sql", "--list")[0] == 0
    assert "account_payment" in run(capsys, "sql", "--query", "payments-by-month", "--show")[1]
    code, out, _ = run(capsys, "sql", "--query", "payments-by-month", "--dialect", "bigquery")
    assert code == 0
    assert "TIMESTAMP_TRUNC" in out or "DATE_TRUNC" in out


def test_ctrl_c_stops_a_long_query_at_once(home: Path):
    command = [
        sys.executable,
        "-m",
        "towpath",
        "sql",
        "select count(*) from range(100000000000) a, range(1000) b",
    ]
    environment = os.environ | {"TOWPATH_HOME": str(home)}
    asked = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    while psutil.Process(asked.pid).cpu_times().user < 2.5:  # starting takes less: then it is at work
        time.sleep(0.05)
    asked.send_signal(signal.SIGINT)
    out, err = asked.communicate(timeout=90)
    assert (asked.returncode, out, err.strip()) == (130, "", "Stopped.")


def test_as_of_a_run(capsys: pytest.CaptureFixture[str]):
    with open_hub() as hub:
        root = hub.lake_root
    publish(root, Manifest(id="run-1", tables={f"{root}/raw/demo/account_move": 0}))
    asked = ["sql", "select count(*) n from account_move", "--json", "--as-of"]
    code, out, _ = run(capsys, *asked, "run:run-1")
    assert (code, json.loads(out)) == (0, [{"n": 150}])
    code, _, err = run(capsys, *asked, "run:run-2")
    assert code == 2
    assert "the newest are: run-1" in err


def test_queries_are_saved_shared_run_and_removed(capsys: pytest.CaptureFixture[str]):
    text = "select count(*) n from account_move"
    code, out, _ = run(
        capsys, "query", "save", "How many", text, "--chart", "bar", "--x", "n", "--y", "n", "--json"
    )
    assert code == 0
    kept = json.loads(out)
    assert (kept["sql"], kept["chart"]) == (text, {"type": "bar", "x": "n", "y": ["n"]})
    assert json.loads(run(capsys, "query", "run", "How many", "--json")[1]) == [{"n": 149}]
    code, out, _ = run(capsys, "query", "share", kept["id"], "--with", "everybody")
    assert (code, out) == (0, "Shared with everybody.\n")
    assert "How many" in run(capsys, "query", "list")[1]
    found = json.loads(run(capsys, "query", "list", "--search", "many", "--json")[1])
    assert [one["shared_with"] for one in found] == [["everybody"]]
    assert run(capsys, "query", "remove", "How many")[0] == 0
    code, _, err = run(capsys, "query", "run", "How many")
    assert code == 2
    assert "There is no saved query How many" in err
    assert run(capsys, "query", "save", "x", "drop table x")[0] == 2


def test_versions_are_compared_and_traced(capsys: pytest.CaptureFixture[str]):
    code, out, _ = run(capsys, "catalog", "diff", "account_move", "0", "1")
    assert code == 0
    assert out.splitlines() == ["0 came, 1 went, 0 changed", "removed  1 INV/1 (deleted)"]
    found = json.loads(run(capsys, "catalog", "diff", "account_move", "0", "--json")[1])
    assert (found["new"], found["removed"], found["rows"][0]["old"]["amount_total"]) == (1, 1, "0.10")
    assert run(capsys, "catalog", "diff", "account_move", "1", "0")[0] == 2
    lines = run(capsys, "catalog", "lineage", "account.move")[1].splitlines()
    assert lines[0].startswith("connection demo")
    assert lines[-1].endswith("150 new, 0 changed, 0 gone, run r1")
    told = json.loads(run(capsys, "catalog", "lineage", "account_move", "--json")[1])
    assert [one["run_id"] for one in told["versions"]] == ["r2", "r1"]
