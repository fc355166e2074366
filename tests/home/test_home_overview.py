"""The overview: what stands, what needs a person, and nothing of connections that somebody may not see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from towpath import __version__
from towpath.access import Actor, Grant, Role
from towpath.cli.entry import cli
from towpath.errors import NotFoundError
from towpath.features.connections import service as connections
from towpath.features.home import service
from towpath.features.home.shapes import OverviewOut, overview_out
from towpath.features.replicate import service as replicate
from towpath.features.replicate.tables import streams as stream_rows
from towpath.hub import Hub, open_hub
from towpath.server.measures import exposition
from towpath.settings import Settings

ADMIN = Grant(role=Role.ADMIN)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, odoo_running: Callable[[str], Any]) -> Iterator[Hub]:
    """Two connections: one whose streams were read, and one that was never read."""
    home = tmp_path_factory.mktemp("home")
    with open_hub(Settings(home=home, retry_attempts=2, retry_seconds=5)) as hub:
        for name, version in (("busy", "19.0"), ("idle", "17.0")):
            server = odoo_running(version)
            user = server.users["admin"]
            connections.add(
                hub, name=name, url=server.url, database=server.db, login=user.login, secret=user.key
            )
        replicate.add(hub, "busy", ["res.country", "res.currency", "res.company"], replicate.Choice())
        replicate.add(hub, "idle", ["res.country"], replicate.Choice())
        list(replicate.sync(hub, replicate.choose(hub, connection="busy")))
        yield hub


def seen_by(hub: Hub, *grants: Grant) -> OverviewOut:
    return overview_out(service.overview(hub, Actor(name="user:somebody", grants=grants)))


def set_stream(hub: Hub, model: str, connection: str, **values: Any) -> None:
    known = connections.find(hub, connection)
    with hub.store.begin() as db:
        mine = (stream_rows.c.model == model, stream_rows.c.connection_id == known.id)
        db.execute(sa.update(stream_rows).where(*mine).values(**values))


def test_each_connection_says_how_it_stands(hub):
    found = seen_by(hub, ADMIN)
    by_name = {one.name: one for one in found.connections}
    assert by_name["busy"].state == "ok"
    assert by_name["busy"].streams == 3
    assert 0 <= by_name["busy"].lag_seconds < 300
    assert by_name["idle"].state == "new"
    assert by_name["idle"].lag_seconds is None
    assert found.attention == []
    assert {run.model for run in found.runs} == {"res.country", "res.currency", "res.company"}
    assert {run.state for run in found.runs} - {"failed"} == {"succeeded"}  # another test lets some fail
    assert len(found.hours) == 24
    assert found.hours[-1].start > datetime.now(UTC) - timedelta(hours=1, seconds=5)
    assert sum(hour.rows for hour in found.hours) == sum(run.rows for run in found.runs) > 100
    assert [lag.state for lag in found.lags] == ["ok", "ok", "ok", "new"]


def test_what_may_not_be_seen_is_not_there(hub):
    idle = connections.find(hub, "idle")
    found = seen_by(hub, Grant(role=Role.VIEWER, connection_id=idle.id))
    assert [one.name for one in found.connections] == ["idle"]
    assert found.runs == []
    assert sum(hour.runs for hour in found.hours) == 0
    assert [lag.connection_id for lag in found.lags] == [idle.id]
    assert "busy" not in found.model_dump_json()


def test_prometheus_is_told_of_what_its_token_may_see(hub):
    def told(*grants: Grant) -> dict[str, list[Any]]:
        text = exposition(hub, Actor(name="token:watch", grants=grants)).decode()
        return {family.name: family.samples for family in text_string_to_metric_families(text)}

    with connections.open_odoo(hub, connections.find(hub, "busy").id) as odoo:
        odoo.search_count("res.country", [])  # within the minute that is told of
    everything = told(ADMIN)
    behind = {sample.labels["table"]: sample.value for sample in everything["towpath_stream_lag_seconds"]}
    assert set(behind) == {f"raw/busy/{name}" for name in ("res_country", "res_currency", "res_company")}
    assert all(0 <= seconds < 300 for seconds in behind.values())
    assert {sample.labels["connection"] for sample in everything["towpath_connection_works"]} == {
        "busy",
        "idle",
    }
    assert everything["towpath_odoo_calls_per_minute"][0].value > 0
    assert everything["towpath_rows_day"][0].value > 100
    assert {sample.labels["state"] for sample in everything["towpath_queries"]} == {"queued", "running"}
    assert {sample.labels["kind"] for sample in everything["towpath_attention"]} >= {
        "run_failed",
        "secret_expires",
    }
    assert everything["towpath_build_info"][0].labels == {"version": __version__}
    only_idle = told(Grant(role=Role.VIEWER, connection_id=connections.find(hub, "idle").id))
    assert "busy" not in str(only_idle)
    assert "towpath_queries" not in only_idle
    assert [sample.labels["connection"] for sample in only_idle["towpath_connection_works"]] == ["idle"]


def test_one_connection_can_be_looked_at_alone(hub):
    idle = connections.find(hub, "idle")
    admin = Actor(name="user:somebody", grants=(ADMIN,))
    found = overview_out(service.overview(hub, admin, connection_id=idle.id))
    assert [one.name for one in found.connections] == ["idle"]
    viewer = Actor(name="user:else", grants=(Grant(role=Role.VIEWER, connection_id="another"),))
    with pytest.raises(NotFoundError):
        service.overview(hub, viewer, connection_id=idle.id)


def test_a_word_finds_connections_streams_and_tables_that_may_be_seen(hub):
    admin = Actor(name="user:somebody", grants=(ADMIN,))
    found = service.search(hub, admin, "COUNTRY", limit=50)
    assert {(one.kind, one.title, one.hint) for one in found} == {
        ("stream", "res.country", "busy"),
        ("stream", "res.country", "idle"),
        ("table", "res_country", "raw.busy"),
        ("table", "res_country", "raw.idle"),
    }
    assert {one.id for one in found if one.kind == "table"} == {
        "raw.busy.res_country",
        "raw.idle.res_country",
    }
    assert [one.kind for one in service.search(hub, admin, "busy", limit=1)] == ["connection"]
    idle = connections.find(hub, "idle")
    viewer = Actor(name="user:else", grants=(Grant(role=Role.VIEWER, connection_id=idle.id),))
    seen = service.search(hub, viewer, "r", limit=50)
    assert {one.connection_id for one in seen} == {idle.id}
    assert not service.search(hub, viewer, "busy", limit=50)


def test_companies_come_from_the_tables_for_those_who_may_read_rows(hub):
    busy, idle = connections.find(hub, "busy"), connections.find(hub, "idle")
    analyst = Actor(name="user:a", grants=(Grant(role=Role.ANALYST, connection_id=busy.id),))
    found = service.companies(hub, analyst, busy.id)
    with connections.open_odoo(hub, busy.id) as odoo:
        there = {
            one["id"]: one["name"]
            for one in odoo.read("res.company", odoo.search_ids("res.company", []), ["name"])
        }
    assert {one.id: one.name for one in found} == there
    assert found
    assert [one.name for one in found] == sorted((one.name for one in found), key=str.casefold)
    viewer = Actor(name="user:v", grants=(Grant(role=Role.VIEWER),))
    assert service.companies(hub, viewer, busy.id) == []
    assert service.companies(hub, Actor(name="user:x", grants=(ADMIN,)), idle.id) == []


def test_a_failed_run_needs_a_person_once_for_one_cause(hub, odoo_running):
    server = odoo_running("19.0")
    moved = sa.text("update towpath.connections set url = :url where name = 'busy'")
    with hub.store.begin() as db:
        db.execute(moved, {"url": "http://127.0.0.1:9"})
    try:
        list(replicate.sync(hub, replicate.choose(hub, connection="busy")))
        found = seen_by(hub, ADMIN)
        (need,) = [one for one in found.attention if one.kind == "run_failed"]
        assert need.urgent
        assert (need.connection, need.streams) == ("busy", 3)
        assert sorted(need.models) == ["res.company", "res.country", "res.currency"]
        assert need.run_id in {run.id for run in found.runs}
        assert found.counts.failed == 3
        assert {one.name: one.state for one in found.connections}["busy"] == "attention"
        assert sum(hour.failed for hour in found.hours) == 3
    finally:
        with hub.store.begin() as db:
            db.execute(moved, {"url": server.url})
        list(replicate.sync(hub, replicate.choose(hub, connection="busy")))
    assert seen_by(hub, ADMIN).attention == []


def test_a_key_that_ends_is_told_to_those_who_can_set_another(hub):
    known = connections.find(hub, "busy")
    other = connections.find(hub, "idle")
    owner = f"connection/{known.id}"
    key = hub.cabinet.get(owner).reveal()
    hub.cabinet.put(owner, key, expires_at=datetime.now(UTC) + timedelta(days=3))
    try:
        (need,) = seen_by(hub, ADMIN).attention
        assert (need.kind, need.urgent, need.connection) == ("secret_expires", False, "busy")
        assert "set a new one" in need.sentence
        operator = Grant(role=Role.OPERATOR, connection_id=known.id)
        assert [one.kind for one in seen_by(hub, operator).attention] == ["secret_expires"]
        assert seen_by(hub, Grant(role=Role.VIEWER)).attention == []
        assert seen_by(hub, Grant(role=Role.OPERATOR, connection_id=other.id)).attention == []
        hub.cabinet.put(owner, key, expires_at=datetime.now(UTC) - timedelta(days=1))
        (need,) = seen_by(hub, ADMIN).attention
        assert (need.kind, need.urgent) == ("secret_expired", True)
        hub.cabinet.put(owner, key, expires_at=datetime.now(UTC) + timedelta(days=40))
        assert seen_by(hub, ADMIN).attention == []
    finally:
        hub.cabinet.put(owner, key)


def test_work_that_nobody_takes_up_is_noticed(hub):
    past = datetime.now(UTC) - timedelta(hours=1)
    set_stream(hub, "res.country", "busy", next_run_at=past)
    try:
        (need,) = seen_by(hub, ADMIN).attention
        assert (need.kind, need.models) == ("overdue", ["res.country"])
        assert "towpath worker" in need.sentence
        set_stream(hub, "res.country", "busy", paused=True)
        assert seen_by(hub, ADMIN).attention == []
    finally:
        set_stream(hub, "res.country", "busy", next_run_at=None, paused=False)


def test_the_command_shows_the_same(hub, monkeypatch):
    monkeypatch.setenv("TOWPATH_HOME", str(hub.settings.home))
    printed = CliRunner().invoke(cli, ["overview"], catch_exceptions=False)
    assert printed.exit_code == 0
    assert "busy" in printed.output
    assert "Nothing needs you." in printed.output
    as_json = CliRunner().invoke(cli, ["overview", "--json"], catch_exceptions=False)
    assert {one["name"] for one in json.loads(as_json.output)["connections"]} == {"busy", "idle"}
