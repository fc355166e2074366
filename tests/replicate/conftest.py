"""A hub of its own for the tests of replication, and short words for what they do all the time."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from towpath.features.connections import service as connections
from towpath.features.replicate import service
from towpath.features.replicate.job import table_of
from towpath.features.replicate.runs import Run
from towpath.features.replicate.streams import Stream
from towpath.hub import Hub, open_hub
from towpath.odoo import Access, Odoo
from towpath.settings import Settings


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with a home folder of its own, and short patience; a process can have one at a time."""
    home: Path = tmp_path_factory.mktemp("hub")
    with open_hub(Settings(home=home, retry_attempts=4, retry_seconds=20)) as hub:
        yield hub


class Town:
    """One connection to a sandbox, with the streams a test adds to it."""

    def __init__(self, hub: Hub, name: str, server: Any, *, user: str = "admin") -> None:
        self.hub, self.name, self.server = hub, name, server
        account = server.users[user]
        protocol = "json2" if server.version == "19.0" else "jsonrpc"
        self.odoo = Odoo(
            Access(
                url=server.url, database=server.db, login=account.login, secret=account.key, protocol=protocol
            )
        )
        self.connection = connections.add(
            hub, name=name, url=server.url, database=server.db, login=account.login, secret=account.key
        )

    def add(self, *models: str, **choice: Any) -> Stream:
        """Add streams; gives the first."""
        return service.add(self.hub, self.name, models, service.Choice(**choice))[0]

    def sync(self, stream: Stream, *, full: bool = False) -> Run:
        """Run one stream to its end."""
        (run,) = service.sync(self.hub, [stream], full=full)
        return run

    def rows(self, stream: Stream, *columns: str, deleted: bool = False) -> dict[int, dict[str, Any]]:
        """What the table holds, by id."""
        table = table_of(self.hub, stream)
        batches = table.scan(["id", *columns] if columns else None, deleted=deleted)
        return {row["id"]: row for batch in batches for row in batch.to_pylist()}

    def ids(self, model: str, domain: list[Any] | None = None) -> set[int]:
        """What Odoo holds, archived records included."""
        return set(self.odoo.search_ids(model, domain or [], context={"active_test": False}))


@pytest.fixture
def make_town(hub: Hub) -> Iterator[Callable[..., Town]]:
    """Makes connections to sandboxes; they and their streams are forgotten after the test."""
    made: list[Town] = []

    def make(server: Any, *, user: str = "admin") -> Town:
        made.append(Town(hub, f"t{uuid.uuid4().hex[:12]}", server, user=user))
        return made[-1]

    yield make
    for town in made:
        town.odoo.close()
        for stream in service.choose(hub, connection=town.name):
            service.remove(hub, stream.id)
        connections.remove(hub, town.name)


@pytest.fixture
def town(make_town: Callable[..., Town], request: pytest.FixtureRequest) -> Town:
    """A connection to the sandbox Odoo of the test's version (19.0 unless parametrized)."""
    version = getattr(request, "param", "19.0")
    return make_town(request.getfixturevalue("odoo19" if version == "19.0" else "odoo17"))
