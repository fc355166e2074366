"""Random histories of a table: what is kept beside it is each state of each row, once and in order.

Where the table forgets states before they are followed, or is made anew, those between are missing and no others.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from towpath.lake.columns import DELETED_AT
from towpath.lake.table import Commit, Table
from towpath.lake.versions import AT, follow

keys = st.lists(st.integers(1, 12), min_size=1, max_size=6, unique=True)
State = tuple[Any, bool]


class Kept(RuleBasedStateMachine):
    """A main table, its versions, and what a plain dictionary says of both."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.mkdtemp(prefix="versions-")
        self.main, self.versions = Table(f"{self.folder}/main"), Table(f"{self.folder}/main__versions")
        self.now: dict[int, State] = {}
        self.told: dict[int, list[State]] = {}
        self.begun = self.forgot = False
        self.followed: dict[int, list[State]] = {}
        self.columns = ["name"]

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def _commit(self) -> Commit:
        return Commit(app_id="test", sequence=self.main.sequence("test") + 1, run_id="run")

    def _rows(self, ids: list[int], value: str) -> pa.Table:
        return pa.table(
            {"id": pa.array(ids, pa.int64()), **{name: [value] * len(ids) for name in self.columns}}
        )

    def _became(self, number: int, state: State) -> None:
        if self.now.get(number) != state:
            self.now[number] = state
            self.told.setdefault(number, []).append(state)

    @rule(ids=keys, value=st.sampled_from("abc"), gone=keys)
    def upsert(self, ids: list[int], value: str, gone: list[int]) -> None:
        self._put(ids, value, gone)

    def _put(self, ids: list[int], value: str, gone: list[int]) -> None:
        marked = [number for number in gone if number not in ids and number in self.now]
        self.main.upsert(self._rows(ids, value), delete=marked, commit=self._commit())
        for number in ids:
            self._became(number, ((value,) * len(self.columns), False))
        for number in marked:
            if not self.now[number][1]:
                self._became(number, (self.now[number][0], True))

    @rule(ids=keys, value=st.sampled_from("abc"))
    def replace(self, ids: list[int], value: str) -> None:
        """As a FULL_TABLE run does: what is not among the rows is gone."""
        rows = self._rows(sorted(ids), value)
        staged = self.main.stage([rows.slice(0, 3), rows.slice(3)])
        self.main.publish(staged, mode="replace", schema=rows.schema, commit=self._commit())
        for number in ids:
            self._became(number, ((value,) * len(self.columns), False))
        for number in set(self.now) - set(ids):
            state, marked = self.now.pop(number)
            if not marked:
                self.told[number].append((state, True))

    @rule()
    def compact(self) -> None:
        if self.main.exists:
            self.main.compact()

    @rule()
    def forget(self) -> None:
        """Remove the files of all states but the newest, followed or not."""
        if self.main.exists:
            self.main.describe(properties={"delta.deletedFileRetentionDuration": "1 hour"})
            self.main.sweep(now=datetime.now(UTC) + timedelta(days=2))
            self.forgot = True

    @rule(ids=keys, value=st.sampled_from("abc"))
    def make_anew(self, ids: list[int], value: str) -> None:
        """As when a person throws the table away and has everything read again."""
        shutil.rmtree(self.main.uri, ignore_errors=True)
        self.main = Table(self.main.uri)
        self.now = {}
        self.forgot = True
        self._put(ids, value, [])

    def _only_newest(self) -> dict[int, list[State]]:
        """What was followed, and the state of now where it is another one."""
        told = {number: list(states) for number, states in self.followed.items()}
        for number, state in self.now.items():
            if told.get(number, [None])[-1] != state:
                told.setdefault(number, []).append(state)
        for number in set(told) - set(self.now):
            state, marked = told[number][-1]
            if not marked:
                told[number].append((state, True))
        return told

    @rule()
    def follow(self) -> None:
        if not self.main.exists:
            return
        if not self.begun:
            self.begun = True
            self.told = {number: [state] for number, state in self.now.items()}
        found = follow(self.main, self.versions, run_id="run")
        assert self.forgot or not found.gap
        if found.gap:
            self.told = self._only_newest()
        self.forgot = False
        self.followed = {number: list(states) for number, states in self.told.items()}
        again = follow(self.main, self.versions, run_id="again")
        assert again.rows == again.versions == 0
        self.check()

    def check(self) -> None:
        kept: dict[int, list[State]] = {}
        rows = [row for batch in self.versions.scan(deleted=True) for row in batch.to_pylist()]
        for row in sorted(rows, key=lambda row: row[AT]):
            state = tuple(row[name] for name in self.columns)
            kept.setdefault(row["id"], []).append((state, row[DELETED_AT] is not None))
        assert kept == self.told

    @invariant()
    def nothing_is_kept_before_it_is_followed(self) -> None:
        assert self.versions.exists == self.begun


@pytest.mark.feature("S2.14")
def test_each_state_is_kept_once_and_in_order():
    run_state_machine_as_test(
        Kept,
        settings=settings(
            max_examples=30,
            stateful_step_count=18,
            deadline=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.feature("S2.14")
def test_a_row_that_came_back_and_went_while_nobody_looked_is_gone_as_it_was():
    machine = Kept()
    try:
        machine.upsert(ids=[7], value="a", gone=[1])
        machine.follow()
        machine.make_anew(ids=[1], value="a")
        machine.follow()
        machine.make_anew(ids=[7], value="a")
        machine.upsert(ids=[1], value="a", gone=[7])
        machine.follow()
    finally:
        machine.teardown()
