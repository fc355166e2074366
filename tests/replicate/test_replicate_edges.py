"""Replication where it is easily wrong: clocks, windows that were cut off, hidden records, rivals, lost parts."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from towpath.features.connections import service as connections
from towpath.features.replicate import runs, service
from towpath.features.replicate.job import table_of
from towpath.features.replicate.tables import staged_parts, streams
from towpath.hub import Hub


def word() -> str:
    return f"w{uuid.uuid4().hex[:10]}"


def make(town, count: int = 1, **values) -> list[int]:
    return town.odoo.create("res.partner", [{"name": f"{word()} {n}", **values} for n in range(count)])


def in_odoo(town, *fields: str, domain=()) -> dict[int, dict]:
    rows = town.odoo.search_read(
        "res.partner", list(domain), list(fields), context={"active_test": False}, limit=None
    )
    return {row["id"]: {name: row[name] or None for name in ("id", *fields)} for row in rows}


@pytest.fixture
def small_chunks(hub: Hub):
    """Many pages and some commits for few rows."""
    object.__setattr__(hub.settings, "page_rows", 20)
    yield
    object.__setattr__(hub.settings, "page_rows", 5000)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.feature("S1.17", "S2.14")
@pytest.mark.parametrize("full", [False, True])
def test_what_changes_behind_a_window_that_was_cut_off_is_read(town, full):
    mark = word()
    ids = make(town, 200, ref=mark, city="before")
    stream = town.add("res.partner", fields=["name", "city"], filter=f"[('ref', '=', '{mark}')]")
    town.sync(stream)
    town.odoo.write("res.partner", ids, {"city": "between"})
    town.server.faults.add("status", status=500, method="search_read", after=6)
    failed = town.sync(stream, full=full)
    assert failed.state == "failed"
    assert failed.rows_updated >= 40  # what was committed is counted
    town.server.faults.clear()
    town.odoo.write("res.partner", ids[:5], {"city": "after"})
    town.odoo.unlink("res.partner", ids[5:7])
    assert town.sync(stream, full=full).state == "succeeded"
    shown = town.rows(stream, "name", "city")
    assert shown == in_odoo(town, "name", "city", domain=[["ref", "=", mark]])
    assert shown[ids[0]]["city"] == "after"


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.feature("S2.15")
@pytest.mark.parametrize("sync_type", ["INCREMENTAL", "FULL_TABLE"])
def test_what_changes_behind_staged_parts_is_read(town, sync_type):
    ids = make(town, 150, ref="parts", city="before")
    stream = town.add(
        "res.partner",
        fields=["name", "city"],
        filter="[('ref', '=', 'parts')]",
        prefix=f"p_{sync_type.lower()}_",
        sync_type=sync_type,
    )
    town.server.faults.add("status", status=500, method="search_read", after=3)
    assert town.sync(stream).state == "failed"
    town.server.faults.clear()
    town.odoo.write("res.partner", ids[:3], {"city": "after"})
    town.odoo.unlink("res.partner", [ids[5], ids[140]])
    run = town.sync(stream)
    assert any(remark.startswith("Went on behind") for remark in run.remarks)
    assert town.rows(stream, "name", "city") == in_odoo(
        town, "name", "city", domain=[["ref", "in", ["parts"]]]
    )
    town.odoo.unlink("res.partner", ids[:5] + ids[6:140] + ids[141:])


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.feature("S2.15")
def test_staged_parts_that_were_swept_away_are_read_again(town):
    stream = town.add("res.partner", fields=["name"], prefix="swept_")
    town.server.faults.add("status", status=500, method="search_read", after=4)
    assert town.sync(stream).state == "failed"
    town.server.faults.clear()
    for part in Path(table_of(town.hub, stream).uri).glob("**/*.parquet"):
        part.unlink()
    assert town.sync(stream).state == "succeeded"
    assert set(town.rows(stream)) == town.ids("res.partner")


@pytest.mark.feature("S2.15")
def test_parts_that_are_published_are_never_used_again(town):
    """A process can die between the commit and forgetting the parts it named."""
    (one,) = make(town, 1, city="old")
    stream = town.add("res.partner", fields=["city"], prefix="twice_", sync_type="FULL_TABLE")
    kept: list[dict] = []

    def keep(connection, _cursor, statement, *_):
        if statement.lstrip().startswith("DELETE FROM towpath.staged_parts") and not kept:
            rows = connection.execute(staged_parts.select()).all()
            kept.extend(row._asdict() for row in rows)

    sa.event.listen(town.hub.store.engine, "before_cursor_execute", keep)
    town.sync(stream)
    sa.event.remove(town.hub.store.engine, "before_cursor_execute", keep)
    assert kept
    with town.hub.store.begin() as db:
        db.execute(staged_parts.insert().values(kept))
    town.odoo.write("res.partner", [one], {"city": "new"})
    town.sync(stream)
    assert town.rows(stream, "city")[one]["city"] == "new"


@pytest.mark.feature("S1.7", "S1.17")
@pytest.mark.parametrize(("before", "after"), [(0, -3600), (3600, 0), (0, 3600)])
def test_a_clock_that_jumps_loses_nothing(town, before, after):
    ids = make(town, 3, ref="clock")
    stream = town.add("res.partner", fields=["name", "city"], prefix="clock_")
    if before:
        town.server.faults.add("clock_skew", seconds=before)
    town.sync(stream)
    town.server.faults.clear()
    if after:
        town.server.faults.add("clock_skew", seconds=after)
    town.odoo.write("res.partner", ids, {"city": "Later"})
    new = make(town, 2, city="Later")
    run = town.sync(stream)
    assert run.state == "succeeded"
    rows = town.rows(stream, "city")
    assert [rows[i]["city"] for i in ids + new] == ["Later"] * 5
    assert any("clock was set back" in remark for remark in run.remarks) == (after < before)
    town.odoo.write("res.partner", ids, {"city": "Last"})
    assert town.sync(stream).rows_updated == 3
    town.odoo.unlink("res.partner", ids + new)


@pytest.mark.feature("S1.26", "S2.14")
def test_hidden_records_come_back_when_they_are_shown_again(make_town, odoo19):
    town = make_town(odoo19, user="limited")
    stream = town.add("res.partner", fields=["name"], prefix="hidden_")
    town.sync(stream)
    everything = town.ids("res.partner")
    for domain in ([["id", "<", max(everything)]], [["is_company", "=", True]], [["id", "=", 0]]):
        rule = odoo19.add_fault("record_rule", model="res.partner", domain=domain)
        assert rule is not None
        assert town.sync(stream).state == "succeeded"
        assert set(town.rows(stream)) == town.ids("res.partner") < everything
        odoo19.faults.clear()
        town.sync(stream)
        assert set(town.rows(stream)) == everything


@pytest.mark.feature("S2.54", "S2.61")
def test_a_field_that_raises_for_a_while_keeps_its_values(town):
    ids = make(town, 3, city="Harbour", ref="raises")
    stream = town.add("res.partner", fields=["name", "city"], prefix="raises_")
    town.sync(stream)
    town.odoo.write("res.partner", ids, {"name": "renamed"})
    town.server.faults.add("field_error", model="res.partner", field="city", ids=ids[1:])
    run = town.sync(stream)
    assert any("city" in remark for remark in run.remarks)
    rows = town.rows(stream, "name", "city")
    assert [(rows[i]["name"], rows[i]["city"]) for i in ids] == [("renamed", "Harbour")] * 3


@pytest.mark.feature("S2.52", "S2.53")
def test_a_field_that_is_removed_or_retyped_keeps_what_there_was(town):
    name, tags = f"x_{word()}", "res.partner.category"
    model = town.odoo.search_ids("ir.model", [["model", "=", tags]])[0]

    def field(kind: str) -> list[int]:
        values = {"name": name, "model_id": model, "ttype": kind, "field_description": "Berth"}
        return town.odoo.create("ir.model.fields", [values])

    first = field("char")
    one, other = town.odoo.create(tags, [{"name": word(), name: "north"} for _ in range(2)])
    stream = town.add(tags, filter=f"[('id', 'in', {[one, other]})]", prefix="gone_")
    town.sync(stream)
    town.odoo.unlink("ir.model.fields", first)
    town.odoo.write(tags, [one], {"name": "changed"})
    assert town.sync(stream).state == "succeeded"
    assert {row[name] for row in town.rows(stream, name).values()} == {"north"}
    field("integer")
    town.odoo.write(tags, [one], {name: 7})
    run = town.sync(stream)
    assert run.state == "succeeded"
    rows = town.rows(stream, name, f"{name}__integer")
    assert (rows[one][name], rows[one][f"{name}__integer"]) == ("north", 7)
    assert rows[other][name] == "north"


@pytest.mark.feature("S2.54")
def test_fields_that_can_not_be_described_for_a_while_lose_nothing(town):
    ids = make(town, 2, city="Old")
    stream = town.add("res.partner", fields=["name", "city"], prefix="bare_")
    town.sync(stream)
    town.odoo.write("res.partner", ids, {"city": "New"})
    new = make(town, 1, city="New")
    town.server.faults.add("page", method="fields_get", model="res.partner")
    bare = town.sync(stream)
    town.server.faults.clear()
    if bare.state == "succeeded":
        rows = town.rows(stream, "city")
        assert [rows[i]["city"] for i in ids] == ["Old", "Old"]
    assert town.sync(stream).state == "succeeded"
    rows = town.rows(stream, "city")
    assert [rows[i]["city"] for i in ids + new] == ["New"] * 3


@pytest.mark.feature("S2.14")
def test_an_empty_table_fills_and_empties(town):
    mark = word()
    stream = town.add("res.partner", fields=["ref"], filter=f"[('ref', '=', '{mark}')]", prefix="empty_")
    assert town.sync(stream).rows_read == 0
    ids = make(town, 3, ref=mark)
    assert town.sync(stream).rows_inserted == 3
    town.odoo.unlink("res.partner", ids)
    assert town.sync(stream).rows_deleted == 3
    assert not town.rows(stream)
    late = make(town, 1, ref=mark, active=False)
    town.sync(stream)
    assert set(town.rows(stream)) == set(late)


@pytest.mark.feature("S1.17")
def test_only_one_run_holds_a_stream_however_many_ask(town):
    stream = town.add("res.partner", fields=["name"], prefix="rivals_")

    def claim(_: int) -> tuple[str, bool]:
        with town.hub.store.begin() as db:
            return runs.queue(db, stream.id, full=False)

    for _ in range(10):
        with ThreadPoolExecutor(6) as pool:
            claims = list(pool.map(claim, range(6)))
        assert len({run_id for run_id, _ in claims}) == 1
        assert sum(new for _, new in claims) == 1
        with town.hub.store.begin() as db:
            assert runs.end(db, claims[0][0], runs.Outcome(state="cancelled"))


@pytest.mark.feature("S1.17")
def test_a_run_whose_job_ended_without_it_does_not_block_its_stream(town):
    stream = town.add("res.partner", fields=["name"], prefix="orphan_")
    done = town.sync(stream)
    with town.hub.store.begin() as db:
        db.execute(streams.update().where(streams.c.id == stream.id).values(active_run_id=done.id))
        db.execute(runs.runs.update().where(runs.runs.c.id == done.id).values(state="running", ended_at=None))
    again = town.sync(stream)
    assert again.state == "succeeded"
    assert again.id != done.id
    with town.hub.store.begin() as db:
        assert runs.find(db, done.id).state == "failed"


@pytest.mark.feature("S1.26", "S1.27")
def test_a_revoked_key_in_the_middle_names_the_reason(town):
    stream = town.add("res.partner", fields=["name"], prefix="revoked_")
    town.server.faults.add("revoked_key", key=town.server.users["admin"].key, method="search_count")
    run = town.sync(stream)
    town.server.faults.clear()
    assert run.state == "failed"
    assert "key" in run.message.lower()
    assert town.sync(stream).state == "succeeded"


@pytest.mark.feature("S2.14")
def test_a_stream_removed_and_added_again_takes_over_its_table(town):
    (one,) = make(town, 1)
    first = town.add("res.partner", fields=["name"], table_name="again")
    town.sync(first)
    service.remove(town.hub, first.id)
    town.odoo.unlink("res.partner", [one])
    second = town.add("res.partner", fields=["name", "city"], table_name="again", sync_type="FULL_TABLE")
    run = town.sync(second)
    assert (run.rows_deleted, run.rows_updated) == (1, len(town.ids("res.partner")))
    assert set(town.rows(second, "city")) == town.ids("res.partner")


def test_a_closed_hub_starts_nothing_again(tmp_path: Path):
    from towpath.errors import RetryLaterError
    from towpath.settings import Settings

    hub = Hub(Settings(home=tmp_path))
    hub.close()
    with pytest.raises(RetryLaterError, match="closing"):
        connections.listed(hub)
    with pytest.raises(RetryLaterError, match="closing"):
        hub.jobs()
