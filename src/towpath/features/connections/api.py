"""REST: the connections, testing them, and what an Odoo at an address is before it becomes one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from towpath.access import Actor, Right
from towpath.errors import DatabaseError, InputError, NotFoundError, TowpathError
from towpath.features.connections import service
from towpath.features.connections.explained import explain
from towpath.features.connections.service import Connection
from towpath.features.connections.shapes import (
    BudgetOut,
    ConnectionEdit,
    ConnectionNew,
    ConnectionOut,
    DatabasesOut,
    ProbeOut,
    TestOut,
    Typed,
    editable,
    limits_in,
    shown,
)
from towpath.hub import Hub
from towpath.odoo import probe
from towpath.secrets import Secret
from towpath.web import etags
from towpath.web.asking import Connects, HubOf, Sees
from towpath.web.etags import IfMatch
from towpath.web.outside import apart
from towpath.web.pages import Cursor, Limit, Page, page_of
from towpath.web.texts import Id

__all__ = ["router", "seen"]


def seen(hub: Hub, actor: Actor, connection_id: str) -> Connection:
    """The connection of an id, for somebody who may see it.

    :raises NotFoundError: there is none, or they may not.
    """
    if not actor.may(Right.SEE, connection_id):
        raise NotFoundError(f"There is no connection {connection_id}; see the list of connections.")
    return service.find_by_id(hub, connection_id)


def _witness(hub: Hub, actor: Actor, connection_id: str | None) -> Connection | None:
    """The connection that is to tell what another may not see. Its key is used then, so that it takes more than sight.

    :raises AccessError: the actor may not connect it.
    :raises NotFoundError: there is none, or they may not see it.
    """
    if not connection_id:
        return None
    known = seen(hub, actor, connection_id)
    actor.require(Right.CONNECT, known.id)
    return known


def _shown(hub: Hub, actor: Actor, known: Connection, response: Response | None = None) -> ConnectionOut:
    if response is not None:
        etags.stamp(response, editable(known))
    key = hub.cabinet.info(service.owner_of(known.id))
    return shown(known, service.budget(hub, known.name), actor, key)


def _news(body: ConnectionEdit) -> service.News:
    key = body.key.get_secret_value().strip() if body.key else None
    if key == "":
        raise InputError("The key is empty; nothing was changed.", details={"setting": "key"})
    return service.News(
        name=body.name,
        url=body.url,
        database=body.database,
        login=body.login,
        secret=Secret(key) if key else None,
        expires_at=body.key_expires_at,
        force=body.force,
    )


def router() -> APIRouter:
    """The routes."""
    routes = APIRouter()

    @routes.get("/connections")
    def list_connections(
        hub: HubOf, actor: Sees, limit: Limit = 100, cursor: Cursor = None
    ) -> Page[ConnectionOut]:
        """The connections you may see, by name."""
        allowed = actor.connections(Right.SEE)
        found = [known for known in service.listed(hub) if allowed is None or known.id in allowed]
        page = page_of(found, cursor=cursor, limit=limit)
        return Page(items=[_shown(hub, actor, known) for known in page.items], next=page.next)

    @routes.post("/connections", status_code=201)
    @apart("odoo")
    def add_connection(hub: HubOf, actor: Connects, body: ConnectionNew, response: Response) -> ConnectionOut:
        """Test an Odoo and keep it with its key when it works. The right to connect must hold for all connections."""
        actor.require(Right.CONNECT)
        witness = _witness(hub, actor, body.witness_id)
        known = service.add(
            hub,
            name=body.name,
            url=body.url,
            database=body.database,
            login=body.login,
            secret=body.key.get_secret_value(),
            expires_at=body.key_expires_at,
            guard=service.guard_of(hub),
        )
        if witness is not None:
            try:
                known = service.set_witness(hub, known.name, witness.name)
            except InputError as problem:
                raise InputError(
                    f"Connection '{known.name}' was added without a witness: {problem.message}"
                ) from None
        return _shown(hub, actor, known, response)

    @routes.post("/connections/probe")
    @apart("odoo")
    def probe_connection(hub: HubOf, actor: Connects, body: Typed) -> ProbeOut:
        """Try an address, and a key if there is one, without storing anything; what is wrong comes as a sentence."""
        actor.require(Right.CONNECT)
        return explain(
            hub,
            body.url,
            database=body.database,
            login=body.login,
            key=body.key.get_secret_value().strip() if body.key else None,
            guard=service.guard_of(hub),
        )

    @routes.get("/connections/databases")
    @apart("odoo")
    def list_databases(
        hub: HubOf,
        actor: Connects,
        url: Annotated[str, Query(min_length=1, max_length=2000, description="Address of the Odoo.")],
    ) -> DatabasesOut:
        """The databases that a server at an address says it has."""
        actor.require(Right.CONNECT)
        guard = service.guard_of(hub)
        try:
            found = probe(url, guard=guard)
        except DatabaseError as problem:
            names = problem.details.get("databases")
            if not names:
                raise
            found = probe(url, database=names[0], guard=guard)  # each is as good to look at the server
            return DatabasesOut(
                url=found.access.url, version=str(found.version), databases=names, chosen=None
            )
        names = None if found.databases is None else list(found.databases)
        return DatabasesOut(
            url=found.access.url,
            version=str(found.version),
            databases=names,
            chosen=found.access.database,
        )

    @routes.get("/connections/{connection_id}")
    def get_connection(hub: HubOf, actor: Sees, connection_id: Id, response: Response) -> ConnectionOut:
        """One connection; its ETag is wanted for changes."""
        return _shown(hub, actor, seen(hub, actor, connection_id), response)

    @routes.patch("/connections/{connection_id}")
    @apart("odoo")
    def edit_connection(
        hub: HubOf,
        actor: Connects,
        connection_id: Id,
        body: ConnectionEdit,
        response: Response,
        if_match: IfMatch = None,
    ) -> ConnectionOut:
        """Change a connection, once it works like that: name, address, database, user and key, who may read more, and limits.

        Limits of calls hold for the database, over all workers and all connections to it (the lowest counts); a worker
        that runs keeps to another one two seconds later.
        """
        known = seen(hub, actor, connection_id)
        actor.require(Right.CONNECT, known.id)
        if body.key is not None:
            actor.require(Right.MANAGE_SECRETS, known.id)
        etags.check(if_match, editable(known))
        if not body.model_fields_set - {"force", "key_expires_at"}:
            raise InputError(
                "Say what to change: `name`, `url`, `database`, `login`, `key`, `witness_id` or a limit of calls."
            )
        limits = service.check_limits(hub, known.name, limits_in(body))
        witness = _witness(hub, actor, body.witness_id)
        known = service.change(hub, known.name, _news(body), guard=service.guard_of(hub))
        if "witness_id" in body.model_fields_set:
            known = service.set_witness(hub, known.name, witness.name if witness else None)
        if limits:
            known = service.set_limits(hub, known.name, limits)
        return _shown(hub, actor, known, response)

    @routes.delete("/connections/{connection_id}", status_code=204)
    def remove_connection(hub: HubOf, actor: Connects, connection_id: Id) -> None:
        """Forget a connection and its key. It must have no streams any more; tables stay."""
        known = seen(hub, actor, connection_id)
        actor.require(Right.CONNECT, known.id)
        service.remove(hub, known.name)

    @routes.post("/connections/{connection_id}/test")
    @apart("odoo")
    def check_connection(hub: HubOf, actor: Sees, connection_id: Id) -> TestOut:
        """Try whether a connection still works, and remember how it went. Takes the right to run or to connect."""
        known = seen(hub, actor, connection_id)
        if not actor.may(Right.RUN, known.id):
            actor.require(Right.CONNECT, known.id)
        try:
            found = service.test(hub, known.name)
        except TowpathError as problem:
            ok, sentence = False, problem.message
        else:
            ok, sentence = True, found.sentence
        return TestOut(ok=ok, sentence=sentence, tested_at=service.find_by_id(hub, known.id).tested_at)

    @routes.get("/connections/{connection_id}/budget")
    def get_budget(hub: HubOf, actor: Sees, connection_id: Id) -> BudgetOut:
        """How many calls the database of a connection gets, and why not more."""
        budget = service.budget(hub, seen(hub, actor, connection_id).name)
        return BudgetOut(**{name: getattr(budget, name) for name in budget.__slots__})

    return routes
