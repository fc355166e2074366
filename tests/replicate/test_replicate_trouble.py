"""What replication does when Odoo, the network or its own process fails."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from towpath.errors import GiveUpError
from towpath.features.connections import service as connections
from towpath.features.replicate import runs, service
from towpath.features.replicate.job import table_of
from towpath.hub import open_hub
from towpath.sandbox.odoo_server.server import OdooServer
from towpath.settings import Settings


@pytest.mark.feature("S2.60", "S1.27")
def test_short_trouble_is_waited_out(town):
    stream = town.add("res.partner", fields=["name"])
    town.server.faults.add("status", status=503, retry_after=1, count=1, method="search_read")
    town.server.faults.add("reset", count=1, method="search_count")
    assert town.sync(stream).state == "succeeded"
    assert set(town.rows(stream)) == town.ids("res.partner")


@pytest.mark.feature("S2.60")
def test_whatever_odoo_says_a_run_can_end_with_it(town):
    """PostgreSQL holds neither a zero byte nor half a character; a run that could not end would hold its stream."""
    stream = town.add("res.partner", fields=["name"])
    said = GiveUpError("no \x00 and \ud83d").message
    with town.hub.store.begin() as db:
        run_id, _ = runs.queue(db, stream.id)
        assert runs.end(db, run_id, runs.Outcome(state="failed", message=said, remarks=[said]))
        ended = runs.find(db, run_id)
    assert ended.remarks == [ended.message] == ["no \ufffd and ?"]


@pytest.mark.feature("S2.60")
def test_long_trouble_fails_with_a_reason_and_the_next_run_goes_on(town):
    stream = town.add("res.partner", fields=["name"])
    object.__setattr__(town.hub.settings, "page_rows", 50)
    try:
        town.server.faults.add("status", status=503, method="search_read", after=3)
        failed = town.sync(stream)
        assert failed.state == "failed"
        assert failed.message
        assert "Traceback" not in failed.message
        assert not table_of(town.hub, stream).exists
        town.server.faults.clear()
        done = town.sync(stream)
    finally:
        object.__setattr__(town.hub.settings, "page_rows", 5000)
    assert done.state == "succeeded"
    assert "Went on behind 150 rows that were read before." in done.remarks
    assert done.rows_inserted == len(town.ids("res.partner"))
    assert set(town.rows(stream)) == town.ids("res.partner")


@pytest.mark.feature("S1.26", "S2.61")
def test_missing_right_names_the_model(make_town, odoo19):
    town = make_town(odoo19, user="limited")
    stream = town.add("account.move")
    run = town.sync(stream)
    assert run.state == "failed"
    assert "account.move" in run.message
    assert not table_of(town.hub, stream).exists


@pytest.mark.feature("S1.26")
def test_records_hidden_by_a_rule_do_not_leave_odoo(make_town, odoo19):
    town = make_town(odoo19, user="limited")
    stream = town.add("res.partner", fields=["name"])
    odoo19.add_fault("record_rule", model="res.partner", domain=[["is_company", "=", True]])
    town.sync(stream)
    assert set(town.rows(stream)) == town.ids("res.partner")


@pytest.mark.feature("S2.14")
def test_a_killed_process_goes_on_at_the_next_start(odoo19, tmp_path: Path):
    """kill -9 in the middle of a first read; the next `sync run` finishes the same run, nothing twice."""
    home = tmp_path / "home"
    env = os.environ | {"TOWPATH_HOME": str(home), "TOWPATH_PAGE_ROWS": "20"}
    key = odoo19.users["admin"].key
    with open_hub(Settings(home=home)) as hub:
        connections.add(hub, name="killed", url=odoo19.url, database=odoo19.db, login="admin", secret=key)
        service.add(hub, "killed", ["res.partner"], service.Choice(fields=["name"]))
    odoo19.faults.add("latency", seconds=0.6, method="search_read")
    first = subprocess.Popen(
        [sys.executable, "-m", "towpath", "sync", "run", "--json"], env=env, stdout=subprocess.PIPE
    )
    assert first.stdout is not None
    for line in first.stdout:
        if orjson.loads(line).get("rows", 0) >= 60:
            break
    first.send_signal(signal.SIGKILL)
    first.wait()
    first.stdout.close()
    odoo19.faults.clear()
    second = subprocess.run(
        [sys.executable, "-m", "towpath", "sync", "run", "--json"],
        env=env,
        capture_output=True,
        check=True,
        timeout=60,
    )
    record = orjson.loads(second.stdout.splitlines()[-1])
    assert record["state"] == "succeeded"
    assert record["attempts"] == 2
    with open_hub(Settings(home=home)) as hub:
        (stream,) = service.choose(hub)
        ids = [i for batch in table_of(hub, stream).ids() for i in batch.column(0).to_pylist()]
        with hub.store.begin() as db:
            assert len(runs.recent(db, stream_ids=[stream.id])) == 1
    assert len(ids) == len(set(ids)) == record["rows_inserted"]


@pytest.mark.feature("S2.60")
def test_an_odoo_that_is_gone_is_waited_for_once_and_not_by_every_stream(hub, odoo_home):
    """Twelve streams, and nobody listens at the address any more."""
    with OdooServer(version="19.0", data="empty", home=odoo_home) as server:
        connections.add(
            hub, name="gone", url=server.url, database=server.db, login="admin", secret="key-admin"
        )
        models = [f"res.{name}" for name in ("partner", "users", "company", "country", "currency", "groups")]
        models += ["res.lang", "res.bank", "ir.sequence", "ir.cron", "ir.filters", "mail.message"]
        service.add(hub, "gone", models, service.Choice(prefix="gone_"))
    chosen = service.choose(hub, connection="gone")
    started = time.monotonic()
    (first,) = service.sync(hub, chosen[:1])
    alone = time.monotonic() - started
    ended = list(service.sync(hub, chosen))
    assert {run.state for run in [first, *ended]} == {"failed"}
    assert time.monotonic() - started < 6 * alone + 15
    for stream in chosen:
        service.remove(hub, stream.id)
    connections.remove(hub, "gone")
