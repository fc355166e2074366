"""What commands tell of streams: one in full, all in a list, groups to choose from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest

from towpath.cli import main
from towpath.errors import InputError
from towpath.features.replicate import cli_stream_show, discover, runs, service
from towpath.features.replicate.status import status
from towpath.features.replicate.tables import runs as run_rows


@pytest.fixture
def told(town, monkeypatch, capsys):
    """Runs a command in the town's home; gives what it printed."""
    monkeypatch.setenv("TOWPATH_HOME", str(town.hub.settings.home))

    def tell(*words: str) -> str:
        assert main(list(words)) == 0
        return capsys.readouterr().out

    return tell


@pytest.mark.feature("S2.16", "S2.17", "S2.18", "S2.19", "S2.20")
def test_show_tells_all_that_concerns_a_stream(town, told):
    gone = town.odoo.create("res.partner", [{"name": f"Gone {n}", "ref": town.name} for n in range(3)])
    stream = town.add(
        "res.partner",
        prefix=f"{town.name}_",
        fields=["name", "ref", "email"],
        filter=f"[('ref', '=', '{town.name}')]",
        description="Keepers of [locks]",
        cron="0 6 * * 1-5",
        tz="Africa/Lagos",
        full_every="7d",
        retention="30 days",
        masks={"email": "hash"},
    )
    text = told("stream", "show", stream.table_name)
    assert "Keepers of [locks]" in text
    assert "weekdays at 06:00 Africa/Lagos" in text
    begun = datetime.fromisoformat(stream.full_schedule["anchor"]).astimezone(ZoneInfo("Africa/Lagos"))
    assert f"every week on {begun:%A} at {begun:%H:%M} Africa/Lagos" in text
    for ahead in (stream.next_full_at, stream.next_run_at):
        assert f"({ahead.astimezone(UTC):%A %Y-%m-%d %H:%M} UTC)" in text
    assert "30 days" in text
    assert "email (hash)" in text
    assert "never run" in text
    town.sync(stream)
    town.odoo.unlink("res.partner", gone[:2])
    first, second = runs_of(town, stream)[0].calls, town.sync(stream)
    found = status(town.hub, stream.id)
    assert (found.records, found.deleted) == (1, 2)
    assert found.lag < 300
    assert (found.calls_of_a_day, found.runs_of_a_day) == (first + second.calls, 2)
    assert found.error is None
    record = orjson.loads(told("stream", "show", stream.id, "--json"))
    assert record["schedule_words"] == "weekdays at 06:00 Africa/Lagos"
    assert record["rows"] == 1
    assert record["deletes"] == {"total": 2, "last_run": 2}
    assert record["last_proof"]["equal"] is True
    assert 0 <= record["lag_seconds"] < 300
    text = told("stream", "show", stream.id)
    assert "2 marked as deleted in total, 2 in the last run" in text
    assert "equal to Odoo" in text
    assert "succeeded" in text


def runs_of(town, stream):
    with town.hub.store.begin() as db:
        return runs.recent(db, stream_ids=[stream.id], limit=100)


@pytest.mark.feature("S2.20")
def test_lag_grows_from_the_last_run_that_succeeded(town, told):
    stream = town.add("res.country", fields=["name"], prefix=f"{town.name}_")
    assert status(town.hub, stream.id).lag is None
    town.sync(stream)
    cursor = runs_of(town, stream)[0].cursor_after
    with town.hub.store.begin() as db:
        old = {**cursor, "through": (datetime.now(UTC) - timedelta(hours=5)).isoformat()}
        db.execute(run_rows.update().where(run_rows.c.stream_id == stream.id).values(cursor_after=old))
        run_id, _ = runs.queue(db, stream.id, full=False)
        runs.end(db, run_id, runs.Outcome(state="failed", message="Nothing answers there."))
    found = status(town.hub, stream.id)
    assert found.lag == pytest.approx(5 * 3600, abs=60)
    assert (found.failed_of_a_day, found.error) == (1, "Nothing answers there.")
    text = told("stream", "show", stream.id)
    assert "5 hours" in text
    assert "1 of 2 runs in the last 24 hours failed" in text
    assert "Nothing answers there." in text
    listed = told("stream", "list")
    (line,) = [line for line in listed.splitlines() if stream.table_name in line]
    assert "by hand" in line
    assert "5 hours" in line
    (record,) = orjson.loads(told("stream", "list", "--connection", town.name, "--json"))
    assert record["lag_seconds"] == pytest.approx(5 * 3600, abs=60)


@pytest.mark.feature("S2.13", "S2.17", "S2.18")
def test_settings_are_typed_as_options(town, told):
    folder = town.name
    told(
        "stream", "add", town.name, "res.country", "--folder", folder, "--every", "15m", "--retention", "30 days",
        "--description", "Lands", "--mask", "name=truncate:2", "--overlap", "20m",
    )  # fmt: skip
    (stream,) = service.choose(town.hub, connection=town.name)
    assert (stream.masks, stream.overlap_seconds, stream.description) == (
        {"name": "truncate:2"},
        1200,
        "Lands",
    )
    text = told(
        "stream", "edit", stream.id, "--at", "6:00,18:30", "--tz", "Africa/Lagos", "--mask", "name=plain"
    )
    assert "changed masks, schedule" in text
    (stream,) = service.choose(town.hub, connection=town.name)
    assert f"({stream.next_run_at.astimezone(UTC):%A %Y-%m-%d %H:%M} UTC)" in text
    assert stream.schedule == {"kind": "daily", "times": ["06:00", "18:30"], "tz": "Africa/Lagos"}
    assert stream.masks == {}
    assert "paused" in told("stream", "pause", stream.id)
    assert "paused (every day at 06:00 and 18:30" in told("stream", "show", stream.id)
    assert "by itself again" in told("stream", "resume", stream.id)
    assert main(["stream", "edit", stream.id]) == 2
    assert main(["stream", "edit", stream.id, "--mask", "name"]) == 2


def test_lengths_are_spoken():
    spoken = [cli_stream_show.spoken(seconds) for seconds in (1, 45, 100, 7000, 100_000, 200_000)]
    assert spoken == ["1 second", "45 seconds", "2 minutes", "2 hours", "28 hours", "2 days"]


@pytest.mark.feature("S2.6", "S2.7", "S2.8")
def test_models_come_in_groups_people_know_and_are_found_by_typing(town):
    wanted = {
        "Accounting": "account.move",
        "Sales": "sale.order",
        "Purchase": "purchase.order",
        "Inventory": "product.template",
        "CRM": "crm.lead",
        "Project": "project.task",
        "HR": "hr.employee",
        "Contacts": "res.partner",
        "Custom": "x_anything",
    }
    assert {group: discover.group_of(model) for group, model in wanted.items()} == {g: g for g in wanted}
    offers = service.offers(town.hub, town.name)
    there = {offer.model: offer.group for offer in offers}
    for group, model in wanted.items():
        assert there.get(model, group) == group
        assert [o.model for o in service.offers(town.hub, town.name, group=group.lower())] == sorted(
            name for name, of in there.items() if of == group
        )
    assert there["mut.insurance.quotation"] in {"Custom", "Other"}
    found = {offer.model for offer in service.offers(town.hub, town.name, search="QUOTATION")}
    assert "mut.insurance.quotation" in found
    assert len(found) < len(offers)
    with pytest.raises(InputError, match="choose one of"):
        service.offers(town.hub, town.name, group="Everything")
    stream = town.add("res.partner")
    assert [o.taken for o in service.offers(town.hub, town.name) if o.model == stream.model] == [True]
