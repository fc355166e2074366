"""The last stop of a request: whatever nobody expected is logged, and answered without any inside of ours."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from towpath.hub import Hub
from towpath.logs import get_logger
from towpath.web import problems

__all__ = ["Unexpected"]

log = get_logger(__name__)


class Unexpected:
    """Answer 500 for an error that is none of ours. An answer that has begun can only be cut off."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def look(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, look)
        except Exception as error:
            log.exception("request_failed", error=type(error).__name__)
            if begun:
                raise
            refusal = problems.answer(
                500,
                "Towpath met something it did not expect; the log has more under the request's id. Trying again may help.",
                kind="/problems/unexpected",
                request_id=scope["towpath.request_id"],
            )
            await refusal(scope, receive, send)
