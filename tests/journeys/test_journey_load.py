"""Two hundred people whose pages ask again and again, and twenty who run queries: nobody is refused, nothing fails.

How fast it answers is measured by ``bench/server.py`` on a machine that does nothing else; here other tests run beside.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from bench import server

from towpath.access import Right, Role
from towpath.features.people import tokens


@pytest.mark.slow
def test_two_hundred_people_are_answered_without_an_error(workspace):
    user = workspace.users[Role.ADMIN]
    _, secret = tokens.add(workspace.hub, user_id=user.id, name="load", rights=list(Right), days=1)
    _, reading = tokens.add(
        workspace.hub, user_id=workspace.users[Role.ANALYST].id, name="load", rights=list(Right), days=1
    )
    with ThreadPoolExecutor(1) as pool:  # the browser's event loop lives in this thread
        seen = pool.submit(server.load, workspace.address, [secret, reading], 15).result()
    assert seen.errors == []
    assert len(seen.light) > 400
    assert len(seen.queries) >= server.QUERIES
    assert seen.p95_ms() < 5_000
