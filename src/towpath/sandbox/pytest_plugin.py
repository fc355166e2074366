"""Fixtures for tests against an emulated Odoo: `pytest_plugins = ["towpath.sandbox.pytest_plugin"]`.

`odoo19` and `odoo17` are running servers with the demo data, shared by the tests of one process (their faults and
counters are reset before each test); `odoo_running("19.0")` is the same for tests of wider scope. `odoo_factory`
starts a server of one's own, stopped after the test. All share one PostgreSQL and one template database per kind,
also between the workers of pytest-xdist.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.server import OdooServer

__all__ = ["odoo17", "odoo19", "odoo_factory", "odoo_home", "odoo_running"]


@pytest.fixture(scope="session")
def odoo_home(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The folder of the PostgreSQL that all emulated Odoos of this test run share."""
    base = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):  # a worker's own folder lies in the one of the whole run
        base = base.parent
    return base / "odoo"


@pytest.fixture(scope="session")
def odoo_running(odoo_home: Path) -> Iterator[Callable[[str], OdooServer]]:
    """`odoo_running("19.0")`: the shared server of a version, started when first asked for."""
    from towpath.sandbox.odoo_server.server import OdooServer

    servers: dict[str, OdooServer] = {}
    with contextlib.ExitStack() as stack:

        def running(version: str) -> OdooServer:
            if version not in servers:
                servers[version] = stack.enter_context(OdooServer(version=version, home=odoo_home))
            return servers[version]

        yield running


@contextlib.contextmanager
def _clean(server: OdooServer) -> Iterator[OdooServer]:
    server.faults.clear()
    server.faults.reset_counters()
    yield server
    server.faults.clear()


@pytest.fixture
def odoo19(odoo_running: Callable[[str], OdooServer]) -> Iterator[OdooServer]:
    """A running Odoo 19.0 with the demo data; what a test writes stays for the tests after it."""
    with _clean(odoo_running("19.0")) as server:
        yield server


@pytest.fixture
def odoo17(odoo_running: Callable[[str], OdooServer]) -> Iterator[OdooServer]:
    """A running Odoo 17.0 with the demo data; what a test writes stays for the tests after it."""
    with _clean(odoo_running("17.0")) as server:
        yield server


@pytest.fixture
def odoo_factory(odoo_home: Path) -> Iterator[Callable[..., OdooServer]]:
    """`odoo_factory(version="19.0", data="empty", ...)` starts a server with a database of its own."""
    from towpath.sandbox.odoo_server.server import OdooServer

    with contextlib.ExitStack() as stack:

        def start(**options: Any) -> OdooServer:
            return stack.enter_context(OdooServer(**{"home": odoo_home, **options}))

        yield start
