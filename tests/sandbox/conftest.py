"""What the tests of the sandbox share: environments of both versions, and a small JSON-2 client.

What a test writes in such an environment is rolled back, custom models and fields included.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.server import OdooServer

Undone = Callable[[OdooServer, str], contextlib.AbstractContextManager[Env]]


class Undo(Exception):  # noqa: N818  # no error, only the way out
    """Ends a transaction without keeping anything."""


@pytest.fixture(scope="session")
def undone() -> Undone:
    """`undone(server, login)`: a user's environment in a transaction that keeps nothing."""

    @contextlib.contextmanager
    def environment(server: OdooServer, login: str) -> Iterator[Env]:
        with server.database.transaction(1) as env:
            uid = env.cr.execute("SELECT id FROM res_users WHERE login = %s", [login]).column()[0]
        with contextlib.suppress(Undo), server.database.transaction(uid) as env:
            yield env
            raise Undo

    return environment


@pytest.fixture(scope="session")
def empty_odoo(odoo_home: Path) -> Iterator[Callable[[str], OdooServer]]:
    """`empty_odoo("19.0")`: a server with the base records only, started when first asked for."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def running(version: str) -> OdooServer:
            return stack.enter_context(OdooServer(version=version, data="empty", home=odoo_home))

        yield running


@pytest.fixture(params=["17.0", "19.0"])
def version(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def env(version: str, empty_odoo: Callable[[str], OdooServer], undone: Undone) -> Iterator[Env]:
    """The administrator's environment on 17.0 and on 19.0."""
    with undone(empty_odoo(version), "admin") as env:
        yield env


@pytest.fixture
def env17(empty_odoo: Callable[[str], OdooServer], undone: Undone) -> Iterator[Env]:
    with undone(empty_odoo("17.0"), "admin") as env:
        yield env


@pytest.fixture
def env19(empty_odoo: Callable[[str], OdooServer], undone: Undone) -> Iterator[Env]:
    with undone(empty_odoo("19.0"), "admin") as env:
        yield env


@pytest.fixture
def limited(env: Env) -> Env:
    """The same transaction as an internal user without further groups."""
    uid = env.cr.execute("SELECT id FROM res_users WHERE login = 'limited'").column()[0]
    return env.with_user(uid)


class Json2:
    """JSON-2 in a few lines: `post` gives the response, `call` the result of a call that must work."""

    def __init__(self, odoo: OdooServer, key: str) -> None:
        headers = {"Authorization": f"bearer {key}", "X-Odoo-Database": odoo.db}
        self.http = httpx.Client(base_url=odoo.url, headers=headers, timeout=60)

    def post(self, model: str, method: str, **body: Any) -> httpx.Response:
        return self.http.post(f"/json/2/{model}/{method}", json=body)

    def call(self, model: str, method: str, **body: Any) -> Any:
        answer = self.post(model, method, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def json2() -> Iterator[Callable[..., Json2]]:
    with contextlib.ExitStack() as stack:

        def connect(odoo: OdooServer, key: str = "key-admin") -> Json2:
            client = Json2(odoo, key)
            stack.callback(client.http.close)
            return client

        yield connect
