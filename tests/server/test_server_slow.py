"""Clients that are slow, deaf or too many: what a server without a proxy does about them, over real sockets."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import anyio
import orjson
import pytest

from towpath.server.clients import Clients
from towpath.server.running import _Server, listen
from towpath.settings import Settings, load

#: Long enough for the tests to say anything on a busy machine; nothing here waits for it to pass by itself.
PATIENCE = 1.0
GET = b"GET /%s HTTP/1.1\r\nHost: localhost\r\n"


@dataclass
class Parts:
    """An application that does what a path says, and a server for it."""

    port: int = 0
    began: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope, receive, send) -> None:
        if scope["path"] == "/think":
            self.began.set()
            await anyio.to_thread.run_sync(self.goes_on.wait)
        elif scope["path"] != "/early":
            while (message := await receive()).get("more_body"):
                pass
            if message["type"] == "http.disconnect":
                return
        much = scope["path"] == "/much"
        headers = [(b"content-length", b"2")] if not much else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while much:
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            with anyio.move_on_after(0.001):
                if (await receive())["type"] == "http.disconnect":
                    self.gone.set()
                    return
        await send({"type": "http.response.body", "body": b"ok"})

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)


@contextlib.contextmanager
def served(settings: Settings) -> Iterator[Parts]:
    parts = Parts()
    listener = listen("127.0.0.1", 0)
    parts.port = listener.getsockname()[1]
    more = {"log_config": None, "access_log": False, "lifespan": "off", "timeout_graceful_shutdown": 1}
    server = _Server(Clients(parts, settings, **more))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield parts
    finally:
        parts.goes_on.set()
        server.should_exit = True
        thread.join()


@pytest.fixture
def parts() -> Iterator[Parts]:
    with served(load(client_seconds=PATIENCE)) as ready:
        yield ready


def drip(client: socket.socket, first: bytes, drops: bytes) -> bytes:
    """Send the first at once, then a byte at a time for as long as anybody listens; all that is answered."""
    client.sendall(first)
    told, at = b"", 0
    client.settimeout(0.05)
    while True:
        try:
            more = client.recv(65536)
        except TimeoutError:
            if drops:
                with contextlib.suppress(OSError):
                    client.sendall(drops[at % len(drops) :][:1])
            at += 1
            continue
        except OSError:
            return told
        if not more:
            return told
        told += more


SLOW = {
    "says nothing": (b"", b"", b""),
    "stops in the headers": (GET % b"", b"", b"408"),
    "never ends its headers": (GET % b"", b"a: b\r\n", b"408"),
    "stops in the body": (GET % b"" + b"Content-Length: 9\r\n\r\nabc", b"", b"408"),
    "sends its body byte by byte": (GET % b"" + b"Content-Length: 100000\r\n\r\n", b"x", b"408"),
    "sends its body in chunks of a byte": (
        GET % b"" + b"Transfer-Encoding: chunked\r\n\r\n",
        b"1\r\nx\r\n",
        b"408",
    ),
    "goes on after the answer": (GET % b"early" + b"Content-Length: 100000\r\n\r\n", b"x", b"200"),
    "fills the pause": (GET % b"" + b"\r\n", b"\r\n", b"200"),
}


def test_who_is_slow_is_told_and_cut_and_nobody_else(parts):
    told: dict[str, bytes] = {}

    def be(name: str) -> None:
        first, drops, _ = SLOW[name]
        with parts.open() as client:
            told[name] = drip(client, first, drops)

    with parts.open() as thinking, parts.open() as deaf:
        deaf.sendall(GET % b"much" + b"\r\n")
        thinking.sendall(GET % b"think" + b"\r\n")
        assert parts.began.wait(60)
        threads = [threading.Thread(target=be, args=(name,)) for name in SLOW]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Each of them was late after this request was whole; its answer takes as long as it takes.
        parts.goes_on.set()
        assert thinking.recv(1000).startswith(b"HTTP/1.1 200")
        # Who takes nothing of an answer that never ends is cut as well.
        assert parts.gone.wait(60)
    for name, (_, _, status) in SLOW.items():
        assert told[name].count(b"HTTP/1.1 ") == bool(status), (name, told[name])
        assert told[name][9:12] == status, (name, told[name])
    head, _, body = told["stops in the body"].partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert "send it again" in orjson.loads(body)["detail"]


def test_headers_have_an_end(parts):
    with parts.open() as client:
        client.sendall(GET % b"")
        with contextlib.suppress(OSError):
            for _ in range(100):
                client.sendall(b"a: " + b"b" * 1000 + b"\r\n")
        told = drip(client, b"", b"")
        assert not told or told.startswith(b"HTTP/1.1 431")


def test_one_address_holds_half_of_the_connections_and_a_proxy_all():
    for settings, most in (
        (load(client_connections=6), 3),
        (load(client_connections=6, trusted_proxies=1), 6),
    ):
        with served(settings) as parts, contextlib.ExitStack() as stack:
            held = [stack.enter_context(parts.open()) for _ in range(most)]
            for client in held:
                client.sendall(GET % b"" + b"\r\n")
                assert client.recv(1000).startswith(b"HTTP/1.1 200")
                client.sendall(GET % b"")
            told = drip(stack.enter_context(parts.open()), b"", b"")
            assert told.startswith(b"HTTP/1.1 503"), told
            assert b"retry-after: 2" in told
