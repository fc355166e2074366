"""Whatever people type, the answer is rows or one sentence; and the check and the engine agree on what a name is."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from towpath.errors import InputError
from towpath.features.explore.service import Limits, query
from towpath.lake import TableRef
from towpath.lake.table import Commit, Table

WORDS = st.sampled_from(
    [
        "select", "from", "where", "with", "as", "(", ")", ",", "*", "t", "t__all", "raw.demo.t", '"t"', "'t'", "id", "1", "=",
        "union all", "order by", "limit", "pivot", "unnest([1])", "range(3)", "read_csv('/etc/passwd')", "copy", "to", "attach",
        "set", "insert into", "delete", "returning", "values", "describe", "summarize", "show", "tables", "--", "/*", "*/", ";", "\n",
        "lateral", "recursive", "at (version => 1)", "'{'", "$1", "\\", "E'\\n'", "group by all", "exclude (id)", "using (id)",
        "join", "case when", "end", "x ->", "[", "]", "{'a': 1}", "::int", "try_cast(", "information_schema.tables", "pragma",
    ]
)  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> list[TableRef]:
    uri = str(tmp_path_factory.mktemp("fuzz") / "t")
    Table(uri).upsert(pa.table({"id": [1, 2]}), commit=Commit(app_id="s", sequence=1, run_id="r"))
    return [TableRef(layer="raw", folder="demo", name="t", uri=uri)]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=40))
def test_rows_or_one_sentence(tables: list[TableRef], text: str):
    before = sorted(path.name for path in Path(tables[0].uri).rglob("*"))
    said = ""
    try:
        with query(text, tables, Limits(rows=50, seconds=5, memory_mb=100)) as result:
            assert len(list(result.rows())) <= 50
    except InputError as error:
        said = error.message
    assert "\n" not in said
    assert "root:" not in said
    assert sorted(path.name for path in Path(tables[0].uri).rglob("*")) == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(min_size=1, max_size=12).filter(lambda name: "\x00" not in name and name.strip()))
def test_any_name_of_a_table_or_column_can_be_quoted(tmp_path_factory: pytest.TempPathFactory, name: str):
    uri = str(tmp_path_factory.mktemp("names") / "t")
    Table(uri).upsert(pa.table({"id": [1, 2]}), commit=Commit(app_id="s", sequence=1, run_id="r"))
    tables = [TableRef(layer=name, folder=name + "f", name=name, uri=uri)]
    quoted = '"' + name.replace('"', '""') + '"'
    folder = '"' + (name + "f").replace('"', '""') + '"'
    for way in (quoted, f"{folder}.{quoted}", f"{quoted}.{folder}.{quoted}"):
        with query(f"select count(*) n from {way}", tables) as result:
            assert list(result.rows()) == [{"n": 2}]
