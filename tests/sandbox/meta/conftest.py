"""Environments of both versions; what a test writes is rolled back, custom models and fields included."""

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


@pytest.fixture(scope="session")
def plain_odoo(odoo_home: Path) -> Iterator[Callable[[str], OdooServer]]:
    """`plain_odoo("19.0")`: a server with the base records only, started when first asked for."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def running(version: str) -> OdooServer:
            return stack.enter_context(OdooServer(version=version, data="empty", home=odoo_home))

        yield running


@pytest.fixture(params=["17.0", "19.0"])
def version(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def env(version: str, plain_odoo: Callable[[str], OdooServer]) -> Iterator[Env]:
    """The administrator's environment on 17.0 and on 19.0."""
    with undone(plain_odoo(version), "admin") as env:
        yield env


@pytest.fixture
def env17(plain_odoo: Callable[[str], OdooServer]) -> Iterator[Env]:
    with undone(plain_odoo("17.0"), "admin") as env:
        yield env


@pytest.fixture
def env19(plain_odoo: Callable[[str], OdooServer]) -> Iterator[Env]:
    with undone(plain_odoo("19.0"), "admin") as env:
        yield env
