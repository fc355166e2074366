"""What connections offer to the other features, the command line and the server."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from towpath.access import who
from towpath.errors import InputError, TowpathError
from towpath.features.connections.budget import Budget, SharedBudget, budget_of, pace_of
from towpath.features.connections.changing import (
    News,
    change,
    check_limits,
    move,
    set_key,
    set_limits,
    set_witness,
    unfit_name,
)
from towpath.features.connections.limits import allowed, limits_of_all, place_of
from towpath.features.connections.records import (
    Connection,
    access_of,
    find,
    find_by_id,
    guard_of,
    listed,
    note,
    own_guard,
    owner_of,
    typed,
)
from towpath.features.connections.same_database import fingerprint
from towpath.features.connections.tables import connections
from towpath.hub import Hub
from towpath.odoo import Access, Found, Guard, Odoo, Retry, RetryObserver, probe
from towpath.secrets import Secret

__all__ = [
    "Budget",
    "Connection",
    "News",
    "add",
    "budget",
    "change",
    "check_limits",
    "find",
    "find_by_id",
    "guard_of",
    "held",
    "listed",
    "move",
    "open_odoo",
    "owner_of",
    "remove",
    "set_key",
    "set_limits",
    "set_witness",
    "test",
]


def add(
    hub: Hub,
    *,
    name: str,
    url: str,
    secret: str,
    database: str | None = None,
    login: str | None = None,
    expires_at: datetime | None = None,
    guard: Guard | None = None,
) -> Connection:
    """Test an address and credentials, and keep them when they work. Nothing is written otherwise.

    :param name: short name; also suggested as the folder of its tables.
    :param url: the address as a person types it.
    :param secret: API key, or password where the database still takes one.
    :param expires_at: when the key ends, so that somebody is reminded in time.
    :param guard: which network addresses it may lead to; see :func:`guard_of`.
    :raises InputError: the name is not valid or taken.
    :raises TowpathError: what the probe found wrong, in one sentence.
    """
    if name == secret:
        raise InputError("The name given is the key itself; choose a short name for the connection instead.")
    if (problem := unfit_name(name)) is not None:
        raise problem
    with hub.store.begin() as db:
        if db.execute(sa.select(connections.c.id).where(connections.c.name == name)).first():
            raise InputError(
                f"There is a connection '{name}' already; choose another name or remove that one.",
                details={"setting": "name"},
            )
    guard = typed(hub, guard)
    found = probe(url, database=database, login=login, secret=secret, guard=guard)
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
        "test_ok": True,
        "fingerprint": fingerprint(found.access, pace_of(hub, found.access), guard),
        "guarded": guard is not None,
    }
    try:
        with hub.store.begin() as db:
            db.execute(connections.insert().values(row))
            hub.cabinet.put(owner_of(connection_id), secret, expires_at=expires_at, connection=db)
            hub.store.audit(who(), "connection.add", f"connection/{name}", connection=db)
    except sa.exc.IntegrityError as problem:
        # Another process stored the same name between our look and our insert.
        raise InputError(
            f"There is a connection '{name}' already; choose another name.", details={"setting": "name"}
        ) from problem
    return find(hub, name)


def test(hub: Hub, name: str) -> Found:
    """Try a connection again and remember how it went.

    :raises TowpathError: what is wrong, in one sentence.
    """
    known = find(hub, name)
    secret = hub.cabinet.get(owner_of(known.id)).reveal()
    news: dict[str, Any]
    try:
        found = probe(
            known.url, database=known.database, login=known.login, secret=secret, guard=own_guard(hub, known)
        )
    except TowpathError as problem:
        kind = type(problem).__name__
        news = {"test_message": problem.message, "test_ok": False, "test_problem": kind}
        note(hub, known, news, result=kind)
        raise
    news = {"test_message": found.sentence, "test_ok": True, "test_problem": None}
    news |= {"version": str(found.version), "protocol": found.access.protocol}
    if seen := fingerprint(found.access, pace_of(hub, found.access), own_guard(hub, known)):
        news["fingerprint"] = seen
    note(hub, known, news, result="ok")
    return found


def budget(hub: Hub, name: str) -> Budget:
    """How the calls against a connection's database stand, over all processes and all its connections."""
    return budget_of(hub, access_of(hub, find(hub, name)))


def held(db: sa.Connection, hub: Hub, moment: datetime) -> dict[str, datetime]:
    """The connections in whose working hours no run starts by itself, each with the moment at which that is over."""
    limits = limits_of_all(db)
    if not limits:
        return {}
    found = {}
    for row in db.execute(sa.select(connections.c.id, connections.c.url, connections.c.database)):
        access = Access(url=row.url, database=row.database)
        mine = limits.get(place_of(access), ())
        if (until := allowed(hub.settings, access, mine, moment).held_until) is not None:
            found[row.id] = until
    return found


def remove(hub: Hub, name: str) -> Connection:
    """Forget a connection and its secret.

    :raises InputError: streams still read from it.
    """
    known = find(hub, name)
    try:
        with hub.store.begin() as db:
            db.execute(connections.delete().where(connections.c.id == known.id))
            for owner in (owner_of(known.id), f"{owner_of(known.id)}/next", f"{owner_of(known.id)}/old"):
                hub.cabinet.remove(owner, connection=db)
            hub.store.audit(who(), "connection.remove", f"connection/{name}", connection=db)
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
    secret: Secret | None = None,
) -> Iterator[Odoo]:
    """A client for the database of a connection, within the budget and the retries of the settings.

    :param cancel: ends all waiting when set.
    :param observe: told of every retry.
    :param secret: another key than the stored one, such as one that is to take its place.
    """
    known = find_by_id(hub, connection_id)
    access = access_of(hub, known, secret=secret is None)
    if secret is not None:
        access = replace(access, secret=secret.reveal())
    retry = Retry(attempts=hub.settings.retry_attempts, total=hub.settings.retry_seconds)
    pace = pace_of(hub, access)
    try:
        client = Odoo(access, pace, retry=retry, cancel=cancel, observe=observe, guard=own_guard(hub, known))
        with client as odoo:
            yield odoo
    finally:
        if isinstance(pace.gate, SharedBudget):
            pace.gate.tell()
