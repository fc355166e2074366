"""Who may everything on one connection gets nothing of another's: by any route, with its ids in every place.

The routes come from the OpenAPI document: a new one is asked as well, and one with a new kind of id fails until it
is said here what of the other connection that is.
"""

from __future__ import annotations

import itertools
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.testclient import TestClient

from towpath.access import Grant, Right, Role
from towpath.features.people import service as people
from towpath.features.people import tokens

#: Ids that belong to the installation, not to a connection: their rights are the matrix's matter.
INSTALLATION = {
    "connector_id",
    "user_id",
    "group_id",
    "grant_id",
    "session_id",
    "token_id",
    "method_id",
    "owner",
    "provider",
    "secret",
}
#: Read by `test_api_events`, which also looks at who sees what.
ENDLESS = {"follow_all", "follow_run"}


@dataclass(kw_only=True)
class Theirs:
    """What there is of the other connection."""

    path: dict[str, str]
    query: dict[str, str]
    bodies: dict[str, list[dict[str, Any]]]
    #: Texts that must not come out.
    marks: set[str] = field(default_factory=set)


def ended(admin: TestClient, address: str) -> dict[str, Any]:
    until = time.monotonic() + 60
    while (found := admin.get(address).json())["state"] in {"queued", "running"}:
        assert time.monotonic() < until
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def mine(connect):
    return connect()


@pytest.fixture(scope="module")
def theirs(admin, connect) -> Theirs:
    """A connection with a stream that ran, a query over its table, a saved one, and an export."""
    known = connect()
    prefix = f"hidden{uuid.uuid4().hex[:8]}_"
    made = admin.post(
        "/streams",
        json={
            "connection_id": known.id,
            "settings": {"prefix": prefix},
            "streams": [{"model": "res.currency"}, {"model": "res.country.group"}],
        },
    )
    assert made.status_code == 201, made.text
    stream, beside = made.json()
    started = admin.post("/runs", json={"stream_ids": [stream["id"], beside["id"]]}).json()
    for run in started["runs"]:
        assert ended(admin, f"/runs/{run['id']}")["state"] == "succeeded"
    run = next(one for one in started["runs"] if one["stream_id"] == stream["id"])
    found = admin.get("/catalog").json()["items"]
    (table,) = [one for one in found if one["name"].startswith(f"{prefix}res_currency")]
    sql = f"select * from {table['sql_name']}"  # our own name
    asked = admin.post("/queries/run", json={"sql": sql, "wait": 20}).json()
    saved = admin.post("/queries", json={"title": f"Of {prefix}", "sql": sql}).json()
    export = admin.post("/exports", json={"table": table["id"], "format": "csv"}).json()
    batch = str(admin.get("/batches").json()["items"][0]["number"])
    rows = [{"sql": sql, "wait": 5}, {"sql": f"select count(*) from {table['sql_name']}", "wait": 5}]
    return Theirs(
        path={
            "connection_id": known.id,
            "stream_id": stream["id"],
            "run_id": run["id"],
            "number": batch,
            "table": table["id"],
            "run": asked["id"],
            "query": saved["id"],
            "export": export["id"],
            "model": "res.currency",
            "name": "payments-by-month",
        },
        query={
            "connection_id": known.id,
            "connection": known.name,
            "stream": stream["id"],
            "batch": batch,
            "word": prefix,
            "model": "res.currency",
            "old": "0",
            "new": "1",
            "url": known.url,
        },
        bodies={
            "start_runs": [{"stream_ids": [stream["id"]]}],
            "add_streams": [{"connection_id": known.id, "streams": [{"model": "res.country"}]}],
            "preview_streams": [{"connection_id": known.id, "streams": [{"model": "res.country"}]}],
            "edit_stream": [{"description": "taken"}],
            "edit_connection": [{"url": known.url}],
            "run_query": rows,
            "start_export": [
                {"table": table["id"], "format": "csv"},
                {"sql": sql, "format": "csv"},
                {"answer": asked["id"], "format": "csv"},
            ],
            "change_query": [{"title": "taken"}],
            "set_secret": [
                {"owner": f"connection/{one}", "value": "taken"} for one in (known.id, known.name)
            ],
            "set_secret_expiry": [{"owner": f"connection/{known.id}", "expires_at": None}],
        },
        marks={known.id, known.name, stream["id"], run["id"], prefix, asked["id"], saved["id"], export["id"]},
    )


@pytest.fixture(scope="module", params=["role", "token"])
def narrow(request, app, hub, mine) -> TestClient:
    """Somebody with all rights on one connection; and a token of somebody with all rights, for that connection."""
    grant = Grant(role=Role.ADMIN, connection_id=mine.id if request.param == "role" else None)
    login = f"u{uuid.uuid4().hex[:10]}"
    user = people.add_user(hub, login=login, name=login, grants=[grant])
    places = None if request.param == "role" else [mine.id]
    _, text = tokens.add(
        hub, user_id=user.id, name="narrow", rights=list(Right), days=1, connection_ids=places
    )
    headers = {"Host": "localhost", "Authorization": f"Bearer {text}", "If-Match": "*"}
    return TestClient(
        app,
        base_url="http://localhost",
        headers=headers,
        raise_server_exceptions=False,
        follow_redirects=False,
    )


