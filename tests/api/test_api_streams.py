"""Streams over REST: offered, added in one go, changed by two people, run and watched."""

from __future__ import annotations

import json
import time
import uuid

import pytest

from towpath.access import Grant, Role
from towpath.features.connections import service as connections


@pytest.fixture(scope="module")
def known(connect):
    return connect()


@pytest.fixture
def add(admin, known):
    """Adds streams by REST and forgets them after the test."""
    made = []

    def make(*models, **settings):
        settings.setdefault("prefix", f"t{uuid.uuid4().hex[:8]}_")  # the table of a test before stays
        body = {
            "connection_id": known.id,
            "settings": settings,
            "streams": [{"model": one} for one in models],
        }
        answer = admin.post("/streams", json=body)
        assert answer.status_code == 201, answer.text
        made.extend(one["id"] for one in answer.json())
        return answer.json()

    yield make
    for stream_id in made:
        until(lambda stream_id=stream_id: admin.delete(f"/streams/{stream_id}").status_code in {204, 404})


def until(ready, seconds=30):
    end = time.monotonic() + seconds
    while not (found := ready()):
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.1)
    return found


def ended(client, run_id):
    def look():
        run = client.get(f"/runs/{run_id}").json()
        return run if run["state"] not in {"queued", "running"} else None

    return until(look)


@pytest.mark.feature("S2.6", "S2.7", "S2.8", "S2.11")
def test_models_are_offered_in_groups_with_their_size(admin, known, add):
    add("res.country")
    found = admin.get(f"/connections/{known.id}/models").json()
    groups = {group["name"]: group for group in found["groups"]}
    assert groups["Accounting"]["models"] > 5
    assert groups["Messages"]["advice"]
    assert "Others can be added" in found["advice"]
    by_name = {model["model"]: model for model in found["models"]}
    assert by_name["account.move"] | {"label": ""} == {
        "model": "account.move",
        "label": "",
        "group": "Accounting",
        "table_name": "account_move",
        "taken": False,
        "usual": True,
    }
    assert by_name["res.country"]["taken"]
    few = admin.get(
        f"/connections/{known.id}/models", params={"search": "paym", "group": "accounting"}
    ).json()
    assert "account.payment" in {model["model"] for model in few["models"]}
    assert len(few["models"]) < len(found["models"])

    sizes = admin.get(
        f"/connections/{known.id}/sizes", params={"model": ["res.partner", "no.such.model"]}
    ).json()
    assert sizes[0]["count"] > 10
    assert sizes[0]["last_change"]
    assert sizes[1]["count"] is None
    assert sizes[1]["problem"]


@pytest.mark.feature("S2.37", "S2.52")
def test_fields_tell_what_is_personal_and_how_to_mask_it(admin, known):
    found = admin.get(f"/connections/{known.id}/models/res.partner/fields").json()
    by_name = {field["name"]: field for field in found["fields"]}
    assert by_name["email"]["personal"] == "email"
    assert by_name["email"]["mask"] == "hash"
    assert {"hash", "drop", "truncate:3"} <= set(by_name["email"]["masks"])
    assert by_name["id"]["masks"] == []
    assert by_name["name"]["usual"]
    assert not by_name["child_ids"]["usual"]
    assert by_name["country_id"]["relation"] == "res.country"
    assert found["tells_changes"]
    assert "category_id" in found["links"]


