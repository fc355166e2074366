"""Where the running call came from: some methods act only for callers that have an HTTP request of their own.

On a real server JSON-2 and the web client's calls have one, calls through the old services have not.
"""

from __future__ import annotations

from contextvars import ContextVar

__all__ = ["over_http"]

over_http: ContextVar[bool] = ContextVar("over_http", default=False)
"""True while a call of JSON-2 or of the web client is performed."""
