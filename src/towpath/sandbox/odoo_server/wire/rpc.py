"""The JSON-RPC and XML-RPC end points: envelopes in, envelopes out (real-odoo §5)."""

from __future__ import annotations

import inspect
from typing import Any

from towpath.sandbox.odoo_server.faults import Interruption
from towpath.sandbox.odoo_server.wire import xml
from towpath.sandbox.odoo_server.wire.errors import Failure, describe, html_page
from towpath.sandbox.odoo_server.wire.gateway import Gateway
from towpath.sandbox.odoo_server.wire.http import Request, Response
from towpath.sandbox.odoo_server.wire.services import dispatch
from towpath.sandbox.odoo_server.wire.values import dumps, loads

__all__ = ["envelope", "json_request", "jsonrpc", "xmlrpc", "xmlrpc_old"]

JSON_TYPE = "application/json; charset=utf-8"
XML_TYPE = "text/xml; charset=utf-8"


def jsonrpc(gateway: Gateway, request: Request) -> Response:
    """POST /jsonrpc."""
    refusal, asked = json_request(gateway, request)
    if refusal is not None:
        return refusal
    try:
        params = dict(asked.get("params") or {})
        _bind_jsonrpc(gateway.version, params)
        result = dispatch(gateway, params["service"], params["method"], params["args"], path=request.path)
        return envelope(gateway, asked, result=result)
    except Interruption:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever fails is told to the client
        return envelope(gateway, asked, failure=describe(problem))


def json_request(gateway: Gateway, request: Request) -> tuple[Response | None, dict[str, Any]]:
    """(refusal, the JSON-RPC object): exactly one of the two means something."""
    if request.mimetype not in {"application/json", "application/json-rpc"}:
        status = 400 if gateway.version == "17.0" else 415
        return Response(status=status, body=html_page(status, _WRONG_TYPE.format(request.path))), {}
    try:
        asked = loads(request.body)
    except ValueError:
        return Response(status=400, body=b"Invalid JSON data"), {}
    if not isinstance(asked, dict):
        return Response(status=400, body=b"Invalid JSON-RPC data"), {}
    return None, asked


_WRONG_TYPE = "Request inferred type is not compatible with {}; type 'json' is needed."


def envelope(
    gateway: Gateway,
    asked: dict[str, Any],
    *,
    result: Any = None,
    failure: Failure | None = None,
    code: int | None = None,
) -> Response:
    """The JSON-RPC answer; a result of None leaves `result` out, as real servers do."""
    answer: dict[str, Any] = {"jsonrpc": "2.0", "id": asked.get("id")}
    if failure is not None:
        number = (200 if gateway.version == "17.0" else 0) if code is None else code
        message = "Odoo Session Expired" if number == 100 else "Odoo Server Error"
        answer["error"] = {"code": number, "message": message, "data": failure.data(gateway.version)}
    elif result is not None:
        answer["result"] = result
    try:
        return Response(body=dumps(answer), content_type=JSON_TYPE)
    except UnicodeEncodeError:
        return Response(status=500, body=html_page(500))


def _bind_jsonrpc(version: str, params: dict[str, Any]) -> None:
    """Check the three members of `params` in Python's own words.

    Raises:
        TypeError: when one is missing.
    """

    def jsonrpc(self: Any, service: Any, method: Any, args: Any) -> None:
        pass

    jsonrpc.__qualname__ = "RPC.jsonrpc" if version == "17.0" else "JSONRPC.jsonrpc"
    known = inspect.signature(jsonrpc).parameters
    jsonrpc(None, **{name: value for name, value in params.items() if name in known and name != "self"})


def xmlrpc(gateway: Gateway, request: Request, service: str) -> Response:
    """POST /xmlrpc/2/<service>: whole-number fault codes."""
    return _xmlrpc(gateway, request, service, numbered=True)


def xmlrpc_old(gateway: Gateway, request: Request, service: str) -> Response:
    """POST /xmlrpc/<service>: the old end point, whose fault codes are texts."""
    return _xmlrpc(gateway, request, service, numbered=False)


def _xmlrpc(gateway: Gateway, request: Request, service: str, *, numbered: bool) -> Response:
    try:
        params, method = xml.parse_call(request.body, use_datetime=gateway.version != "17.0")
        result = dispatch(gateway, service, method, params, path=request.path)
        body = xml.write_result(result, gateway.version)
    except Interruption:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever fails is told to the client
        failure = describe(problem)
        code, text = _numbered(failure) if numbered else _named(failure)
        body = xml.write_fault(code, text, gateway.version)
    return Response(body=body, content_type=XML_TYPE)


def _numbered(failure: Failure) -> tuple[int, str]:
    short = failure.name.rpartition(".")[2]
    if not failure.name.startswith("odoo.exceptions."):
        return 1, failure.debug
    return {"AccessDenied": 3, "AccessError": 4}.get(short, 2), failure.message


def _named(failure: Failure) -> tuple[str, str]:
    short = failure.name.rpartition(".")[2]
    if not failure.name.startswith("odoo.exceptions."):
        return failure.message, failure.debug
    if short == "AccessDenied":
        return short, failure.message
    label = {"RedirectWarning": "Warning", "ValidationError": "UserError"}.get(short, short)
    return f"warning -- {label}\n\n{failure.message}", ""
