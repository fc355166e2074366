"""A hub of its own for the tests of kept versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from towpath.features.connections import service as connections
from towpath.features.replicate import service
from towpath.features.replicate.streams import Stream
from towpath.hub import Hub, open_hub
from towpath.odoo import Access, Odoo
from towpath.settings import Settings


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with open_hub(Settings(home=tmp_path_factory.mktemp("versions"))) as hub:
        yield hub


class Quay:
    """A connection to a sandbox."""

    def __init__(self, hub: Hub, server: Any) -> None:
        self.hub, self.name = hub, f"quay_{server.version.partition('.')[0]}"
        key = server.users["admin"].key
        protocol = "json2" if server.version == "19.0" else "jsonrpc"
        self.odoo = Odoo(
            Access(url=server.url, database=server.db, login="admin", secret=key, protocol=protocol)
        )
        connections.add(hub, name=self.name, url=server.url, database=server.db, login="admin", secret=key)

    def add(self, model: str, **choice: Any) -> Stream:
        return service.add(self.hub, self.name, [model], service.Choice(history=True, **choice))[0]

    def sync(self, stream: Stream, *, full: bool = False) -> None:
        (run,) = service.sync(self.hub, [stream], full=full)
        assert run.state == "succeeded", run.message


@pytest.fixture(params=["19.0", "17.0"])
def quay(hub: Hub, request: pytest.FixtureRequest) -> Iterator[Quay]:
    made = Quay(hub, request.getfixturevalue("odoo19" if request.param == "19.0" else "odoo17"))
    yield made
    made.odoo.close()
    for stream in service.choose(hub, connection=made.name):
        service.remove(hub, stream.id)
    connections.remove(hub, made.name)
