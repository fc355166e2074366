"""Why a sign-in was refused: a wrong secret, two-factor authentication, or a plan without the external API.

Odoo gives the same answer to all three over its API. What tells them apart is the sign-in of its web
client: it takes the password and then asks for the second factor, or lets the user in.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson

from towpath.errors import KeyRefusedError, PlanError, TowpathError, TwoFactorError
from towpath.odoo.access import Access
from towpath.odoo.outgoing import as_json
from towpath.odoo.wire import Wire

__all__ = ["why_refused"]


def why_refused(access: Access, wire: Wire, refused: KeyRefusedError) -> TowpathError:
    """Return the error that says which of the three it is, as far as Odoo tells."""
    web = _web_sign_in(access, wire) if access.login and access.database else "unknown"
    if web == "second factor":
        return TwoFactorError(
            f"Two-factor authentication is on for {access.login}, so its password does not work here; "
            "create an API key in Odoo (Preferences, Account Security) and give that."
        )
    if web == "in" and access.on_odoo_com:
        return PlanError(
            "The password is right, but this subscription has no external API; "
            "it comes with Odoo's Custom plan (Odoo.sh and own servers have it always)."
        )
    if web == "in":
        return KeyRefusedError(
            "The password is right, but this Odoo takes only API keys from outside; "
            "create one in Odoo (Preferences, Account Security) and give that.",
            details=refused.details,
        )
    if access.protocol == "json2" or not access.login:
        return KeyRefusedError(
            "Odoo refused the API key: it is wrong, revoked or expired; "
            "create a new one in Odoo (Preferences, Account Security) and store it.",
            details=refused.details,
        )
    plan = " On odoo.com, also check that the subscription is the Custom plan." if access.on_odoo_com else ""
    return KeyRefusedError(
        f"Odoo refused the API key or password of {access.login}: check both, or create a new API key.{plan}",
        details=refused.details,
    )


def _web_sign_in(access: Access, wire: Wire) -> str:
    """Return "in", "second factor", "refused" or "unknown"."""
    answer: Any = None
    with suppress(TowpathError, ValueError):
        reply = wire.send(
            "POST",
            "/web/session/authenticate",
            content=as_json(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {"db": access.database, "login": access.login, "password": access.secret},
                    "id": 1,
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        answer = orjson.loads(reply.body) if reply.status == 200 and reply.is_json else None
    if not isinstance(answer, dict):
        return "unknown"
    result = answer.get("result")
    if not isinstance(result, dict):
        return "refused" if answer.get("error") else "unknown"
    if "uid" not in result:
        return "unknown"
    return "in" if result["uid"] else "second factor"
