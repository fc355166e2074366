"""Quiet streams cost one call; whatever may have changed is read; many streams at once are one state."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from towpath.features.explore import service as explore
from towpath.features.replicate import runs, service, streams
from towpath.features.replicate.job import table_of
from towpath.lake import manifest
from towpath.odoo import Odoo, Pace
from towpath.odoo.pages import Page

MODELS = ["res.partner", "res.country", "res.currency", "product.category"]


def calls(town) -> dict[str, int]:
    return {key: n for key, n in town.server.faults.calls().items() if "/" in key and not key.startswith("/")}


def settle(town, *chosen):
    """Let time pass until Odoo's stamps lie an hour behind, as they do in a quiet database."""
    for stream in chosen:
        (last,) = town.odoo.search_read(
            stream.model, [], ["write_date"], order="write_date desc", limit=1, context={"active_test": False}
        )
        # Tests that let time pass for this Odoo leave stamps ahead of the clock as it is again.
        newest = datetime.fromisoformat(last["write_date"]).replace(tzinfo=UTC)
        ahead = max(newest - town.odoo.clock(), timedelta())
        town.server.faults.add("clock_skew", seconds=3600 + ahead.total_seconds())  # they add up
        town.sync(stream)


@pytest.mark.feature("S1.23", "S2.14")
@pytest.mark.parametrize("town", ["19.0", "17.0"], indirect=True)
def test_a_quiet_stream_costs_one_call(town):
    stream = town.add("res.partner")
    town.sync(stream)
    settle(town, stream)
    town.server.faults.reset_counters()
    run = town.sync(stream)
    assert (run.kind, run.state, run.rows_read) == ("idle", "succeeded", 0)
    made = calls(town)
    made.pop("common/authenticate", None)  # the older protocols sign in
    # one for the model, one for the fields of all models
    assert sorted(key.partition("/")[0] for key in made) == ["ir.model.fields", "res.partner"]
    assert sum(made.values()) == 2, made


@pytest.mark.feature("S1.23", "S2.14")
def test_whatever_changes_is_read(town):
    stream = town.add("res.partner", fields=["name", "city", "write_date"])
    (first, second) = town.odoo.create("res.partner", [{"name": "One"}, {"name": "Two"}])
    town.sync(stream)
    settle(town, stream)
    assert town.sync(stream).kind == "idle"
    town.odoo.write("res.partner", [first], {"city": "Lock"})
    assert town.sync(stream).rows_updated == 1
    settle(town, stream)
    assert town.sync(stream).kind == "idle"
    town.odoo.unlink("res.partner", [second])
    assert town.sync(stream).rows_deleted == 1
    settle(town, stream)
    town.odoo.write("res.partner", [first], {"active": False})
    assert town.sync(stream).rows_updated == 1
    settle(town, stream)
    assert town.sync(stream).kind == "idle"
    town.odoo.unlink("res.partner", [first])
    assert town.sync(stream).rows_deleted == 1


@pytest.mark.feature("S2.53")
def test_a_new_field_ends_the_quiet(town):
    stream = town.add("res.partner.category")
    town.sync(stream)
    settle(town, stream)
    assert town.sync(stream).kind == "idle"
    model = town.odoo.search_ids("ir.model", [["model", "=", "res.partner.category"]])[0]
    (made,) = town.odoo.create(
        "ir.model.fields",
        [
            {
                "name": "x_quiet",
                "model_id": model,
                "field_description": "Quiet",
                "ttype": "char",
                "state": "manual",
            }
        ],
    )
    try:
        assert town.sync(stream).kind == "sync"
        assert "x_quiet" in table_of(town.hub, stream).schema.names
    finally:
        town.odoo.unlink("ir.model.fields", [made])


