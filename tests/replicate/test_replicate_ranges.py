"""Full reads that are cut into ranges of ids: complete, gone on with, given up, never written by one who lost its range."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from towpath.features.replicate import patience, ranges, runs, service
from towpath.features.replicate.job import table_of
from towpath.features.replicate.staging import Part
from towpath.features.replicate.tables import staged_parts, staged_ranges
from towpath.hub import Hub


@pytest.fixture
def small_ranges(hub: Hub):
    """Ranges of 40 records in pages of 10, for few rows."""
    before = hub.settings.page_rows, hub.settings.range_rows
    object.__setattr__(hub.settings, "page_rows", 10)
    object.__setattr__(hub.settings, "range_rows", 40)
    yield
    object.__setattr__(hub.settings, "page_rows", before[0])
    object.__setattr__(hub.settings, "range_rows", before[1])


@pytest.fixture
def partners(town):
    """300 partners with a mark of their own, gone after the test."""
    ids = town.odoo.create("res.partner", [{"name": f"p{n}", "ref": town.name} for n in range(300)])
    yield ids
    town.server.faults.clear()
    context = {"active_test": False}
    town.odoo.unlink("res.partner", town.odoo.search_ids("res.partner", [["id", "in", ids]], context=context))


def add(town, **choice):
    return town.add("res.partner", fields=["name", "city"], filter=f"[('ref', '=', '{town.name}')]", **choice)


def staged(hub: Hub, stream) -> tuple[list, list]:
    with hub.store.begin() as db:
        ours = [
            db.execute(table.select().where(table.c.stream_id == stream.id).order_by(table.c.low)).all()
            for table in (staged_ranges, staged_parts)
        ]
    return ours[0], ours[1]


@pytest.mark.usefixtures("small_ranges")
@pytest.mark.feature("S2.15", "S2.22")
@pytest.mark.parametrize("town", ["19.0", "17.0"], indirect=True)
@pytest.mark.parametrize("sync_type", ["INCREMENTAL", "FULL_TABLE"])
def test_a_large_model_is_read_in_ranges_and_published_at_once(town, partners, sync_type):
    stream = add(town, sync_type=sync_type)
    seen: list[dict] = []
    (run,) = service.sync(town.hub, [stream], on_progress=seen.append)
    assert run.state == "succeeded", run.message
    assert (run.rows_read, run.rows_inserted) == (300, 300)
    assert sorted(town.rows(stream)) == partners
    files = table_of(town.hub, stream).files()
    assert len(files) == 8  # 7 ranges of 40 and one of 20
    assert run.calls > 8 * 5
    assert run.bytes > 300 * 20
    assert run.seconds > 0
    assert staged(town.hub, stream) == ([], [])
    assert any(report.get("expected") == 300 for report in seen)
    assert seen[-1]["event"] == "ended"
    assert noticed(town.hub, run.id) < 8  # a quarter of a second between looks, and a busy machine
    later = town.sync(stream)
    assert (later.state, later.rows_inserted, later.rows_deleted) == ("succeeded", 0, 0)


@pytest.mark.usefixtures("small_ranges")
@pytest.mark.feature("S2.15", "S2.60")
def test_a_range_that_can_not_be_read_fails_the_run_and_the_next_one_goes_on(town, partners):
    stream = add(town)
    town.server.faults.add("status", status=500, method="search_read", after=20)
    failed = town.sync(stream)
    assert failed.state == "failed"
    assert "Traceback" not in failed.message
    assert failed.calls > 20
    assert not table_of(town.hub, stream).exists
    planned, parts = staged(town.hub, stream)
    assert len(planned) == 8
    kept = sum(part.rows for part in parts)
    assert 0 < kept < 300
    town.server.faults.clear()
    town.odoo.write("res.partner", partners[:3], {"city": "after"})
    town.odoo.unlink("res.partner", partners[4:6])
    done = town.sync(stream)
    assert done.state == "succeeded"
    assert f"Went on behind {kept:,} rows that were read before." in done.remarks
    rows = town.rows(stream, "city")
    assert sorted(rows) == sorted(set(partners) - set(partners[4:6]))
    assert rows[partners[0]]["city"] == "after"
    assert staged(town.hub, stream) == ([], [])


@pytest.mark.usefixtures("small_ranges")
@pytest.mark.feature("S2.15", "S2.60")
def test_a_run_that_is_cancelled_cancels_its_ranges(town, partners):
    stream = add(town)
    town.server.faults.add("latency", seconds=0.5, method="search_read")
    (run_id,) = service.start(town.hub, [stream])
    engine = town.hub.jobs()
    until(lambda: any(row.attempts for row in staged(town.hub, stream)[0]))
    engine.cancel(run_id)
    until(lambda: find(town.hub, run_id).state == "cancelled")
    until(lambda: not [job for job in engine.unfinished("read_range") if job.payload["run_id"] == run_id])
    assert not table_of(town.hub, stream).exists
    town.server.faults.clear()
    done = town.sync(stream)
    assert done.state == "succeeded"
    assert done.id != run_id
    assert sorted(town.rows(stream)) == partners


@pytest.mark.usefixtures("small_ranges")
@pytest.mark.feature("S2.15")
def test_fields_that_are_chosen_while_ranges_are_read_are_in_the_table(town, partners):
    """The ranges left find that they were planned for something else; the same run plans anew."""
    stream = add(town)
    town.server.faults.add("latency", seconds=0.3, method="search_read")
    (run_id,) = service.start(town.hub, [stream])
    until(lambda: any(row.done for row in staged(town.hub, stream)[0]))
    service.edit(town.hub, stream.id, service.Choice(fields=["name", "city", "ref"]))
    town.server.faults.clear()
    town.hub.jobs().wait(run_id, timeout=60)
    run = find(town.hub, run_id)
    assert run.state == "succeeded", run.message
    assert {number: row["ref"] for number, row in town.rows(stream).items()} == dict.fromkeys(
        partners, town.name
    )


@pytest.mark.usefixtures("small_ranges")
@pytest.mark.feature("S2.15")
def test_a_plan_of_other_fields_or_with_lost_parts_or_of_long_ago_is_made_anew(town, partners):
    stream = add(town)
    for spoil in ("sign", "file", "age"):
        town.server.faults.add("status", status=500, method="search_read", after=20)
        assert town.sync(stream, full=True).state == "failed"
        town.server.faults.clear()
        _, parts = staged(town.hub, stream)
        assert parts
        with town.hub.store.begin() as db:
            if spoil == "sign":
                db.execute(staged_ranges.update().values(signature="another"))
            elif spoil == "age":
                old = sa.func.now() - timedelta(days=2)
                db.execute(staged_ranges.update().values(planned_at=old))
                db.execute(staged_parts.update().values(staged_at=old))
        if spoil == "file":
            table_of(town.hub, stream).storage.delete([parts[0].part["path"]])
    done = town.sync(stream)
    assert done.state == "succeeded"
    assert not [remark for remark in done.remarks if remark.startswith("Went on")]
    assert sorted(town.rows(stream)) == partners


@pytest.mark.feature("S2.15", "S2.22")
def test_who_lost_a_range_can_add_nothing_to_it(town, partners):
    """The worker that was taken for dead wakes up and notes its part; by then, or at that moment, another one holds the range."""
    hub, stream = town.hub, add(town)
    with hub.store.begin() as db:
        run_id, _ = runs.queue(db, stream.id, full=False)
        moment = db.execute(sa.select(sa.func.now())).scalar_one()
        ranges.keep(db, stream.id, run_id, "sign", moment, [1, 50])
    part = Part(position=0, through=moment, last_id=7, rows=1, part={"path": "x"})

    def claimed():
        with hub.store.begin() as db:
            held = ranges.claim(db, stream.id, run_id, 1)
        assert held is not None
        return held

    first = claimed()
    with hub.store.begin() as db:
        assert ranges.note(db, first, part)
        # At the same moment: the claim waits for the note, and then goes on behind it.
        taken: list[ranges.Claim] = []
        rival = threading.Thread(target=lambda: taken.append(claimed()))
        rival.start()
        time.sleep(0.3)
        assert not taken
    rival.join(60)
    assert [before.last_id for before in taken[0].parts] == [7]
    late = Part(position=1, through=moment, last_id=9, rows=1, part={"path": "y"})
    with hub.store.begin() as db:
        assert not ranges.note(db, first, late)
        assert not ranges.finish(db, first, calls=1, received=1, remarks=[])
        assert ranges.finish(db, taken[0], calls=1, received=1, remarks=[])
        assert ranges.claim(db, stream.id, run_id, 1) is None
        # A new plan of the same run counts its attempts anew; who holds the old one has no part in it.
        runs.end(db, run_id, runs.Outcome(state="failed"))
    with hub.store.begin() as db:
        other, _ = runs.queue(db, stream.id, full=False)
        ranges.keep(db, stream.id, other, "sign", moment, [1, 50])
    with hub.store.begin() as db:
        assert ranges.claim(db, stream.id, run_id, 1) is None
        held = ranges.claim(db, stream.id, other, 1)
        assert held is not None
        assert held.attempt == first.attempt
        assert not ranges.note(db, first, late)
        runs.end(db, other, runs.Outcome(state="cancelled"))
        assert not ranges.note(db, held, late)  # its run is over
    assert len(staged(hub, stream)[1]) == 0


@pytest.mark.feature("S2.14", "S2.15")
def test_a_process_that_hangs_in_a_transaction_does_not_keep_others_from_its_range(
    town, partners, monkeypatch
):
    """As one whose machine is paused, or cut off from PostgreSQL, right behind its claim."""
    del partners
    monkeypatch.setattr(patience, "IDLE", 0.4)
    hub, stream = town.hub, add(town)
    with hub.store.begin() as db:
        run_id, _ = runs.queue(db, stream.id)
        ranges.keep(db, stream.id, run_id, "sign", db.execute(sa.select(sa.func.now())).scalar_one(), [1])
    held, awake, pauses = threading.Event(), threading.Event(), [20.0]

    def claimed(db) -> ranges.Claim | None:
        taken = ranges.claim(db, stream.id, run_id, 1)
        if threading.current_thread() is hanging and pauses:
            held.set()
            awake.wait(pauses.pop())
        return taken

    seen: list[ranges.Claim | None] = []
    hanging = threading.Thread(target=lambda: seen.append(patience.patiently(hub.store, claimed)))
    hanging.start()
    assert held.wait(60)
    began = time.monotonic()
    rival = patience.patiently(hub.store, claimed)
    assert time.monotonic() - began < 10
    assert rival is not None
    assert rival.attempt == 1
    awake.set()
    hanging.join(60)  # its first try is undone; it tries again, as after any break of the connection
    assert seen[0] is not None
    assert seen[0].attempt == 2
    with hub.store.begin() as db:
        runs.end(db, run_id, runs.Outcome(state="cancelled"))


def noticed(hub: Hub, run_id: str) -> float:
    """Seconds between the end of the last range and the moment the run went on."""
    last = sa.text("select max(completed_at) from towpath_jobs.workflow_status where workflow_uuid like :run")
    step = sa.text(
        "select completed_at_epoch_ms from towpath_jobs.operation_outputs"
        " where workflow_uuid = :run and function_name = 'ranges'"
    )
    with hub.store.begin() as db:
        ended = db.execute(last, {"run": f"{run_id}-%"}).scalar_one()
        return (db.execute(step, {"run": run_id}).scalar_one() - ended) / 1000


def find(hub: Hub, run_id: str) -> runs.Run:
    with hub.store.begin() as db:
        return runs.find(db, run_id)


def until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