@pytest.mark.feature("S2.7", "S2.9", "S2.10", "S2.11", "S2.12", "S2.13", "S2.16")
def test_many_streams_are_added_at_once_or_not_at_all(admin, known):
    body = {
        "connection_id": known.id,
        "settings": {
            "layer": "bronze",
            "folder": "books",
            "prefix": "odoo_",
            "every": "1h",
            "description": "Books",
        },
        "streams": [
            {"model": "account.move", "fields": ["name", "state"], "masks": {"name": "hash"}},
            {"model": "account.payment", "table_name": "payments", "sync_type": "FULL_TABLE", "manual": True},
            {"model": "account.mvoe"},
            {"model": "res.partner", "fields": ["no_such"]},
            {"model": "res.company", "layer": "Not A Name"},
        ],
    }
    refused = admin.post("/streams", json=body)
    assert refused.status_code == 422
    items = {item["index"]: item["detail"] for item in refused.json()["details"]["items"]}
    assert set(items) == {2, 3, 4}
    assert "did you mean account.move?" in items[2]
    assert "no_such" in items[3]
    preview = admin.post("/streams/preview", json=body).json()
    # Where a setting is wrong it is named, so that a page can say it beside the field.
    named = [(one["index"], one["setting"]) for one in preview["problems"]]
    assert named == [(2, None), (3, "fields"), (4, "layer")]
    assert admin.get("/streams", params={"connection": known.id}).json()["items"] == []

    body["streams"] = body["streams"][:2]
    preview = admin.post("/streams/preview", json=body).json()
    assert [one["path"] for one in preview["streams"]] == [
        "bronze/books/odoo_account_move",
        "bronze/books/payments",
    ]
    assert [one["schedule_words"] for one in preview["streams"]] == ["every hour", "by hand"]
    added = admin.post("/streams", json=body).json()
    try:
        assert [one["path"] for one in added] == ["bronze/books/odoo_account_move", "bronze/books/payments"]
        assert added[0]["masks"] == {"name": "hash"}
        assert added[1]["sync_type"] == "FULL_TABLE"
        assert added[1]["schedule"] is None
        assert added[0]["description"] == "Books"
        again = admin.post("/streams", json=body)
        assert again.status_code == 422
        assert "already" in again.json()["detail"]
    finally:
        for one in added:
            admin.delete(f"/streams/{one['id']}")
    long = {"connection_id": known.id, "streams": [{"model": "res.partner", "description": "x" * 141}]}
    assert admin.post("/streams", json=long).status_code == 422


@pytest.mark.feature("S2.17", "S2.19")
def test_schedules_are_told_in_words_before_they_are_chosen(admin):
    told = admin.get("/schedules/preview", params={"cron": "0 6 * * 1-5", "tz": "Africa/Lagos"}).json()
    assert told["words"] == "weekdays at 06:00 Africa/Lagos"
    assert len(told["next"]) == 5
    assert all(moment.endswith("05:00:00Z") for moment in told["next"])
    assert admin.get("/schedules/preview", params={"cron": "often"}).status_code == 422
    assert admin.get("/schedules/preview", params={"every": "15m", "at": "06:00"}).status_code == 422


def test_of_two_who_edit_the_same_stream_the_second_is_told(admin, add):
    (stream,) = add("res.country")
    place = f"/streams/{stream['id']}"
    etag = admin.get(place).headers["etag"]
    first = admin.patch(place, json={"retention": "30 days", "every": "15m"}, headers={"If-Match": etag})
    assert first.status_code == 200, first.text
    assert first.json()["stream"]["schedule_words"] == "every 15 minutes"
    assert set(first.json()["changes"]) == {"retention", "schedule"}
    second = admin.patch(place, json={"description": "Mine"}, headers={"If-Match": etag})
    assert second.status_code == 412
    assert "Somebody changed this" in second.json()["detail"]
    fresh = admin.get(place)
    assert fresh.json()["description"] == ""
    third = admin.patch(place, json={"description": "Mine"}, headers={"If-Match": fresh.headers["etag"]})
    assert third.json()["stream"]["description"] == "Mine"
    assert third.headers["etag"] == admin.get(place).headers["etag"]
    assert admin.patch(place, json={"every": "1h"}).status_code == 428
    for setting, wrong in {"retention": "soon", "overlap": "3 weeks", "refresh_every": "1d"}.items():
        refused = admin.patch(place, json={setting: wrong}, headers={"If-Match": "*"}).json()
        assert refused["details"]["setting"] == setting


