"""Environments on the demo data and on the bare base data, rolled back after each test."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.server import OdooServer


class Undo(Exception):  # noqa: N818 - no error, only the way out
    """Ends a transaction without keeping anything."""


@contextlib.contextmanager
def undone(server: OdooServer, login: str) -> Iterator[Env]:
    with server.database.transaction(1) as env:
        uid = env.cr.execute("SELECT id FROM res_users WHERE login = %s", [login]).column()[0]
    with contextlib.suppress(Undo), server.database.transaction(uid) as env:
        yield env
        raise Undo


@pytest.fixture(params=["17.0", "19.0"])
def version(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="session")
def bare_odoo(odoo_home: Path) -> Iterator[Callable[[str], OdooServer]]:
    with contextlib.ExitStack() as stack:

        @functools.cache
        def running(version: str) -> OdooServer:
            return stack.enter_context(OdooServer(version=version, data="empty", home=odoo_home))

        yield running


@pytest.fixture
def demo(version: str, odoo_running: Callable[[str], OdooServer]) -> Iterator[Env]:
    """The administrator among the demo data."""
    with undone(odoo_running(version), "admin") as env:
        yield env


@pytest.fixture
def demo_user(version: str, odoo_running: Callable[[str], OdooServer]) -> Iterator[Callable[[str], Env]]:
    """`demo_user("sales")`: the demo data as another user sees it."""
    with contextlib.ExitStack() as stack:
        yield lambda login: stack.enter_context(undone(odoo_running(version), login))


@pytest.fixture
def bare(version: str, bare_odoo: Callable[[str], OdooServer]) -> Iterator[Env]:
    """The administrator of a database with the base records only."""
    with undone(bare_odoo(version), "admin") as env:
        yield env
