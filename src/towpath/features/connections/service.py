"""What connections offer to the other features, the command line and the server."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from towpath.access import acting, who
from towpath.errors import InputError, NotFoundError, TowpathError
from towpath.features.connections.budget import Budget, SharedBudget, budget_of, pace_of
from towpath.features.connections.same_database import differ, fingerprint
from towpath.features.connections.tables import connections
from towpath.hub import Hub
from towpath.odoo import Access, AddressGuard, Found, Guard, Odoo, Retry, RetryObserver, probe
from towpath.secrets import Secret

__all__ = [
    "Budget",
    "Connection",
    "add",
    "budget",
    "find",
    "find_by_id",
    "guard_of",
    "listed",
    "move",
    "open_odoo",
    "owner_of",
    "remove",
    "set_key",
    "set_witness",
    "test",
]

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
    #: Whether the last test went well; None where an older release tested it.
    test_ok: bool | None = None
    #: Another connection to the same database whose user may read more.
    witness_id: str | None = None
    #: Tells the database, whatever its address; None where the user may not know.
    fingerprint: str | None = None
    #: Whether its address was typed through the server, and so may not lead into private networks.
    guarded: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain values, fit to be shown to anybody who may see the connection."""
        return {
            name: value.isoformat() if isinstance(value := getattr(self, name), datetime) else value
            for name in self.__slots__
            if name not in {"fingerprint", "guarded"}
        }


def guard_of(hub: Hub) -> Guard:
    """Where an address that a person typed in the workspace, or sent to the API, may lead (SSRF)."""
    return AddressGuard(private=hub.settings.private_addresses)


def _typed(hub: Hub, guard: Guard | None) -> Guard | None:
    """The guard for an address typed now: who comes through the server always has one, whatever the caller forgot."""
    return guard_of(hub) if guard is None and acting().address is not None else guard


def _guard(hub: Hub, known: Connection) -> Guard | None:
    """The guard of a stored address: asked at every connecting, as a name may lead elsewhere by then."""
    return guard_of(hub) if known.guarded else None


def owner_of(connection_id: str) -> str:
    """Whose secret in the cabinet the key of a connection is."""
    return f"connection/{connection_id}"