@pytest.mark.feature("S2.14", "S2.20", "S2.21")
def test_a_run_is_started_followed_and_on_record(admin, add, known):
    (stream,) = add("res.country")
    started = admin.post("/runs", json={"stream_ids": [stream["id"]]})
    assert started.status_code == 202, started.text
    run = ended(admin, started.json()["runs"][0]["id"])
    assert run["state"] == "succeeded", run
    assert run["rows_inserted"] > 10
    assert run["repair"] is None
    assert run["log"][0]["event"] == "started"
    # The log's last line comes a moment after the end itself.
    until(lambda: admin.get(f"/runs/{run['id']}").json()["log"][-1]["event"] == "ended")
    assert {"reading", "publishing"} & {line["event"] for line in run["log"]}
    assert run["versions"]

    told = admin.get(f"/streams/{stream['id']}/status").json()
    assert told["rows"] == run["rows_inserted"]
    assert told["runs"]["last_24_hours"] == 1
    shown = admin.get(f"/streams/{stream['id']}").json()
    assert shown["state"] == "succeeded"
    assert shown["lag_seconds"] is not None
    source = next(s for s in admin.get("/sources").json()["items"] if s["connection_id"] == known.id)
    assert source["health"] == "good"
    assert source["streams"] == 1

    proof = admin.post("/runs", json={"stream_ids": [stream["id"]], "kind": "verify"}).json()["runs"][0]
    assert ended(admin, proof["id"])["proof"]["equal"] is True
    kept = admin.post(f"/streams/{stream['id']}/upkeep")
    assert kept.status_code == 200, kept.text


def test_several_streams_are_one_batch_with_a_manifest(admin, add):
    two = add("res.country", "res.currency")
    started = admin.post("/runs", json={"stream_ids": [one["id"] for one in two]}).json()
    assert started["batch"]
    batch = until(
        lambda: (
            found := admin.get(f"/batches/{started['batch']}").json(),
            found if found["state"] == "published" else None,
        )[1]
    )
    assert {run["state"] for run in batch["runs"]} == {"succeeded"}
    assert len(batch["tables"]) == 2
    assert admin.get("/batches").json()["items"][0]["number"] == batch["number"]
    of_it = admin.get("/runs", params={"batch": batch["number"]}).json()["items"]
    assert {run["stream_id"] for run in of_it} == {one["id"] for one in two}


def test_runs_come_in_pages_and_by_filter(admin, add):
    (stream,) = add("res.currency")
    for _ in range(3):
        ended(admin, admin.post("/runs", json={"stream_ids": [stream["id"]]}).json()["runs"][0]["id"])
    seen, cursor = [], None
    while True:
        page = admin.get(
            "/runs", params={"stream": stream["id"], "limit": 2} | ({"cursor": cursor} if cursor else {})
        )
        seen += page.json()["items"]
        cursor = page.json()["next"]
        if cursor is None:
            break
    assert len(seen) == len({run["id"] for run in seen}) == 3
    assert [run["created_at"] for run in seen] == sorted((run["created_at"] for run in seen), reverse=True)
    kinds = [run["kind"] for run in seen]
    read = admin.get("/runs", params={"stream": stream["id"], "kind": "sync"}).json()["items"]
    assert len(read) == kinds.count("sync") > 0
    since = admin.get("/runs", params={"stream": stream["id"], "since": seen[0]["created_at"]}).json()[
        "items"
    ]
    assert [run["id"] for run in since] == [seen[0]["id"]]
    assert admin.get("/runs", params={"stream": stream["id"], "state": "failed"}).json()["items"] == []
    assert admin.get("/runs", params={"cursor": "eyJ9"}).status_code == 422


def test_a_failed_run_says_what_would_repair_it_and_is_tried_again(admin, add, odoo19):
    (stream,) = add("res.country")
    odoo19.faults.add("revoked_key", login="admin")
    failed = ended(admin, admin.post("/runs", json={"stream_ids": [stream["id"]]}).json()["runs"][0]["id"])
    assert failed["state"] == "failed"
    assert failed["repair"]["action"] == "key"
    assert "new API key" in failed["repair"]["sentence"]
    assert admin.get(f"/streams/{stream['id']}").json()["state"] == "failed"
    source = next(one for one in admin.get("/sources").json()["items"] if one["failed"])
    assert source["health"] == "attention"
    odoo19.faults.clear()
    again = admin.post(f"/runs/{failed['id']}/retry")
    assert again.status_code == 202
    assert ended(admin, again.json()["id"])["state"] == "succeeded"


