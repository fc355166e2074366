"""The settings of a stream: what is stored, what is refused, and what a change does to the table."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from deltalake import DeltaTable

from towpath.errors import InputError, NotFoundError
from towpath.features.replicate import service, streams
from towpath.features.replicate.choice import ALL
from towpath.features.replicate.job import table_of
from towpath.lake.retention import FILES, LOG_ENTRIES
from towpath.store.tables import audit


def word() -> str:
    return f"w{uuid.uuid4().hex[:10]}"


def edit(town, stream, **choice):
    return service.edit(town.hub, stream.id, service.Choice(**choice))


def make(town, count: int = 1, **values) -> list[int]:
    return town.odoo.create("res.partner", [{"name": word(), **values} for _ in range(count)])


@pytest.mark.feature("S2.9", "S2.10", "S2.11", "S2.12", "S2.13", "S2.16", "S2.17", "S2.18", "S2.19")
def test_all_settings_are_kept_and_changed(town):
    first = town.add("res.country", prefix="first_")
    stream = town.add(
        "res.partner",
        layer="bronze",
        prefix="crm_",
        sync_type="full_table",
        description="x" * 140,
        cron="0 6 * * 1-5",
        tz="Africa/Lagos",
        full_every="7d",
        retention="30 days",
        history=True,
        masks={"email": "hash", "phone": "drop", "name": "truncate:3"},
        links=["category_id"],
        links_every="1 day",
        names_every="2 hours",
        overlap="20m",
    )
    assert stream.path == f"bronze/{town.name}/crm_res_partner"
    assert (stream.sync_type, stream.retention, stream.history) == ("FULL_TABLE", "30 days", True)
    assert stream.schedule == {"kind": "cron", "text": "0 6 * * 1-5", "tz": "Africa/Lagos"}
    assert stream.next_run_at.astimezone(UTC).strftime("%H:%M") == "05:00"
    assert timedelta(days=6, hours=23) < stream.next_full_at - datetime.now(UTC) <= timedelta(days=7)
    assert stream.masks == {"email": "hash", "phone": "drop", "name": "truncate:3"}
    assert (stream.links, stream.links_seconds, stream.names_seconds) == (["category_id"], 86_400, 7200)
    assert stream.overlap_seconds == 1200
    changed = edit(
        town,
        stream,
        after=first.table_name,
        full_every="never",
        retention="default",
        history=False,
        masks={"phone": "plain"},
        links=["all"],
        links_every="never",
        overlap="default",
        description="",
    )
    stream = changed.stream
    assert (stream.after_stream_id, stream.schedule, stream.next_run_at) == (first.id, None, None)
    assert (stream.full_schedule, stream.next_full_at, stream.retention) == (None, None, None)
    assert (stream.history, stream.links, stream.links_seconds) == (False, [ALL], 0)
    assert stream.masks == {"email": "hash", "name": "truncate:3"}
    assert (stream.overlap_seconds, stream.description, stream.names_seconds) == (None, "", 7200)
    assert changed.changes["history"] == [True, False]
    assert edit(town, stream, manual=True, links_every="default").changes["links_seconds"] == [0, None]
    assert edit(town, stream, links=["none"]).stream.after_stream_id is None
    with town.hub.store.begin() as db:
        query = audit.select().where(audit.c.object == f"stream/{stream.path}").order_by(audit.c.number)
        rows = db.execute(query).all()
    assert [row.action for row in rows] == ["stream.add", "stream.edit", "stream.edit", "stream.edit"]
    assert rows[1].details["retention"] == ["30 days", None]
    assert edit(town, stream, history=False).changes == {}


@pytest.mark.feature("S2.16", "S2.17", "S2.18", "S2.19")
@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"description": "x" * 141}, "141 characters"),
        ({"sync_type": "SOMETIMES"}, "not a sync type"),
        ({"layer": "Raw Data"}, "can not be the name of a layer"),
        ({"every": "often"}, "no length of time"),
        ({"every": "1s"}, "too short"),
        ({"cron": "0 6 * *"}, "five fields"),
        ({"cron": "0 26 * * *"}, "bad hour"),
        ({"cron": "0 0 30 2 *"}, "day-of-month"),
        ({"at": "25:00"}, "no time of the day"),
        ({"at": "06:00", "tz": "Lagos"}, "no time zone"),
        ({"at": "06:00", "every": "1d"}, "contradict"),
        ({"full_every": "1d", "full_cron": "0 0 * * *"}, "contradict"),
        ({"tz": "UTC"}, "give it with"),
        ({"retention": "for ever"}, "no length of time"),
        ({"overlap": "2 weeks"}, "too long"),
        ({"links_every": "5s"}, "too short"),
        ({"masks": {"emial": "hash"}}, "did you mean 'email'"),
        ({"masks": {"write_date": "drop"}}, "can not be masked"),
        ({"masks": {"email": "blur"}}, "no way to mask"),
        ({"masks": {"email": "truncate:0"}}, "no way to mask"),
        ({"masks": {"country_id": "truncate:3"}}, "no text"),
        ({"links": ["name"]}, "no many2many field"),
        ({"refresh_every": "1d", "fields": ["name"]}, "need no refresh"),
        ({"fields": ["nmae"]}, "did you mean 'name'"),
        ({"filter": "[('nmae', '=', 1)]"}, "nmae"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_not_valid_is_refused_when_new_and_when_changed(town, choice, sentence):
    with pytest.raises(InputError, match=sentence):
        town.add("res.partner", **choice)
    assert service.choose(town.hub, connection=town.name) == []
    stream = town.add("res.partner", every="1d")
    if "tz" in choice and "at" not in choice:
        assert edit(town, stream, tz="Africa/Lagos").stream.schedule["tz"] == "Africa/Lagos"
        return
    with pytest.raises(InputError, match=sentence):
        edit(town, stream, **choice)
    assert service.choose(town.hub, [stream.id]) == [stream]


@pytest.mark.feature("S2.17")
def test_streams_do_not_run_after_each_other_in_a_circle(town):
    one, two, three = (town.add("res.partner", prefix=f"{n}_") for n in ("one", "two", "three"))
    edit(town, two, after=one.id)
    edit(town, three, after=two.id)
    for stream in (one, two, three):
        with pytest.raises(InputError, match="can not run after"):
            edit(town, one, after=stream.id)
    with pytest.raises(InputError, match="may be several"):
        edit(town, one, after="res.partner")
    with pytest.raises(NotFoundError):
        edit(town, one, after="no_such_stream")
    service.remove(town.hub, two.id)
    assert service.choose(town.hub, [three.id])[0].after_stream_id is None


@pytest.mark.feature("S2.14")
def test_other_fields_and_another_filter_lead_to_a_full_reread(town):
    mark = word()
    ids = make(town, 4, ref=mark, city="Hull", is_company=True)
    (person,) = make(town, 1, ref=mark, city="York", is_company=False)
    stream = town.add(
        "res.partner", fields=["name"], filter=f"[('ref', '=', '{mark}'), ('is_company', '=', True)]"
    )
    town.sync(stream)
    edited = edit(town, stream, fields=["name", "city"], filter=f"[('ref', '=', '{mark}')]")
    assert edited.notes[0] == "The next run reads all records again."
    run = town.sync(edited.stream)
    assert run.rows_read == 5
    assert {i: row["city"] for i, row in town.rows(edited.stream, "city").items()} == {
        **dict.fromkeys(ids, "Hull"),
        person: "York",
    }
    assert service.choose(town.hub, [stream.id])[0].reread_at is None
    assert town.sync(edited.stream).rows_read <= 5
    narrower = edit(town, stream, filter=f"[('ref', '=', '{mark}'), ('is_company', '=', False)]").stream
    assert town.sync(narrower).rows_deleted == 4
    assert set(town.rows(narrower)) == {person}


@pytest.mark.feature("S2.14")
def test_an_edit_while_a_run_is_open_is_left_to_the_next_run(town):
    stream = town.add("res.country", fields=["name"])
    town.sync(stream)
    from towpath.features.replicate import runs

    with town.hub.store.begin() as db:
        run_id, new = runs.queue(db, stream.id, full=False)
    assert new
    edited = edit(town, stream, fields=["name", "code"]).stream
    with town.hub.store.begin() as db:
        streams.reread(db, edited, run_id)
    assert service.choose(town.hub, [stream.id])[0].reread_at == edited.reread_at
    assert town.sync(edited).id == run_id
    assert service.choose(town.hub, [stream.id])[0].reread_at is not None
    assert town.sync(edited).rows_read == len(town.ids("res.country"))
    assert service.choose(town.hub, [stream.id])[0].reread_at is None
    assert all(row["code"] for row in town.rows(edited, "code").values())


@pytest.mark.feature("S2.11")
def test_another_place_begins_anew_and_leaves_the_old_table(town):
    stream = town.add("res.country", fields=["name"])
    town.sync(stream)
    edited = edit(town, stream, layer="silver", table_name="lands")
    assert "stays" in edited.notes[0]
    assert town.sync(edited.stream).rows_inserted == len(town.ids("res.country"))
    assert set(town.rows(edited.stream)) == set(town.rows(stream)) == town.ids("res.country")
    other = town.add("res.partner")
    with pytest.raises(InputError, match=r"silver\..*\.lands already"):
        edit(town, other, layer="silver", table_name="lands")


@pytest.mark.feature("S2.18")
def test_retention_stands_in_the_delta_log(town):
    def kept(stream) -> list[str | None]:
        found = DeltaTable(table_of(town.hub, stream).uri).metadata().configuration
        return [found.get(LOG_ENTRIES), found.get(FILES)]

    stream = town.add("res.country", retention="30 days")
    town.sync(stream)
    assert kept(stream) == ["interval 30 days"] * 2
    version = table_of(town.hub, stream).version
    town.sync(stream)
    assert table_of(town.hub, stream).version <= version + 1
    edit(town, stream, retention="2w")
    assert kept(stream) == ["interval 2 weeks"] * 2
    edit(town, stream, retention="default")
    assert kept(stream) == ["interval 30 days", "interval 7 days"]


@pytest.mark.feature("S2.6", "S2.7")
def test_child_models_become_streams_too(town):
    added = service.add(
        town.hub,
        town.name,
        ["sale.order"],
        service.Choice(children=True, prefix="s_", every="1h", fields=None),
    )
    models = [stream.model for stream in added]
    assert models[0] == "sale.order"
    assert "sale.order.line" in models
    assert not [name for name in models if name.startswith(("mail.", "rating."))]
    assert all(stream.schedule["seconds"] == 3600 for stream in added)
    again = service.add(
        town.hub, town.name, ["sale.order"], service.Choice(children=True, prefix="t_", fields=["order_line"])
    )
    assert [stream.model for stream in again] == ["sale.order"]
    only = service.add(
        town.hub, town.name, ["account.move"], service.Choice(children=True, fields=["invoice_line_ids"])
    )
    assert [stream.model for stream in only] == ["account.move", "account.move.line"]


@pytest.mark.feature("S2.17")
def test_pause_and_resume(town):
    stream = town.add("res.country", every="1h")
    assert service.pause(town.hub, stream.id)[0].paused
    assert not service.resume(town.hub, stream.id)[0].paused
    service.resume(town.hub, stream.id)
    with town.hub.store.begin() as db:
        actions = db.execute(
            sa.select(audit.c.action)
            .where(audit.c.object == f"stream/{stream.path}")
            .order_by(audit.c.number)
        ).scalars()
        assert list(actions) == ["stream.add", "stream.pause", "stream.resume"]
