"""What connections offer to the other features, the command line and the server."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from towpath.errors import InputError, NotFoundError, TowpathError
from towpath.features.connections.tables import connections
from towpath.hub import Hub
from towpath.odoo import Access, Found, Gate, Odoo, Pace, Retry, RetryObserver, pace_for, probe

__all__ = ["Connection", "add", "find", "find_by_id", "listed", "move", "open_odoo", "remove", "test"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


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
    #: Another connection to the same database whose user may read more.
    witness_id: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values, fit to be shown to anybody who may see the connection."""
        return {
            name: value.isoformat() if isinstance(value := getattr(self, name), datetime) else value
            for name in self.__slots__
        }


def _owner(connection_id: str) -> str:
    return f"connection/{connection_id}"


def add(
    hub: Hub, *, name: str, url: str, secret: str, database: str | None = None, login: str | None = None
) -> Connection:
    """Test an address and credentials, and keep them when they work. Nothing is written otherwise.

    :param name: short name; also suggested as the folder of its tables.
    :param url: the address as a person types it.
    :param secret: API key, or password where the database still takes one.
    :raises InputError: the name is not valid or taken.
    :raises TowpathError: what the probe found wrong, in one sentence.
    """
    if name == secret:
        raise InputError("The name given is the key itself; choose a short name for the connection instead.")
    if not _NAME.fullmatch(name):
        raise InputError(
            f"'{name}' can not be the name of a connection; use small letters, digits and _, at most 40, "
            "and begin with a letter."
        )
    with hub.store.begin() as db:
        if db.execute(sa.select(connections.c.id).where(connections.c.name == name)).first():
            raise InputError(
                f"There is a connection '{name}' already; choose another name or remove that one."
            )
    found = probe(url, database=database, login=login, secret=secret)
    connection_id = uuid.uuid4().hex[:12]
    row = {
        "id": connection_id,
        "name": name,
        "url": found.access.url,
        "database": found.access.database,
        "login": found.access.login,
        "protocol": found.access.protocol,
        "version": str(found.version),
        "tested_at": datetime.now(UTC),
        "test_message": found.sentence,
    }
    try:
        with hub.store.begin() as db:
            db.execute(connections.insert().values(row))
            hub.cabinet.put(_owner(connection_id), secret, connection=db)
            hub.store.audit("cli", "connection.add", f"connection/{name}", connection=db)
    except sa.exc.IntegrityError as problem:
        # Another process stored the same name between our look and our insert.
        raise InputError(f"There is a connection '{name}' already; choose another name.") from problem
    return find(hub, name)


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


def test(hub: Hub, name: str) -> Found:
    """Try a connection again and remember how it went.

    :raises TowpathError: what is wrong, in one sentence.
    """
    known = find(hub, name)
    secret = hub.cabinet.get(_owner(known.id)).reveal()
    try:
        found = probe(known.url, database=known.database, login=known.login, secret=secret)
    except TowpathError as problem:
        _note(hub, known, {"test_message": problem.message}, result=type(problem).__name__)
        raise
    news = {"test_message": found.sentence, "version": str(found.version), "protocol": found.access.protocol}
    _note(hub, known, news, result="ok")
    return found


def _note(
    hub: Hub, known: Connection, news: dict[str, Any], *, action: str = "connection.test", result: str
) -> None:
    with hub.store.begin() as db:
        news["tested_at"] = datetime.now(UTC)
        db.execute(connections.update().where(connections.c.id == known.id).values(news))
        hub.store.audit("cli", action, f"connection/{known.name}", result, connection=db)


def move(hub: Hub, name: str, url: str) -> Connection:
    """Point a connection at another address of the same database, once it works there.

    :raises TowpathError: what the probe found wrong; the connection stays as it was.
    """
    known = find(hub, name)
    secret = hub.cabinet.get(_owner(known.id)).reveal()
    found = probe(url, database=known.database, login=known.login, secret=secret)
    news = {"url": found.access.url, "test_message": found.sentence, "version": str(found.version)}
    _note(hub, known, {**news, "protocol": found.access.protocol}, action="connection.move", result="ok")
    return find(hub, name)


def remove(hub: Hub, name: str) -> Connection:
    """Forget a connection and its secret.

    :raises InputError: streams still read from it.
    """
    known = find(hub, name)
    try:
        with hub.store.begin() as db:
            db.execute(connections.delete().where(connections.c.id == known.id))
            hub.cabinet.remove(_owner(known.id), connection=db)
            hub.store.audit("cli", "connection.remove", f"connection/{name}", connection=db)
    except sa.exc.IntegrityError as problem:
        raise InputError(
            f"Streams still read from '{name}'; remove them first (`towpath stream list --connection {name}`)."
        ) from problem
    return known


@contextmanager
def open_odoo(
    hub: Hub,
    connection_id: str,
    *,
    cancel: threading.Event | None = None,
    observe: RetryObserver | None = None,
) -> Iterator[Odoo]:
    """A client for the database of a connection, within the budget and the retries of the settings.

    :param cancel: ends all waiting when set.
    :param observe: told of every retry.
    """
    known = find_by_id(hub, connection_id)
    access = Access(
        url=known.url,
        database=known.database,
        login=known.login,
        secret=hub.cabinet.get(_owner(known.id)).reveal(),
        protocol=known.protocol,  # type: ignore[arg-type]  # stored as the probe gave it
        timeout=hub.settings.call_timeout,
    )
    retry = Retry(attempts=hub.settings.retry_attempts, total=hub.settings.retry_seconds)
    pace = _pace(hub, access)
    with Odoo(access, pace, retry=retry, cancel=cancel, observe=observe) as odoo:
        yield odoo


def _pace(hub: Hub, access: Access) -> Pace:
    """The budget of a database, from the settings.

    A limit per second holds over all processes of this hub, by a token bucket in PostgreSQL.
    """
    at_once, per_second = hub.settings.calls_at_once, hub.settings.calls_per_second
    rate = per_second or (1.0 if access.on_odoo_com else None)
    gate: Gate | None = None
    if rate is not None:
        gate = partial(
            hub.store.claim_token,
            f"odoo/{access.host}/{access.database or ''}",
            capacity=max(1.0, rate),
            per_second=rate,
        )
    return pace_for(access, at_once=at_once, per_second=rate, gate=gate)
