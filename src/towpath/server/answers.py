"""Refusals that middleware sends itself, before any route is asked."""

from __future__ import annotations

from starlette.types import Receive, Scope, Send

from towpath.web import problems

__all__ = ["refuse"]


async def refuse(
    scope: Scope, receive: Receive, send: Send, status: int, detail: str, **headers: str
) -> None:
    """Answer with a problem. Names of headers are written with ``_`` for ``-``."""
    response = problems.answer(
        status,
        detail,
        request_id=scope.get("towpath.request_id"),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    await response(scope, receive, send)
