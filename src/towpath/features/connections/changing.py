"""Changing a connection: another name, address, database, user or key, once it works like that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from towpath.access import acting, who
from towpath.errors import ConflictError, InputError
from towpath.features.connections.budget import pace_of
from towpath.features.connections.hours import from_json
from towpath.features.connections.limits import checked
from towpath.features.connections.records import (
    Connection,
    access_of,
    find,
    find_by_id,
    fingerprint_of,
    own_guard,
    owner_of,
    typed,
)
from towpath.features.connections.same_database import differ, fingerprint
from towpath.features.connections.tables import connections
from towpath.hub import Hub
from towpath.odoo import Found, Guard, probe
from towpath.odoo.address import read_address
from towpath.secrets import Secret

__all__ = ["News", "change", "check_limits", "move", "set_key", "set_limits", "set_witness", "unfit_name"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is to be changed of a connection; what is None stays."""

    name: str | None = None
    #: Another address of the same database.
    url: str | None = None
    #: Empty: the server decides.
    database: str | None = None
    #: Empty: the key alone tells.
    login: str | None = None
    secret: Secret | None = None
    #: When the new key ends.
    expires_at: datetime | None = None
    #: Even when the database is another one then. Nobody is its witness any more.
    force: bool = False

    @property
    def needs_test(self) -> bool:
        """Whether it has to be tried out before it is stored."""
        return any(value is not None for value in (self.url, self.database, self.login, self.secret))


def unfit_name(name: str) -> InputError | None:
    """Why a connection can not be called so; None where it can."""
    if _NAME.fullmatch(name):
        return None
    return InputError(
        f"'{name}' can not be the name of a connection; use small letters, digits and _, at most 40, "
        "and begin with a letter.",
        details={"setting": "name"},
    )


def change(hub: Hub, name: str, news: News, *, guard: Guard | None = None) -> Connection:
    """Change a connection as a whole, once it works like that; a user and the key of that user belong together.

    :param guard: which network addresses a new address may lead to; see :func:`guard_of`.
    :raises InputError: the name is not valid or taken, or it would be another database.
    :raises ConflictError: somebody changed the connection while it was tried out.
    :raises TowpathError: what the probe found wrong; the connection stays as it was.
    """
    known = find(hub, name)
    columns: dict[str, Any] = {}
    same: bool | None = None
    if news.name is not None and news.name != known.name:
        if (problem := unfit_name(news.name)) is not None:
            raise problem
        columns["name"] = news.name
    if news.url is not None and news.secret is None and acting().address is not None:
        news = replace(news, url=_trusted(known, news.url))
    if news.needs_test:
        guard = typed(hub, guard) if news.url is not None else own_guard(hub, known)
        found, other = _tried(hub, known, news, guard)
        same = None if other is None else not other
        columns |= _tested(found) | {
            "url": found.access.url,
            "database": found.access.database,
            "login": found.access.login,
            "guarded": guard is not None,
            "fingerprint": fingerprint(found.access, pace_of(hub, found.access), guard) or known.fingerprint,
        }
        if other:
            columns["witness_id"] = None
    if columns:
        _store(hub, known, news, columns, same)
    return find_by_id(hub, known.id)


def _trusted(known: Connection, url: str) -> str:
    """The address as far as the stored key may be sent there: to the server that has it already, or the same by TLS.

    Else whoever may change connections could have the key sent to a server of theirs, and read it there.

    :raises InputError: it leads to another server.
    """
    tried = read_address(url).candidates
    for same in (known.url, f"https://{urlsplit(known.url).hostname}"):
        if same in tried:
            return same
    raise InputError(
        "The stored key is not sent to another server than the one it was given for; enter the key once more.",
        details={"setting": "key"},
    )


def _tried(hub: Hub, known: Connection, news: News, guard: Guard | None) -> tuple[Found, bool | None]:
    """What is found with the changes, and whether that is another database; None where nobody may know."""
    secret = news.secret or hub.cabinet.get(owner_of(known.id))
    database = known.database if news.database is None else news.database.strip() or None
    login = known.login if news.login is None else news.login.strip() or None
    found = probe(news.url or known.url, database=database, login=login, secret=secret.reveal(), guard=guard)
    if news.url is None and news.database is None:
        return found, False
    there = fingerprint(found.access, pace_of(hub, found.access), guard)
    # A connection tested by an older release has no fingerprint: the old address may still tell.
    here = known.fingerprint or (there and fingerprint_of(hub, known))
    other = differ(here, there)
    if other and not news.force:
        raise InputError(
            f"The database at {found.access.url} is another one than that of '{known.name}' (its database.uuid "
            "differs), so its tables would mix two databases; add a connection of its own for it, or add --force "
            "if you know better.",
            details={"setting": "database" if news.url is None else "url"},
        )
    return found, other


def _tested(found: Found) -> dict[str, Any]:
    """The columns that a test that went well sets."""
    return {
        "version": str(found.version),
        "protocol": found.access.protocol,
        "test_message": found.sentence,
        "test_ok": True,
        "test_problem": None,
        "tested_at": datetime.now(UTC),
    }


