"""The application: features' routes under ``/api/v1``, the workspace under ``/``, and the way requests take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from towpath import __version__, plugins
from towpath.hub import Hub
from towpath.server.described import describe
from towpath.server.headers import SecurityHeaders
from towpath.server.health import health_routes
from towpath.server.hosts import Hosts
from towpath.server.idempotency import Idempotency
from towpath.server.limits import Limits
from towpath.server.measures import Measures
from towpath.server.requests import RequestIds
from towpath.server.signed import SignedIn
from towpath.server.unexpected import Unexpected
from towpath.server.workspace import add_workspace
from towpath.web import problems
from towpath.web.places import API, SI

__all__ = ["API", "create_app"]


_DESCRIPTION = """Everything the workspace and the command line do.

Send an API token as `Authorization: Bearer tp_...`; the workspace has a session cookie. `x-right` is the right a route
takes, on some connection at least. Errors are problem details (RFC 9457) whose `detail` says what to do. Lists come in pages:
give `next` as `cursor`. A POST with an `Idempotency-Key` may be repeated safely for a day. What two people may edit carries an `ETag`;
send it back as `If-Match`.
"""


def create_app(hub: Hub) -> FastAPI:
    """The application for a hub that is open. It starts no jobs; ``towpath up`` does."""
    app = FastAPI(
        title="Towpath",
        version=__version__,
        description=_DESCRIPTION,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # their pages load scripts from elsewhere, which the workspace's policy forbids
        redoc_url=None,
        middleware=_middleware(hub),
        responses=problems.ANSWERS,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.hub = hub
    problems.install(app)
    app.include_router(health_routes())
    for feature in plugins.features():
        if feature.routes:
            make: Any = plugins.load(feature.routes)
            router: APIRouter = make()
            app.include_router(router, prefix=API, tags=[feature.title])
        if feature.integrations:
            make = plugins.load(feature.integrations)
            app.include_router(make(), prefix=SI, tags=[feature.title])
    add_workspace(app)
    describe(app)
    return app


def _middleware(hub: Hub) -> list[Middleware]:
    """From the outside in: whatever comes first sees all that follow."""
    ways: list[Callable[..., ASGIApp]] = [
        RequestIds,
        Measures,
        SecurityHeaders,
        Unexpected,
        Hosts,
        Limits,
        SignedIn,
        Idempotency,
    ]
    return [Middleware(way, hub=hub) for way in ways]
