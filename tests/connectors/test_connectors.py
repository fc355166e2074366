"""What other systems ask of the connectors: which there are, and whether they can be reached."""

from __future__ import annotations

import uuid

import pytest
from starlette.testclient import TestClient

from towpath.access import Grant, Right, Role
from towpath.features.connections import service as connections
from towpath.features.people import service as people
from towpath.features.people import tokens
from towpath.hub import open_hub
from towpath.server.application import create_app
from towpath.settings import load


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    with open_hub(load(home=tmp_path_factory.mktemp("connectors")), works=False) as opened:
        yield opened


@pytest.fixture
def ask(hub):
    """A client of somebody with these grants."""

    def make(*grants: Grant) -> TestClient:
        user = people.add_user(hub, login=f"u{uuid.uuid4().hex[:8]}", name="U", grants=grants)
        _, text = tokens.add(hub, user_id=user.id, name="t", rights=list(Right), days=1)
        return TestClient(
            create_app(hub), base_url="http://localhost", headers={"Authorization": f"Bearer {text}"}
        )

    return make


@pytest.mark.feature("S4.18", "S4.19")
def test_the_registry_shows_what_the_last_ping_found(hub, ask, odoo19):
    client = ask(Grant(role=Role.ADMIN))
    (none,) = client.get("/si/connectors/registry").json()["connectors"]
    assert (none["id"], none["status"], none["connections"]) == ("erp:odoo", "not_configured", [])
    key = odoo19.users["admin"].key
    known = connections.add(hub, name="a", url=odoo19.url, database=odoo19.db, login="admin", secret=key)
    pinged = client.post("/si/connectors/erp:odoo/health")
    assert pinged.status_code == 200
    assert pinged.json()["status"] == "ok"
    odoo19.faults.add("status", status=503, count=1000)
    try:
        pinged = client.post("/si/connectors/erp:odoo/health").json()
    finally:
        odoo19.faults.clear()
    (one,) = pinged["connections"]
    assert (pinged["status"], one["status"], one["id"]) == ("attention", "attention", known.id)
    assert one["message"]
    assert key not in str(pinged)
    assert client.get("/si/connectors/registry").json()["connectors"] == [pinged]
    # Who sees other connections alone, sees none of this.
    other = ask(Grant(role=Role.OPERATOR, connection_id=known.id)).get("/si/connectors/registry").json()
    assert len(other["connectors"][0]["connections"]) == 1
    connections.remove(hub, "a")


def test_strangers_and_other_names_are_refused(hub, ask):
    stranger = TestClient(create_app(hub), base_url="http://localhost")
    assert stranger.get("/si/connectors/registry").status_code == 401
    assert (
        stranger.post("/si/connectors/erp:odoo/health").status_code == 403
    )  # it is not from our page, nor a token
    assert ask(Grant(role=Role.VIEWER)).post("/si/connectors/erp:odoo/health").status_code == 403
    admin = ask(Grant(role=Role.ADMIN))
    assert admin.post("/si/connectors/erp:other/health").status_code == 404
    assert admin.get("/si/nothing").status_code == 404
