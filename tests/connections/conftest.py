"""A hub of its own for the tests of connections."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from towpath.features.connections import service
from towpath.hub import Hub, open_hub
from towpath.settings import Settings


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with open_hub(Settings(home=tmp_path_factory.mktemp("hub"), retry_attempts=2, retry_seconds=5)) as hub:
        yield hub


@pytest.fixture
def connect(hub: Hub) -> Iterator[Any]:
    """Makes connections to sandboxes, forgotten after the test."""
    made: list[str] = []

    def make(server: Any, user: str = "admin", **more: Any) -> service.Connection:
        account = server.users[user]
        given = {"url": server.url, "database": server.db, "login": account.login, "secret": account.key}
        known = service.add(hub, name=f"c{uuid.uuid4().hex[:12]}", **{**given, **more})
        made.append(known.name)
        return known

    yield make
    for name in made:
        service.remove(hub, name)
