"""Every version of a record kept for ever: through runs, crashes, upkeep, and beside a table that forgets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from towpath.commit_point import ENVIRONMENT
from towpath.features.explore import service as explore
from towpath.features.replicate.prepare import table_of
from towpath.lake import TableRef
from towpath.lake.table import Commit, Table
from towpath.lake.versions import APP, AT, VERSION, follow

WRITER = """
import sys
import pyarrow as pa
from towpath.lake.table import Commit, Table
from towpath.lake.versions import follow
main, kept = Table(sys.argv[1]), Table(sys.argv[1] + "__versions")
follow(main, kept, run_id="process")
"""


def put(main: Table, names: dict[int, str], gone: list[int] | None = None) -> None:
    rows = pa.table({"id": pa.array(list(names), pa.int64()), "name": list(names.values())})
    main.upsert(
        rows, delete=gone or [], commit=Commit(app_id="t", sequence=main.sequence("t") + 1, run_id="run")
    )


def states(kept: Table) -> list[tuple[int, str]]:
    rows = [row for batch in kept.scan(["id", "name", VERSION], deleted=True) for row in batch.to_pylist()]
    return [(row["id"], row["name"]) for row in sorted(rows, key=lambda row: (row["id"], row[VERSION]))]


@pytest.mark.feature("S2.14", "S2.18")
def test_three_edits_are_three_versions_and_deletion_is_one(quay):
    (partner,) = quay.odoo.create("res.partner", [{"name": "First", "ref": "versions"}])
    stream = quay.add("res.partner", filter="[('ref', '=', 'versions')]", prefix="kept_")
    quay.sync(stream)
    for name in ("Second", "Third"):
        quay.odoo.write("res.partner", [partner], {"name": name})
        quay.sync(stream)
    quay.sync(stream)  # nothing new
    quay.odoo.unlink("res.partner", [partner])
    quay.sync(stream)
    question = (
        "select name, _towpath_deleted_at is null as there, _towpath_until is null as newest "
        f"from {quay.name}.kept_res_partner__history where id = {partner} order by _towpath_from_version"
    )
    with explore.query(question, quay.hub.tables()) as result:
        assert [tuple(row.values()) for row in result.rows()] == [
            ("First", True, False),
            ("Second", True, False),
            ("Third", True, False),
            ("Third", False, True),
        ]
    assert {"kept_res_partner", "kept_res_partner__versions"} <= {ref.name for ref in quay.hub.tables()}
    # beyond the retention the table itself has forgotten, and what was kept has not
    main = table_of(quay.hub, stream)
    main.describe(
        properties={"delta.deletedFileRetentionDuration": "1 day", "delta.logRetentionDuration": "1 day"}
    )
    main.sweep(now=datetime.now(UTC) + timedelta(days=40), orphans_after=0)
    assert len([row for row in states(table_of(quay.hub, stream, "__versions")) if row[0] == partner]) == 4
    with explore.query(question, quay.hub.tables()) as result:
        assert len(list(result.rows())) == 4


@pytest.mark.feature("S2.15")
def test_a_table_that_is_replaced_at_every_run_keeps_its_versions_too(quay):
    (partner,) = quay.odoo.create("res.partner", [{"name": "Was", "ref": "replaced"}])
    stream = quay.add(
        "res.partner", filter="[('ref', '=', 'replaced')]", prefix="full_", sync_type="FULL_TABLE"
    )
    quay.sync(stream)
    quay.odoo.write("res.partner", [partner], {"name": "Is"})
    quay.sync(stream)
    quay.odoo.unlink("res.partner", [partner])
    quay.sync(stream)
    assert states(table_of(quay.hub, stream, "__versions")) == [
        (partner, "Was"),
        (partner, "Is"),
        (partner, "Is"),
    ]


@pytest.mark.feature("S2.14")
@pytest.mark.parametrize("point", ["version_rows_written", "versions_followed"])
def test_a_process_killed_while_it_keeps_them_loses_and_doubles_nothing(tmp_path, point):
    main, kept = Table(str(tmp_path / "main")), Table(str(tmp_path / "main__versions"))
    put(main, {1: "a", 2: "a"})
    follow(main, kept, run_id="run")
    put(main, {1: "b"})
    put(main, {1: "c", 3: "a"}, gone=[2])
    command = [sys.executable, "-c", WRITER, main.uri]
    died = subprocess.run(command, env=os.environ | {ENVIRONMENT: point}, check=False)
    assert died.returncode == -9
    subprocess.run(command, check=True)
    assert states(kept) == [(1, "a"), (1, "b"), (1, "c"), (2, "a"), (2, "a"), (3, "a")]
    kept.sweep(orphans_after=0, now=datetime.now(UTC) + timedelta(days=2))
    assert {path.name for path in (tmp_path / "main__versions").glob("*.parquet")} == set(
        kept.require().files
    )


@pytest.mark.feature("S2.18")
def test_what_was_swept_away_unfollowed_is_said_and_the_rest_goes_on(tmp_path):
    main, kept = Table(str(tmp_path / "main")), Table(str(tmp_path / "main__versions"))
    put(main, {1: "a", 2: "a", 3: "a"})
    follow(main, kept, run_id="run")
    put(main, {1: "lost"})
    put(main, {1: "c"}, gone=[2])
    main.describe(properties={"delta.deletedFileRetentionDuration": "1 hour"})
    main.sweep(now=datetime.now(UTC) + timedelta(days=2))
    found = follow(main, kept, run_id="run")
    assert found.gap
    assert states(kept) == [(1, "a"), (1, "c"), (2, "a"), (2, "a"), (3, "a")]
    assert not follow(main, kept, run_id="run").rows


@pytest.mark.feature("S2.14")
def test_new_columns_come_along_and_retyped_ones_stand_beside(tmp_path):
    main, kept = Table(str(tmp_path / "main")), Table(str(tmp_path / "main__versions"))
    put(main, {1: "a"})
    follow(main, kept, run_id="run")
    more = pa.table({"id": pa.array([1], pa.int64()), "name": ["a"], "city": ["Lock"]})
    main.upsert(more, commit=Commit(app_id="t", sequence=2, run_id="run"))
    assert follow(main, kept, run_id="run").rows == 1
    retyped = pa.table({"id": pa.array([1], pa.int64()), "name": pa.array([7], pa.int64())})
    staged = main.stage([retyped])
    main.publish(
        staged, mode="replace", schema=retyped.schema, commit=Commit(app_id="t", sequence=3, run_id="run")
    )
    assert follow(main, kept, run_id="run").rows == 1
    rows = [row for batch in kept.scan(deleted=True) for row in batch.to_pylist()]
    rows.sort(key=lambda row: row[VERSION])
    assert [(row["name"], row["city"], row["name__int64"]) for row in rows] == [
        ("a", None, None),
        ("a", "Lock", None),
        (None, None, 7),
    ]
    assert kept.cursor(APP)["version"] == main.version


def forget(main: Table) -> None:
    main.describe(properties={"delta.deletedFileRetentionDuration": "1 hour"})
    main.sweep(now=datetime.now(UTC) + timedelta(days=2))


def shown(main: Table, kept: Table) -> list[tuple[object, ...]]:
    """The history as SQL shows it: id, name, whether it is there, whether it is the newest state."""
    ref = TableRef(layer="raw", folder="demo", name="main", uri=main.uri, versions_uri=kept.uri)
    question = (
        "select id, name, _towpath_deleted_at is null as there, _towpath_until is null as newest"
        " from main__history order by id, _towpath_from"
    )
    with explore.query(question, [ref]) as result:
        return [tuple(row.values()) for row in result.rows()]


@pytest.mark.feature("S2.14")
def test_a_row_that_stays_is_not_doubled_by_a_gap_after_its_column_was_retyped(tmp_path: Path):
    main, kept = Table(str(tmp_path / "main")), Table(str(tmp_path / "main__versions"))
    put(main, {1: "a", 2: "b"})
    follow(main, kept, run_id="run")
    retyped = pa.table({"id": pa.array([1, 2], pa.int64()), "name": pa.array([7, 8], pa.int64())})
    staged = main.stage([retyped])
    commit = Commit(app_id="t", sequence=2, run_id="run")
    main.publish(staged, mode="replace", schema=retyped.schema, commit=commit)
    follow(main, kept, run_id="run")
    for sequence, number in ((3, 9), (4, 10)):
        one = pa.table({"id": pa.array([1], pa.int64()), "name": pa.array([number], pa.int64())})
        main.upsert(one, commit=Commit(app_id="t", sequence=sequence, run_id="run"))
    forget(main)
    found = follow(main, kept, run_id="run")
    assert (found.gap, found.rows) == (True, 1), "only the row that changed in the gap"


@pytest.mark.feature("S2.14")
def test_a_table_that_is_thrown_away_and_read_again_goes_on_with_its_history(tmp_path: Path):
    main, kept = Table(str(tmp_path / "main")), Table(str(tmp_path / "main__versions"))
    for names in ({1: "a", 2: "b"}, {1: "c"}, {1: "d"}):
        put(main, names)
        follow(main, kept, run_id="run")
    shutil.rmtree(main.uri)
    main = Table(main.uri)  # its versions are counted from 0 again
    put(main, {1: "e", 3: "x"})
    assert follow(main, kept, run_id="run").gap
    put(main, {1: "f"})
    assert not follow(main, kept, run_id="run").gap
    assert shown(main, kept) == [
        (1, "a", True, False),
        (1, "c", True, False),
        (1, "d", True, False),
        (1, "e", True, False),
        (1, "f", True, True),
        (2, "b", True, False),
        (2, "b", False, True),
        (3, "x", True, True),
    ]


@pytest.mark.feature("S2.14")
def test_the_order_of_states_bears_clocks_that_go_back(tmp_path: Path):
    main, kept = Table(str(tmp_path / "main")), Table(str(tmp_path / "main__versions"))
    for version, (name, earlier) in enumerate((("a", 0), ("b", 3_600_000), ("c", 7_200_000))):
        put(main, {1: name})
        log = Path(main.uri) / "_delta_log" / f"{version:020d}.json"
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        lines[0]["commitInfo"]["timestamp"] -= earlier
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))
        if version != 1:
            follow(Table(main.uri), kept, run_id="run")
    rows = [row for batch in kept.scan(["name", AT]) for row in batch.to_pylist()]
    assert [row["name"] for row in sorted(rows, key=lambda row: row[AT])] == ["a", "b", "c"]
    assert len({row[AT] for row in rows}) == 3
    assert [row[1] for row in shown(Table(main.uri), kept)] == ["a", "b", "c"]


@pytest.mark.feature("S2.14")
def test_commits_of_other_programs_are_followed_too(tmp_path: Path):
    main, kept = Table(str(tmp_path / "main")), Table(str(tmp_path / "main__versions"))
    put(main, {1: "a", 2: "b", 3: "c"})
    follow(main, kept, run_id="run")
    for act, rows in (
        (lambda table: table.update(predicate="id = 2", updates={"name": "'other'"}), 1),
        (lambda table: table.delete("id = 3"), 1),
        (lambda table: table.optimize.compact(), 0),
        (lambda table: table.restore(0), 2),
    ):
        act(DeltaTable(main.uri))
        found = follow(main, kept, run_id="run")
        assert (found.rows, found.gap) == (rows, False)
    assert states(kept) == [(1, "a"), (2, "b"), (2, "other"), (2, "b"), (3, "c"), (3, "c"), (3, "c")]


@pytest.mark.feature("S2.14")
def test_a_gap_over_more_states_than_a_part_holds_finds_the_newest_of_each_row(tmp_path: Path):
    main, kept = Table(str(tmp_path / "main")), Table(str(tmp_path / "main__versions"))
    for names in (dict.fromkeys(range(1, 30_001), "a"), dict.fromkeys(range(5, 30_001), "b"), {6: "c"}):
        put(main, names)
        follow(main, kept, run_id="run")
    for name in ("lost", "d"):
        put(main, {5: name})
    forget(main)
    found = follow(main, kept, run_id="run")
    assert (found.gap, found.rows) == (True, 1), "the states of all other rows are known"
    assert [state for state in states(kept) if state[0] in {5, 6}] == [
        *((5, name) for name in "abd"),
        *((6, name) for name in "abc"),
    ]
