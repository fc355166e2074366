"""Faults as a client meets them, over HTTP."""

import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from towpath.sandbox.odoo_server.server import OdooServer


@pytest.fixture
def client(odoo19: OdooServer, json2: Callable[..., Any]) -> Any:
    return json2(odoo19)


def count(client: Any, name: str) -> int:
    found = client.call("res.partner", "search_count", domain=[["name", "=", name]])
    assert isinstance(found, int)
    return found


def test_status_with_retry_after_does_nothing(odoo19: OdooServer, client: Any):
    odoo19.faults.add("status", status=429, retry_after=1.5, count=1, model="res.partner", method="create")
    answer = client.post("res.partner", "create", vals_list=[{"name": "Fault A"}])
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1.5")
    assert count(client, "Fault A") == 0
    client.call("res.partner", "create", vals_list=[{"name": "Fault A"}])
    assert count(client, "Fault A") == 1
    assert odoo19.faults.calls()["res.partner/create"] == 1


@pytest.mark.parametrize(("kind", "done"), [("reset", 0), ("close", 0), ("drop", 1), ("cut", 1)])
def test_lost_answers(odoo19: OdooServer, client: Any, kind: str, done: int):
    name = f"Fault {kind} {time.time_ns()}"
    odoo19.faults.add(kind, count=1, model="res.partner", method="create")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        client.post("res.partner", "create", vals_list=[{"name": name}])
    assert count(client, name) == done


def test_a_page_instead_of_an_answer(odoo19: OdooServer, client: Any):
    odoo19.faults.add("page", path="/json/2/*", count=1)
    answer = client.post("res.partner", "search_count", domain=[])
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_late_commit_hides_rows_that_look_old(odoo19: OdooServer, client: Any, json2: Callable[..., Any]):
    second = json2(odoo19)
    name = f"Late {time.time_ns()}"
    fault = odoo19.faults.add("late_commit", model="res.partner", method="create", count=1)
    slow = threading.Thread(
        target=second.call, args=("res.partner", "create"), kwargs={"vals_list": [{"name": name}]}
    )
    slow.start()
    while not fault.fired:
        time.sleep(0.01)
    time.sleep(0.02)
    quick = client.call("res.partner", "create", vals_list=[{"name": f"{name} quick"}])
    assert count(client, name) == 0
    assert odoo19.faults.release(fault.id)
    slow.join(60)
    late = client.call("res.partner", "search", domain=[["name", "=", name]])
    stamps = odoo19.database.run(
        lambda env: env.cr.execute(
            "SELECT write_date FROM res_partner WHERE id = ANY(%s) ORDER BY id = %s",
            [[*quick, *late], late[0]],
        ).column()
    )
    assert stamps[0] > stamps[1]


def test_serialization_failures_are_tried_again(odoo19: OdooServer, client: Any):
    name = f"Again {time.time_ns()}"
    fault = odoo19.faults.add("serialization", model="res.partner", method="create", count=2)
    client.call("res.partner", "create", vals_list=[{"name": name}])
    assert (count(client, name), fault.fired) == (1, 2)
    odoo19.faults.add("serialization", model="res.partner", method="create")
    answer = client.post("res.partner", "create", vals_list=[{"name": name}])
    assert (answer.status_code, answer.json()["name"]) == (500, "psycopg2.errors.SerializationFailure")
    assert count(client, name) == 1


def test_slow_pages(odoo19: OdooServer, client: Any):
    odoo19.faults.add("slow_page", per_row=0.01, method="search_read")
    started = time.monotonic()
    rows = client.call("res.partner", "search_read", domain=[], fields=["name"], limit=20)
    assert time.monotonic() - started >= 0.01 * len(rows)


def test_revoked_key(odoo19: OdooServer, client: Any, json2: Callable[..., Any]):
    odoo19.faults.add("revoked_key", key="key-admin")
    answer = client.post("res.users", "context_get")
    assert (answer.status_code, answer.json()["message"]) == (401, "Invalid apikey")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert json2(odoo19, "key-limited").post("res.users", "context_get").status_code == 200
    odoo19.faults.clear()
    assert client.post("res.users", "context_get").status_code == 200


