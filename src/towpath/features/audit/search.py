"""Find rows of the audit: by who, what, on what, result, time, address and text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from towpath.errors import RetryLaterError
from towpath.store import AuditEntry
from towpath.store.tables import audit

__all__ = ["Search", "every", "one", "page", "plain"]

_PATIENCE = "20s"
_CHUNK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for; None asks nothing. A ``*`` in a text stands for anything."""

    actor: str | None = None
    action: str | None = None
    object: str | None = None
    result: str | None = None
    address: str | None = None
    #: Somewhere in actor, action, object, result or details, whatever its case.
    text: str | None = None
    since: datetime | None = None
    #: Exclusive.
    until: datetime | None = None

    def to_json(self) -> dict[str, str]:
        """What is asked for by name, for the record."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: _text(value) for name, value in found.items() if value is not None}

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The same in SQL."""
        columns = {
            "actor": audit.c.actor,
            "action": audit.c.action,
            "object": audit.c.object,
            "result": audit.c.result,
            "address": audit.c.details["from"].astext,
        }
        found = [_like(column, given) for name, column in columns.items() if (given := getattr(self, name))]
        if self.since is not None:
            found.append(audit.c.at >= self.since)
        if self.until is not None:
            found.append(audit.c.at < self.until)
        if self.text:
            places = (audit.c.actor, audit.c.action, audit.c.object, audit.c.result)
            details = sa.cast(audit.c.details, sa.Text)
            found.append(
                sa.or_(*(place.icontains(self.text, autoescape=True) for place in (*places, details)))
            )
        return found


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _like(column: sa.ColumnElement[str], given: str) -> sa.ColumnElement[bool]:
    if "*" not in given:
        return column == given
    pattern = given.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    return column.like(pattern, escape="\\")


def page(
    connection: sa.Connection, search: Search, *, before: int | None = None, limit: int = 100
) -> list[AuditEntry]:
    """The newest rows that fit, newest first; with ``before`` those of smaller numbers.

    :raises RetryLaterError: it takes too long.
    """
    query = sa.select(audit).where(*search.conditions()).order_by(audit.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(audit.c.number < before)
    return _rows(connection, query)


def one(connection: sa.Connection, number: int) -> AuditEntry | None:
    """The row of that number."""
    found = _rows(connection, sa.select(audit).where(audit.c.number == number))
    return found[0] if found else None


def every(engine: sa.Engine, search: Search, *, through: int) -> Iterator[AuditEntry]:
    """All rows that fit up to the number ``through``, oldest first; memory holds a thousand of them.

    Each portion is a transaction of its own: a slow reader keeps none open.

    :raises RetryLaterError: a portion takes too long to find.
    """
    after = 0
    while True:
        query = sa.select(audit).where(
            *search.conditions(), audit.c.number > after, audit.c.number <= through
        )
        with engine.connect() as connection:
            rows = _rows(connection, query.order_by(audit.c.number).limit(_CHUNK))
        yield from rows
        if len(rows) < _CHUNK:
            return
        after = rows[-1].number


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> list[AuditEntry]:
    try:
        connection.exec_driver_sql(f"set local statement_timeout = '{_PATIENCE}'")
        return [AuditEntry(**row._asdict()) for row in connection.execute(query)]
    except sa.exc.OperationalError as problem:
        if getattr(problem.orig, "sqlstate", None) != "57014":  # query_canceled
            raise
        raise RetryLaterError("The search takes too long; narrow it by time, by who or by what.") from problem


def plain(entry: AuditEntry) -> dict[str, Any]:
    """A row as JSON; the address stands beside the details."""
    return {
        "number": entry.number,
        "at": entry.at.astimezone(UTC),
        "actor": entry.actor,
        "action": entry.action,
        "object": entry.object,
        "result": entry.result,
        "address": entry.details.get("from"),
        "details": {name: value for name, value in entry.details.items() if name != "from"},
        "prev_hash": entry.prev_hash,
        "hash": entry.hash,
    }
