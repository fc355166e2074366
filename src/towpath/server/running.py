"""Start the server and the worker, say so, and stop both in order."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import click
import orjson
import uvicorn

from towpath.errors import InputError
from towpath.features.explore.room import let_go
from towpath.features.people import service as people
from towpath.features.worker import service as worker
from towpath.hub import Hub, open_hub
from towpath.server.application import create_app
from towpath.server.clients import Client, Clients
from towpath.settings import Settings, load

__all__ = ["Running", "listen", "reachable", "running", "serve", "serve_hub", "stopped"]

#: Seconds that requests under way, live streams included, may take to end.
GRACE = 5
#: Open files that the process needs besides clients' connections: tables, PostgreSQL, Odoo.
_FILES = 2000


class _Server(uvicorn.Server):
    """uvicorn, told by us when to stop: the process also has a worker to end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the command."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """Look at the clients once a second."""
        if counter % 10 == 0:
            now = asyncio.get_running_loop().time()
            for one in [*self.server_state.connections]:
                if isinstance(one, Client):
                    one.look(now)
        return await super().on_tick(counter)


class Running:
    """A server in a thread of its own."""

    def __init__(self, hub: Hub, listener: socket.socket) -> None:
        self.port: int = listener.getsockname()[1]
        self._hub = hub
        #: Live streams look at it, as uvicorn would wait for their end.
        self._stopping = threading.Event()
        app = create_app(hub)
        app.state.stopping = self._stopping
        config = Clients(
            app,
            hub.settings,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="server", daemon=True
        )

    def start(self) -> None:
        """Answer requests from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End what is under way within a few seconds, and stop."""
        self._stopping.set()
        self._server.should_exit = True
        end = time.monotonic() + GRACE + 5
        while self._thread.is_alive() and time.monotonic() < end:
            let_go(self._hub)  # again and again: a request that came just before may begin to wait just now
            self._thread.join(0.2)


@contextlib.contextmanager
def running(hub: Hub, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[Running]:
    """A server for the length of a ``with`` block; port 0 chooses a free one."""
    server = Running(hub, listen(host, port))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def serve(*, host: str, port: int, works: bool, as_json: bool) -> int:
    """Serve until SIGINT or SIGTERM; the exit status.

    :raises InputError: the address can not be listened at.
    """
    from towpath import logs

    def tell(event: str, sentence: str, **more: Any) -> None:
        click.echo(orjson.dumps({"event": event, **more}).decode() if as_json else sentence)

    stop = stopped()
    settings = load()
    logs.set_up(settings)
    listener = listen(host, port)
    _make_room(settings.client_connections)
    with open_hub(reachable(settings, host, listener), works=works) as hub:
        hub.jobs()
        serve_hub(hub, listener, stop, tell)
    return 0


def serve_hub(hub: Hub, listener: socket.socket, stop: threading.Event, tell: Callable[..., None]) -> None:
    """Serve a hub, and work on what is due if it works at all, until ``stop`` is set.

    :param tell: called with the name of an event, a sentence for people and values for programs.
    """
    address = hub.settings.public_url
    server = Running(hub, listener)
    server.start()
    tell("started", f"Towpath is at {address} (Ctrl-C stops).", address=address, port=server.port)
    if (token := people.first_run_token(hub)) is not None:
        first = f"{address}/setup#{token}"
        sentence = f"Nobody can sign in yet. Open this once to become the administrator: {first}"
        tell("first_run", sentence, address=first)
    try:
        if hub.works:
            worker.work(hub, stop)
        else:
            stop.wait()
    finally:
        tell("stopping", "Stopping; what is not done goes on at the next start or in another worker.")
        server.stop()


def _make_room(connections: int) -> None:
    """Have the system grant files for so many connections and for the work besides, as far as it does."""
    import resource

    granted, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _FILES
    if granted != resource.RLIM_INFINITY and granted < wanted:
        wanted = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def reachable(settings: Settings, host: str, listener: socket.socket) -> Settings:
    """The settings with an address for people: the public one, or where we listen."""
    if settings.public_url:
        return settings
    name = f"[{host}]" if ":" in host else host
    return settings.model_copy(update={"public_url": f"http://{name}:{listener.getsockname()[1]}"})


def stopped() -> threading.Event:
    """An event that is set by the first SIGINT or SIGTERM; a second one ends the process without waiting."""
    import signal

    stop = threading.Event()

    def leave(*_: object) -> None:
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, signal.SIG_DFL)
        stop.set()

    if threading.current_thread() is threading.main_thread():
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, leave)
    return stop


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 chooses a free one.

    :raises InputError: the address can not be listened at.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except (OSError, UnicodeError) as problem:
        listener.close()
        reason = getattr(problem, "strerror", None) or str(problem)
        raise InputError(
            f"Towpath can not listen at {host}:{port} ({reason}); choose another --port or --host."
        ) from None
    return listener