def test_two_factor_takes_keys_only(odoo17: OdooServer):
    def authenticate(secret: str) -> Any:
        body = {
            "jsonrpc": "2.0",
            "id": 1,
            "params": {"service": "common", "method": "login", "args": ["demo", "admin", secret]},
        }
        return httpx.post(f"{odoo17.url}/jsonrpc", json=body).json()["result"]

    odoo17.faults.add("two_factor", login="admin")
    assert authenticate("admin") is False
    assert authenticate("key-admin") == 2
    body = {"params": {"db": "demo", "login": "admin", "password": "admin"}}
    answer = httpx.post(f"{odoo17.url}/web/session/authenticate", json=body).json()
    assert answer["result"] == {"uid": None}


def test_a_field_that_raises(odoo19: OdooServer, client: Any):
    odoo19.faults.add("field_error", model="res.partner", field="vat", ids=[1])
    answer = client.post("res.partner", "read", ids=[1], fields=["name", "vat"])
    assert (answer.status_code, answer.json()["name"]) == (500, "builtins.ValueError")
    assert client.call("res.partner", "read", ids=[1], fields=["name"])
    assert client.call("res.partner", "read", ids=[3], fields=["name", "vat"])


def test_a_record_rule_over_http(odoo19: OdooServer, client: Any):
    everybody = client.call("res.partner", "search_count", domain=[])
    asked = {"kind": "record_rule", "model": "res.partner", "domain": "[('id', '<=', 3)]"}
    fault = httpx.post(f"{odoo19.url}/sandbox/faults", json=asked)
    assert fault.status_code == 201
    assert client.call("res.partner", "search_count", domain=[]) < everybody
    httpx.delete(f"{odoo19.url}/sandbox/faults/{fault.json()['id']}")
    assert client.call("res.partner", "search_count", domain=[]) == everybody


def test_clock_skew(odoo19: OdooServer, client: Any):
    odoo19.faults.add("clock_skew", seconds=-3600)
    made = client.post("res.partner", "create", vals_list=[{"name": "Skewed"}])
    date = parsedate_to_datetime(made.headers["date"]).timestamp()
    assert 3590 < time.time() - date < 3690
    stamp = client.call("res.partner", "read", ids=made.json(), fields=["write_date"])[0]["write_date"]
    assert abs(httpx_time(stamp) - date) < 60


def httpx_time(text: str) -> float:
    return parsedate_to_datetime(
        time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.strptime(text, "%Y-%m-%d %H:%M:%S"))
    ).timestamp()


def test_latency_and_counters_over_http(odoo19: OdooServer, client: Any):
    with httpx.Client(base_url=odoo19.url) as control:
        use_control(control, client)


def use_control(control: httpx.Client, client: Any) -> None:
    made = control.post(
        "/sandbox/faults",
        json=[{"kind": "latency", "seconds": 0.1, "count": 1}, {"kind": "close", "count": 1, "after": 50}],
    )
    assert [fault["kind"] for fault in made.json()] == ["latency", "close"]
    started = time.monotonic()
    count(client, "x")
    assert time.monotonic() - started >= 0.1
    seen = control.get("/sandbox/calls").json()
    assert seen["calls"] == {"res.partner/search_count": 1}
    assert seen["log"][0]["method"] == "search_count"
    assert control.get("/sandbox/faults").json()[0]["fired"] == 1
    assert control.delete("/sandbox/faults").json() == []
    assert control.delete("/sandbox/calls").json() == {}
    assert control.get("/sandbox/calls").json()["calls"] == {}
    assert control.get("/sandbox/ready").json()["databases"] == ["demo"]
    assert control.post("/sandbox/faults", json={"kind": "nope"}).status_code == 400
    assert control.post("/sandbox/faults", content=b"{").status_code == 400
    assert control.delete("/sandbox/faults/99").status_code == 404
    assert control.get("/sandbox/nope").status_code == 404