@pytest.mark.feature("S1.7", "S2.14")
def test_a_transaction_that_was_open_is_not_missed(town):
    """The newest stamp lies within the overlap, so the stream is read and not only looked at."""
    stream = town.add("res.partner", fields=["name", "city", "write_date"])
    (slow, fast) = town.odoo.create("res.partner", [{"name": "Slow"}, {"name": "Fast"}])
    town.sync(stream)
    time.sleep(1.1)  # another second than the one of their creation
    late = town.server.faults.add("late_commit", model="res.partner", method="write", count=1, seconds=30)
    # A budget of its own: else the others would wait for the open transaction.
    with ThreadPoolExecutor(1) as pool, Odoo(town.odoo.access, Pace()) as other:
        change = pool.submit(other.write, "res.partner", [slow], {"city": "late"})
        time.sleep(1.1)
        town.odoo.write("res.partner", [fast], {"city": "early"})
        time.sleep(3.1)
        town.sync(stream)
        town.server.faults.release(late.id)
        change.result()
    run = town.sync(stream)
    assert run.kind == "sync"
    assert town.rows(stream, "city")[slow]["city"] == "late"
    # and the overlap has learnt how late it was
    (known,) = service.choose(town.hub, [stream.id])
    assert 0.5 < known.late_seconds < 30
    town.odoo.unlink("res.partner", [slow, fast])


@pytest.mark.feature("S1.7")
def test_the_overlap_follows_the_longest_transaction(town):
    stream = town.add("res.country")
    with town.hub.store.begin() as db:
        assert streams.overlap_of(stream, 900) == timedelta(minutes=15)
        streams.was_late(db, stream.id, 3600)
        streams.was_late(db, stream.id, 60)
        known = streams.find(db, stream.id)
    assert known.late_seconds == 3600
    assert streams.overlap_of(known, 900) == timedelta(seconds=5400)
    assert streams.overlap_of(replace(known, overlap_seconds=7200), 900) == timedelta(hours=2)
    assert streams.overlap_of(replace(known, late_seconds=1e9), 900) == timedelta(days=1)


@pytest.mark.feature("S2.14", "S2.22")
def test_many_streams_at_once_leave_one_manifest(town):
    for model in MODELS:
        town.add(model)
    chosen = service.choose(town.hub, connection=town.name)
    ended = list(service.sync(town.hub, chosen))
    assert {run.state for run in ended} == {"succeeded"}, [run.message for run in ended]
    (number,) = {run.batch for run in ended}
    left = manifest.read(town.hub.lake_root, str(number))
    assert dict(left.tables) == {
        table_of(town.hub, stream).uri: table_of(town.hub, stream).version for stream in chosen
    }
    (made,) = town.odoo.create("res.partner", [{"name": "After the run"}])
    partners = next(stream for stream in chosen if stream.model == "res.partner")
    town.sync(partners)
    question = f"select count(*) n from raw.{town.name}.res_partner where id = {made}"
    for as_of, found in ((f"run:{number}", 0), (None, 1)):
        state = explore.AsOf.from_option(as_of, town.hub.lake_root) if as_of else None
        with explore.query(question, town.hub.tables(), as_of=state) as result:
            assert list(result.rows()) == [{"n": found}]
    town.odoo.unlink("res.partner", [made])


@pytest.mark.feature("S2.14")
def test_a_run_that_fails_does_not_hold_up_the_manifest(town):
    town.add("res.country")
    broken = town.add("res.currency")
    town.server.faults.add("status", status=500, model="res.currency", method="search_read")
    ended = list(service.sync(town.hub, service.choose(town.hub, connection=town.name)))
    assert sorted(run.state for run in ended) == ["failed", "succeeded"], [run.message for run in ended]
    (number,) = {run.batch for run in ended}
    tables = manifest.read(town.hub.lake_root, str(number)).tables
    assert len(tables) == 1
    assert table_of(town.hub, broken).uri not in tables
    with town.hub.store.begin() as db:
        assert runs.recent(db, stream_ids=[broken.id])[0].state == "failed"


@pytest.mark.feature("S1.23")
def test_a_table_that_lacks_rows_is_not_left_alone_as_if_it_were_whole(town, monkeypatch):
    stream = town.add("res.partner", fields=["name", "write_date"])
    whole = Odoo.page

    def sight():
        with town.hub.store.begin() as db:
            return streams.find(db, stream.id).sight

    def lossy(*arguments, **named):
        """What something on the way, or a rule that comes and goes, takes from pages and not from counts."""
        rows = whole(*arguments, **named).rows()
        return Page.of_rows([row for row in rows if row["id"] % 5 or row is rows[-1]], "the test")

    with monkeypatch.context() as patch:
        patch.setattr(Odoo, "page", lossy)
        town.sync(stream)
    assert set(town.rows(stream)) < town.ids("res.partner")
    assert sight() is None
    assert town.sync(stream).kind != "idle"
    assert set(town.rows(stream)) == town.ids("res.partner")
    settle(town, stream)
    assert sight() is not None
