"""What every request passes on its way: ids, headers, hosts, limits, the proof that it comes from our pages."""

from __future__ import annotations

import re
import threading

import pytest
from fastapi import APIRouter

from towpath import errors
from towpath.access import Actor
from towpath.server.measures import exposition
from towpath.server.requests import client_of


def test_health_tells_a_stranger_nothing_but_that_we_live(client):
    assert client.get("/healthz").json() == {"status": "ok", "version": client.app.version}
    assert client.get("/readyz").json()["status"] == "ok"


def test_measures_are_for_those_who_may_see(client):
    answer = client.get("/metrics")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_requests_are_measured_by_the_whole_pattern_of_their_route(client):
    client.get("/api/v1/runs/none-of-ours")
    client.get("/si/connectors/registry")
    told = exposition(client.app.state.hub, Actor(name="user:x", grants=())).decode()
    for pattern in ("/api/v1/runs/{run_id}", "/si/connectors/registry"):
        assert f'towpath_request_seconds_count{{method="GET",route="{pattern}",status="401"}}' in told
    assert "none-of-ours" not in told


def test_every_answer_has_an_id_that_its_problem_names(client):
    answer = client.get("/api/v1/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == answer.headers["x-request-id"]
    assert "openapi.json" in answer.json()["detail"]


def test_a_nonce_is_never_given_twice_and_the_policy_lets_nothing_else_in(client):
    policies = {client.get("/").headers["content-security-policy"] for _ in range(3)}
    assert len(policies) == 3
    for policy in policies:
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert re.search(r"script-src 'self' 'nonce-[\w-]{20,}'", policy)


def test_the_page_carries_the_nonce_of_its_answer(client):
    answer = client.get("/runs/17")
    assert answer.status_code == 200
    (nonce,) = set(re.findall(r"'nonce-([\w-]+)'", answer.headers["content-security-policy"]))
    assert "__NONCE__" not in answer.text
    if "<script" in answer.text:
        assert nonce in answer.text


def test_answers_of_the_api_are_not_kept_by_anybody(client):
    assert client.get("/api/v1/openapi.json").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "", "[::1", "127.0.0.1.nip.example"]
)
def test_a_name_that_is_not_ours_is_not_answered(client, host):
    answer = client.get("/healthz", headers={"Host": host})
    assert answer.status_code == 421
    assert "TOWPATH_HOSTS" in answer.json()["detail"]


def test_names_that_are_ours_are_answered(client_with):
    client = client_with(public_url="https://hub.example", hosts=["Other.example"])
    for host in (
        "hub.example",
        "hub.example:443",
        "other.example",
        "localhost:8300",
        "[::1]:8300",
        "127.0.0.1",
    ):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200
    assert client.get("/healthz").headers["strict-transport-security"]


def test_two_hosts_are_none(client):
    answer = client.get("/healthz", headers=[("Host", "localhost"), ("Host", "evil.example")])
    assert answer.status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Origin": "http://evil.example", "X-Towpath": "1"},
        {"Origin": "null", "X-Towpath": "1"},
        {"Origin": "http://localhost:81", "X-Towpath": "1"},
        {"Sec-Fetch-Site": "cross-site", "X-Towpath": "1"},
        {"Sec-Fetch-Site": "same-site", "X-Towpath": "1"},
    ],
)
def test_a_change_from_elsewhere_is_refused_before_any_route(client, headers):
    answer = client.post("/api/v1/nothing-here", headers={"Cookie": "towpath=x"} | headers)
    assert answer.status_code == 403
    assert "X-Towpath" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Towpath": "1"},
        {"Origin": "http://localhost", "X-Towpath": "1"},
        {"Sec-Fetch-Site": "same-origin", "X-Towpath": "1"},
        {"Authorization": "Bearer whatever"},
    ],
)
def test_a_change_from_our_page_or_by_a_token_goes_on(client, headers):
    # ... to where it is told what is wrong with it.
    assert client.post("/api/v1/nothing-here", headers=headers).status_code in {401, 404, 405}


