"""``GET /si/connectors/registry`` and ``POST /si/connectors/{id}/health``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from towpath.access import Actor, Right
from towpath.errors import NotFoundError, TowpathError
from towpath.features.connections import service as connections
from towpath.features.connections.service import Connection
from towpath.hub import Hub
from towpath.web.asking import HubOf, Runs, Sees
from towpath.web.outside import apart

__all__ = ["router"]

#: The one kind there is: an enterprise resource planning system, by its product.
ODOO = "erp:odoo"

ConnectorId = Annotated[
    str,
    Path(pattern=r"^[a-z]+:[a-z0-9_-]+$", max_length=60, description="Kind and product.", examples=[ODOO]),
]
State = Literal["ok", "attention", "not_configured"]


class Member(BaseModel):
    """One connection of a connector."""

    id: str = Field(description="The connection's id.", examples=["5f2d0a9c41e7"])
    name: str = Field(description="Its name.", examples=["acme"])
    status: Literal["ok", "attention", "unknown"] = Field(
        description="How its last test went; `unknown` before the first.", examples=["ok"]
    )
    message: str | None = Field(
        description="What was found, with what to do.", examples=["Odoo 19.0 answers by JSON-2."]
    )
    tested_at: datetime | None = Field(
        description="When it was tested last.", examples=["2026-11-26T18:00:00Z"]
    )


class Connector(BaseModel):
    """A kind of system, and how its connections are."""

    id: str = Field(description="Kind and product.", examples=[ODOO])
    title: str = Field(description="Its name for people.", examples=["Odoo"])
    kind: str = Field(description="What kind of system it is.", examples=["erp"])
    status: State = Field(description="`ok` when every connection is.", examples=["ok"])
    connections: list[Member] = Field(description="The connections that whoever asks may see.")


class Registry(BaseModel):
    """All connectors."""

    connectors: list[Connector] = Field(description="The connectors.")


def _member(one: Connection) -> Member:
    status: Literal["ok", "attention", "unknown"] = "unknown"
    if one.test_ok is not None:
        status = "ok" if one.test_ok else "attention"
    return Member(id=one.id, name=one.name, status=status, message=one.test_message, tested_at=one.tested_at)


def _connector(found: list[Connection]) -> Connector:
    members = [_member(one) for one in found]
    status: State = "ok" if members else "not_configured"
    if any(one.status == "attention" for one in members):
        status = "attention"
    return Connector(id=ODOO, title="Odoo", kind="erp", status=status, connections=members)


def _allowed(hub: Hub, actor: Actor, right: Right) -> list[Connection]:
    held = actor.connections(right)
    return [one for one in connections.listed(hub) if held is None or one.id in held]


def router() -> APIRouter:
    """The routes, to be mounted under ``/si``."""
    routes = APIRouter()

    @routes.get("/connectors/registry")
    def list_connectors(hub: HubOf, actor: Sees) -> Registry:
        """All connectors with their status, as the last tests left it."""
        return Registry(connectors=[_connector(_allowed(hub, actor, Right.SEE))])

    @routes.post("/connectors/{connector_id}/health")
    @apart("odoo")
    def ping_connector(connector_id: ConnectorId, hub: HubOf, actor: Runs) -> Connector:
        """Ask every connection of a connector whether it can be reached now, and answer how each is."""
        if connector_id != ODOO:
            raise NotFoundError(f"There is no connector '{connector_id}'; there is {ODOO}.")
        for one in _allowed(hub, actor, Right.RUN):
            try:
                connections.test(hub, one.name)
            except TowpathError:
                continue  # the test has noted what is wrong; it is part of the answer
        return _connector(_allowed(hub, actor, Right.RUN))

    return routes
