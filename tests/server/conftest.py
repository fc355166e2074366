"""A hub of the server's own tests, and clients of applications over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from starlette.testclient import TestClient

from towpath.hub import Hub, open_hub
from towpath.server.application import create_app
from towpath.settings import load


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with open_hub(load(home=tmp_path_factory.mktemp("server")), works=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def client_with(hub: Hub) -> Callable[..., TestClient]:
    """A client of an application whose settings differ in some points."""

    def make(**settings: object) -> TestClient:
        changed = Hub(hub.settings.model_copy(update=settings), works=False)
        changed.__dict__["store"] = hub.store  # the same PostgreSQL, opened once
        changed.__dict__["cabinet"] = hub.cabinet
        return TestClient(create_app(changed), base_url="http://localhost", raise_server_exceptions=False)

    return make


@pytest.fixture(scope="session")
def client(client_with: Callable[..., TestClient]) -> TestClient:
    """A client that nobody has signed in with."""
    return client_with()
