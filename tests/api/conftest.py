"""A hub, a server over it, and clients that ask it for people of any role."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar

import httpx
import pytest
import uvicorn
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from towpath.access import Actor, Grant, Role, act_as
from towpath.features.connections import service as connections
from towpath.features.replicate import service
from towpath.hub import Hub, open_hub
from towpath.server.application import create_app
from towpath.settings import Settings

#: What a test is somebody by.
WHO = "x-test-who"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    settings = Settings(
        home=tmp_path_factory.mktemp("hub"),
        retry_attempts=3,
        retry_seconds=10,
        private_addresses=True,
        requests_per_minute=0,
    )
    with open_hub(settings) as hub:
        hub.jobs()
        yield hub


class People:
    """Who may ask, by a word in a header: stands where sessions and tokens are looked up."""

    known: ClassVar[dict[str, Actor]] = {}

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        name = dict(scope.get("headers", ())).get(WHO.encode(), b"").decode()
        actor = self.known.get(name)
        if scope["type"] != "http" or actor is None:
            await self.app(scope, receive, send)
            return
        scope["towpath.actor"] = actor
        with act_as(actor.name, address=scope["towpath.client"], request_id=scope["towpath.request_id"]):
            await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def app(hub: Hub) -> Any:
    app = create_app(hub)
    app.state.stopping = threading.Event()
    app.user_middleware.append(Middleware(People))
    return app


def headers_of(*grants: Grant, **more: Any) -> dict[str, str]:
    """Headers of somebody with these grants."""
    name = uuid.uuid4().hex
    People.known[name] = Actor(name=f"user:{name[:6]}", grants=grants, user_id=name, **more)
    return {WHO: name, "X-Towpath": "1", "Host": "localhost"}


@pytest.fixture(scope="module")
def as_role(app: Any) -> Callable[..., TestClient]:
    """``as_role(Role.VIEWER, connection_id)``: a client of somebody with that role there, or everywhere."""

    def make(role: Role, *connection_ids: str) -> TestClient:
        grants = [Grant(role=role, connection_id=one) for one in connection_ids] or [Grant(role=role)]
        return TestClient(
            app,
            base_url="http://localhost/api/v1",
            headers=headers_of(*grants),
            raise_server_exceptions=False,
        )

    return make


@pytest.fixture(scope="module")
def admin(as_role: Any) -> TestClient:
    return as_role(Role.ADMIN)


@pytest.fixture(scope="module")
def connect(hub: Hub, odoo_running: Any) -> Iterator[Callable[..., connections.Connection]]:
    """Makes connections to the sandbox; they and their streams are forgotten at the end."""
    made: list[connections.Connection] = []

    def make(version: str = "19.0", *, user: str = "admin") -> connections.Connection:
        server = odoo_running(version)
        account = server.users[user]
        known = connections.add(
            hub,
            name=f"c{uuid.uuid4().hex[:10]}",
            url=server.url,
            database=server.db,
            login=account.login,
            secret=account.key,
        )
        made.append(known)
        return known

    yield make
    for known in made:
        for stream in service.choose(hub, connection=known.name):
            service.remove(hub, stream.id)
        connections.remove(hub, known.name)


@pytest.fixture(scope="module")
def served(app: Any) -> Iterator[str]:
    """Address of the application behind a real server."""
    with serving(app) as address:
        yield address


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """A real server for the length of a ``with`` block."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", access_log=False)
    config.timeout_graceful_shutdown = 3
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/api/v1"
    finally:
        app.state.stopping.set()
        server.should_exit = True
        thread.join(10)
        app.state.stopping.clear()


@pytest.fixture
def asks() -> Iterator[Callable[..., httpx.Client]]:
    """``asks(address, Grant(...))``: a client of a real server for somebody with these grants."""
    with ExitStack() as stack:

        def make(address: str, *grants: Grant, **more: Any) -> httpx.Client:
            headers = headers_of(*grants, **more)
            del headers["Host"]
            return stack.enter_context(httpx.Client(base_url=address, headers=headers, timeout=30))

        yield make


@pytest.fixture
def serve(app: Any) -> Any:
    """``with serve() as address``: a server of one's own, to be stopped."""
    return lambda: serving(app)
