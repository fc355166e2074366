"""Connections of clients: none may hold one for ever by being slow, and nobody may hold them all.

uvicorn bounds only the pause between two requests. Behind a proxy the proxy does the rest; this is for the hub without.
"""

from __future__ import annotations

import asyncio
import http
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from towpath.logs import get_logger
from towpath.settings import Settings
from towpath.web import problems
from towpath.web.neighbours import network

__all__ = ["Client", "Clients"]

log = get_logger(__name__)

#: Most bytes of a request's headers, and of what stands around its body (chunk sizes, trailers) beyond a multiple of it.
HEAD_BYTES = 64 * 1024
AROUND = 16
#: A body has one second more for each so many bytes that have come.
BYTES_A_SECOND = 10_000


class Clients(uvicorn.Config):
    """uvicorn's settings with ours for connections."""

    def __init__(self, app: ASGIApp, settings: Settings, **more: Any) -> None:
        # The hub has no web sockets; without them no other protocol takes a connection over.
        super().__init__(app, http=Client, ws="none", **more)
        #: Seconds; 0 is no limit.
        self.patience = settings.client_seconds
        self.most = settings.client_connections
        # Behind a proxy all come from one address.
        self.most_of_one = self.most if settings.trusted_proxies else max(1, self.most // 2)
        #: Until when nothing is logged of connections that are too many; by the loop's clock.
        self.quiet_until = 0.0


class Client(HttpToolsProtocol):
    """One connection. The server looks at all of them once a second."""

    config: Clients

    #: Who counts as one with others that hold connections.
    asker: str | None = None
    #: When the headers or the body under way have to be here; None while the client owes us nothing.
    _until: float | None = None
    #: Since when the client takes nothing of what we send.
    _deaf_since: float | None = None
    _late = False
    #: Whether the headers of a request are awaited.
    _head = True
    _bytes = 0
    _body = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Take the connection, or answer at once that there are too many."""
        super().connection_made(transport)
        self.asker = network(self.client[0]) if self.client else None
        self._expect()
        if len(self.connections) > self.config.most or self._too_many_of_one():
            self._say_once()
            self._answer(503, "Too many connections are open; try again in a moment.", {"Retry-After": "2"})

    def data_received(self, data: bytes) -> None:
        """Read on, and end it when there is far more around a body than a request needs."""
        if self.transport.is_closing():
            return
        self._bytes += len(data)
        if self._until is None and _unanswered(self.cycle) is None:
            self._expect()
        super().data_received(data)
        if self._bytes > HEAD_BYTES + AROUND * self._body:
            self._answer(431, f"The headers are larger than {HEAD_BYTES:,} bytes; send less.")

    def on_message_begin(self) -> None:
        """A request begins: its headers are awaited."""
        super().on_message_begin()
        self._head = True
        self._expect()

    def on_headers_complete(self) -> None:
        """The headers are here: the body is awaited."""
        super().on_headers_complete()
        self._head = False
        self._expect()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; what follows a body changes nothing any more."""
        if not self._body:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Some of the body has come. After an answer it is only thrown away, which gives no more time."""
        super().on_body(body)
        self._body += len(body)
        if self._until is not None and not self.cycle.response_complete:
            self._until += len(body) / BYTES_A_SECOND

    def on_message_complete(self) -> None:
        """The request is whole: it is our turn."""
        super().on_message_complete()
        self._bytes = self._body = 0
        self._until = None

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: who asks for another protocol is answered in this one, as HTTP has it."""

    def pause_writing(self) -> None:
        """The client does not take what we send."""
        super().pause_writing()
        self._deaf_since = self.loop.time()

    def resume_writing(self) -> None:
        """The client has taken most of it."""
        super().resume_writing()
        self._deaf_since = None

    def look(self, now: float) -> None:
        """Cut the connection when the client is late at two looks in a row.

        One alone may be ours: after a standstill of the loop, what has come meanwhile is read only after the look.
        """
        if not self.config.patience:
            return
        if self._until is None and self.transport.is_closing():
            self._expect()  # the last bytes of an answer are to be taken as well
        elif self._until is not None and self._waits_for_us():
            self._expect()
        late = self._until is not None and now > self._until
        deaf = self._deaf_since is not None and now > self._deaf_since + self.config.patience
        if self._late and (late or deaf):
            if deaf or self.transport.is_closing() or not self._bytes:
                self.transport.abort()  # an idle connection ends without a word, as browsers open some in advance
            else:
                self._answer(
                    408, f"The request was not whole after {self.config.patience:g} seconds; send it again."
                )
        self._late = late or deaf

    def _expect(self) -> None:
        self._until = self.loop.time() + self.config.patience

    def _waits_for_us(self) -> bool:
        """Whether it is our application that does not read on, or has not said yet that a body is welcome."""
        cycle = _unanswered(self.cycle)
        return cycle is not None and (self.flow.read_paused or cycle.waiting_for_100_continue)

    def _too_many_of_one(self) -> bool:
        most = self.config.most_of_one
        if len(self.connections) <= most or self.asker is None:
            return False
        return sum(isinstance(one, Client) and one.asker == self.asker for one in self.connections) > most

    def _say_once(self) -> None:
        """Log it, once a minute."""
        if (now := self.loop.time()) >= self.config.quiet_until:
            self.config.quiet_until = now + 60
            log.warning("too_many_connections", open=len(self.connections), client=self.asker)

    def _answer(self, status: int, detail: str, more: dict[str, str] | None = None) -> None:
        """Answer in place of the application and hang up. What the application still says goes nowhere."""
        if self.transport.is_closing():
            return
        welcome = self._head
        if (cycle := _unanswered(self.cycle)) is not None:
            welcome = not (self._head or cycle.response_started)
            cycle.disconnected = True
            cycle.message_event.set()
        if welcome:
            answer = problems.answer(status, detail, headers={"Connection": "close"} | (more or {}))
            lines = [f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}".encode()]
            headers = [*self.server_state.default_headers, *answer.raw_headers]
            lines += [name + b": " + value for name, value in headers]
            self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + bytes(answer.body))
        self.transport.close()


def _unanswered(cycle: RequestResponseCycle | None) -> RequestResponseCycle | None:
    """The request, if there is one that still has no whole answer."""
    return None if cycle is None or cycle.response_complete else cycle
