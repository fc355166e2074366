"""What the OpenAPI document says beyond what FastAPI finds: how to sign in, the right a route takes, headers for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from towpath.access import Right
from towpath.web.asking import actor_of, half_actor_of

__all__ = ["Taken", "describe", "taken"]

_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token, `tp_...`: made under *My account, Tokens* or by `towpath token add`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "towpath",
        "description": "The session of the workspace. Requests that change something also send `X-Towpath: 1`.",
    },
}
_SIGNED_IN: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Of your choice: the same request within a day is carried out once and answered alike.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
}
_ETAG = {
    "description": "The state that was read; send it back as `If-Match` with a change.",
    "schema": {"type": "string"},
}

#: What a route takes: a right, `signed` for nothing more than a sign-in, None where it is open to anybody.
Taken = Right | str | None


def taken(route: APIRoute) -> Taken:
    """What a route asks of who calls it."""
    calls = list(_calls(route.dependant))
    right = next((call.right for call in calls if hasattr(call, "right")), None)
    return cast("Taken", right or ("signed" if {actor_of, half_actor_of} & set(calls) else None))


def describe(app: FastAPI) -> None:
    """Let the application's document say it."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(app, plain())
        assert app.openapi_schema is not None  # noqa: S101  # for mypy; FastAPI keeps what it made
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's own guide on extending the document does


def _complete(app: FastAPI, document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = _SCHEMES
    asked = {
        route.name: taken(route)
        for context in iter_route_contexts(app.routes)
        if isinstance(route := context.original_route, APIRoute)
    }
    for operations in document["paths"].values():
        for method, operation in operations.items():
            what = asked[operation["operationId"]]
            operation["security"] = _SIGNED_IN if what else []
            if isinstance(what, Right):
                operation["x-right"] = what.value
            if method == "post" and what:
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
        change = operations.get("patch", {})
        if "get" in operations and any(one["name"] == "If-Match" for one in change.get("parameters", ())):
            operations["get"]["responses"]["200"]["headers"] = {"ETag": _ETAG}


def _calls(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for below in dependant.dependencies:
        yield from _calls(below)
