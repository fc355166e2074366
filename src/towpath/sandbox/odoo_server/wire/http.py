"""A small threaded HTTP/1.1 server: one thread a connection, keep-alive, nothing between socket and handler.

Written for a low price per call (a request costs some 60 microseconds of Python) and for the things a
sandbox must be able to do and frameworks prevent: cut a connection at any point, or reset it.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus

from towpath.sandbox.odoo_server.faults import ConnectionCut

__all__ = ["HttpServer", "Request", "Response"]

_HEAD_LIMIT = 64 * 1024
_BODY_LIMIT = 512 * 1024 * 1024
_CHUNK = 256 * 1024
_GZIP_FROM = 1024  # bytes; below this a compressed answer is not smaller on the wire
_REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(slots=True, kw_only=True)
class Request:
    """One HTTP request: `path` without the query, header names in lower case, the whole body."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = ""
    keep_alive: bool = True

    @property
    def mimetype(self) -> str:
        """The content type without its parameters, in lower case; empty when there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def cookie(self, name: str) -> str | None:
        """The value of a cookie the client sent, or None."""
        for part in self.headers.get("cookie", "").split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                return value
        return None


@dataclass(slots=True, kw_only=True)
class Response:
    """One HTTP answer; length, date and connection headers are added by the server.

    With `half` only the first half of the body is sent, then the connection ends.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)
    half: bool = False


class _BadRequestError(Exception):
    """The bytes received are not an HTTP request."""


