"""Which places of the catalog a stream may take: none that belongs to another stream, and no rows of another connection.

A table stays when its stream is removed or moved, with the rows and the earlier states it has. Whoever gets the place
next decides for whom they are readable, so that takes the right to read them, or that they are of the same connection.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from towpath.access import Actor, Right
from towpath.errors import InputError
from towpath.features.replicate import streams as streams_of
from towpath.features.replicate.cursor import OWNER
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import streams
from towpath.hub import Hub

__all__ = ["check_beside", "takes"]


def check_beside(db: sa.Connection, stream: Stream) -> None:
    """Refuse a name that stands for tables and views which belong to another stream: ``NAME__versions``, ``NAME__field``.

    :raises InputError: two streams would write into one table.
    """
    c = streams.c
    near = sa.select(c.table_name).where(
        c.layer == stream.layer, c.folder == stream.folder, c.id != stream.id
    )
    for other in db.scalars(near):
        for owner, part in ((other, stream.table_name), (stream.table_name, other)):
            if part.startswith(f"{owner}__"):
                raise InputError(
                    f"The name {part} is kept for what belongs to the table {owner}; choose another table, folder or prefix.",
                    details={"setting": "table_name"},
                )


def takes(hub: Hub, actor: Actor) -> Callable[[Stream], None] | None:
    """What refuses a place with rows of another connection; None for who may read and configure all there are."""
    if actor.may(Right.CONFIGURE) and actor.may(Right.READ_DATA):
        return None

    def check(stream: Stream) -> None:
        from towpath.features.replicate.prepare import table_of

        snapshot = table_of(hub, stream).snapshot()
        if snapshot is None:
            return
        owners = {app: mark.cursor.get(OWNER) for app, mark in snapshot.marks.items()}
        if silent := [app for app, owner in owners.items() if owner is None]:
            with hub.store.begin() as db:  # commits of the first releases do not say it themselves
                owners |= streams_of.owners(db, silent)
        if {*owners.values()} != {stream.connection_id}:
            raise InputError(
                f"At {stream.path} lies a table that may hold rows of another connection; choose another table, folder or "
                "prefix, or ask an administrator of Towpath.",
                details={"setting": "table_name"},
            )

    return check
