"""The connections as they are stored, and what every part that works with one asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from towpath.access import acting, who
from towpath.errors import NotFoundError
from towpath.features.connections.budget import pace_of
from towpath.features.connections.hours import from_json
from towpath.features.connections.same_database import fingerprint
from towpath.features.connections.tables import connections
from towpath.hub import Hub
from towpath.odoo import Access, AddressGuard, Guard

__all__ = [
    "Connection",
    "access_of",
    "find",
    "find_by_id",
    "fingerprint_of",
    "guard_of",
    "listed",
    "note",
    "own_guard",
    "owner_of",
    "typed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One Odoo database Towpath knows. Its secret is never part of it."""

    id: str
    name: str
    url: str
    database: str | None
    login: str | None
    protocol: str
    version: str
    created_at: datetime
    tested_at: datetime | None = None
    test_message: str | None = None
    #: Whether the last test went well; None where an older release tested it.
    test_ok: bool | None = None
    #: The kind of error it ended with (``towpath.errors``); None where it went well, or nobody knows.
    test_problem: str | None = None
    #: Another connection to the same database whose user may read more.
    witness_id: str | None = None
    #: Tells the database, whatever its address; None where the user may not know.
    fingerprint: str | None = None
    #: Whether its address was typed through the server, and so may not lead into private networks.
    guarded: bool = False
    #: Calls to its database that a person allows, over all workers; None for no limit of its own.
    calls_per_second: float | None = None
    calls_at_once: int | None = None
    #: When people work in it and what holds then, as ``features.connections.hours`` stores it.
    working_hours: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, fit to be shown to anybody who may see the connection."""
        hours = from_json(self.working_hours)
        return {
            name: value.isoformat() if isinstance(value := getattr(self, name), datetime) else value
            for name in self.__slots__
            if name not in {"fingerprint", "guarded"}
        } | {"working_hours": hours.to_json() if hours else None}


def guard_of(hub: Hub) -> Guard:
    """Where an address that a person typed in the workspace, or sent to the API, may lead (SSRF)."""
    return AddressGuard(private=hub.settings.private_addresses)


def typed(hub: Hub, guard: Guard | None) -> Guard | None:
    """The guard for an address typed now: who comes through the server always has one, whatever the caller forgot."""
    return guard_of(hub) if guard is None and acting().address is not None else guard


def own_guard(hub: Hub, known: Connection) -> Guard | None:
    """The guard of a stored address: asked at every connecting, as a name may lead elsewhere by then."""
    return guard_of(hub) if known.guarded else None


def owner_of(connection_id: str) -> str:
    """Whose secret in the cabinet the key of a connection is."""
    return f"connection/{connection_id}"


def _connection(row: sa.Row[Any]) -> Connection:
    return Connection(**row._asdict())


def listed(hub: Hub) -> list[Connection]:
    """All connections by name."""
    with hub.store.begin() as db:
        return [_connection(row) for row in db.execute(connections.select().order_by(connections.c.name))]


def find(hub: Hub, name: str) -> Connection:
    """The connection of that name.

    :raises NotFoundError: there is none.
    """
    return _one(hub, connections.c.name == name, name)


def find_by_id(hub: Hub, connection_id: str) -> Connection:
    """The connection of that id.

    :raises NotFoundError: there is none.
    """
    return _one(hub, connections.c.id == connection_id, connection_id)


def _one(hub: Hub, condition: sa.ColumnElement[bool], name: str) -> Connection:
    with hub.store.begin() as db:
        row = db.execute(connections.select().where(condition)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no connection '{name}'; see `towpath connection list`.")
    return _connection(row)


def note(
    hub: Hub,
    known: Connection,
    news: dict[str, Any],
    *,
    action: str = "connection.test",
    result: str,
    details: dict[str, Any] | None = None,
) -> None:
    """Keep what a test found, with the time, and put it on record."""
    with hub.store.begin() as db:
        news["tested_at"] = datetime.now(UTC)
        db.execute(connections.update().where(connections.c.id == known.id).values(news))
        hub.store.audit(who(), action, f"connection/{known.name}", result, details, connection=db)


def access_of(hub: Hub, known: Connection, *, secret: bool = False) -> Access:
    """How a connection's Odoo is spoken to; with its key only where that is asked for."""
    return Access(
        url=known.url,
        database=known.database,
        login=known.login,
        secret=hub.cabinet.get(owner_of(known.id)).reveal() if secret else "",
        protocol=known.protocol,  # type: ignore[arg-type]  # stored as the probe gave it
        timeout=hub.settings.call_timeout,
    )


def fingerprint_of(hub: Hub, known: Connection) -> str | None:
    """Asked for at the connection's address; None where it is not known or nothing answers soon."""
    access = replace(access_of(hub, known, secret=True), timeout=10.0)
    return fingerprint(access, pace_of(hub, access), own_guard(hub, known))