def test_a_run_that_waits_for_its_turn_is_cancelled_at_once(admin, add, hub):
    (stream,) = add("res.country")
    from towpath.features.replicate import runs

    with hub.store.begin() as db:
        run_id, _ = runs.queue(db, stream["id"])
    assert admin.delete(f"/streams/{stream['id']}").status_code == 409
    cancelled = admin.post(f"/runs/{run_id}/cancel")
    assert cancelled.status_code == 202, cancelled.text
    assert cancelled.json()["state"] == "cancelled"
    assert cancelled.json()["repair"]["action"] == "run"
    assert admin.post(f"/runs/{run_id}/cancel").status_code == 409
    again = admin.post(f"/runs/{run_id}/retry")
    assert again.status_code == 202
    assert ended(admin, again.json()["id"])["state"] == "succeeded"


def test_a_paused_stream_says_so(admin, add):
    (stream,) = add("res.currency", every="1h")
    paused = admin.post(f"/streams/{stream['id']}/pause").json()
    assert paused["paused"]
    assert admin.get("/streams", params={"state": "paused"}).json()["items"][0]["id"] == stream["id"]
    assert not admin.post(f"/streams/{stream['id']}/resume").json()["paused"]


def everything(client):
    """All that lists and single answers give somebody, as one text."""
    said = {}
    for path in ("/connections", "/sources", "/streams", "/runs", "/batches"):
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        said[path] = answer.json()
    return json.dumps(said)


def test_who_has_a_role_on_one_connection_sees_nothing_of_another(
    admin, as_role, add, known, connect, hub, token
):
    other = connect()
    (theirs,) = add("res.country", after=None)
    body = {"connection_id": other.id, "streams": [{"model": "res.currency"}]}
    (mine,) = admin.post("/streams", json=body).json()
    started = admin.post("/runs", json={"stream_ids": [theirs["id"], mine["id"]]}).json()
    for run in started["runs"]:
        ended(admin, run["id"])
    until(lambda: admin.get(f"/batches/{started['batch']}").json()["state"] == "published")
    hidden_run = next(run for run in started["runs"] if run["stream_id"] == theirs["id"])

    here = [Grant(role=Role.OPERATOR, connection_id=other.id)]
    operator = as_role(Role.OPERATOR, other.id)
    said = everything(operator)
    assert mine["id"] in said
    for secret in (known.id, known.name, theirs["id"], theirs["path"], hidden_run["id"], "res_country"):
        assert secret not in said, secret
    batch = operator.get(f"/batches/{started['batch']}").json()
    assert list(batch["run_ids"]) == [mine["id"]]
    assert len(batch["tables"]) == 1
    for method, path, sent in (
        ("GET", f"/connections/{known.id}", None),
        ("GET", f"/connections/{known.id}/budget", None),
        ("GET", f"/connections/{known.id}/models", None),
        ("GET", f"/connections/{known.id}/sizes?model=res.partner", None),
        ("GET", f"/connections/{known.id}/models/res.partner/fields", None),
        ("POST", f"/connections/{known.id}/test", None),
        ("PATCH", f"/connections/{known.id}", {"witness_id": None}),
        ("DELETE", f"/connections/{known.id}", None),
        ("GET", f"/streams/{theirs['id']}", None),
        ("GET", f"/streams/{theirs['id']}/status", None),
        ("PATCH", f"/streams/{theirs['id']}", {"every": "1h"}),
        ("POST", f"/streams/{theirs['id']}/pause", None),
        ("POST", f"/streams/{theirs['id']}/resume", None),
        ("POST", f"/streams/{theirs['id']}/upkeep", None),
        ("DELETE", f"/streams/{theirs['id']}", None),
        ("GET", f"/runs/{hidden_run['id']}", None),
        ("GET", f"/runs/{hidden_run['id']}/events", None),
        ("POST", f"/runs/{hidden_run['id']}/cancel", None),
        ("POST", f"/runs/{hidden_run['id']}/retry", None),
        ("POST", "/runs", {"stream_ids": [theirs["id"]]}),
        ("POST", "/runs", {"connection_id": known.id}),
        ("POST", "/streams", {"connection_id": known.id, "streams": [{"model": "res.partner"}]}),
        ("POST", "/streams/preview", {"connection_id": known.id, "streams": [{"model": "res.partner"}]}),
        # Their own stream may not be made to run after one they do not see.
        ("PATCH", f"/streams/{mine['id']}", {"after": theirs["id"]}),
    ):
        answer = operator.request(method, path, json=sent, headers={"If-Match": "*"})
        assert answer.status_code == 404, (method, path, answer.text)
        assert theirs["path"] not in answer.text
    # A witness may be named only where both may be seen.
    assert (
        operator.patch(
            f"/connections/{other.id}", json={"witness_id": known.id}, headers={"If-Match": "*"}
        ).status_code
        == 404
    )
    # Nor by who may only look at it: the witness's key is used then.
    looks_on = {"Authorization": f"Bearer {token(*here, Grant(role=Role.VIEWER, connection_id=known.id))[1]}"}
    named = {"json": {"witness_id": known.id}, "headers": {"If-Match": "*"} | looks_on}
    assert operator.patch(f"/connections/{other.id}", **named).status_code == 403
    connections.set_witness(hub, other.name, known.name)
    try:
        assert operator.get(f"/connections/{other.id}").json()["witness_id"] is None
    finally:
        connections.set_witness(hub, other.name, None)


