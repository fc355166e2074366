"""The audit over HTTP and at the command line: filters, pages, export, and who may."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from towpath.access import Actor, Grant, Role, act_as
from towpath.cli import main
from towpath.features.audit import service
from towpath.hub import Hub
from towpath.server.application import create_app
from towpath.web.asking import actor_of


def client(hub: Hub, *grants: Grant) -> TestClient:
    app = create_app(hub)
    app.dependency_overrides[actor_of] = lambda: Actor(name="user:ada", grants=grants, user_id="1")
    return TestClient(
        app, base_url="http://localhost", headers={"X-Towpath": "1"}, raise_server_exceptions=False
    )


@pytest.fixture
def auditor(hub: Hub) -> TestClient:
    return client(hub, Grant(role=Role.AUDITOR))


@pytest.fixture
def some(hub: Hub) -> Hub:
    """Rows of several people."""
    with act_as("user:ada", address="192.0.2.7"):
        hub.store.audit("user:ada", "connection.add", "connection/acme", details={"note": "50% off_season"})
        hub.store.audit("user:ada", "secret.use", "secret/x")
    with act_as("user:bob", address="192.0.2.8"):
        hub.store.audit("user:bob", "secret.set", "secret/x", "refused")
        hub.store.audit("user:bob", "stream.add", "stream/raw/a/b", details={"formula": "=1+1"})
    hub.store.audit("=cmd|' /C calc'!A0", "connection.add", "@sum", "+1", {"deep": {"er": 'Quote " and ,'}})
    return hub


def numbers(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [row["number"] for row in answer.json()["items"]]


@pytest.mark.feature("S0.18", "S0.34")
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"actor": "user:bob"}, [4, 3]),
        ({"actor": "user:*"}, [4, 3, 2, 1]),
        ({"action": "secret.*"}, [3, 2]),
        ({"action": "secret_use"}, []),
        ({"object": "stream/raw/*"}, [4]),
        ({"result": "refused"}, [3]),
        ({"address": "192.0.2.7"}, [2, 1]),
        ({"text": "50% OFF_season"}, [1]),
        ({"text": "off*season"}, []),
        ({"text": "quote"}, [5]),
        ({"since": "2000-01-01T00:00:00Z", "until": "2001-01-01T00:00:00+14:00"}, []),
        ({"since": "2000-01-01"}, [5, 4, 3, 2, 1]),
        ({"actor": "user:bob", "action": "stream.add", "result": "ok"}, [4]),
    ],
)
def test_filters(some: Hub, auditor: TestClient, asked: dict[str, str], found: list[int]):
    assert numbers(auditor.get("/api/v1/audit", params=asked)) == found


def test_pages_shift_nothing_when_rows_are_added_meanwhile(some: Hub, auditor: TestClient):
    first = auditor.get("/api/v1/audit", params={"limit": 2})
    some.store.audit("cli", "x", "y")
    second = auditor.get("/api/v1/audit", params={"limit": 2, "cursor": first.json()["next"]})
    third = auditor.get("/api/v1/audit", params={"limit": 2, "cursor": second.json()["next"]})
    assert numbers(first) + numbers(second) + numbers(third) == [5, 4, 3, 2, 1]
    assert third.json()["next"] is None
    assert auditor.get("/api/v1/audit", params={"cursor": "WyJhIl0"}).status_code == 422


def test_one_row(some: Hub, auditor: TestClient):
    row = auditor.get("/api/v1/audit/3").json()
    assert (row["actor"], row["address"], row["details"]) == ("user:bob", "192.0.2.8", {})
    assert auditor.get("/api/v1/audit/99").status_code == 404


@pytest.mark.parametrize("bad", [{"since": "never"}, {"text": "a\0b"}, {"since": "0001-01-01"}, {"limit": 0}])
def test_bad_filters_are_refused_with_a_sentence(hub: Hub, auditor: TestClient, bad: dict[str, Any]):
    answer = auditor.get("/api/v1/audit", params=bad)
    assert answer.status_code == 422
    assert "Correct it" in answer.json()["detail"]


def test_who_may_not(hub: Hub):
    for grants in ([], [Grant(role=Role.ANALYST)], [Grant(role=Role.AUDITOR, connection_id="one")]):
        asking = client(hub, *grants)
        for path in ("/audit", "/audit/status", "/audit/checkpoints", "/audit/export", "/audit/1"):
            assert asking.get(f"/api/v1{path}").status_code == 403
        assert asking.post("/api/v1/audit/verify", json={}).status_code == 403
    nobody = TestClient(create_app(hub), base_url="http://localhost", headers={"X-Towpath": "1"})
    assert nobody.get("/api/v1/audit").status_code == 401


@pytest.mark.feature("S0.16")
def test_the_csv_runs_nothing_and_the_export_is_on_record(some: Hub, auditor: TestClient):
    answer = auditor.get("/api/v1/audit/export", params={"action": "connection.*"})
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["number"] for row in rows] == ["1", "5"]
    evil = rows[1]
    assert (evil["actor"][:2], evil["object"][:2], evil["result"][:2]) == ("'=", "'@", "'+")
    assert json.loads(evil["details"]) == {"deep": {"er": 'Quote " and ,'}}
    newest = service.listed(some, service.Search(), limit=1)[0]
    assert newest.action == "audit.export"
    assert newest.details["search"] == {"action": "connection.*"}
    lines = auditor.get("/api/v1/audit/export", params={"format": "json"}).text.splitlines()
    assert [json.loads(line)["number"] for line in lines] == [1, 2, 3, 4, 5, 6]


def test_an_export_that_can_not_be_recorded_gives_nothing(some: Hub, auditor: TestClient, spoil: Any):
    with some.store.begin() as db:
        db.exec_driver_sql(
            "create trigger full_disk before insert on towpath.audit "
            "for each statement execute function towpath.audit_is_append_only()"
        )
    try:
        answer = auditor.get("/api/v1/audit/export")
        assert answer.status_code == 500
        assert "connection/acme" not in answer.text
    finally:
        with some.store.begin() as db:
            db.exec_driver_sql("drop trigger full_disk on towpath.audit")


def test_a_long_export_comes_in_portions(hub: Hub, auditor: TestClient):
    with hub.store.begin() as db:
        for number in range(2300):
            hub.store.audit("system", "run.end", f"stream/{number}", connection=db)
    with auditor.stream("GET", "/api/v1/audit/export") as answer:
        portions = list(answer.iter_raw())
    assert len(portions) > 3
    assert len(b"".join(portions).splitlines()) == 2301


def test_status_checkpoints_and_check(some: Hub, auditor: TestClient):
    before = auditor.get("/api/v1/audit/status").json()
    assert (before["newest"], before["checkpoint"], before["unsigned"]) == (5, None, 5)
    made = auditor.post("/api/v1/audit/checkpoints")
    assert made.status_code == 201
    after = auditor.get("/api/v1/audit/status").json()
    assert (after["checkpoint"]["number"], after["unsigned"]) == (5, 0)
    assert "PUBLIC KEY" in after["public_key"]
    listed = auditor.get("/api/v1/audit/checkpoints").json()["items"]
    assert [one["number"] for one in listed] == [5]
    checked = auditor.post("/api/v1/audit/verify", json={}).json()
    assert (checked["whole"], checked["rows"], checked["signed_through"]) == (True, 5, 5)
    known = {"known_number": 2, "known_hash": "0" * 64}
    assert auditor.post("/api/v1/audit/verify", json=known).json()["wrong_number"] == 2
    assert auditor.post("/api/v1/audit/verify", json={"known_number": 2}).status_code == 422
    assert auditor.post("/api/v1/audit/verify", json={"public_key": "no"}).status_code == 422


@pytest.mark.feature("S0.16")
def test_old_rows_are_removed_by_who_manages_settings(some: Hub, auditor: TestClient):
    assert auditor.post("/api/v1/audit/prune", json={"keep_days": 365}).status_code == 403
    admin = client(some, Grant(role=Role.ADMIN))
    assert admin.post("/api/v1/audit/prune", json={"keep_days": 0}).status_code == 422
    answer = admin.post("/api/v1/audit/prune", json={"keep_days": 365})
    assert (answer.status_code, answer.json()) == (200, {"removed": 0, "proof": None})
    assert numbers(auditor.get("/api/v1/audit")) == [5, 4, 3, 2, 1]


def test_the_commands(some: Hub, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path, spoil: Any):
    monkeypatch.setenv("TOWPATH_HOME", str(some.settings.home))

    def types(*words: str, status: int = 0) -> str:
        assert main(["audit", *words]) == status
        return str(capsys.readouterr().out)

    found = json.loads(types("list", "--action", "secret.*", "--json"))
    assert [row["number"] for row in found] == [3, 2]
    assert "user:bob" in types("list", "--since", "2000-01-01")
    assert "No row" in types("list", "--actor", "nobody")
    file = tmp_path / "audit.csv"
    types("export", "--output", str(file), "--text", "acme")
    assert file.stat().st_mode & 0o077 == 0
    assert len(file.read_text().splitlines()) == 2
    types("export", "--output", str(file), status=2)
    said = types("verify")
    assert "rows fit" in said
    noted = said.rsplit(maxsplit=1)[-1]
    assert json.loads(types("verify", "--known", noted, "--json"))["whole"]
    assert json.loads(types("checkpoint", "--json"))[0]["number"] > 5
    assert "PUBLIC KEY" in types("key")
    assert "Nothing is that old" in types("prune", "--keep", "365d", "--yes")
    types("prune", "--keep", "0", "--yes", status=2)
    spoil("update towpath.audit set actor = 'user:eve' where number = 1")
    assert "Row 1" in types("verify", status=1)
    types("prune", "--keep", "1d", "--yes", status=1)
