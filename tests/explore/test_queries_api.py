"""Queries over REST: run, page, stop, limits, history, saved and shared ones, ready ones."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from towpath.access import Grant, Right, Role
from towpath.errors import ServerBusyError
from towpath.features.explore import saved
from towpath.features.explore.room import Job, room_of
from towpath.features.people import service as people
from towpath.features.people import tokens
from towpath.hub import Hub
from towpath.server.running import running


@pytest.mark.feature("S2.49")
def test_a_query_is_answered_counted_and_audited(ask: Any, audit_of: Callable[[str], list[dict[str, Any]]]):
    sql = "select state, count(*) n, sum(amount_total) total from demo.account_move group by all"
    answer = ask.run(sql).json()
    assert (answer["state"], answer["rows"], answer["count"], answer["cut"]) == (
        "succeeded",
        [["posted", 148, "12454.20"]],
        1,
        False,
    )
    assert [(one["name"], one["type"], one["kind"]) for one in answer["columns"]] == [
        ("state", "varchar", "text"),
        ("n", "bigint", "number"),
        ("total", "decimal(38,2)", "decimal"),
    ]
    assert answer["tables"] == ["raw/demo/account_move"]
    row = audit_of("query.run")[-1]
    assert (row["sql"], row["tables"], row["result"]) == (sql, ["raw/demo/account_move"], "ok")
    assert row["object"] == f"query/{answer['id']}"
    (past,) = until(lambda: [one for one in ask.get("/queries/history")["items"] if ended(one, answer["id"])])
    assert (past["sql"], past["rows"]) == (sql, 1)


def ended(past: dict[str, Any], run: str) -> bool:
    """The line of the history is of this run, which is noted as ended shortly after its answer."""
    return bool(past["id"] == run and past["state"] == "succeeded")


def until(check: Callable[[], Any], seconds: float = 60.0) -> Any:
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def test_rows_of_an_answer_come_in_pages(ask: Any):
    answer = ask.run("select i, 'row ' || i as text from range(2500) t(i)", page=0).json()
    assert (answer["rows"], answer["count"]) == ([], 2500)
    address = f"/queries/runs/{answer['id']}/rows"
    found = [row for start in range(0, 2500, 450) for row in ask.get(address, start=start, limit=450)["rows"]]
    assert found == [[number, f"row {number}"] for number in range(2500)]
    assert ask.get(address, start=2_600)["rows"] == []
    limited = ask.run("select * from range(1000000)", rows=700).json()
    assert (limited["count"], limited["cut"]) == (700, True)


def test_values_are_exact_and_large_ones_cut(ask: Any):
    sql = (
        "select 9007199254740993 big, 9 small, 1.10::decimal(38,2) money, 'nan'::double nothing, [1, 2] list, "
        "{'a': date '2026-01-02'} thing, timestamptz '2026-01-02 03:04:05.678+01' as moment, 'ab'::blob as data, "
        "interval '1 month 2 hours' as stretch, repeat('x', 20000) as long"
    )
    answer = ask.run(sql).json()
    assert answer["rows"][0][:-1] == [
        "9007199254740993", 9, "1.10", None, [1, 2], {"a": "2026-01-02"}, "2026-01-02T02:04:05.678000Z", "YWI=",
        "1 month 02:00:00",
    ]  # fmt: skip
    assert answer["shortened"]
    assert len(answer["rows"][0][-1]) == 5_001


def test_what_is_small_on_the_disk_can_not_fill_the_servers_memory(ask: Any):
    huge = "select repeat('x', 1000000) x from range(400)"
    refused = ask("POST", "/queries/run", json={"sql": huge, "wait": 55})
    assert refused.status_code == 422
    assert "256 MB" in refused.json()["detail"] or "memory" in refused.json()["detail"]
    kinds = (
        "select repeat('é', 9000) a, repeat('x', 9000)::blob b, range(9000) c, [[1, 2], null] d, {'k': ['v']} e,"
        " map {'k': 1} f, null g, [1, 2]::int[2] h, 'x'::enum('x', 'y') i from range(2)"
    )
    answer = ask.run(kinds).json()
    first = answer["rows"][0]
    assert answer["shortened"]
    assert [len(value) for value in first[:3]] == [5_001, 5_001, 5_000]
    assert first[3:] == [[[1, 2], None], {"k": ["v"]}, first[5], None, [1, 2], "x"]


def test_an_answer_is_its_askers_alone(ask: Any):
    answer = ask.run("select count(*) from demo.account_move", by=ask.of_one).json()
    address = f"/queries/runs/{answer['id']}"
    assert ask("GET", address, by=ask.of_one).status_code == 200
    for method, path in (("GET", address), ("GET", f"{address}/rows"), ("DELETE", address)):
        assert ask(method, path).status_code == 404
    assert ask("DELETE", address, by=ask.of_one).status_code == 204
    assert ask("GET", address, by=ask.of_one).status_code == 404


def test_a_right_that_was_taken_away_closes_the_answer(ask: Any):
    answer = ask.run("select count(*) from demo.account_move", by=ask.of_one).json()
    without = replace(ask.of_one, grants=tuple(replace(one, connection_id="c2") for one in ask.of_one.grants))
    assert ask("GET", f"/queries/runs/{answer['id']}/rows", by=without).status_code == 403


def test_the_state_of_an_earlier_time_can_be_asked(ask: Any):
    sql = "select count(*) n from demo.account_move at (version => 0)"
    assert ask.run(sql).json()["rows"] == [[150]]
    assert ask.run("select 1 from demo.account_move", as_of="1999-01-01").status_code == 422
    assert ask.run("select count(*) from account_move", connection="other").json()["rows"] == [[18]]


def test_a_mistake_is_a_sentence(ask: Any):
    for sql, sentence in (
        ("selec 1", "line 1"),
        ("select nme from demo.account_move", '"nme" not found'),
        ("select * from acount_move", "did you mean account_move"),
    ):
        refused = ask.run(sql)
        assert refused.status_code == 422
        assert sentence in refused.json()["detail"]
    assert ask.run("select \x00 1").status_code == 422


def test_a_long_query_is_stopped_when_nobody_wants_it(ask: Any):
    answer = ask.run("select count(*) from range(10000000000) a, range(1000) b", wait=0.2)
    assert (answer.status_code, answer.json()["state"]) == (202, "running")
    address = f"/queries/runs/{answer.json()['id']}"
    assert ask("GET", f"{address}/rows").status_code == 422
    assert ask("DELETE", address).status_code == 204
    assert ask.get(address, wait=20)["state"] == "cancelled"
    until(lambda: [one for one in ask.get("/queries/history")["items"] if one["state"] == "cancelled"])


def test_one_person_runs_two_at_a_time_and_nobody_waits_for_them(ask: Any):
    long = "select count(*) from range(10000000000) a, range(1000) b"
    mine = [ask.run(long, wait=0.1).json() for _ in range(3)]
    try:
        states = [ask.get(f"/queries/runs/{one['id']}")["state"] for one in mine]
        assert states == ["running", "running", "queued"]
        assert ask.run("select 1", by=ask.of_one).json()["rows"] == [[1]]
    finally:
        for one in mine:
            ask("DELETE", f"/queries/runs/{one['id']}")
    assert ask.run("select 2").json()["rows"] == [[2]]


def test_who_waits_too_often_is_told_to_wait(ask: Any):
    long = "select count(*) from range(10000000000) a, range(1000) b"
    mine = [ask.run(long, wait=0) for _ in range(22)]
    try:
        refused = ask.run(long, wait=0)
        assert refused.status_code == 429
        assert "of yours are waiting" in refused.json()["detail"]
        assert int(refused.headers["Retry-After"]) > 0
        assert ask.run("select 1", by=ask.of_one).json()["rows"] == [[1]]
    finally:
        for one in mine:
            ask("DELETE", f"/queries/runs/{one.json()['id']}")


def job(owner: str, sql: str, *, seconds: float = 60) -> Job:
    from towpath.features.explore.service import Limits

    arguments = {"sql": sql, "tables": [], "limits": Limits(seconds=seconds, memory_mb=200), "as_of": None}
    return Job(
        owner=owner,
        target="towpath.features.explore.answers:write",
        arguments={**arguments, "most_bytes": 10**6},
        seconds=seconds,
        connections=frozenset(),
    )


def test_a_full_room_is_said_so(ask: Any, hub: Hub):
    room = room_of(hub)
    long = "select count(*) from range(10000000000) a, range(1000) b"
    waiting = [room.submit(job(f"person {number // 10}", long)) for number in range(4)]
    until(lambda: all(one.state == "running" for one in waiting[:2]))
    try:
        with pytest.raises(ServerBusyError, match="Too many queries are waiting"):
            waiting.extend(room.submit(job(f"person {number // 10}", long)) for number in range(4, 100))
        assert len(waiting) >= hub.settings.queries_waiting
        assert ask.run("select 1").status_code == 503
    finally:
        for one in waiting:
            room.cancel(one)


def test_queries_come_from_many_at_once(ask: Any, hub: Hub):
    """The answers of a crowd are each their own."""
    room = room_of(hub)
    found: dict[int, Any] = {}

    def one(number: int) -> None:
        from towpath.features.explore import answers

        made = asyncio.run(room.ended(room.submit(job(f"p{number % 5}", f"select {number} as n")), 30))
        found[number] = answers.page(made.path, 0, 5).to_pylist()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [{"n": number}] for number in range(20)}


def test_history_is_ones_own_and_can_be_emptied(ask: Any):
    ask.run("select 'of one' as mine", by=ask.of_one)
    ask.run("select 'again' as mine", by=ask.of_one)
    first = ask.get("/queries/history", by=ask.of_one, limit=1)
    assert first["items"][0]["sql"] == "select 'again' as mine"
    rest = ask.get("/queries/history", by=ask.of_one, limit=1, cursor=first["next"])
    assert rest["items"][0]["sql"] == "select 'of one' as mine"
    assert ask.get("/queries/history", by=ask.of_one, search="OF ONE")["items"][0]["sql"].startswith(
        "select 'of"
    )
    assert not ask.get("/queries/history", by=ask.sees_two, search="of one")["items"]
    assert ask("DELETE", "/queries/history", by=ask.of_one).status_code == 204
    assert ask.get("/queries/history", by=ask.of_one)["items"] == []


def save(ask: Any, by: Any, **more: Any) -> Any:
    body = {"title": "By state", "sql": "select state, count(*) n from account_move group by all", **more}
    return ask("POST", "/queries", by=by, json=body)


def test_a_query_is_saved_with_its_chart_and_shared(
    ask: Any, audit_of: Callable[[str], list[dict[str, Any]]]
):
    chart = {"type": "bar", "x": "state", "y": ["n"]}
    made = save(ask, ask.of_one, chart=chart)
    assert made.status_code == 201, made.text
    query = made.json()
    assert (query["mine"], query["chart"], query["shared_with"]) == (True, chart, [])
    address = f"/queries/{query['id']}"
    assert ask("GET", address, by=ask.sees_two).status_code == 404
    shared = ask(
        "PATCH",
        address,
        by=ask.of_one,
        json={"shared_with": ["everybody"]},
        headers={"If-Match": made.headers["ETag"]},
    )
    assert shared.status_code == 200, shared.text
    seen = ask("GET", address, by=ask.sees_two)
    assert (seen.json()["mine"], seen.json()["owner"]) == (False, "of-one")
    assert (
        ask(
            "PATCH", address, by=ask.sees_two, json={"title": "X"}, headers={"If-Match": seen.headers["ETag"]}
        ).status_code
        == 403
    )
    assert ask("DELETE", address, by=ask.sees_two, headers={"If-Match": "*"}).status_code == 403
    assert audit_of("query.share")[-1]["shared_with"] == ["everybody"]
    assert ask("DELETE", address, by=ask.of_one, headers={"If-Match": "*"}).status_code == 204
    assert ask("GET", address, by=ask.of_one).status_code == 404


def test_a_query_is_shared_with_a_group(ask: Any, hub: Hub):
    from towpath.access import Grant, Role
    from towpath.features.people import granting, service

    def person(login: str) -> str:
        grants = [Grant(role=Role.ANALYST)]
        return service.add_user(
            hub, login=login, name=login, password="slow green canal boats", grants=grants
        ).id

    group = granting.add_group(hub, name="Finance")
    members = [person("bea"), person("cem")]
    for member in members:
        granting.join(hub, group.id, member)
    bea, cem = (replace(ask.of_one, name="user:x", user_id=member) for member in members)
    (mine,) = ask.get("/queries/groups", by=bea)["items"]
    assert (mine["id"], mine["name"]) == (f"group:{group.id}", "Finance")
    shared = save(ask, bea, title="Ours", shared_with=[mine["id"]]).json()
    assert ask("GET", f"/queries/{shared['id']}", by=ask.of_one).status_code == 404
    assert save(ask, ask.of_one, shared_with=[mine["id"]]).status_code == 422, "a group one is not in"
    assert ask("GET", f"/queries/{shared['id']}", by=cem).json()["title"] == "Ours"
    assert [one["title"] for one in ask.get("/queries", by=cem, search="ours")["items"]] == ["Ours"]


def test_however_much_others_share_ones_own_are_found(ask: Any, hub: Hub):
    query = save(ask, ask.of_one, title="Zebra").json()
    row = {
        "owner": "flood",
        "owner_name": "Flood",
        "title": "Ape",
        "sql": "select 1",
        "shared_with": ["everybody"],
    }
    table = saved.saved_queries
    with hub.store.begin() as db:
        db.execute(table.insert(), [row | {"id": f"flood{number}"} for number in range(saved._MOST)])
    try:
        assert ask.get(f"/queries/{query['id']}", by=ask.of_one)["title"] == "Zebra"
        listed = saved.listed(hub, ask.of_one)
        assert (len(listed), listed[-1].title) == (saved._MOST, "Zebra")
    finally:
        with hub.store.begin() as db:
            db.execute(table.delete().where(table.c.owner == "flood"))


def test_two_windows_do_not_overwrite_each_other(ask: Any):
    made = save(ask, ask.of_one, title="Twice")
    address, etag = f"/queries/{made.json()['id']}", made.headers["ETag"]
    assert ask("PATCH", address, by=ask.of_one, json={"title": "One"}).status_code == 428
    assert (
        ask("PATCH", address, by=ask.of_one, json={"title": "One"}, headers={"If-Match": etag}).status_code
        == 200
    )
    assert (
        ask("PATCH", address, by=ask.of_one, json={"title": "Two"}, headers={"If-Match": etag}).status_code
        == 412
    )
    kept = ask("GET", address, by=ask.of_one).json()
    assert (kept["title"], kept["sql"]) == ("One", made.json()["sql"])


@pytest.mark.parametrize(
    "more",
    [
        {"title": ""},
        {"title": "  "},
        {"title": "x" * 121},
        {"title": "x\x00"},
        {"sql": "drop table x"},
        {"chart": {"type": "cake", "x": "a", "y": ["b"]}},
        {"chart": {"type": "pie", "x": "a", "y": []}},
        {"shared_with": ["the neighbours"]},
    ],
)
def test_what_can_not_be_saved_is_said(ask: Any, more: dict[str, Any]):
    refused = save(ask, ask.admin, **more)
    assert refused.status_code == 422
    assert refused.json()["detail"]


@pytest.mark.feature("S2.49", "S2.50", "S2.51")
@pytest.mark.parametrize("dialect", ["duckdb", "athena", "bigquery"])
def test_ready_queries_are_there_in_every_dialect(ask: Any, dialect: str):
    found = ask.get("/queries/ready")["items"]
    topics = {one["topic"] for one in found}
    assert {"payments", "quotations"} <= topics
    for one in found:
        text = ask.get(f"/queries/ready/{one['name']}", dialect=dialect)
        assert text["sql"].strip()
    invoices = next(one for one in found if one["name"] == "invoices-by-month")
    assert invoices["missing"] == []
    payments = next(one for one in found if one["name"] == "payments-by-month")
    assert payments["missing"] == ["account_payment"]
    translated = ask(
        "POST", "/queries/translate", json={"sql": "select count(*) from account_move", "dialect": dialect}
    )
    assert translated.status_code == 200
    assert (
        ask("POST", "/queries/translate", json={"sql": "drop table x", "dialect": dialect}).status_code == 422
    )
    assert ask("GET", "/queries/ready/nothing").status_code == 404


def test_rows_are_for_those_who_may_read_them(ask: Any):
    assert ask.run("select 1", by=ask.operator).status_code == 403
    for path in ("/queries", "/queries/history", "/queries/ready", "/exports", "/catalog/completion"):
        assert ask("GET", path, by=ask.operator).status_code == 403


def test_who_waits_when_the_server_stops_is_told_how_it_stands(hub: Hub):
    analyst = people.add_user(hub, login="waits", name="Waits", grants=[Grant(role=Role.ANALYST)])
    _, token = tokens.add(hub, user_id=analyst.id, name="waits", rights=[Right.READ_DATA], days=1)
    answers: list[httpx2.Response] = []
    asked = {"sql": "select count(*) from range(1000000000000)", "wait": 50}
    with running(hub) as server:
        address = f"http://127.0.0.1:{server.port}/api/v1/queries/run"
        headers = {"Authorization": f"Bearer {token}"}
        client = threading.Thread(
            target=lambda: answers.append(httpx2.post(address, json=asked, headers=headers, timeout=120))
        )
        client.start()
        (job,) = until(lambda: [one for one in room_of(hub).of(analyst.id) if one.waiting])
    client.join()
    room_of(hub).cancel(job)
    assert (answers[0].status_code, answers[0].json()["id"]) == (202, job.id)
