"""Live progress: everybody who watches is told, by one watcher, from the first line to the end."""

from __future__ import annotations

import json
import threading
import time
import uuid

import pytest

from towpath.access import Grant, Role
from towpath.features.people import tokens
from towpath.features.replicate import api_live
from towpath.features.replicate.watching import watch_of

EVERYWHERE = Grant(role=Role.VIEWER)


class Reader(threading.Thread):
    """Reads a stream of events to its end."""

    def __init__(self, client, path, **headers):
        super().__init__(daemon=True)
        self.client, self.path, self.headers = client, path, headers
        self.events, self.comments, self.status, self.opened = [], 0, None, threading.Event()

    def run(self):
        event = {}
        with self.client.stream("GET", self.path, headers=self.headers) as answer:
            self.status, self.type = answer.status_code, answer.headers["content-type"]
            for line in answer.iter_lines():
                self.opened.set()
                if line.startswith(":"):
                    self.comments += 1
                elif line:
                    name, _, value = line.partition(": ")
                    event[name] = value
                elif "event" in event:
                    self.events.append((event["event"], json.loads(event["data"]), int(event.get("id", 0))))
                    event = {}

    def named(self, name):
        return [data for kind, data, _ in self.events if kind == name]


@pytest.fixture(scope="module")
def stream(admin, connect):
    known = connect()
    body = {
        "connection_id": known.id,
        "streams": [{"model": "res.partner", "table_name": f"t{uuid.uuid4().hex[:8]}"}],
    }
    return admin.post("/streams", json=body).json()[0]


def begin(admin, stream, kind="sync"):
    return admin.post("/runs", json={"stream_ids": [stream["id"]], "kind": kind}).json()["runs"][0]


def wait(ready, seconds=60):
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def test_a_run_is_followed_from_its_first_line_to_its_end(admin, served, asks, stream, odoo19):
    odoo19.faults.add("latency", seconds=0.4, count=6)
    run = begin(admin, stream)
    reader = Reader(asks(served, EVERYWHERE), f"/runs/{run['id']}/events")
    reader.start()
    reader.join(60)
    assert not reader.is_alive()
    assert reader.type.startswith("text/event-stream")
    states = [data["state"] for data in reader.named("run")]
    assert states[-1] == "succeeded"
    assert "running" in states
    assert reader.events[-1][0] == "end"
    numbers = [line["number"] for line in reader.named("log")]
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
    assert reader.named("log")[0]["event"] == "started"
    assert reader.named("log")[-1]["event"] == "ended"
    # Who comes again is told only what is new.
    last = max(seq for _, _, seq in reader.events)
    again = Reader(asks(served, EVERYWHERE), f"/runs/{run['id']}/events", **{"Last-Event-ID": str(last)})
    again.start()
    again.join(60)
    assert again.named("log") == []
    assert [data["state"] for data in again.named("run")] == ["succeeded"]


def test_many_watch_at_the_price_of_one_and_see_only_what_they_may(admin, hub, served, asks, stream, connect):
    other = connect()
    theirs = admin.post(
        "/streams", json={"connection_id": other.id, "streams": [{"model": "res.currency"}]}
    ).json()[0]
    all_of_it = [Reader(asks(served, EVERYWHERE), "/events") for _ in range(12)]
    narrow = Reader(asks(served, Grant(role=Role.VIEWER, connection_id=other.id)), "/events")
    for reader in (*all_of_it, narrow):
        reader.start()
    for reader in (*all_of_it, narrow):
        assert reader.opened.wait(60)
    watch = watch_of(hub)
    assert len(watch) >= 13
    before, started = watch.looks, time.monotonic()
    runs = {begin(admin, stream, "full")["id"], begin(admin, theirs)["id"]}

    def told(reader, ids):
        return ids <= {run["id"] for run in reader.named("run") if run["state"] == "succeeded"}

    wait(lambda: all(told(reader, runs) for reader in all_of_it))
    wait(lambda: any(run["stream_id"] == theirs["id"] for run in narrow.named("run")))
    looks, seconds = watch.looks - before, time.monotonic() - started
    assert looks <= seconds / 0.5 + 2, "one looks for all"
    assert stream["id"] not in json.dumps(narrow.events)


def test_a_stream_ends_when_its_token_is_revoked_and_shows_that_it_lives(
    hub, served, asks, token, monkeypatch
):
    monkeypatch.setattr(api_live, "HEARTBEAT", 0.3)  # fifteen seconds otherwise
    token_id, text = token(EVERYWHERE)
    lasting = Reader(asks(served, EVERYWHERE), "/events")
    revoked = Reader(asks(served, token=text), "/events")
    lasting.start()
    revoked.start()
    wait(lambda: revoked.comments >= 2)
    tokens.revoke(hub, token_id)
    revoked.join(60)
    assert not revoked.is_alive()
    before = lasting.comments
    wait(lambda: lasting.comments > before)
    assert lasting.is_alive()


def test_nobody_takes_the_room_of_all_to_watch(served, asks, monkeypatch):
    monkeypatch.setattr("towpath.features.replicate.api_live.MOST_EACH", 2)
    greedy, other = asks(served, EVERYWHERE), asks(served, EVERYWHERE)
    readers = [Reader(greedy, "/events") for _ in range(2)]
    for reader in readers:
        reader.start()
        assert reader.opened.wait(60)
    assert greedy.get("/events").status_code == 429
    third = Reader(other, "/events")
    third.start()
    assert third.opened.wait(60)
    assert third.status == 200


def test_the_server_stops_in_spite_of_those_who_watch(hub, serve, asks):
    with serve(patience=120) as address:
        reader = Reader(asks(address, EVERYWHERE), "/events")
        reader.start()
        assert reader.opened.wait(60)
        started = time.monotonic()
    assert time.monotonic() - started < 60, "of the two minutes that it would wait for them"
    reader.join(60)
    assert not reader.is_alive()


def test_a_run_that_is_not_there_is_not_followed(admin):
    assert admin.get("/runs/00000000/events").status_code == 404