def add(
    hub: Hub,
    *,
    name: str,
    url: str,
    secret: str,
    database: str | None = None,
    login: str | None = None,
    guard: Guard | None = None,
) -> Connection:
    """Test an address and credentials, and keep them when they work. Nothing is written otherwise.

    :param name: short name; also suggested as the folder of its tables.
    :param url: the address as a person types it.
    :param secret: API key, or password where the database still takes one.
    :param guard: which network addresses it may lead to; see :func:`guard_of`.
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
    guard = _typed(hub, guard)
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
            hub.cabinet.put(owner_of(connection_id), secret, connection=db)
            hub.store.audit(who(), "connection.add", f"connection/{name}", connection=db)
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
    secret = hub.cabinet.get(owner_of(known.id)).reveal()
    try:
        found = probe(
            known.url, database=known.database, login=known.login, secret=secret, guard=_guard(hub, known)
        )
    except TowpathError as problem:
        _note(hub, known, {"test_message": problem.message, "test_ok": False}, result=type(problem).__name__)
        raise
    news: dict[str, Any] = {"test_message": found.sentence, "test_ok": True}
    news |= {"version": str(found.version), "protocol": found.access.protocol}
    if seen := fingerprint(found.access, pace_of(hub, found.access), _guard(hub, known)):
        news["fingerprint"] = seen
    _note(hub, known, news, result="ok")
    return found


def _note(
    hub: Hub,
    known: Connection,
    news: dict[str, Any],
    *,
    action: str = "connection.test",
    result: str,
    details: dict[str, Any] | None = None,
) -> None:
    with hub.store.begin() as db:
        news["tested_at"] = datetime.now(UTC)
        db.execute(connections.update().where(connections.c.id == known.id).values(news))
        hub.store.audit(who(), action, f"connection/{known.name}", result, details, connection=db)


def move(hub: Hub, name: str, url: str, *, force: bool = False, guard: Guard | None = None) -> Connection:
    """Point a connection at another address of the same database, once it works there.

    :param force: even when the database there is another one. Then nobody is its witness any more.
    :param guard: which network addresses it may lead to; see :func:`guard_of`.
    :raises InputError: it is another database, as far as the user may know it at both addresses.
    :raises TowpathError: what the probe found wrong; the connection stays as it was.
    """
    known = find(hub, name)
    secret = hub.cabinet.get(owner_of(known.id)).reveal()
    guard = _typed(hub, guard)
    found = probe(url, database=known.database, login=known.login, secret=secret, guard=guard)
    there = fingerprint(found.access, pace_of(hub, found.access), guard)
    # A connection tested by an older release has no fingerprint: the old address may still tell.
    here = known.fingerprint or (there and _fingerprint_of(hub, known))
    other = differ(here, there)
    if other and not force:
        raise InputError(
            f"The database at {found.access.url} is another one than that of '{name}' (its database.uuid differs), "
            "so its tables would mix two databases; add a connection of its own for it, or add --force if you "
            "know better."
        )
    news: dict[str, Any] = {"url": found.access.url, "test_message": found.sentence, "test_ok": True}
    news |= {
        "version": str(found.version),
        "protocol": found.access.protocol,
        "fingerprint": there or known.fingerprint,
        "guarded": guard is not None,
    }
    if other:
        news["witness_id"] = None
        with hub.store.begin() as db:
            db.execute(
                connections.update().where(connections.c.witness_id == known.id).values(witness_id=None)
            )
    same = {None: "not known", False: "yes", True: "no"}[other]
    _note(hub, known, news, action="connection.move", result="ok", details={"same_database": same})
    return find(hub, name)


def set_key(hub: Hub, name: str, secret: str, *, expires_at: datetime | None = None) -> Connection:
    """Put another key in the place of a connection's, once it works there.

    :raises TowpathError: what the probe found wrong; the old key stays.
    """
    known = find(hub, name)
    held = Secret(secret)
    found = probe(
        known.url, database=known.database, login=known.login, secret=held.reveal(), guard=_guard(hub, known)
    )
    with hub.store.begin() as db:
        hub.cabinet.put(owner_of(known.id), held, expires_at=expires_at, connection=db)
        news = {"test_message": found.sentence, "test_ok": True, "tested_at": datetime.now(UTC)}
        db.execute(connections.update().where(connections.c.id == known.id).values(news))
        details = {"expires": expires_at}
        hub.store.audit(who(), "secret.set", f"connection/{name}", details=details, connection=db)
    return find(hub, name)


def set_witness(hub: Hub, name: str, witness: str | None) -> Connection:
    """Name a second connection to the same database whose user may read more, or none.

    It tells deleted records from those that the first user may no longer see.

    :raises InputError: it is the connection itself, or leads to another database.
    """
    known = find(hub, name)
    other = find(hub, witness) if witness is not None else None
    if other is not None:
        _check_witness(hub, known, other)
    with hub.store.begin() as db:
        values = {"witness_id": other.id if other else None}
        db.execute(connections.update().where(connections.c.id == known.id).values(values))
        details = {"witness": witness}
        hub.store.audit(who(), "connection.set", f"connection/{name}", details=details, connection=db)
    return find(hub, name)


def _check_witness(hub: Hub, known: Connection, other: Connection) -> None:
    if other.id == known.id:
        raise InputError(
            f"'{known.name}' can not be its own witness; name a connection whose user may read more."
        )
    ours, theirs = _access(hub, known), _access(hub, other)
    other_database = differ(
        known.fingerprint or _fingerprint_of(hub, known), other.fingerprint or _fingerprint_of(hub, other)
    )
    if other_database is None:  # a narrow user may not know which database it is
        other_database = (ours.host, ours.database) != (theirs.host, theirs.database)
    if other_database:
        raise InputError(
            f"'{other.name}' leads to another database than '{known.name}'; a witness must read the same one."
        )


def budget(hub: Hub, name: str) -> Budget:
    """How the calls against a connection's database stand, over all processes and all its connections."""
    return budget_of(hub, _access(hub, find(hub, name)))


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
    access = _access(hub, known, secret=secret is None)
    if secret is not None:
        access = replace(access, secret=secret.reveal())
    retry = Retry(attempts=hub.settings.retry_attempts, total=hub.settings.retry_seconds)
    pace = pace_of(hub, access)
    try:
        client = Odoo(access, pace, retry=retry, cancel=cancel, observe=observe, guard=_guard(hub, known))
        with client as odoo:
            yield odoo
    finally:
        if isinstance(pace.gate, SharedBudget):
            pace.gate.tell()


def _access(hub: Hub, known: Connection, *, secret: bool = False) -> Access:
    return Access(
        url=known.url,
        database=known.database,
        login=known.login,
        secret=hub.cabinet.get(owner_of(known.id)).reveal() if secret else "",
        protocol=known.protocol,  # type: ignore[arg-type]  # stored as the probe gave it
        timeout=hub.settings.call_timeout,
    )


def _fingerprint_of(hub: Hub, known: Connection) -> str | None:
    """Asked for at the connection's address; None where it is not known or nothing answers soon."""
    access = replace(_access(hub, known, secret=True), timeout=10.0)
    return fingerprint(access, pace_of(hub, access), _guard(hub, known))
