"""A tiny HTTP server on loopback that answers recorded shapes: real sockets, no stand-ins for our own code."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answer:
    """What to send back; `drop` closes the connection before the answer, `cut` in the middle of the body."""

    body: bytes | str | Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    delay: float = 0.0
    drop: bool = False
    cut: bool = False
    raw: bytes | None = None
    drip: float = 0.0

    def bytes(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


Route = Callable[[Asked], Answer]
HTML = "text/html; charset=utf-8"
NOT_FOUND = Answer(
    "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>", status=404, kind=HTML
)


class Loopback:
    """The server. `on(path)` sets a route, `queue` holds answers to give first whatever is asked."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.routes: dict[str, Route] = {}
        self.queue: list[Answer] = []
        self.seen: list[Asked] = []
        self.sockets: set[tuple[str, int]] = set()
        self.busy = self.busiest = 0
        self.lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked = Asked(
                    self.command,
                    self.path,
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                )
                with outer.lock:
                    outer.sockets.add(self.client_address)
                    outer.seen.append(asked)
                    queued = outer.queue.pop(0) if outer.queue else None
                    outer.busy += 1
                    outer.busiest = max(outer.busiest, outer.busy)
                try:
                    route = outer.routes.get(self.path.partition("?")[0]) or outer.routes.get("*")
                    self.give(queued or (route(asked) if route else NOT_FOUND))
                finally:
                    with outer.lock:
                        outer.busy -= 1

            do_GET = do_POST = answer  # noqa: N815 (names of http.server)

            def give(self, answer: Answer) -> None:
                time.sleep(answer.delay)
                if answer.raw is not None:
                    self.wfile.write(answer.raw)
                if answer.drop or answer.raw is not None:
                    self.close_connection = True
                    return
                body = answer.bytes()
                (self.send_response_only if "Date" in answer.headers else self.send_response)(answer.status)
                for name, value in {"Content-Type": answer.kind, **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if answer.cut:
                    self.wfile.write(body[: len(body) // 2])
                    self.close_connection = True
                elif answer.drip:
                    for start in range(0, len(body), 8):
                        self.wfile.write(body[start : start + 8])
                        self.wfile.flush()
                        time.sleep(answer.drip)
                else:
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: object) -> None:
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port: int = self.server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def on(self, path: str, answer: Answer | Route) -> None:
        self.routes[path] = answer if callable(answer) else lambda _: answer

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    server = Loopback()
    yield server
    server.close()


@pytest.fixture
def make_loopback() -> Iterator[Callable[..., Loopback]]:
    made: list[Loopback] = []

    def make(tls: ssl.SSLContext | None = None) -> Loopback:
        made.append(Loopback(tls))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.fixture
def answer() -> type[Answer]:
    return Answer
