"""Two hundred people whose pages ask again and again, and twenty who run queries: nobody is refused, nothing fails.

How fast it answers is measured by ``bench/server.py`` on a machine that does nothing else; here other tests run beside.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import pytest
from bench import server

from towpath.access import Right, Role
from towpath.features.people import tokens

#: Half of it is more than the threads that routes have.
WAITING = 100


def _token(workspace, role: Role) -> str:
    user = workspace.users[role]
    return tokens.add(workspace.hub, user_id=user.id, name="load", rights=list(Right), days=1)[1]


@pytest.mark.slow
def test_two_hundred_people_are_answered_without_an_error(workspace):
    secrets = [_token(workspace, Role.ADMIN), _token(workspace, Role.ANALYST)]
    with ThreadPoolExecutor(1) as pool:  # the browser's event loop lives in this thread
        seen = pool.submit(server.load, workspace.address, secrets, 15).result()
    assert seen.errors == []
    assert len(seen.light) > 200
    assert len(seen.queries) >= server.QUERIES
    quick = quantiles(seen.light)[0]  # on a busy machine many wait for a processor
    assert quick < median(seen.queries), "who looks at a page waits for other people's queries"


def test_people_who_wait_for_a_query_keep_nobody_else_from_being_answered(workspace):
    head = {"Authorization": f"Bearer {_token(workspace, Role.ANALYST)}", "Content-Type": "application/json"}

    def ask(method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        parts = urlsplit(workspace.address)
        line = HTTPConnection(str(parts.hostname), int(parts.port or 80), timeout=120)
        try:
            line.request(method, f"/api/v1{path}", body=json.dumps(body) if body else None, headers=head)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            line.close()

    endless = (
        "select count(*) from range(1000000) a, range(1000000) b, range(1000000) c where a.range < b.range"
    )
    runs = []
    for _ in range(2):  # as many as one person's are worked on at a time
        status, run = ask("POST", "/queries/run", {"sql": endless, "wait": 0})
        assert (status, run["state"] in {"queued", "running"}) == (202, True), run
        runs.append(f"/queries/runs/{run['id']}")
    # A sorted view has to wait for its turn as well.
    sorted_ = f"/catalog/tables/{ask('GET', '/catalog')[1]['items'][0]['id']}/rows?sort=-write_date&limit=5"
    with ThreadPoolExecutor(WAITING) as pool:
        waiting = [
            pool.submit(ask, "GET", f"{runs[0]}?wait=50" if number % 2 else sorted_)
            for number in range(WAITING)
        ]
        time.sleep(2)
        try:
            assert ask("GET", "/session")[0] == 200
            assert not any(one.done() for one in waiting), "they wait no more, so this proved nothing"
        finally:
            assert [ask("DELETE", place)[0] for place in runs] == [204, 204]
        # The end of the queries ends their waiting.
        assert {one.result()[1]["state"] for one in waiting[1::2]} == {"cancelled"}
        assert {one.result()[0] for one in waiting[::2]} == {200}
