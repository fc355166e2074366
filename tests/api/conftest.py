"""A hub, a server over it, and clients that ask it for people of any role."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.testclient import TestClient

from towpath.access import Grant, Right, Role
from towpath.features.connections import service as connections
from towpath.features.people import service as people
from towpath.features.people import tokens
from towpath.features.replicate import service
from towpath.hub import Hub, open_hub
from towpath.server.application import create_app
from towpath.settings import Settings


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


@pytest.fixture(scope="module")
def app(hub: Hub) -> Any:
    app = create_app(hub)
    app.state.stopping = threading.Event()
    return app


def token_of(hub: Hub, *grants: Grant) -> tuple[str, str]:
    """A token of a person with these grants: its id and its text."""
    login = f"u{uuid.uuid4().hex[:10]}"
    user = people.add_user(hub, login=login, name=login, grants=grants)
    token, text = tokens.add(hub, user_id=user.id, name="test", rights=list(Right), days=1)
    return token.id, text


@pytest.fixture(scope="module")
def as_role(app: Any, hub: Hub) -> Callable[..., TestClient]:
    """``as_role(Role.VIEWER, connection_id)``: a client of somebody with that role there, or everywhere."""

    def make(role: Role, *connection_ids: str) -> TestClient:
        grants = [Grant(role=role, connection_id=one) for one in connection_ids] or [Grant(role=role)]
        headers = {"Host": "localhost", "Authorization": f"Bearer {token_of(hub, *grants)[1]}"}
        address = "http://localhost/api/v1"
        return TestClient(app, base_url=address, headers=headers, raise_server_exceptions=False)

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
def serving(app: Any, *, patience: int = 3) -> Iterator[str]:
    """A real server for the length of a ``with`` block; ``patience`` seconds at its end for those it serves."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", access_log=False)
    config.timeout_graceful_shutdown = patience
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
        thread.join(patience + 10)
        app.state.stopping.clear()


@pytest.fixture
def asks(hub: Hub) -> Iterator[Callable[..., httpx.Client]]:
    """``asks(address, Grant(...))``: a client of a real server for somebody with these grants."""
    with ExitStack() as stack:

        def make(address: str, *grants: Grant, token: str | None = None) -> httpx.Client:
            headers = {"Authorization": f"Bearer {token or token_of(hub, *grants)[1]}"}
            return stack.enter_context(httpx.Client(base_url=address, headers=headers, timeout=30))

        yield make


@pytest.fixture
def token(hub: Hub) -> Callable[..., tuple[str, str]]:
    """``token(Grant(...))``: id and text of a token of somebody with these grants."""
    return lambda *grants: token_of(hub, *grants)


@pytest.fixture
def serve(app: Any) -> Any:
    """``with serve(patience=3) as address``: a server of one's own, to be stopped."""
    return lambda **options: serving(app, **options)
