"""Only names that are ours are answered: a page of somebody else can not reach us by rebinding its name."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from towpath.hub import Hub
from towpath.server.answers import refuse

__all__ = ["Hosts"]

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Hosts:
    """Refuse a ``Host`` that is neither this machine, the public address nor named in ``TOWPATH_HOSTS``."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        public = urlsplit(hub.settings.public_url).hostname
        self.names = _LOCAL | {name.lower() for name in hub.settings.hosts} | ({public} if public else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and not self._ours(scope):
            await refuse(
                scope,
                receive,
                send,
                421,
                "This name does not lead to Towpath; ask for its own address, or add the name to TOWPATH_HOSTS.",
            )
            return
        await self.app(scope, receive, send)

    def _ours(self, scope: Scope) -> bool:
        given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(given) != 1:
            return False
        try:
            name = urlsplit(f"//{given[0]}").hostname
        except ValueError:
            return False
        return name is not None and name.lower() in self.names
