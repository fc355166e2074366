"""Rows into files, as people ask for them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from towpath.cli import main
from towpath.errors import FixSettingsError, InputError
from towpath.features.connections.tables import connections
from towpath.features.explore.service import query
from towpath.features.export_files.service import export, target
from towpath.features.replicate import streams
from towpath.hub import open_hub
from towpath.lake.table import Commit, Table

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64()),
        pa.field("name", pa.string()),
        pa.field("amount_total", pa.decimal128(20, 2)),
        pa.field("tag_ids", pa.list_(pa.int64())),
        pa.field("write_date", pa.timestamp("us", tz="UTC")),
    ]
)


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with one table: 20 entries, the first of them deleted."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOWPATH_HOME", str(folder))
        for name in ("TOWPATH_STORAGE", "TOWPATH_DATABASE_URL"):
            patch.delenv(name, raising=False)
        with open_hub() as hub:
            with hub.store.begin() as db:
                values = {"id": "c1", "name": "demo", "url": "http://127.0.0.1:1", "protocol": "json2"}
                db.execute(connections.insert().values({**values, "version": "19.0"}))
                streams.add(
                    db,
                    connection_id="c1",
                    model="account.move",
                    layer="raw",
                    folder="demo",
                    table_name="account_move",
                    description="",
                )
            table = Table(f"{hub.lake_root}/raw/demo/account_move")
            rows = pa.Table.from_pylist(
                [
                    {
                        "id": number,
                        "name": {2: '=HYPERLINK("x")', 3: 'a,"b"\r\nc', 4: None}.get(number, f"INV/{number}"),
                        "amount_total": Decimal(number) / -10,
                        "tag_ids": [number, 7],
                        "write_date": datetime(2026, 1, 1, 0, 0, number, tzinfo=UTC),
                    }
                    for number in range(1, 21)
                ],
                schema=SCHEMA,
            )
            table.upsert(rows, commit=Commit(app_id="s", sequence=1, run_id="r1"))
            table.upsert(rows.slice(0, 0), delete=[1], commit=Commit(app_id="s", sequence=2, run_id="r2"))
            yield folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["export", *map(str, arguments)])
    found = capsys.readouterr()
    return code, found.out, found.err


def lines(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as source:
        return list(csv.reader(source))


def test_a_table_as_parquet_for_every_reader(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    path = tmp_path / "entries.parquet"
    code, out, err = run(capsys, "account_move", path)
    assert (code, err) == (0, "")
    assert f"19 rows are in {path}" in out
    found = pq.read_table(path)
    assert found.column("id").to_pylist() == list(range(2, 21))
    assert found.schema.field("amount_total").type == pa.decimal128(20, 2)
    assert pl.read_parquet(path).height == 19
    assert duckdb.sql("select sum(amount_total) from read_parquet(?)", params=[str(path)]).fetchall() == [
        (Decimal("-20.90"),)
    ]
    assert os.listdir(tmp_path) == ["entries.parquet"]  # noqa: PTH208  # hidden files too


def test_a_table_as_csv(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    path = tmp_path / "entries"
    code, out, _ = run(capsys, "account.move", path, "--to", "csv", "--json")
    assert code == 0
    assert json.loads(out) == {"path": str(path), "format": "csv", "rows": 19, "size": path.stat().st_size}
    heading, first, second, third, *_ = lines(path)
    assert heading[:5] == SCHEMA.names
    assert first[:5] == ["2", '=HYPERLINK("x")', "-0.20", "[2,7]", "2026-01-01T00:00:02Z"]
    assert second[1] == 'a,"b"\r\nc'
    assert third[1] == ""


def test_formulas_are_guarded_where_asked(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    path = tmp_path / "entries.csv"
    assert run(capsys, "raw/demo/account_move", path, "--guard-formulas")[0] == 0
    assert lines(path)[1][:3] == ["2", '\'=HYPERLINK("x")', "-0.20"]
    sql = "select unnest(['+1', '-1', '@x', chr(9) || '=x', 'a=1', '']) as \"=head\""
    assert run(capsys, "--sql", sql, path, "--guard-formulas", "--force")[0] == 0
    assert [line[0] for line in lines(path) if line] == [
        "'=head", "'+1", "'-1", "'@x", "'\t=x", "a=1", "",
    ]  # fmt: skip


def test_deleted_earlier_and_all_states(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    path = tmp_path / "rows.csv"
    assert run(capsys, "account_move__all", path)[0] == 0
    assert len(lines(path)) == 21
    assert run(capsys, "demo.account_move__history", path, "--force")[0] == 0
    assert [line[0] for line in lines(path)][:4] == ["id", "1", "1", "2"]
    sql = "select count(*) as n from account_move at (version => 0)"
    assert run(capsys, "--sql", sql, path, "--force")[0] == 0
    assert lines(path) == [["n"], ["20"]]
    code, _, err = run(capsys, "account_move", path, "--force", "--as-of", "2020-01-01")
    assert (code, "not there yet" in err) == (2, True)
    assert lines(path) == [["n"], ["20"]], "what was there stays until all is written"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["account_move", "{0}/there.csv"], "add --force"),
        (["account_move", "{0}"], "is a folder"),
        (["account_move", "{0}/no/x.csv"], "make it first"),
        (["account_move", "{0}/x.docx"], "--to parquet, --to csv or --to xlsx"),
        (["account_move", "s3://bucket/x.csv"], "on this machine"),
        (["account_move", "-", "--to", "csv"], "towpath sql --csv"),
        (["acount_move", "{0}/x.csv"], "did you mean account_move?"),
        (["--sql", "drop table account_move", "{0}/x.csv"], "Only one SELECT"),
        (["--sql", "select 1", "account_move", "{0}/x.csv"], "Give the table and the file"),
        (["{0}/x.csv"], "Give the table and the file"),
        (["account_move", "{0}/x.parquet", "--guard-formulas"], "is for CSV"),
        (["--sql", "select interval 1 day as length", "{0}/x.parquet"], "length; cast it"),
        (
            ["--sql", "select count(*) from range(1000000000000) a", "{0}/x.csv", "--timeout", "0.2"],
            "0.2 seconds",
        ),
        (["account_move", "{0}/x.csv", "--as-of", "soon"], "is no time"),
    ],
)
def test_mistakes_end_with_2_and_leave_no_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], message: str
):
    (tmp_path / "there.csv").write_text("mine")
    code, out, err = run(capsys, *(word.format(tmp_path) for word in arguments))
    assert (code, out) == (2, "")
    assert message in err
    assert [found.name for found in tmp_path.iterdir()] == ["there.csv"]
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_a_file_that_came_meanwhile_is_left_alone(tmp_path: Path):
    file, kind = target(f"{tmp_path}/x.csv", None, force=False)
    with query("select 1 as n", []) as result:
        (tmp_path / "x.csv").write_text("theirs")
        with pytest.raises(InputError, match="add --force"):
            export(result, file, kind)
    assert [found.read_text() for found in tmp_path.iterdir()] == ["theirs"]


def test_no_room_is_said(tmp_path: Path):
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from towpath.features.export_files.service import export, target\n"
        "from towpath.features.explore.service import Limits, query\n"
        "with query('select * from range(1000000)', [], Limits(rows=None)) as result:\n"
        "    export(result, *target(sys.argv[1], None, force=False))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, f"{tmp_path}/x.csv"], capture_output=True, text=True, check=False
    )
    assert f"{FixSettingsError.__name__}: The file {tmp_path}/x.csv can not be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_every_type_goes_through_parquet(tmp_path: Path):
    sql = (
        "select 1::hugeint as h, uuid() as u, 'a'::enum('a', 'b') as e, {'x': [1, 2]} as s, map {'k': 1} as m, "
        "time '10:00' as t, null as n, '1'::bit as b, 'x'::blob as y, 1.5::float as f, current_date as d"
    )
    file, kind = target(f"{tmp_path}/x.parquet", None, force=False)
    with query(sql, []) as result:
        assert export(result, file, kind).rows == 1
    assert pq.read_table(file).num_rows == 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of a process from /proc")
def test_memory_stays_flat(tmp_path: Path):
    """A table is never in memory as a whole: the peak of a process that does nothing else."""
    text = "x" * 1000
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from towpath.features.export_files.service import export, target\n"
        "from towpath.features.explore.whole import whole\n"
        "from towpath.lake import TableRef\n"
        "uri, file = sys.argv[1:]\n"
        "table = TableRef(layer='raw', folder='demo', name='wide', uri=uri)\n"
        "with whole('wide', [table]) as result:\n"
        "    assert export(result, *target(file, None, force=False)).rows == 240_000\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])\n"
    )
    lake = Table(f"{tmp_path}/wide")
    batches = (
        pa.record_batch(
            {
                "id": range(start, start + 20_000),
                "name": [f"{number}{text}" for number in range(start, start + 20_000)],
            }
        )
        for start in range(0, 240_000, 20_000)
    )
    schema = pa.schema([("id", pa.int64()), ("name", pa.string())])
    first = Commit(app_id="a", sequence=1, run_id="r")
    lake.publish(lake.stage(batches), mode="replace", schema=schema, commit=first)
    for kind in ("csv", "parquet"):
        command = [sys.executable, "-c", code, f"{tmp_path}/wide", f"{tmp_path}/x.{kind}"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        # Python with its libraries is 130 of them, the parts of the table under way the same again, however large it is.
        assert int(done.stdout) < 340_000, f"{kind}: {int(done.stdout) // 1000} MB for rows of 240 MB"
