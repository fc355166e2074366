"""Fixtures all tests may use."""

from __future__ import annotations

import contextlib
import functools
import gc
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from towpath.store.embedded import EmbeddedPostgres

# A run starts hundreds of processes: each would compile Towpath anew, and pytest all tests in each of its own.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
gc.disable()  # what is imported is never garbage; see pytest_collection_finish

# A shared machine pauses when it likes: time is not what a property is about.
settings.register_profile("towpath", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("towpath")

pytest_plugins = ["towpath.sandbox.pytest_plugin"]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give a test run of root a folder that others may pass through, and let Ctrl-C stop what tests start.

    Root's PostgreSQL runs as another user, whom pytest shuts out of its usual folder whenever a second run starts.
    A shell starts what it puts into the background with Ctrl-C switched off, for all children too.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.getuid() == 0 and not config.option.basetemp and not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="towpath-tests-")
        config.option.basetemp = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_finish() -> None:
    """Look for garbage again: tests measure memory."""
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _one_initdb(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[None]:
    """Copy the files of a PostgreSQL that was prepared once in this run: a hundred homes are made in it.

    Where that is what a test is about, ``real_initdb`` has each home prepared anew.
    """
    base = tmp_path_factory.getbasetemp()
    made = (base.parent if hasattr(request.config, "workerinput") else base) / "prepared-postgres"
    real = EmbeddedPostgres._initialise

    @functools.wraps(real)
    def initialise(server: EmbeddedPostgres) -> None:
        data = server._data
        if made.exists():
            subprocess.run(["cp", "-a", f"{made}/.", f"{data}.copy"], check=True)
            if data.exists():
                data.rmdir()
            Path(f"{data}.copy").rename(data)
            return
        real(server)
        ours = f"{made}.{os.getpid()}"
        subprocess.run(["cp", "-a", str(data), ours], check=True)
        with contextlib.suppress(OSError):  # another process of the run was as quick
            Path(ours).rename(made)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(EmbeddedPostgres, "_initialise", initialise)
        yield


@pytest.fixture
def real_initdb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Homes are prepared as they are outside of tests."""
    prepare: Any = EmbeddedPostgres._initialise
    monkeypatch.setattr(EmbeddedPostgres, "_initialise", prepare.__wrapped__)


def _loggers() -> list[tuple[str, logging.Logger]]:
    known = list(logging.Logger.manager.loggerDict.items())
    return [(name, one) for name, one in known if isinstance(one, logging.Logger)]


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Put back what a command changes for its whole process: where logs go, and who hears of what nobody caught."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: one.level for name, one in _loggers()}
    hooks = sys.excepthook, threading.excepthook
    yield
    root.handlers[:] = [*handlers]
    root.setLevel(level)
    for name, one in _loggers():
        if one.level != levels.get(name, one.level):
            one.setLevel(levels[name])
        elif name not in levels and one.level == logging.DEBUG:
            one.setLevel(logging.NOTSET)
    sys.excepthook, threading.excepthook = hooks


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Finds a port for a server that can not choose one itself.

    Port 0 leads to others than these, so nobody takes it in the moment before that server does.
    """

    def find() -> int:
        while True:
            port = 15_000 + secrets.randbelow(15_000)
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) != 0:
                    return port

    return find


# S3 decides a conditional put in one step; moto looks and puts in two, so its requests take turns here.
S3_SERVER = """
import threading
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

moto, turn = DomainDispatcherApplication(create_backend_app), threading.Lock()

def app(environ, start_response):
    with turn:
        return [b"".join(moto(environ, start_response))]

class Quiet(WSGIRequestHandler):
    def log(self, *arguments): pass

server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
print(server.port, flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="session")
def s3() -> Iterator[dict[str, str]]:
    """A real S3 server (moto's) with the bucket `lake`: options that lead to it, by the names all Delta tools use."""
    pytest.importorskip("moto", reason="moto is not installed")
    server = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", S3_SERVER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        port = int(server.stdout.readline())
        request = urllib.request.Request(f"http://127.0.0.1:{port}/lake", method="PUT")
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310  # our own server
        yield {
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "moto-takes-any-key",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
        }
    finally:
        server.kill()
        server.communicate()
