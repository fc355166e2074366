"""Secrets are listed without values, set only when they work, and their master key changes under readers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from towpath.access import Actor, Grant, Role
from towpath.cli import main
from towpath.features.connections import service as connections
from towpath.features.keys import service
from towpath.hub import Hub
from towpath.secrets.signing import signing_key
from towpath.server.application import create_app
from towpath.web.asking import actor_of

READER = """
import sys, time
from towpath.hub import open_hub
with open_hub() as hub:
    print("ready", flush=True)
    count = 0
    while not sys.stdin.closed:
        for number in range(40):
            assert hub.cabinet.get(f"test/{number}").reveal() == f"the value of {number}"
        count += 1
        print(count, flush=True)
"""
ROTATE_AND_DIE = """
import os, signal
from towpath.hub import open_hub
from towpath.secrets import cabinet
with open_hub() as hub:
    cabinet._CHUNK = 5
    some = hub.cabinet._rewrap_some
    def die(current):
        some(current)
        os.kill(os.getpid(), signal.SIGKILL)
    hub.cabinet._rewrap_some = die
    hub.cabinet.rotate()
"""


@pytest.mark.feature("S0.20")
def test_the_master_key_changes_under_a_process_that_reads(hub: Hub):
    for number in range(40):
        hub.cabinet.put(f"test/{number}", f"the value of {number}")
    environment = os.environ | {"TOWPATH_HOME": str(hub.settings.home)}
    reader = subprocess.Popen(
        [sys.executable, "-c", READER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert reader.stdout is not None
    try:
        assert reader.stdout.readline() == "ready\n"
        before = {held.key_id for held in service.listed(hub)}
        died = subprocess.run(
            [sys.executable, "-c", ROTATE_AND_DIE], env=environment, check=False, timeout=60
        )
        assert died.returncode == -signal.SIGKILL
        assert len({held.key_id for held in service.listed(hub)}) == 2, "it was killed half-way"
        assert reader.stdout.readline()
        done = service.rotate(hub)
        assert done.rewrapped >= 40
        after = {held.key_id for held in service.listed(hub)}
        assert after == {done.key_id}
        assert not after & before
        for _ in range(2):
            assert reader.stdout.readline()
        time.sleep(0.2)
        assert reader.poll() is None, reader.stderr.read() if reader.stderr else ""
    finally:
        reader.kill()
        reader.communicate()
        for number in range(40):
            hub.cabinet.remove(f"test/{number}")


def test_the_commands(
    hub: Hub, keys: Any, connected: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: Any
):
    known, old = connected("typed")
    monkeypatch.setenv("TOWPATH_HOME", str(hub.settings.home))

    def types(*words: str, status: int = 0) -> str:
        assert main([*words]) == status
        said = capsys.readouterr()
        assert old not in said.out + said.err
        return str(said.out)

    found = json.loads(types("secrets", "list", "--json"))
    mine = next(one for one in found if one["connection"] == "typed")
    assert (mine["kind"], mine["state"], mine["expires_at"]) == ("odoo", "good", None)
    assert "connection/typed" in types("secrets", "list")
    types("secrets", "expire", "--owner", "connection/typed", "--on", "2000-01-01")
    assert json.loads(types("secrets", "list", "--json"))
    assert service.find(hub, "connection/typed").state == "expired"
    types("secrets", "expire", "--owner", "connection/typed", "--never")
    types("secrets", "expire", "--owner", "connection/typed", status=2)
    types("secrets", "expire", "--owner", "nothing", "--never", status=2)
    monkeypatch.setenv("TOWPATH_SECRET", "a key that does not work")
    types("secrets", "set", "connection/typed", status=2)
    assert hub.cabinet.get(connections.owner_of(known.id)).reveal() == old
    other = keys.make("test other")
    monkeypatch.setenv("TOWPATH_SECRET", other)
    types("secrets", "set", "connection/typed", "--on", "2090-01-01")
    assert hub.cabinet.get(connections.owner_of(known.id)).reveal() == other
    done = json.loads(types("connection", "rotate", "typed", "--days", "5", "--json"))
    assert done["revoked"]
    assert "now under the master key" in types("secrets", "rotate")


def test_the_routes_take_secrets_and_give_none(hub: Hub, keys: Any, connected: Callable[..., Any]):
    known, old = connected("routed")
    app = create_app(hub)
    grants: list[Grant] = [Grant(role=Role.ADMIN)]
    app.dependency_overrides[actor_of] = lambda: Actor(name="user:ada", grants=tuple(grants), user_id="1")
    client = TestClient(
        app, base_url="http://localhost", headers={"X-Towpath": "1"}, raise_server_exceptions=False
    )
    answers = []

    def ask(method: str, path: str, status: int, **more: Any) -> Any:
        answer = client.request(method, f"/api/v1{path}", **more)
        answers.append(answer.text)
        assert answer.status_code == status, answer.text
        return answer.json()

    owner = f"connection/{known.id}"
    signing_key(hub.cabinet)
    items = ask("GET", "/secrets", 200)["items"]
    assert owner in {item["owner"] for item in items}
    ended = {"owner": owner, "expires_at": "2001-01-01T00:00:00Z"}
    assert ask("PUT", "/secrets/expiry", 200, json=ended)["state"] == "expired"
    assert [item["owner"] for item in ask("GET", "/secrets", 200, params={"state": "expired"})["items"]] == [
        owner
    ]
    bad = {"owner": owner, "value": "kanarie-that-does-not-work"}
    ask("PUT", "/secrets", 422, json=bad)
    ask("PUT", "/secrets", 422, json={"owner": owner, "value": " "})
    ask("PUT", "/secrets", 404, json={"owner": "nothing/here", "value": "x"})
    ask("PUT", "/secrets", 422, json={"owner": "audit/signing", "value": "x"})
    other = keys.make("test routed")
    ask("PUT", "/secrets", 200, json={"owner": owner, "value": other})
    done = ask("POST", f"/connections/{known.id}/rotate-key", 200, json={"days": 3})
    assert done["revoked"]
    ask("POST", "/connections/abc/rotate-key", 404, json={})
    assert ask("POST", "/secrets/rotate-master-key", 200)["rewrapped"] > 0
    grants[:] = [Grant(role=Role.OPERATOR)]
    ask("GET", "/secrets", 403)
    ask("POST", "/secrets/rotate-master-key", 403)
    ask("POST", f"/connections/{known.id}/rotate-key", 403, json={})
    grants[:] = [Grant(role=Role.ADMIN, connection_id="another")]
    assert owner not in {item["owner"] for item in ask("GET", "/secrets", 200)["items"]}
    ask("PUT", "/secrets/expiry", 404, json=ended)
    ask("POST", "/secrets/rotate-master-key", 403)
    secrets = [old, other, bad["value"], hub.cabinet.get(owner).reveal()]
    assert not any(secret in text for secret in secrets for text in answers)
