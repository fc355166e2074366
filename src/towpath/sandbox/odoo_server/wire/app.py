"""Which path is answered by what; and the faults that act on whole requests."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from towpath.sandbox.odoo_server.faults import FaultAnswer, Interruption
from towpath.sandbox.odoo_server.wire.control import Control
from towpath.sandbox.odoo_server.wire.doc import Documentation
from towpath.sandbox.odoo_server.wire.errors import html_page
from towpath.sandbox.odoo_server.wire.gateway import Gateway
from towpath.sandbox.odoo_server.wire.http import Request, Response
from towpath.sandbox.odoo_server.wire.json2 import json2
from towpath.sandbox.odoo_server.wire.rpc import jsonrpc, xmlrpc, xmlrpc_old
from towpath.sandbox.odoo_server.wire.web import Web

__all__ = ["App"]

_FAULT_PAGES = {
    429: "Too Many Requests",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


class App:
    """Answers HTTP requests; `on_error` is told the traceback of an answer that could not be made."""

    def __init__(self, gateway: Gateway, control: Control, *, on_error: Callable[[str], None]) -> None:
        self._gateway = gateway
        self._control = control
        self._web = Web(gateway)
        self._doc = Documentation(gateway, self._web)
        self._on_error = on_error

    def __call__(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            ConnectionCut: when a fault ends the connection.
        """
        if request.path.startswith("/sandbox/"):
            return self._control.answer(request)
        faults = self._gateway.faults
        with faults.flight():
            try:
                faults.meet(request.path)
                response = self._route(request)
                response.half = not faults.quiet and self._gateway.cut_short()
            except FaultAnswer as fault:
                return _fault_response(fault)
            except Interruption:
                raise
            except Exception:  # noqa: BLE001 - the server must live on; what happened is reported
                self._on_error(traceback.format_exc())
                return Response(status=500, body=html_page(500))
            return response

    def _route(self, request: Request) -> Response:
        path = request.path
        if path.startswith("/json/2/") and self._gateway.version != "17.0":
            return json2(self._gateway, request)
        if path == "/jsonrpc":
            return jsonrpc(self._gateway, request)
        if path.startswith("/xmlrpc/"):
            return self._xmlrpc(request, path.removeprefix("/xmlrpc/"))
        if path.startswith(("/doc-bearer/", "/doc/")) and self._gateway.version != "17.0":
            return self._doc.answer(request)
        return self._web.answer(request) or Response(status=404, body=html_page(404))

    def _xmlrpc(self, request: Request, rest: str) -> Response:
        if request.method != "POST":
            return Response(status=405, body=html_page(405), headers=[("Allow", "OPTIONS, POST")])
        first, _, service = rest.strip("/").partition("/")
        if "/" in service:
            return Response(status=404, body=html_page(404))
        if first == "2" and service:
            return xmlrpc(self._gateway, request, service)
        return (
            Response(status=404, body=html_page(404))
            if service
            else xmlrpc_old(self._gateway, request, first)
        )


def _fault_response(fault: FaultAnswer) -> Response:
    if fault.page:
        body = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to the network</body></html>"
        return Response(status=200, body=body)
    title = f"{fault.status} {_FAULT_PAGES.get(fault.status, 'Error')}"
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n".encode()
    headers = [] if fault.retry_after is None else [("Retry-After", f"{fault.retry_after:g}")]
    return Response(status=fault.status, body=body, headers=headers)