def operations(app: Any) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, ways in app.openapi()["paths"].items()
        for method, operation in ways.items()
        if operation["operationId"] not in ENDLESS
    ]


def named(path: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", path))


def told(theirs: Theirs, answer: Any, sent: str) -> set[str]:
    """What came out that was not sent in."""
    return {mark for mark in theirs.marks if mark in answer.text and mark not in sent}


def unchanged(admin: TestClient, theirs: Theirs) -> None:
    """All of it is there as it was."""
    path = theirs.path
    for address in (
        f"/connections/{path['connection_id']}",
        f"/streams/{path['stream_id']}",
        f"/runs/{path['run_id']}",
        f"/catalog/tables/{path['table']}",
        f"/queries/{path['query']}",
        f"/exports/{path['export']}",
    ):
        assert admin.get(address).status_code == 200, address
    assert admin.get(f"/streams/{path['stream_id']}").json()["description"] != "taken"
    runs = admin.get("/runs", params={"stream": path["stream_id"]}).json()["items"]
    assert [run["id"] for run in runs] == [path["run_id"]]


def test_it_is_known_of_every_id_whose_it_is(app, theirs):
    known = set(theirs.path) | INSTALLATION
    assert {name for _, path, _ in operations(app) for name in named(path)} <= known


def test_the_same_ids_are_right_for_who_may(admin, theirs, app):
    """Else the tests below would be content with ids of nothing."""
    faults = {}
    for method, path, operation in operations(app):
        if method == "GET" and (named(path) & set(theirs.path)):
            url = re.sub(r"\{(\w+)\}", lambda found: theirs.path.get(found[1], ""), path)
            wanted = {
                one["name"]: theirs.query[one["name"]]
                for one in operation.get("parameters", [])
                if one["in"] == "query" and one.get("required")
            }
            answer = admin.get(f"http://localhost{url}", params=wanted)
            # There is one version only, so that nothing can be compared.
            if answer.status_code != (422 if "old" in wanted else 200):
                faults[url] = answer.text
    assert faults == {}


def test_their_ids_lead_nowhere(app, admin, narrow, theirs):
    faults = []
    for method, path, operation in operations(app):
        names = named(path) - INSTALLATION
        # The audit is everybody's; a ready query is the same for all.
        if not names or operation["operationId"] in {"show_audit_row", "ready_query_for"}:
            continue
        url = re.sub(r"\{(\w+)\}", lambda found: theirs.path.get(found[1], "0123456789ab"), path)
        wanted = {
            one["name"]: theirs.query[one["name"]]
            for one in operation.get("parameters", [])
            if one["in"] == "query" and one.get("required")
        }
        for body in theirs.bodies.get(operation["operationId"], [{}]):
            sends = {"json": body} if "requestBody" in operation else {}
            answer = narrow.request(method, url, params=wanted, **sends)
            if answer.status_code not in {403, 404} or told(theirs, answer, f"{url} {wanted} {body}"):
                faults.append(f"{method} {url}: {answer.status_code} {answer.text[:200]}")
    assert not faults, "\n".join(faults)
    unchanged(admin, theirs)


def test_lists_leave_out_what_is_theirs_even_when_asked_for_it(app, narrow, theirs):
    faults = []
    for method, path, operation in operations(app):
        if method != "GET" or named(path):
            continue
        asked = {one["name"]: one for one in operation.get("parameters", []) if one["in"] == "query"}
        wanted = {name: theirs.query[name] for name, one in asked.items() if one.get("required")}
        filters = sorted({"connection_id", "connection", "stream", "batch"} & set(asked) - set(wanted))
        for chosen in itertools.chain([()], ((name,) for name in filters)):
            query = wanted | {name: theirs.query[name] for name in chosen}
            answer = narrow.get(path, params=query)
            if answer.status_code >= 500 or told(theirs, answer, str(query)):
                faults.append(f"{path} {query}: {answer.status_code} {answer.text[:300]}")
    assert not faults, "\n".join(faults)


def test_what_is_theirs_can_not_be_named_in_a_body(app, admin, narrow, theirs):
    faults = []
    for method, path, operation in operations(app):
        if named(path):
            continue
        for body in theirs.bodies.get(operation["operationId"], []):
            answer = narrow.request(method, path, json=body)
            if answer.status_code < 400 or told(theirs, answer, str(body)):
                faults.append(f"{method} {path} {body}: {answer.status_code} {answer.text[:200]}")
    assert not faults, "\n".join(faults)
    unchanged(admin, theirs)
