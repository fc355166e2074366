"""The outermost layer: every request has an id and leaves one line in the log."""

from __future__ import annotations

import time
import uuid

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from towpath.hub import Hub
from towpath.logs import get_logger
from towpath.web.neighbours import bare

__all__ = ["RequestIds", "client_of"]

log = get_logger(__name__)


class RequestIds:
    """Give each request an id (also as the header ``X-Request-Id``) and log how it went."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex[:12]
        scope["towpath.request_id"] = request_id
        scope["towpath.client"] = client_of(scope, self.hub.settings.trusted_proxies)
        started = time.perf_counter()
        status = 499  # stays when the client goes away before its request is whole

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, tell)
            finally:
                log.info(
                    "request",
                    method=scope["method"],
                    path=scope["path"],
                    status=status,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                    client=scope["towpath.client"],
                )


def client_of(scope: Scope, trusted: int) -> str:
    """The address that asks: the last of ``X-Forwarded-For`` that none of our ``trusted`` proxies wrote."""
    peer = str((scope.get("client") or ("unknown", 0))[0])
    if not trusted:
        return peer
    given = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    hops = [hop.strip() for hop in given.decode("latin-1").split(",") if hop.strip()]
    return bare(hops[-trusted])[:64] if len(hops) >= trusted else peer