def test_a_body_that_is_too_large_is_refused_told_or_not(client_with):
    client = client_with(body_bytes=2000)
    headers = {"X-Towpath": "1"}
    told = client.post("/api/v1/nothing-here", content=b"x" * 2001, headers=headers)
    untold = client.post("/api/v1/nothing-here", content=(b"x" * 500 for _ in range(5)), headers=headers)
    assert told.status_code == untold.status_code == 413
    assert "2,000 bytes" in told.json()["detail"]
    fits = client.post("/api/v1/nothing-here", content=(b"x" * 500 for _ in range(4)), headers=headers)
    assert fits.status_code != 413


def test_an_asker_that_is_too_quick_is_told_how_long_to_wait(client_with):
    client = client_with(requests_per_minute=30)
    asked = 1  # on a busy machine more of them fit into the pace
    while (refused := client.get("/api/v1/nothing-here")).status_code == 404 and asked < 300:
        asked += 1
    assert refused.status_code == 429
    assert 30 < asked < 300
    assert 1 <= int(refused.headers["retry-after"]) <= 4
    assert client.get("/healthz").status_code == 200  # who watches us is not counted


def test_the_pace_is_kept_for_each_address(client_with):
    client = client_with(requests_per_minute=1, trusted_proxies=1)
    first = [client.get("/api/v1/x", headers={"X-Forwarded-For": f"9.9.9.9, 10.0.0.{n}"}) for n in (1, 1, 2)]
    assert [answer.status_code for answer in first] == [404, 429, 404]


def test_who_has_a_whole_network_of_addresses_has_one_pace(client_with):
    client = client_with(requests_per_minute=1, trusted_proxies=1)
    asked = ("2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1", "::ffff:9.8.7.6", "9.8.7.6")
    answers = [client.get("/api/v1/x", headers={"X-Forwarded-For": one}).status_code for one in asked]
    assert answers == [404, 429, 404, 404, 429]


def test_only_our_own_proxies_are_believed():
    def asked(trusted: int, *forwarded: bytes) -> str:
        headers = [(b"x-forwarded-for", value) for value in forwarded]
        return client_of({"client": ("10.1.1.1", 5), "headers": headers}, trusted)

    assert asked(0, b"6.6.6.6") == "10.1.1.1"
    assert asked(1, b"6.6.6.6, 7.7.7.7") == "7.7.7.7"
    assert asked(2, b"6.6.6.6, 7.7.7.7", b"8.8.8.8") == "7.7.7.7"
    assert asked(2, b"7.7.7.7") == "10.1.1.1"  # it did not pass both
    # Some proxies tell the port too, which is another one each time.
    assert asked(1, b"6.6.6.6, 7.7.7.7:50123") == "7.7.7.7"
    assert asked(1, b"[2001:db8::7]:50123") == asked(1, b"2001:db8::7") == "2001:db8::7"


def test_errors_of_ours_become_problems_with_the_next_step(client_with):
    client = client_with()
    router = APIRouter()
    kinds = {
        "input": errors.InputError("No.", details={"field": "x"}),
        "absent": errors.NotFoundError("No."),
        "conflict": errors.ConflictError(),
        "access": errors.AccessError(),
        "later": errors.ServerBusyError(retry_after=7),
        "protocol": errors.ProtocolError("No."),
        "broken": ValueError("the inside of ours"),
    }

    def fail(kind: str) -> None:
        raise kinds[kind]

    router.add_api_route("/fail/{kind}", fail)
    client.app.router.routes.insert(0, router.routes[0])
    answers = {kind: client.get(f"/fail/{kind}") for kind in kinds}
    assert {kind: answer.status_code for kind, answer in answers.items()} == {
        "input": 422,
        "absent": 404,
        "conflict": 409,
        "access": 403,
        "later": 503,
        "protocol": 502,
        "broken": 500,
    }
    assert answers["later"].headers["retry-after"] == "7"
    assert answers["input"].json()["details"] == {"field": "x"}
    assert answers["input"].json()["type"] == "/problems/input"
    assert "inside of ours" not in answers["broken"].text
    assert answers["broken"].headers["content-security-policy"]
    for answer in answers.values():
        assert answer.json()["status"] == answer.status_code
        assert answer.json()["detail"].endswith(".")


def test_many_at_once_are_each_answered_in_full(client):
    found: list[int] = []

    def ask() -> None:
        found.extend(client.get("/readyz").status_code for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 40
