"""The command that proves whole tables, and what the proof finds that counting does not."""

from __future__ import annotations

import time
import uuid
from contextlib import nullcontext
from datetime import UTC, datetime

import orjson
import pytest
from click.testing import CliRunner

from towpath.cli.entry import cli
from towpath.features.replicate import service
from towpath.features.replicate.job import table_of

VERSIONS = pytest.mark.parametrize("yard", ["19.0", "17.0"], indirect=True)


def settle() -> None:
    """Wait until what was just written lies before the cursor of a read that begins now."""
    time.sleep(2.1)


@VERSIONS
@pytest.mark.feature("S2.14", "S2.15")
def test_verify_finds_and_mends_what_was_lost_changed_and_added(yard):
    mark = f"v{uuid.uuid4().hex[:8]}"
    ids = yard.odoo.create("res.partner", [{"name": f"{mark} {n}"} for n in range(6)])
    stream = yard.add("res.partner", fields=["name", "write_date"], filter=f"[('name', 'like', '{mark}')]")
    settle()
    yard.sync(stream)
    before = yard.rows(stream, "name", "write_date")
    old = datetime(2001, 1, 1, tzinfo=UTC)
    yard.tamper(stream, [{"id": ids[2], "name": "Other", "write_date": old}], without=[ids[0], ids[5]])
    yard.odoo.unlink("res.partner", [ids[4]])

    (run,) = service.verify(yard.hub, [stream], repair=False)
    assert (run.kind, run.state, run.proof["equal"], run.proof["differing"]) == (
        "compare",
        "succeeded",
        False,
        4,
    )
    assert (run.proof["odoo_count"], run.proof["table_count"]) == (5, 4)
    assert ids[0] not in yard.rows(stream)

    (run,) = service.verify(yard.hub, [stream])
    assert (run.kind, run.proof["equal"], run.proof["repaired"], run.proof["differing"]) == (
        "verify",
        True,
        4,
        0,
    )
    assert (run.rows_inserted, run.rows_updated, run.rows_deleted) == (2, 1, 1)
    del before[ids[4]]
    assert yard.rows(stream, "name", "write_date") == before
    assert any(remark.startswith("4 records of ids ") for remark in run.remarks)
    (run,) = service.verify(yard.hub, [stream])
    assert (run.proof["equal"], run.proof["repaired"]) == (True, 0)
    assert run.rows_read == 0


@pytest.mark.feature("S2.14")
def test_what_changed_since_the_last_run_is_no_difference(yard):
    mark = f"v{uuid.uuid4().hex[:8]}"
    ids = yard.odoo.create("res.partner", [{"name": f"{mark} {n}"} for n in range(3)])
    stream = yard.add("res.partner", fields=["name", "write_date"], filter=f"[('name', 'like', '{mark}')]")
    settle()
    yard.sync(stream)
    yard.odoo.write("res.partner", ids[:1], {"city": "Later"})
    yard.odoo.create("res.partner", [{"name": f"{mark} later"}])
    (run,) = service.verify(yard.hub, [stream], repair=False)
    assert (run.proof["equal"], run.proof["differing"]) == (True, 0)
    assert yard.sync(stream).rows_inserted == 1, "the cursor stayed where it was"


@pytest.mark.feature("S2.14")
def test_what_is_missing_within_the_overlap_is_read_and_is_no_fault(yard):
    """A transaction may have been open when the table was read; the next run reaches back to it anyhow."""
    mark = f"v{uuid.uuid4().hex[:8]}"
    ids = yard.odoo.create("res.partner", [{"name": f"{mark} {n}"} for n in range(3)])
    chosen = f"[('name', 'like', '{mark}')]"
    stream = yard.add("res.partner", fields=["name", "write_date"], filter=chosen, overlap="15m")
    settle()
    yard.sync(stream)
    yard.tamper(stream, without=ids[:1])
    (run,) = service.verify(yard.hub, [stream], repair=False)
    assert (run.proof["equal"], run.proof["late"]) == (True, 1)
    (run,) = service.verify(yard.hub, [stream])
    assert (run.proof["equal"], run.proof["late"], run.proof["repaired"]) == (True, 1, 0)
    assert not run.remarks
    assert set(yard.rows(stream)) == set(ids)


