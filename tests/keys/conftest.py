"""A hub with a connection to an Odoo 19 whose keys may be changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from towpath.features.connections import service as connections
from towpath.hub import Hub, open_hub
from towpath.settings import Settings


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    settings = Settings(home=tmp_path_factory.mktemp("hub"), retry_attempts=1, retry_seconds=1)
    with open_hub(settings) as hub:
        yield hub


class Keys:
    """The keys of a sandbox's administrator."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.made: list[str] = []
        self.before = self._all()

    def call(self, method: str, bearer: str = "key-admin", **body: Any) -> httpx.Response:
        headers = {"Authorization": f"bearer {bearer}", "X-Odoo-Database": self.server.db}
        url = f"{self.server.url}/json/2/res.users.apikeys/{method}"
        return httpx.post(url, json=body, headers=headers)

    def make(self, name: str) -> str:
        until = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
        asked = {"key": "key-admin", "scope": "rpc", "name": name, "expiration_date": f"{until:%Y-%m-%d}"}
        self.made.append(str(self.call("generate", **asked).raise_for_status().json()))
        return self.made[-1]

    def works(self, key: str) -> bool:
        return self.call("search", key, domain=[]).status_code == 200

    def names(self) -> set[str]:
        """Names of the keys that Towpath made since the test began."""
        return self._all() - self.before

    def _all(self) -> set[str]:
        found = self.call("search_read", domain=[["name", "like", "Towpath"]], fields=["name"])
        return {row["name"] for row in found.raise_for_status().json()}

    def revoke(self, key: str) -> None:
        self.call("revoke", key=key)


@pytest.fixture
def keys(odoo19: Any) -> Iterator[Keys]:
    found = Keys(odoo19)
    yield found
    odoo19.faults.clear()
    for key in found.made:  # at most ten keys may be made over the API
        found.revoke(key)


@pytest.fixture
def connected(hub: Hub, keys: Keys) -> Iterator[Callable[..., tuple[connections.Connection, str]]]:
    """Makes a connection with a fresh key; gives both."""
    made = []

    def make(name: str) -> tuple[connections.Connection, str]:
        key = keys.make(f"test {name}")
        server = keys.server
        known = connections.add(hub, name=name, url=server.url, database=server.db, login="admin", secret=key)
        made.append(name)
        return known, key

    yield make
    for name in made:
        known = connections.find(hub, name)
        keys.revoke(hub.cabinet.get(connections.owner_of(known.id)).reveal())
        connections.remove(hub, name)
