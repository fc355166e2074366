"""Requests with an Idempotency-Key: carried out once, answered alike, whoever repeats them and however often."""

from __future__ import annotations

import threading
import uuid

import anyio
import orjson
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from towpath.access import Grant, Right, Role
from towpath.features.people import service, tokens
from towpath.server.application import create_app
from towpath.server.tables import answers
from towpath.web.cookies import session_cookie


@pytest.fixture(scope="module")
def admin(hub):
    user = service.add_user(hub, login=f"u{uuid.uuid4().hex[:8]}", name="A", grants=[Grant(role=Role.ADMIN)])
    _, text = tokens.add(hub, user_id=user.id, name="t", rights=list(Right), days=1)
    client = TestClient(create_app(hub), base_url="http://localhost")
    client.headers["Authorization"] = f"Bearer {text}"
    return client


@pytest.fixture
def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}


def group() -> dict[str, str]:
    return {"name": f"g {uuid.uuid4().hex[:8]}"}


def test_a_repeated_request_is_carried_out_once(admin, key):
    body = group()
    first = admin.post("/api/v1/groups", json=body, headers=key)
    again = admin.post("/api/v1/groups", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert admin.post("/api/v1/groups", json=body).status_code == 409  # without the key it is a new request


def test_a_repeated_answer_carries_the_etag_to_go_on_with(hub, admin, key):
    body = {"title": f"q {uuid.uuid4().hex[:8]}", "sql": "select 1"}
    first = admin.post("/api/v1/queries", json=body, headers=key)
    again = admin.post("/api/v1/queries", json=body, headers=key)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    same = {"idempotent-replayed", "x-request-id", "content-security-policy", "date"}
    assert {*again.headers} - same == {*first.headers} - same
    change = admin.patch(
        f"/api/v1/queries/{again.json()['id']}",
        json={"title": "other"},
        headers={"If-Match": again.headers["etag"]},
    )
    assert change.status_code == 200


def test_a_request_that_was_cut_off_is_not_carried_out(admin, key):
    body = group()
    half = iter(
        [
            {"type": "http.request", "body": orjson.dumps(body), "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive():
        return next(half)

    async def send(message) -> None:
        raise AssertionError(message)

    headers = {
        "Host": "localhost",
        "Authorization": admin.headers["Authorization"],
        "Content-Type": "application/json",
        "Content-Length": "1000",
    } | key
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/groups",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
    }
    anyio.run(admin.app, scope, receive, send)
    assert admin.post("/api/v1/groups", json=body, headers=key).status_code == 201


def test_an_answer_that_an_older_release_kept_is_given_again(hub, admin, key):
    body = {"title": f"q {uuid.uuid4().hex[:8]}", "sql": "select 1"}
    first = admin.post("/api/v1/queries", json=body, headers=key)
    with hub.store.begin() as db:
        db.execute(answers.update().where(answers.c.key == key["Idempotency-Key"]).values(headers=sa.null()))
    again = admin.post("/api/v1/queries", json=body, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())


def test_the_same_key_for_something_else_is_a_mistake(admin, key):
    assert admin.post("/api/v1/groups", json=group(), headers=key).status_code == 201
    other = admin.post("/api/v1/groups", json=group(), headers=key)
    assert other.status_code == 422
    assert "new key" in other.json()["detail"]


def test_a_refusal_is_repeated_too_when_it_would_be_the_same(admin, key):
    answers = [admin.post("/api/v1/groups", json={"name": ""}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["content-type"] == "application/problem+json"


def test_what_failed_for_now_is_tried_again(admin, key):
    body = group()
    made = admin.post("/api/v1/groups", json=body)
    assert admin.post("/api/v1/groups", json=body, headers=key).status_code == 409
    admin.delete(f"/api/v1/groups/{made.json()['id']}")
    assert admin.post("/api/v1/groups", json=body, headers=key).status_code == 201


def test_many_at_once_make_one(admin, key):
    body, answers = group(), []

    def ask() -> None:
        answers.append(admin.post("/api/v1/groups", json=body, headers=key))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [answer for answer in answers if answer.status_code == 201]
    assert len({answer.json()["id"] for answer in done}) == 1
    assert all("under way" in answer.json()["detail"] for answer in answers if answer.status_code != 201)
    listed = [one["name"] for one in admin.get("/api/v1/groups?limit=500").json()["items"]]
    assert listed.count(body["name"]) == 1


def test_a_key_is_its_persons_own(hub, admin, key):
    user = service.add_user(hub, login=f"u{uuid.uuid4().hex[:8]}", name="B", grants=[Grant(role=Role.ADMIN)])
    _, text = tokens.add(hub, user_id=user.id, name="t", rights=list(Right), days=1)
    body = group()
    first = admin.post("/api/v1/groups", json=body, headers=key)
    other = admin.post("/api/v1/groups", json=body, headers=key | {"Authorization": f"Bearer {text}"})
    assert (first.status_code, other.status_code) == (201, 409)


def test_what_shows_a_secret_once_is_not_kept(hub, admin, key):
    user = service.add_user(hub, login=f"u{uuid.uuid4().hex[:8]}", name="C")
    place = f"/api/v1/users/{user.id}/password-link"
    first = admin.post(place, headers=key)
    again = admin.post(place, headers=key)
    assert (first.status_code, again.status_code) == (201, 409)
    assert "not kept" in again.json()["detail"]


@pytest.mark.parametrize("bad", ["", "x" * 201, "a\tb"])
def test_a_key_that_is_none_is_refused(admin, bad):
    assert admin.post("/api/v1/groups", json=group(), headers={"Idempotency-Key": bad}).status_code == 400


def test_a_token_is_not_told_what_its_person_was_answered(hub, key):
    login = f"u{uuid.uuid4().hex[:8]}"
    user = service.add_user(hub, login=login, name="B", grants=[Grant(role=Role.ADMIN)])
    opened = service.open_session(hub, user.id, method="password", address="127.0.0.1", device="test")
    _, text = tokens.add(hub, user_id=user.id, name="t", rights=[Right.SEE], days=1)
    app, body = create_app(hub), group()
    person = TestClient(app, base_url="http://localhost", headers={"X-Towpath": "1"})
    person.cookies.set(session_cookie(hub.settings), opened.token)
    assert person.post("/api/v1/groups", json=body, headers=key).status_code == 201
    assert person.post("/api/v1/groups", json=body, headers=key).headers["idempotent-replayed"] == "true"
    narrow = TestClient(app, base_url="http://localhost", headers={"Authorization": f"Bearer {text}"})
    assert narrow.post("/api/v1/groups", json=body, headers=key).status_code == 403
