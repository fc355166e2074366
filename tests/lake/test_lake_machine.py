"""Random histories of a table beside a plain dict that says what it should hold."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from towpath.lake import parts, upkeep, upsert
from towpath.lake.table import Commit, Counts, Table

SCHEMA = pa.schema(
    [("id", pa.int64()), ("name", pa.string()), ("score", pa.float64()), ("tags", pa.list_(pa.int64()))]
)
KEYS = st.integers(min_value=1, max_value=60)
VALUES = st.fixed_dictionaries(
    {
        "name": st.none() | st.sampled_from(["a", "b", "Ünï", ""]),
        "score": st.none() | st.sampled_from([0.0, 1.5, -2.25, float("nan")]),
        "tags": st.none() | st.lists(st.integers(0, 3), max_size=2),
    }
).map(lambda value: {name: value[name] for name in ("name", "score", "tags")})
ROWS = st.dictionaries(KEYS, VALUES, max_size=25)
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="module")
def small_parts():
    """Parts of seven rows, so that short histories cut, join and share out files."""
    patch = pytest.MonkeyPatch()
    for module in (parts, upsert, upkeep):
        patch.setattr(module, "PART_ROWS", 7)
    patch.setattr(upkeep, "SWEEP_EVERY", 4)
    yield
    patch.undo()


def arrow(rows: dict[int, dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{"id": key, **value} for key, value in rows.items()], schema=SCHEMA)


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return repr(one) == repr(other)  # NaN equals itself here


class LakeMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="lake"))
        self.table = Table(str(self.folder / "t"))
        self.model: dict[int, dict[str, Any]] = {}
        self.deleted: set[int] = set()
        self.step = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def commit(self) -> Commit:
        self.step += 1
        return Commit(app_id="s", sequence=self.step, cursor={"step": self.step}, run_id=f"run-{self.step}")

    @initialize(rows=ROWS)
    def first(self, rows: dict[int, dict[str, Any]]) -> None:
        self.replace(rows, again=False)

    @rule(rows=ROWS, again=st.booleans())
    def replace(self, rows: dict[int, dict[str, Any]], again: bool) -> None:
        data = arrow(rows).sort_by("id")
        staged = self.table.stage(data.to_batches(max_chunksize=3), prefix="full")
        commit = self.commit()
        for _ in range(1 + again):
            self.table.publish(staged, mode="replace", schema=SCHEMA, commit=commit)
        self.model = dict(rows)
        self.deleted = set()

    @rule(rows=ROWS)
    def append(self, rows: dict[int, dict[str, Any]]) -> None:
        new = {key + 1000 * self.step: value for key, value in rows.items()}
        staged = self.table.stage(arrow(new).to_batches(max_chunksize=4))
        self.table.publish(staged, mode="append", schema=SCHEMA, commit=self.commit())
        self.model |= new

    @rule(rows=ROWS, gone=st.sets(KEYS, max_size=8), again=st.booleans(), data=st.data())
    def merge(
        self, rows: dict[int, dict[str, Any]], gone: set[int], again: bool, data: st.DataObject
    ) -> None:
        known = sorted(self.model)
        for key in data.draw(st.lists(st.sampled_from(known), max_size=5) if known else st.just([])):
            rows.setdefault(key, self.model[key])
        live = {key for key in self.model if key not in self.deleted}
        expected = Counts(
            inserted=sum(key not in self.model for key in rows),
            unchanged=sum(key in live and same(self.model[key], rows[key]) for key in rows),
            updated=sum(
                key in self.model and not (key in live and same(self.model[key], rows[key])) for key in rows
            ),
            deleted=len((gone & live) - set(rows)),
        )
        commit = self.commit()
        for _ in range(1 + again):
            found = self.table.upsert(arrow(rows), delete=sorted(gone), commit=commit, at=START)
            assert found == expected
        self.model |= rows
        self.deleted |= gone & set(self.model)
        self.deleted -= set(rows)

    @rule()
    def reopen(self) -> None:
        self.table = Table(self.table.uri)

    @rule()
    def compact(self) -> None:
        self.table.compact()

    @rule(days=st.sampled_from([0, 8, 40]))
    def sweep(self, days: int) -> None:
        self.table.sweep(now=datetime.now(UTC) + timedelta(days=days))

    @rule()
    def checkpoint_of_another_program(self) -> None:
        DeltaTable(self.table.uri).create_checkpoint()

    @precondition(lambda self: self.step)
    @invariant()
    def cursor_is_that_of_the_last_commit(self) -> None:
        assert self.table.sequence("s") == self.step
        assert self.table.cursor("s") == {"step": self.step}

    @precondition(lambda self: self.step)
    @invariant()
    def rows_are_those_of_the_model(self) -> None:
        found = {row.pop("id"): row for batch in self.table.scan(SCHEMA.names) for row in batch.to_pylist()}
        live = {key: value for key, value in self.model.items() if key not in self.deleted}
        assert repr(sorted(found.items())) == repr(sorted(live.items()))
        low, high = 10, 40
        assert self.table.count() == len(live)
        assert self.table.count(low, high) == sum(low <= key <= high for key in live)

    @precondition(lambda self: self.step and self.step % 3 == 0)
    @invariant()
    def other_programs_agree(self) -> None:
        delta = DeltaTable(self.table.uri)
        theirs = delta.to_pyarrow_table(columns=[*SCHEMA.names, "_towpath_deleted_at"]).to_pylist()
        assert len(theirs) == len(self.model)
        assert {row["id"] for row in theirs if row["_towpath_deleted_at"] is not None} == self.deleted
        assert all(
            repr(row[name]) == repr(self.model[row["id"]][name])
            for row in theirs
            for name in SCHEMA.names[1:]
        )
        assert delta.transaction_version("s") == self.step
        if paths := delta.file_uris():
            count = duckdb.sql("select count(distinct id) from read_parquet(?)", params=[paths]).fetchall()
            assert count == [(len(self.model),)]


TestLake = LakeMachine.TestCase
TestLake.settings = settings(
    max_examples=25,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
