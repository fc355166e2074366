"""Secrets of every kind are put in and the server is asked for everything it has; then they are looked for everywhere."""

from __future__ import annotations

import base64
import logging
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from towpath import logs
from towpath.access import Actor, Grant, Role
from towpath.features.audit import service as audit
from towpath.features.people import service as people
from towpath.hub import Hub, open_hub
from towpath.server.application import create_app
from towpath.settings import Settings
from towpath.web.asking import actor_of

MASTER = base64.b64encode(secrets.token_bytes(32)).decode()


def forms(value: str) -> list[str]:
    whole = base64.b64encode(value.encode()).decode().rstrip("=")
    return [value, quote(value, safe=""), whole[:-1], value.encode().hex()]


@pytest.fixture(scope="module")
def canary_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    settings = Settings(
        home=tmp_path_factory.mktemp("canary"),
        master_key=MASTER,  # type: ignore[arg-type]  # pydantic makes a SecretStr of it
        log_level="debug",
        log_format="json",
        private_addresses=True,
        requests_per_minute=0,
        retry_attempts=1,
        retry_seconds=1,
    )
    with open_hub(settings) as hub:
        yield hub


def everything_stored(hub: Hub) -> Iterator[tuple[str, str]]:
    with hub.store.begin() as db:
        tables = db.exec_driver_sql(
            "select format('%%I.%%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).scalars()
        for name in list(tables):
            for row in db.exec_driver_sql(f"select r::text from {name} r").scalars():
                yield name, row


@pytest.mark.feature("S4.7", "S1.21")
def test_no_secret_leaves_the_server(
    canary_hub: Hub, odoo19: Any, capfd: pytest.CaptureFixture[str], tmp_path: Path
):
    hub = canary_hub
    logs.set_up(hub.settings)
    password, totp = f"kanarie {secrets.token_hex(12)}", base64.b32encode(secrets.token_bytes(20)).decode()
    oidc, wrong = f"kanarie-oidc-{secrets.token_hex(12)}", f"kanarie-wrong-{secrets.token_hex(12)}"
    key = odoo19.users["limited"].key
    hub.cabinet.put("oidc/client", oidc)
    hub.cabinet.put("user/1/totp", totp)
    people.add_user(hub, login="ada", name="Ada", password=password, grants=[Grant(role=Role.ADMIN)])
    app = create_app(hub)
    app.dependency_overrides[actor_of] = lambda: Actor(
        name="user:ada", grants=(Grant(role=Role.ADMIN),), user_id="1", session_id="1"
    )
    client = TestClient(
        app, base_url="http://localhost", headers={"X-Towpath": "1"}, raise_server_exceptions=False
    )
    answers: list[tuple[str, str]] = []

    def ask(method: str, path: str, **more: Any) -> Any:
        answer = client.request(method, path, **more)
        answers.append((f"{method} {path}", f"{answer.headers}{answer.text}"))
        return answer

    new = {"name": "canary", "url": odoo19.url, "database": odoo19.db, "login": "limited", "key": key}
    made = ask("POST", "/api/v1/connections", json=new, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201, made.text
    known = made.json()["id"]
    # what goes wrong, with secrets in the request
    for body in ({**new, "name": "other", "key": wrong}, {**new, "url": "http://127.0.0.1:9", "key": wrong}):
        assert ask("POST", "/api/v1/connections", json=body).status_code >= 400
    ask("POST", "/api/v1/connections", json={**new, "key": [wrong]})
    ask("PUT", "/api/v1/secrets", json={"owner": f"connection/{known}", "value": wrong})
    ask("PUT", "/api/v1/secrets", json={"owner": "oidc/client", "value": wrong, "expires_at": "never"})
    ask("PUT", "/api/v1/secrets", json={"owner": "oidc/client", "value": f"{wrong}2"})
    ask("POST", "/api/v1/session", json={"login": "ada", "password": password})
    ask("POST", "/api/v1/session", json={"login": "ada", "password": wrong})
    ask("POST", f"/api/v1/connections/{known}/test")
    ask("POST", f"/api/v1/connections/{known}/rotate-key", json={})
    ask("POST", "/api/v1/audit/checkpoints")
    # and every list and page there is
    document = ask("GET", "/api/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        if "get" in methods and not path.endswith("/events"):
            ask("GET", path.replace("{connection_id}", known).replace("{number}", "1"))
    assert len(answers) > 30
    said = capfd.readouterr()
    logged = said.out + said.err
    assert logged.count('"event"') > 3, "the log was not on"
    exported = "".join(entry.hash + str(entry) for entry in audit.exported(hub, audit.Search(), form="csv"))
    assert "secret.use" in exported
    places = [*answers, ("log", logged), ("export", exported), *everything_stored(hub)]
    for name, value in {
        "master key": MASTER, "password": password, "totp": totp, "oidc": oidc, "refused key": wrong, "key": key,
    }.items():  # fmt: skip
        found = {place for place, text in places if any(form in text for form in forms(value))}
        # the sandbox's key is a common word with a dash, and stands in no text but itself
        assert not found, f"{name} stands in {found}"
    logging.getLogger().handlers.clear()
