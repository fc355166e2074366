"""What people offer to the server and the command line."""

from __future__ import annotations

from towpath.access import Actor
from towpath.hub import Hub

__all__ = ["actor_of", "first_run_token"]


def actor_of(hub: Hub, *, session: str | None, bearer: str | None, address: str) -> Actor | None:
    """Who a session's or an API token's text stands for; None when it is not valid (any more)."""
    del hub, session, bearer, address
    return None


def first_run_token(hub: Hub) -> str | None:
    """A fresh one-time token for the set-up of the first administrator; None when there is one."""
    del hub
    return None
