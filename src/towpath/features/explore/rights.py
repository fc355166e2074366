"""Which tables somebody may see, and whose rows they may read: rights on connections, turned into tables.

What somebody may not see does not exist for them: it is in no list, no near name and no query. What they may see but
not read is refused by name. A table that belongs to no connection takes a right on the whole installation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from towpath.access import Actor, Right
from towpath.errors import AccessError, InputError
from towpath.features.explore.guard import examine
from towpath.features.explore.names import find, resolve
from towpath.hub import Hub
from towpath.lake.catalog import TableRef

__all__ = ["Permitted", "allowed_query", "may", "readable_table", "seen", "seen_table"]


def may(actor: Actor, right: Right, table: TableRef) -> bool:
    """Whether the right is given on the table's connection."""
    return actor.may(right, table.connection_id or None)


def seen(hub: Hub, actor: Actor) -> list[TableRef]:
    """The tables whose structure they may see."""
    return [
        table for table in hub.tables() if may(actor, Right.SEE, table) or may(actor, Right.READ_DATA, table)
    ]


def seen_table(hub: Hub, actor: Actor, name: str) -> TableRef:
    """The one table a name means among those they may see.

    :raises NotFoundError: there is none, or none for them.
    :raises InputError: several tables bear that name.
    """
    return resolve(name, seen(hub, actor)).table


def readable_table(hub: Hub, actor: Actor, name: str) -> TableRef:
    """Like :func:`seen_table`, for its rows.

    :raises AccessError: they may see it, but not read its rows.
    """
    table = seen_table(hub, actor, name)
    _require(actor, table)
    return table


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """A query that may be run, with the tables it can be run over."""

    tables: tuple[TableRef, ...]
    """All tables whose rows the asker may read: no other is anything to the query."""
    named: tuple[TableRef, ...]
    """Those that it names."""


def allowed_query(actor: Actor, tables: Sequence[TableRef], sql: str) -> Permitted:
    """Check a query against the rights on every table its names lead to (``tables``: those the asker may see).

    :raises InputError: the SQL is not one SELECT, or names a table that is not there for them.
    :raises AccessError: it names a table whose rows they may not read.
    """
    open_to_them = tuple(table for table in tables if may(actor, Right.READ_DATA, table))
    named: dict[TableRef, None] = {}
    for reference in examine(sql).references:
        try:
            table = find(reference, open_to_them).table
        except InputError:
            table = find(reference, tables).table
            _require(actor, table)
        named[table] = None
    return Permitted(tables=open_to_them, named=tuple(named))


def _require(actor: Actor, table: TableRef) -> None:
    if not may(actor, Right.READ_DATA, table):
        of = f" of the connection {table.connection}" if table.connection else ""
        raise AccessError(
            f"You may not read the rows of {table.path}; that takes the role Analyst{of}. "
            "Ask an administrator of Towpath.",
            details={"right": Right.READ_DATA.value},
        )
