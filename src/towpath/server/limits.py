"""Limits of what one request, and one asker, may take: size of the body, requests a minute."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from towpath.hub import Hub
from towpath.server.answers import refuse
from towpath.web.neighbours import network
from towpath.web.places import is_api

__all__ = ["Limits"]

#: Askers whose pace is remembered; the one unheard for longest is forgotten first.
_ASKERS = 10_000


class Limits:
    """Refuse bodies that are too large (413) and askers that are too quick (429).

    The pace is kept by address (of version 6 by the /64) in this process: it guards the process, not a budget. Sign-in has its own delay,
    which holds over all processes.
    """

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        self.body_bytes = hub.settings.body_bytes
        self.a_minute = hub.settings.requests_per_minute
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or not is_api(scope["path"]):
            await self.app(scope, receive, send)
            return
        wait = self._take(network(scope["towpath.client"]))
        if wait > 0:
            sentence = "Too many requests came from your address; wait a moment and go on more slowly."
            await refuse(scope, receive, send, 429, sentence, Retry_After=str(max(1, round(wait + 0.5))))
            return
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        too_large = f"The body is larger than {self.body_bytes:,} bytes; send less at a time."
        if length.isdigit() and int(length) > self.body_bytes:
            await refuse(scope, receive, send, 413, too_large)
            return
        # A body that tells no length is counted as it comes; the route is not asked before it is whole.
        body = bytearray()
        if not length and scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return
                body += message.get("body", b"")
                if len(body) > self.body_bytes:
                    await refuse(scope, receive, send, 413, too_large)
                    return
                if not message.get("more_body"):
                    break
            await self.app(scope, _again(bytes(body), receive), send)
            return
        await self.app(scope, receive, send)

    def _take(self, asker: str) -> float:
        """Take one of the asker's requests; seconds to wait when none is left."""
        if not self.a_minute:
            return 0.0
        now = time.monotonic()
        with self._lock:
            left, since = self._left.pop(asker, (float(self.a_minute), now))
            left = min(float(self.a_minute), left + (now - since) * self.a_minute / 60)
            wait = 0.0 if left >= 1 else (1 - left) * 60 / self.a_minute
            self._left[asker] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > _ASKERS:
                self._left.popitem(last=False)
        return wait


def _again(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives the body once more, then what follows."""
    told = False

    async def give() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return give
