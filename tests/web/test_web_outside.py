"""Who waits for a server of somebody else holds up nobody who does not."""

from __future__ import annotations

import inspect
import threading

import anyio
import pytest
from anyio import to_thread
from fastapi import APIRouter

from towpath import plugins
from towpath.web.outside import outside


def test_sixty_who_wait_for_odoo_stop_neither_sign_ins_nor_anything_else():
    silent = threading.Event()
    told: list[bool] = []

    async def ask() -> None:
        told.append(await outside("odoo", silent.wait))

    async def all_of_them() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(60):
                tasks.start_soon(ask)
            await anyio.lowlevel.checkpoint()
            assert await outside("sign-in", lambda: "in") == "in"
            assert await to_thread.run_sync(lambda: "done") == "done"
            assert not told
            silent.set()

    anyio.run(all_of_them)
    assert told == [True] * 60


@pytest.mark.parametrize(
    ("feature", "names"),
    [
        (
            "connections",
            "add_connection probe_connection list_databases edit_connection check_connection",
        ),
        ("replicate", "list_models list_sizes list_fields add_streams preview_streams edit_stream"),
        ("connectors", "ping_connector"),
        ("keys", "set_secret rotate_connection_key"),
        ("people", "sign_in begin_sign_in finish_sign_in test_sign_in_method"),
    ],
)
def test_the_routes_that_ask_others_wait_apart(feature: str, names: str):
    found = next(one for one in plugins.features() if one.name == feature)
    made = plugins.load(str(found.routes or found.integrations))
    assert callable(made)
    router = made()
    assert isinstance(router, APIRouter)
    endpoints = {route.name: route.endpoint for route in router.routes}  # type: ignore[attr-defined]
    assert {name for name in names.split() if not inspect.iscoroutinefunction(endpoints[name])} == set()
