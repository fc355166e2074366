"""JSON-RPC, the protocol of Odoo 8 to 21: POST /jsonrpc, always HTTP 200, errors by ``data.name`` (facts §2.2)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from towpath.errors import ProtocolError
from towpath.odoo.answers import Asked, refusal
from towpath.odoo.incoming import read_json
from towpath.odoo.outgoing import as_json
from towpath.odoo.status import refused_status
from towpath.odoo.wire import Wire

__all__ = ["json_service"]

NUMBERS = itertools.count(1)


def json_service(
    wire: Wire,
    service: str,
    method: str,
    args: Sequence[Any],
    *,
    asked: Asked | None = None,
    repeatable: bool = False,
    timeout: float | None = None,
) -> Any:
    """Call a service (common, object, db) and return its result.

    An answer with neither result nor error is None: 17.0 leaves the result out then (real-odoo.md §4).
    """
    asked = asked or Asked()
    number = next(NUMBERS)
    reply = wire.send(
        "POST",
        "/jsonrpc",
        content=as_json(
            {
                "jsonrpc": "2.0",
                "method": "call",
                "params": {"service": service, "method": method, "args": args},
                "id": number,
            }
        ),
        headers={"Content-Type": "application/json"},
        repeatable=repeatable,
        timeout=timeout,
    )
    if reply.status != 200 or not reply.is_json:
        raise refused_status(reply, protocol="jsonrpc", database=asked.database)
    body = read_json(reply.body)
    if not isinstance(body, dict) or body.get("jsonrpc") != "2.0" or body.get("id") not in {number, None}:
        raise ProtocolError(f"{wire.host} answered JSON that is not JSON-RPC; check the address.")
    error = body.get("error")
    if error is not None:
        data = error.get("data") if isinstance(error, dict) else None
        data = data if isinstance(data, dict) else {}
        text = data.get("message") or (error.get("message") if isinstance(error, dict) else error)
        raise refusal(data.get("name"), text, asked)
    return body.get("result")
