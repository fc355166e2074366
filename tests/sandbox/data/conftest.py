"""Environments on the demo data and on the bare base data, rolled back after each test."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.server import OdooServer


@pytest.fixture(scope="session")
def demo_odoo(odoo_home: Path) -> Iterator[Callable[[str], OdooServer]]:
    """`demo_odoo("19.0")`: a server whose demo data no other test changes."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def running(version: str) -> OdooServer:
            return stack.enter_context(OdooServer(version=version, data="demo", home=odoo_home))

        yield running


@pytest.fixture
def demo(version: str, demo_odoo: Callable[[str], OdooServer], undone) -> Iterator[Env]:
    """The administrator among the demo data."""
    with undone(demo_odoo(version), "admin") as env:
        yield env


@pytest.fixture
def demo_user(version: str, demo_odoo: Callable[[str], OdooServer], undone) -> Iterator[Callable[[str], Env]]:
    """`demo_user("sales")`: the demo data as another user sees it."""
    with contextlib.ExitStack() as stack:
        yield lambda login: stack.enter_context(undone(demo_odoo(version), login))


@pytest.fixture
def bare(env: Env) -> Env:
    """The administrator of a database with the base records only."""
    return env
