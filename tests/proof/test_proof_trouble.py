"""The proof where it is easily wrong: processes that die in it, and transactions longer than any overlap."""

from __future__ import annotations

import os
import threading
import time
import uuid
from datetime import UTC, datetime

import pytest
from tests.prepared_process import TOWPATH
from tests.prepared_process import run as begin

from towpath.commit_point import ENVIRONMENT
from towpath.features.replicate import runs, streams
from towpath.odoo import Odoo, Pace


def marked(yard, count: int) -> tuple[list[int], str]:
    """Records of the test's own that were there before its first run, and the filter that admits them."""
    mark = f"k{uuid.uuid4().hex[:8]}"
    ids = yard.odoo.create("res.partner", [{"name": f"{mark} {n}"} for n in range(count)])
    time.sleep(2.1)
    return ids, f"[('name', 'like', '{mark}')]"


@pytest.mark.feature("S2.14")
@pytest.mark.parametrize("point", ["proof_range_stored", "repair_written"])
def test_a_process_that_dies_in_a_repair_leaves_nothing_undone_and_nothing_unsaid(yard, point):
    ids, chosen = marked(yard, 5)
    stream = yard.add(
        "res.partner", fields=["name", "write_date"], filter=chosen, table_name=f"t{uuid.uuid4().hex[:8]}"
    )
    yard.sync(stream)
    before = yard.rows(stream, "name", "write_date")
    old = datetime(2001, 1, 1, tzinfo=UTC)
    yard.tamper(stream, [{"id": ids[1], "name": "Other", "write_date": old}], without=[ids[0]])
    command = [*TOWPATH, "sync", "verify", "--stream", stream.id]
    env = os.environ | {"TOWPATH_HOME": str(yard.hub.settings.home), "TOWPATH_OVERLAP_SECONDS": "0"}
    first = begin(command, env=env | {ENVIRONMENT: point}, check=False)
    assert first.returncode == -9, first.stdout
    begin(command, env=env)
    assert yard.rows(stream, "name", "write_date") == before
    with yard.hub.store.begin() as db:
        taken_over = [run for run in runs.recent(db, stream_ids=[stream.id], limit=3) if run.attempts == 2]
    (run,) = taken_over
    assert run.state == "succeeded"
    assert run.proof["equal"] is True
    assert run.proof["repaired"] == 2
    assert any(remark.startswith("2 records of ids ") for remark in run.remarks)
    assert (run.rows_inserted, run.rows_updated) == (1, 1), "counted once, whoever wrote them"


@pytest.mark.feature("S1.17", "S2.14")
def test_a_change_by_a_transaction_longer_than_the_overlap_is_found_and_learnt_from(yard):
    ids, chosen = marked(yard, 3)
    stream = yard.add("res.partner", fields=["name", "city", "write_date"], filter=chosen)
    yard.sync(stream)
    fault = yard.server.add_fault("late_commit", model="res.partner", method="write", count=1, seconds=30)
    other = Odoo(yard.odoo.access, Pace())  # a budget of its own: the runs go on while it waits
    slow = threading.Thread(target=other.write, args=("res.partner", ids[:1], {"city": "Written long ago"}))
    slow.start()
    time.sleep(3.1)
    yard.odoo.write("res.partner", ids[1:2], {"city": "Read first"})
    assert yard.sync(stream).rows_updated == 1
    time.sleep(2.1)
    yard.odoo.write("res.partner", ids[1:2], {"city": "Read again"})
    yard.sync(stream)  # the cursor is now beyond the stamp of the slow one
    fault.released.set()
    slow.join()
    other.close()
    yard.odoo.write("res.partner", ids[2:], {"city": "Read last"})
    run = yard.sync(stream)
    shown = yard.rows(stream, "city")
    assert [shown[number]["city"] for number in ids] == ["Written long ago", "Read again", "Read last"]
    assert run.proof["repaired"] == 1
    with yard.hub.store.begin() as db:
        learnt = streams.find(db, stream.id).late_seconds
    assert 1 <= learnt < 60


@pytest.mark.feature("S2.14")
def test_a_run_that_can_not_be_proved_has_succeeded_all_the_same(yard):
    ids, chosen = marked(yard, 3)
    stream = yard.add("res.partner", fields=["name", "city", "write_date"], filter=chosen)
    yard.sync(stream)
    yard.odoo.write("res.partner", ids[:1], {"city": "One"})
    yard.server.faults.reset_counters()
    assert yard.sync(stream).proof["ranges"] == 1
    asked = sum(one["method"] == "search_read" for one in yard.server.faults.log())
    yard.odoo.write("res.partner", ids[:1], {"city": "Two"})
    yard.server.faults.add("status", status=400, method="search_read", after=asked - 1)
    run = yard.sync(stream)
    yard.server.faults.clear()
    assert (run.state, run.rows_updated, run.proof) == ("succeeded", 1, None)
    assert any(
        remark.startswith("Whether the table is complete could not be proved") for remark in run.remarks
    )
    yard.odoo.write("res.partner", ids[:1], {"city": "Three"})
    assert yard.sync(stream).proof["equal"] is True
