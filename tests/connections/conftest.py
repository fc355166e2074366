"""A hub of its own for the tests of connections."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from towpath.features.connections import service
from towpath.hub import Hub, open_hub
from towpath.settings import Settings


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with open_hub(Settings(home=tmp_path_factory.mktemp("hub"), retry_attempts=2, retry_seconds=5)) as hub:
        yield hub


@pytest.fixture
def connect(hub: Hub) -> Iterator[Any]:
    """Makes connections to sandboxes, forgotten after the test."""
    made: list[str] = []

    def make(server: Any, user: str = "admin", **more: Any) -> service.Connection:
        account = server.users[user]
        given = {"url": server.url, "database": server.db, "login": account.login, "secret": account.key}
        known = service.add(hub, name=f"c{uuid.uuid4().hex[:12]}", **{**given, **more})
        made.append(known.name)
        return known

    yield make
    for name in made:
        service.remove(hub, name)


CALLER = Path(__file__).with_name("calling_process.py")


class Callers:
    """Processes that begin to call at the same moment."""

    def __init__(self, hub: Hub, name: str, count: int, seconds: float, *more: str, **settings: str) -> None:
        environment = os.environ | {"TOWPATH_HOME": str(hub.settings.home), **settings}
        self.processes = [
            subprocess.Popen(
                [sys.executable, str(CALLER), name, str(seconds), *more],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(count)
        ]
        for process in self.processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"

    def go(self) -> None:
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()

    def answered(self) -> list[list[float]]:
        """When each process got its answers."""
        found = [json.loads(process.communicate(timeout=60)[0]) for process in self.processes]
        assert [process.returncode for process in self.processes] == [0] * len(self.processes)
        return found


@pytest.fixture
def callers(hub: Hub) -> Callable[..., Callers]:
    """Starts processes that call a connection: NAME, COUNT, SECONDS."""
    return partial(Callers, hub)