def test_a_viewer_sees_and_changes_nothing(as_role, add):
    (stream,) = add("res.country")
    viewer = as_role(Role.VIEWER)
    assert viewer.get(f"/streams/{stream['id']}").json()["rights"] == ["see"]
    for method, path, sent in (
        ("PATCH", f"/streams/{stream['id']}", {"every": "1h"}),
        ("POST", f"/streams/{stream['id']}/pause", None),
        ("DELETE", f"/streams/{stream['id']}", None),
        ("POST", "/runs", {"stream_ids": [stream["id"]]}),
    ):
        answer = viewer.request(method, path, json=sent, headers={"If-Match": "*"})
        assert answer.status_code == 403, (method, path, answer.text)


def test_a_table_that_stays_is_no_way_to_the_rows_of_another_connection(admin, as_role, add, known, connect):
    (first,) = add("res.currency", prefix="kept_", folder="kept", history=True)
    run = admin.post("/runs", json={"stream_ids": [first["id"]]}).json()["runs"][0]
    assert ended(admin, run["id"])["state"] == "succeeded"
    other = connect()
    (theirs,) = admin.post(
        "/streams", json={"connection_id": other.id, "streams": [{"model": "res.country"}]}
    ).json()

    def refused(client, connection_id, table):
        """The same by adding and, of another connection, by moving a stream there."""
        settings = {"folder": "kept", "table_name": table}
        body = {"connection_id": connection_id, "streams": [{"model": "res.lang", **settings}]}
        answers = [client.post("/streams", json=body)]
        if connection_id == other.id:
            moved = client.patch(f"/streams/{theirs['id']}", json=settings, headers={"If-Match": "*"})
            answers.append(moved)
        return [answer.status_code for answer in answers] == [422] * len(answers)

    operator = as_role(Role.OPERATOR, other.id)
    for part in ("__versions", "__history", "__name"):
        assert refused(operator, other.id, f"kept_res_currency{part}")
        assert refused(admin, other.id, f"kept_res_currency{part}")
    assert refused(admin, known.id, "kept_res") is False
    assert admin.delete(f"/streams/{first['id']}").status_code == 204
    assert refused(operator, other.id, "kept_res_currency")
    assert refused(operator, other.id, "kept_res_currency__versions")
    assert refused(as_role(Role.OPERATOR), other.id, "kept_res_currency")
    # Their own table they may take up again.
    again = {"folder": "kept", "table_name": "kept_res_currency"}
    body = {"connection_id": known.id, "streams": [{"model": "res.currency", **again}]}
    taken = as_role(Role.OPERATOR, known.id).post("/streams", json=body)
    assert taken.status_code == 201, taken.text
    for one in (*taken.json(), theirs, *admin.get("/streams", params={"search": "kept_res"}).json()["items"]):
        assert admin.delete(f"/streams/{one['id']}").status_code in {204, 404}
