"""Fixtures for tests against an emulated Odoo: `pytest_plugins = ["towpath.sandbox.pytest_plugin"]`.

`odoo19` and `odoo17` are running servers with the demo data, shared by the tests of one process (their faults and
counters are reset before each test). `odoo_factory` starts a server of one's own, stopped after the test.
All share one PostgreSQL and one template database per kind, also between the workers of pytest-xdist.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from towpath.sandbox.odoo_server.server import OdooServer

__all__ = ["odoo17", "odoo19", "odoo_factory", "odoo_home"]


@pytest.fixture(scope="session")
def odoo_home(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The folder of the PostgreSQL that all emulated Odoos of this test run share."""
    base = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):  # a worker's own folder lies in the one of the whole run
        base = base.parent
    return base / "odoo"


@pytest.fixture(scope="session")
def _running(odoo_home: Path) -> Iterator[Callable[[str], OdooServer]]:
    """The servers of this process by version, started when first asked for."""
    servers: dict[str, OdooServer] = {}
    with contextlib.ExitStack() as stack:

        def running(version: str) -> OdooServer:
            if version not in servers:
                servers[version] = stack.enter_context(OdooServer(version=version, home=odoo_home))
            return servers[version]

        yield running


def _clean(server: OdooServer) -> OdooServer:
    server.faults.clear()
    server.faults.reset_counters()
    return server


@pytest.fixture
def odoo19(_running: Callable[[str], OdooServer]) -> Iterator[OdooServer]:
    """A running Odoo 19.0 with the demo data; what a test writes stays for the tests after it."""
    yield _clean(_running("19.0"))
    _running("19.0").faults.clear()


@pytest.fixture
def odoo17(_running: Callable[[str], OdooServer]) -> Iterator[OdooServer]:
    """A running Odoo 17.0 with the demo data; what a test writes stays for the tests after it."""
    yield _clean(_running("17.0"))
    _running("17.0").faults.clear()


@pytest.fixture
def odoo_factory(odoo_home: Path) -> Iterator[Callable[..., OdooServer]]:
    """`odoo_factory(version="19.0", data="empty", ...)` starts a server with a database of its own."""
    with contextlib.ExitStack() as stack:

        def start(**options: Any) -> OdooServer:
            return stack.enter_context(OdooServer(**{"home": odoo_home, **options}))

        yield start
