"""`/sandbox/...`: the switchboard of faults and the counters, over HTTP and from this machine only.

GET    /sandbox/ready              {"version", "databases", "users": {login: {"password", "key"}}}
GET    /sandbox/faults             the faults that are on, each with `seen` and `fired`
POST   /sandbox/faults             {"kind": ..., ...} or a list of them; answers them with their `id`
DELETE /sandbox/faults[/<id>]      switch all, or one, off
POST   /sandbox/faults/<id>/release   let held transactions commit
GET    /sandbox/calls              {"calls": {"model/method": n}, "log": [...], "in_flight": n, "peak": n}
DELETE /sandbox/calls              reset the counters
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from towpath.sandbox.odoo_server.faults import Fault, Switchboard
from towpath.sandbox.odoo_server.wire.http import Request, Response
from towpath.sandbox.odoo_server.wire.values import dumps, loads

__all__ = ["Control"]


class Control:
    """Answers the requests below /sandbox.

    `add` switches a fault on (the server's own method, because some faults change the database); `facts` is what
    /sandbox/ready shows.
    """

    def __init__(
        self, faults: Switchboard, *, add: Callable[..., Fault], facts: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._faults = faults
        self._add = add
        self._facts = facts

    def answer(self, request: Request) -> Response:
        """The answer to a request below /sandbox."""
        if not _is_local(request.peer):
            return _json({"error": "only from this machine"}, 403)
        parts = request.path.strip("/").split("/")[1:]
        try:
            return self._route(request.method, parts, request.body)
        except (ValueError, TypeError, AttributeError) as problem:
            return _json({"error": str(problem)}, 400)

    def _route(self, method: str, parts: list[str], body: bytes) -> Response:
        match method, parts:
            case "GET", ["ready"]:
                return _json(dict(self._facts()))
            case "GET", ["faults"]:
                return _json([fault.as_dict() for fault in self._faults.all()])
            case "POST", ["faults"]:
                asked = loads(body)
                many = asked if isinstance(asked, list) else [asked]
                made = [self._add(**one).as_dict() for one in many]
                return _json(made if isinstance(asked, list) else made[0], 201)
            case "DELETE", ["faults"]:
                self._faults.clear()
                return _json([])
            case "DELETE", ["faults", number]:
                gone = self._faults.remove(int(number))
                return _json(gone.as_dict()) if gone else _json({"error": "no such fault"}, 404)
            case "POST", ["faults", number, "release"]:
                known = self._faults.release(int(number))
                return _json({"released": known}, 200 if known else 404)
            case "GET", ["calls"]:
                return _json(
                    {
                        "calls": self._faults.calls(),
                        "log": self._faults.log(),
                        "in_flight": self._faults.in_flight,
                        "peak": self._faults.peak,
                    }
                )
            case "DELETE", ["calls"]:
                self._faults.reset_counters()
                return _json({})
            case _:
                return _json({"error": "no such page; see docs/sandbox.md"}, 404)


def _is_local(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


def _json(value: Any, status: int = 200) -> Response:
    return Response(status=status, body=dumps(value), content_type="application/json; charset=utf-8")
