"""Environments on the demo data and on the bare base data, rolled back after each test."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.server import OdooServer


@pytest.fixture
def demo(version: str, odoo_running: Callable[[str], OdooServer], undone) -> Iterator[Env]:
    """The administrator among the demo data."""
    with undone(odoo_running(version), "admin") as env:
        yield env


@pytest.fixture
def demo_user(
    version: str, odoo_running: Callable[[str], OdooServer], undone
) -> Iterator[Callable[[str], Env]]:
    """`demo_user("sales")`: the demo data as another user sees it."""
    with contextlib.ExitStack() as stack:
        yield lambda login: stack.enter_context(undone(odoo_running(version), login))


@pytest.fixture
def bare(env: Env) -> Env:
    """The administrator of a database with the base records only."""
    return env
