"""The JSON-2 end point of 19.0: `POST /json/2/<model>/<method>` (facts §2.1, real-odoo §5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.faults import Interruption
from towpath.sandbox.odoo_server.wire import auth
from towpath.sandbox.odoo_server.wire.calls import call_named
from towpath.sandbox.odoo_server.wire.errors import HttpError, describe, html_page
from towpath.sandbox.odoo_server.wire.gateway import Gateway
from towpath.sandbox.odoo_server.wire.http import Request, Response
from towpath.sandbox.odoo_server.wire.values import dumps, loads

__all__ = ["failure_response", "identify_bearer", "json2"]

JSON_TYPE = "application/json; charset=utf-8"
_PREFIX = "/json/2"


def json2(gateway: Gateway, request: Request) -> Response:
    """Any request below /json/2."""
    db = gateway.chosen(request.headers.get("x-odoo-database"))
    if db is None:
        return Response(status=404, body=html_page(404))
    parts = request.path.removeprefix(_PREFIX).strip("/").split("/")
    known = len(parts) == 2 and all(parts) and request.method in {"POST", "OPTIONS"}
    if known and request.mimetype != "application/json":
        return Response(status=415, body=html_page(415))
    if not known:
        return failure_response(
            gateway, HttpError("NotFound", 404, "Did you mean POST /json/2/<model>/<method>?")
        )
    try:
        identify = identify_bearer(gateway, request)
        try:
            body = _body(request.body)
        except HttpError:
            gateway.transaction(db, identify)  # who calls comes before what is sent
            raise
        model, method = parts
        result = gateway.call(
            db,
            identify=identify,
            model=model,
            method=method,
            perform=lambda env: call_named(env, model, method, body, gateway.version),
            path=request.path,
            http=True,
        )
        return Response(body=dumps(result), content_type=JSON_TYPE)
    except Interruption:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever fails is told to the client
        return failure_response(gateway, problem)


def identify_bearer(gateway: Gateway, request: Request) -> Callable[[Env], int]:
    """A function that finds the user behind the Authorization header.

    It raises:
        HttpError: 401 without a bearer key, or with one that is unknown, expired or revoked.
    """

    def identify(env: Env) -> int:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise HttpError(
                "Unauthorized",
                401,
                "User not authenticated, use an API Key with a Bearer Authorization header.",
            )
        uid = auth.bearer(env.cr, key.strip(), now=gateway.now(), marks=gateway.faults)
        if uid is None:
            raise HttpError("Unauthorized", 401, "Invalid apikey")
        return uid

    return identify


def failure_response(gateway: Gateway, problem: Exception) -> Response:
    """The JSON body and status of a failed call."""
    failure = describe(problem)
    headers = [("WWW-Authenticate", "Bearer")] if failure.status == 401 else []
    try:
        body = dumps(failure.data(gateway.version))
    except UnicodeEncodeError:
        return Response(status=500, body=html_page(500))
    return Response(status=failure.status, body=body, content_type=JSON_TYPE, headers=headers)


def _body(text: bytes) -> dict[str, Any]:
    """The arguments: an empty body, a list, a number or null count as none (recorded).

    Raises:
        HttpError: 400 when it is not JSON.
    """
    if not text.strip():
        return {}
    try:
        body = loads(text)
    except ValueError as problem:
        raise HttpError("BadRequest", 400, f"could not parse the body as json: {problem}") from problem
    return body if isinstance(body, dict) else {}
