"""Who asks: a session's cookie or an API token becomes an actor, before any route is asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from anyio import to_thread
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from towpath.access import act_as
from towpath.features.people import service as people
from towpath.hub import Hub
from towpath.server.answers import refuse
from towpath.web.cookies import session_cookie
from towpath.web.places import is_api

__all__ = ["SignedIn"]

#: What a page of another site can neither send with a form nor without asking first (OWASP: custom request header).
HEADER = b"x-towpath"


class SignedIn:
    """Find the actor (``scope["towpath.actor"]``) and let the code below work for them.

    A request that changes something by a cookie must come from our own pages: its ``Origin`` is ours and it carries
    the header ``X-Towpath``. Tokens need no such proof, as no browser sends them by itself.
    """

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        bearer = _bearer(headers.get(b"authorization", b""))
        session = _cookie(headers.get(b"cookie", b""), session_cookie(self.hub.settings))
        changes = scope["method"] not in {"GET", "HEAD", "OPTIONS"}
        if changes and bearer is None and is_api(scope["path"]) and not self._from_our_page(headers):
            await refuse(
                scope,
                receive,
                send,
                403,
                "This request did not come from Towpath's own pages; programs send an API token as "
                "`Authorization: Bearer ...`, pages add the header `X-Towpath: 1`.",
            )
            return
        client = scope["towpath.client"]
        actor = None
        if bearer is not None or session is not None:
            actor = await to_thread.run_sync(
                lambda: people.actor_of(self.hub, session=session, bearer=bearer, address=client)
            )
        scope["towpath.actor"] = actor
        name = actor.name if actor else "anybody"
        with act_as(name, address=client, request_id=scope["towpath.request_id"]):
            await self.app(scope, receive, send)

    def _from_our_page(self, headers: dict[bytes, bytes]) -> bool:
        if HEADER not in headers:
            return False
        origin = headers.get(b"origin")
        if origin is None:
            return headers.get(b"sec-fetch-site", b"same-origin") in {b"same-origin", b"none"}
        host = headers.get(b"host", b"").decode("latin-1")
        there: Any = urlsplit(origin.decode("latin-1"))
        public = self.hub.settings.public_url.rstrip("/")
        return there.netloc == host or (bool(public) and origin.decode("latin-1") == public)


def _bearer(value: bytes) -> str | None:
    kind, _, token = value.decode("latin-1").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def _cookie(value: bytes, name: str) -> str | None:
    """Ours among all that the host's programs set: theirs may be written in any way, and ours counts all the same."""
    return cookie_parser(value.decode("latin-1")).get(name) or None