class HttpServer:
    """Listens on `host`:`port` (0 takes a free one) from `start()` to `stop()` and calls `handler` per request.

    `handler(request)` runs in the connection's own thread; it answers a Response or raises ConnectionCut.
    With `gzip` answers are compressed for clients that ask for it, as behind a reverse proxy; a bare Odoo does not.
    `clock()` gives seconds to add to the Date header.
    """

    def __init__(
        self,
        handler: Callable[[Request], Response],
        *,
        host: str,
        port: int,
        gzip: bool = False,
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._handler = handler
        self._clock = clock
        self._gzip = gzip
        self._listener = socket.create_server((host, port), backlog=256)
        self._wake_read, self._wake_write = socket.socketpair()
        self._lock = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._thread: threading.Thread | None = None
        self._date = (0, "")
        self._stopping = False
        self.host, self.port = self._listener.getsockname()[:2]

    def start(self) -> None:
        """Begin to accept connections, in a thread of its own."""
        self._thread = threading.Thread(target=self._accept, name=f"sandbox-http-{self.port}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the listener and every connection, and wait for running handlers (5 s at most); may be called twice."""
        self._stopping = True
        with contextlib.suppress(OSError):
            self._wake_write.send(b"x")
        if self._thread is not None:
            self._thread.join(5)
        with self._lock:
            connections = dict(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + 5
        for thread in connections.values():
            thread.join(max(0.0, deadline - time.monotonic()))
        for sock in (self._listener, self._wake_read, self._wake_write):
            sock.close()

    def _accept(self) -> None:
        while not self._stopping:
            ready, _, _ = select.select([self._listener, self._wake_read], [], [])
            if self._wake_read in ready:
                return
            try:
                connection, address = self._listener.accept()
            except OSError:
                continue
            thread = threading.Thread(target=self._serve, args=(connection, str(address[0])), daemon=True)
            with self._lock:
                self._open[connection] = thread
            thread.start()

    def _serve(self, connection: socket.socket, peer: str) -> None:
        """Answer the requests of one connection until either side closes it."""
        buffer = bytearray()
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while not self._stopping:
                try:
                    request = _receive(connection, buffer, peer)
                except _BadRequestError as problem:
                    self._send(connection, None, Response(status=400, body=str(problem).encode()))
                    return
                if request is None:
                    return
                self._send(connection, request, self._handler(request))
                if not request.keep_alive:
                    return
        except ConnectionCut as cut:
            if cut.reset:
                with contextlib.suppress(OSError):
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass  # the client went away: nothing is left to tell it
        finally:
            with self._lock:
                self._open.pop(connection, None)
            with contextlib.suppress(OSError):
                connection.close()

    def _send(self, connection: socket.socket, request: Request | None, response: Response) -> None:
        body = response.body
        keep = request is not None and request.keep_alive
        lines = [
            f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Unknown')}",
            "Server: towpath-sandbox",
            f"Date: {self._now()}",
            f"Content-Type: {response.content_type}",
        ]
        if (
            self._gzip
            and request is not None
            and len(body) >= _GZIP_FROM
            and "gzip" in request.headers.get("accept-encoding", "")
        ):
            compressor = zlib.compressobj(1, zlib.DEFLATED, 31)
            body = compressor.compress(body) + compressor.flush()
            lines.append("Content-Encoding: gzip")
            lines.append("Vary: Accept-Encoding")
        lines.append(f"Content-Length: {len(body)}")
        lines.append("Connection: keep-alive" if keep else "Connection: close")
        lines.extend(f"{name}: {value}" for name, value in response.headers)
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        if request is not None and request.method == "HEAD":
            body = b""
        if response.half:
            connection.sendall(head + body[: len(body) // 2])
            raise ConnectionCut
        if len(body) < _CHUNK:
            connection.sendall(head + body)
        else:
            connection.sendall(head)
            connection.sendall(body)

    def _now(self) -> str:
        second = int(time.time() + self._clock())
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True))
        return self._date[1]


def _receive(connection: socket.socket, buffer: bytearray, peer: str) -> Request | None:
    """Read one request from the connection; None when the client closed it between two requests."""
    end = buffer.find(b"\r\n\r\n")
    while end < 0:
        if len(buffer) > _HEAD_LIMIT:
            raise _BadRequestError("headers too long")
        data = connection.recv(_CHUNK)
        if not data:
            return None
        buffer += data
        end = buffer.find(b"\r\n\r\n")
    first, *lines = bytes(buffer[:end]).decode("latin-1").split("\r\n")
    del buffer[: end + 4]
    try:
        method, target, version = first.split(" ")
    except ValueError:
        raise _BadRequestError("not an HTTP request line") from None
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise _BadRequestError("malformed header line")
        headers[name.strip().lower()] = value.strip()
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _receive_chunks(connection, buffer)
    else:
        body = _receive_exactly(connection, buffer, _length(headers.get("content-length", "0")))
    path, _, query = target.partition("?")
    wish = headers.get("connection", "").lower()
    keep = "close" not in wish if version == "HTTP/1.1" else "keep-alive" in wish
    return Request(
        method=method, path=path, query=query, headers=headers, body=body, peer=peer, keep_alive=keep
    )


def _length(text: str) -> int:
    if not text.isdigit():
        raise _BadRequestError("bad Content-Length")
    if int(text) > _BODY_LIMIT:
        raise _BadRequestError("body too long")
    return int(text)


def _receive_exactly(connection: socket.socket, buffer: bytearray, length: int) -> bytes:
    while len(buffer) < length:
        data = connection.recv(min(_CHUNK * 4, max(_CHUNK, length - len(buffer))))
        if not data:
            raise ConnectionCut
        buffer += data
    body = bytes(buffer[:length])
    del buffer[:length]
    return body


def _receive_chunks(connection: socket.socket, buffer: bytearray) -> bytes:
    """The body of a request sent with Transfer-Encoding: chunked; trailers are read and dropped."""
    body = bytearray()
    while True:
        line = _receive_line(connection, buffer)
        try:
            size = int(line.partition(b";")[0].strip(), 16)
        except ValueError:
            raise _BadRequestError("bad chunk") from None
        if size == 0:
            while _receive_line(connection, buffer):
                pass
            return bytes(body)
        if len(body) + size > _BODY_LIMIT:
            raise _BadRequestError("body too long")
        body += _receive_exactly(connection, buffer, size)
        _receive_line(connection, buffer)


def _receive_line(connection: socket.socket, buffer: bytearray) -> bytes:
    end = buffer.find(b"\r\n")
    while end < 0:
        if len(buffer) > _HEAD_LIMIT:
            raise _BadRequestError("line too long")
        data = connection.recv(_CHUNK)
        if not data:
            raise ConnectionCut
        buffer += data
        end = buffer.find(b"\r\n")
    line = bytes(buffer[:end])
    del buffer[: end + 2]
    return line
