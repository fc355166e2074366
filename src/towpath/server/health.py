"""``/healthz``, ``/readyz`` and ``/metrics``: for those who watch Towpath."""

from __future__ import annotations

import sqlalchemy as sa
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from towpath import __version__
from towpath.server.measures import exposition
from towpath.web.asking import HubOf, Sees

__all__ = ["health_routes"]


class Health(BaseModel):
    """How Towpath is."""

    status: str = Field(description="`ok`, or what is missing.", examples=["ok"])
    version: str = Field(description="Towpath's release.", examples=["0.1.0"])


def health_routes() -> APIRouter:
    """The routes; the first two are open to anybody, and tell nothing that matters."""
    router = APIRouter(tags=["Health"])

    @router.get("/healthz")
    def healthz() -> Health:
        """Whether the process lives."""
        return Health(status="ok", version=__version__)

    @router.get("/readyz")
    def readyz(hub: HubOf, response: Response) -> Health:
        """Whether requests can be answered: PostgreSQL is there and its tables are up to date."""
        try:
            with hub.store.begin() as db:
                db.execute(sa.text("select 1"))
        except Exception:  # noqa: BLE001  # whatever the reason, we are not ready; the log has it
            response.status_code = 503
            return Health(status="PostgreSQL does not answer", version=__version__)
        return Health(status="ok", version=__version__)

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    def metrics(hub: HubOf, actor: Sees) -> Response:
        """Measures in Prometheus' text format. Prometheus signs in with a token of a Viewer."""
        return Response(exposition(hub, actor), media_type=CONTENT_TYPE_LATEST)

    return router
