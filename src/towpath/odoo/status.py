"""What a bare HTTP status means, when the answer is not one of Odoo's own error bodies.

Proxies, load balancers and firewalls in front of Odoo answer in their own way; so does Odoo for a database
it does not know (404 with an HTML page, real-odoo.md §5).
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from towpath.errors import (
    AddressError,
    CallError,
    DatabaseError,
    KeyRefusedError,
    ProtocolError,
    RateLimitedError,
    ServerBusyError,
    TowpathError,
)
from towpath.odoo.wire import Reply

__all__ = ["LABELS", "refused_status", "retry_after"]

LABELS = {"json2": "JSON-2", "jsonrpc": "JSON-RPC", "xmlrpc": "XML-RPC"}
"""Names of the protocols for people."""


def refused_status(reply: Reply, *, protocol: str, database: str | None) -> TowpathError:
    """Return the error for an HTTP answer that is not the protocol's."""
    label, host = LABELS[protocol], urlsplit(reply.url).netloc
    details = {"status": reply.status, "content_type": reply.content_type}
    match reply.status:
        case 429:
            return RateLimitedError(
                f"{host} says that too many calls were made; Towpath waits before the next one.",
                retry_after=retry_after(reply),
                details={**details, "applied": False},
            )
        case 502 | 503 | 504 | 520 | 521 | 522 | 523 | 524:
            return ServerBusyError(
                f"{host} is busy, restarting or too slow (HTTP {reply.status}); try again in a while.",
                retry_after=retry_after(reply),
                details=details,
            )
        case 301 | 302 | 303 | 307 | 308:
            target = urljoin(reply.url, reply.headers.get("location", ""))
            return AddressError(
                f"{host} has moved to {_root(target)}; put that address into the connection.",
                details={**details, "location": _root(target), "applied": False},
            )
        case 401:
            return KeyRefusedError(
                f"{host} asks for a sign-in before Odoo is reached; let {label} calls through there.",
                details=details,
            )
        case 403:
            return AddressError(
                f"Something in front of Odoo at {host} refuses {label} calls (HTTP 403); allow them there.",
                details=details,
            )
        case 404 if protocol == "json2":
            named = f"the database “{database}”" if database else "a database for this address"
            return DatabaseError(
                f"{host} knows no JSON-2 or not {named}; check the database name, and that Odoo is 19.0 or later.",
                details=details,
            )
        case 404 | 405 | 410:
            return AddressError(
                f"{host} offers no {label} (HTTP {reply.status}); Odoo 22 and later have JSON-2 only, "
                "which needs an API key.",
                details=details,
            )
        case 413:
            return CallError(
                f"{host} takes no request of this size; send fewer records at once.", details=details
            )
        case 500 if not reply.is_json:
            return CallError(f"Odoo at {host} failed without saying why (HTTP 500).", details=details)
        case _:
            return ProtocolError(
                f"{host} answered a {label} call with {_kind(reply)} (HTTP {reply.status}); check the address.",
                details=details,
            )


def retry_after(reply: Reply) -> float | None:
    """Return the seconds to wait that a Retry-After header asks for (a number or an HTTP date), or None."""
    value = reply.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _kind(reply: Reply) -> str:
    return {"text/html": "a web page", "application/json": "other JSON", "": "nothing known"}.get(
        reply.content_type, reply.content_type
    )