@pytest.mark.feature("S2.14")
@pytest.mark.parametrize("fields", [["name", "write_date"], ["name"]], ids=["by stamp", "by id"])
def test_rows_that_are_there_twice_are_made_one(yard, fields):
    mark = f"v{uuid.uuid4().hex[:8]}"
    ids = yard.odoo.create("res.partner", [{"name": f"{mark} {n}"} for n in range(4)])
    stream = yard.add("res.partner", fields=fields, filter=f"[('name', 'like', '{mark}')]")
    settle()
    yard.sync(stream)
    yard.tamper(stream, twice=ids[1:3])
    (run,) = service.verify(yard.hub, [stream], repair=False)
    assert (run.proof["equal"], run.proof["differing"]) == (False, 2)
    (run,) = service.verify(yard.hub, [stream])
    assert (run.proof["equal"], run.proof["repaired"]) == (True, 2)
    held = [number for batch in yard.table(stream).scan(["id"]) for number in batch.column(0).to_pylist()]
    assert sorted(held) == ids


@pytest.mark.feature("S2.54")
def test_a_table_without_stamps_is_compared_by_id(yard):
    stream = yard.add("res.country.group", fields=["name"], sync_type="FULL_TABLE")
    yard.sync(stream)
    held = set(yard.rows(stream))
    assert len(held) > 1
    yard.tamper(stream, without=[min(held)])
    (run,) = service.verify(yard.hub, [stream])
    assert (run.proof["compares"], run.proof["equal"], run.proof["repaired"]) == ("id", True, 1)
    assert set(yard.rows(stream)) == held


@pytest.mark.feature("S2.14")
def test_a_table_that_was_not_read_yet_can_not_be_verified(yard):
    stream = yard.add("res.country.state", fields=["name"])
    (run,) = service.verify(yard.hub, [stream])
    assert run.state == "failed"
    assert "towpath sync run --stream res_country_state" in run.message
    assert yard.sync(stream).state == "succeeded"


@pytest.mark.feature("S2.14")
def test_a_deletion_and_a_late_creation_that_hide_each_other_are_found_by_the_proof(yard, monkeypatch):
    """Where Odoo only counts, both leave the count of their range as it was."""
    mark = f"v{uuid.uuid4().hex[:8]}"
    ids = yard.odoo.create("res.partner", [{"name": f"{mark} {n}"} for n in range(5_010)])
    stream = yard.add("res.partner", fields=["name", "write_date"], filter=f"[('name', 'like', '{mark}')]")
    settle()
    yard.server.faults.add("status", status=400, method="formatted_read_group")
    yard.sync(stream)
    held = yard.rows(stream)
    yard.tamper(stream, without=[ids[100]])  # as if it had been committed after its stamp was passed
    yard.odoo.unlink("res.partner", [ids[4_000]])
    assert table_of(yard.hub, stream).count() == len(held) - 1
    yard.odoo.write("res.partner", ids[-1:], {"city": "Something to read"})
    run = yard.sync(stream)
    assert run.state == "succeeded"
    assert run.proof["equal"] is True
    assert run.proof["repaired"] == 1
    assert run.rows_deleted == 1
    assert set(yard.rows(stream)) == set(ids) - {ids[4_000]}


@pytest.mark.feature("S2.14")
def test_the_command_says_what_it_found(yard, monkeypatch):
    mark = f"v{uuid.uuid4().hex[:8]}"
    ids = yard.odoo.create("res.partner", [{"name": f"{mark} {n}"} for n in range(3)])
    stream = yard.add(
        "res.partner",
        fields=["name", "write_date"],
        filter=f"[('name', 'like', '{mark}')]",
        table_name=f"t_{mark}",
    )
    settle()
    yard.sync(stream)
    yard.tamper(stream, without=ids[:1])
    monkeypatch.setattr("towpath.hub.open_hub", lambda: nullcontext(yard.hub))

    def said(*words: str):
        return CliRunner().invoke(
            cli, ["sync", "verify", "--stream", f"t_{mark}", *words], standalone_mode=False
        )

    told = said("--no-repair")
    assert told.return_value == 1
    assert "differs" in told.output
    assert "towpath sync verify" in told.output
    told = said("--json")
    assert told.return_value == 0
    record = orjson.loads(told.output.splitlines()[-1])
    assert (record["verdict"], record["proof"]["repaired"]) == ("repaired", 1)
    told = said()
    assert told.return_value == 0
    assert "equal" in told.output