def _store(hub: Hub, known: Connection, news: News, columns: dict[str, Any], same: bool | None) -> None:
    table = connections.c
    before = {name: getattr(known, name) for name in ("name", "url", "database", "login")}
    # The rival is somebody who changed the connection while this was tried out: what was tried is not true any more.
    mine = (table[name].is_not_distinct_from(value) for name, value in before.items())
    try:
        with hub.store.begin() as db:
            if not db.execute(
                connections.update().where(table.id == known.id, *mine).values(columns)
            ).rowcount:
                raise ConflictError(
                    "Somebody changed this connection meanwhile; load it again and repeat your change.",
                    details={"status": 412},
                )
            if columns.get("witness_id", ...) is None:
                others = connections.update().where(table.witness_id == known.id)
                db.execute(others.values(witness_id=None))
            resource = f"connection/{columns.get('name', known.name)}"
            if news.secret is not None:
                hub.cabinet.put(owner_of(known.id), news.secret, expires_at=news.expires_at, connection=db)
                details: dict[str, Any] = {"expires": news.expires_at}
                hub.store.audit(who(), "secret.set", resource, details=details, connection=db)
            if news.url is not None or news.database is not None:
                details = {"same_database": {None: "not known", True: "yes", False: "no"}[same]}
                hub.store.audit(who(), "connection.move", resource, details=details, connection=db)
            changes = {
                name: [before[name], columns[name]]
                for name in ("name", "login")
                if columns.get(name, before[name]) != before[name]
            }
            if changes:
                hub.store.audit(who(), "connection.set", resource, details=changes, connection=db)
    except sa.exc.IntegrityError as problem:
        raise InputError(
            f"There is a connection '{news.name}' already; choose another name.", details={"setting": "name"}
        ) from problem


def move(hub: Hub, name: str, url: str, *, force: bool = False, guard: Guard | None = None) -> Connection:
    """Point a connection at another address of the same database, once it works there.

    :raises TowpathError: as :func:`change` does.
    """
    return change(hub, name, News(url=url, force=force), guard=guard)


def set_key(hub: Hub, name: str, secret: str, *, expires_at: datetime | None = None) -> Connection:
    """Put another key in the place of a connection's, once it works there.

    :raises TowpathError: what the probe found wrong; the old key stays.
    """
    return change(hub, name, News(secret=Secret(secret), expires_at=expires_at))


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


def check_limits(hub: Hub, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The limits that are to be set, when they can be; for where something else is to be done before.

    :raises InputError: as :func:`set_limits` does.
    """
    checked(hub.settings, access_of(hub, find(hub, name)), given)
    return given


def set_limits(hub: Hub, name: str, given: Mapping[str, Any]) -> Connection:
    """Say how many calls the database of a connection gets, by the names of ``limits.LIMITS``; what is left out stays.

    Every worker that calls keeps to it two seconds later.

    :param given: numbers and :class:`~towpath.features.connections.hours.WorkingHours`; None takes a limit away.
    :raises InputError: a limit is not valid, or above what the installation or odoo.com allows.
    :raises ConflictError: somebody else changed the limits at the same moment.
    """
    known = find(hub, name)
    columns = checked(hub.settings, access_of(hub, known), given)
    changes = {
        key: [getattr(known, key), value] for key, value in columns.items() if getattr(known, key) != value
    }
    if not changes:
        return known
    table = connections.c
    mine = (table[key].is_not_distinct_from(before) for key, (before, _) in changes.items())
    with hub.store.begin() as db:
        # The rival is somebody who sets the same limit: the row of the record says what it was before.
        if not db.execute(
            connections.update()
            .where(table.id == known.id, *mine)
            .values({key: after for key, (_, after) in changes.items()})
        ).rowcount:
            raise ConflictError(
                "Somebody changed this connection meanwhile; load it again and repeat your change.",
                details={"status": 412},
            )
        told = {key: [_told(value) for value in both] for key, both in changes.items()}
        hub.store.audit(who(), "connection.set", f"connection/{known.name}", details=told, connection=db)
    return find_by_id(hub, known.id)


def _told(value: Any) -> Any:
    """A limit as the record says it."""
    if isinstance(value, dict):
        hours = from_json(value)
        return hours and hours.words()
    return f"{value:g}" if isinstance(value, float) else value


def _check_witness(hub: Hub, known: Connection, other: Connection) -> None:
    if other.id == known.id:
        raise InputError(
            f"'{known.name}' can not be its own witness; name a connection whose user may read more."
        )
    ours, theirs = access_of(hub, known), access_of(hub, other)
    other_database = differ(
        known.fingerprint or fingerprint_of(hub, known), other.fingerprint or fingerprint_of(hub, other)
    )
    if other_database is None:  # a narrow user may not know which database it is
        other_database = (ours.host, ours.database) != (theirs.host, theirs.database)
    if other_database:
        raise InputError(
            f"'{other.name}' leads to another database than '{known.name}'; a witness must read the same one."
        )
