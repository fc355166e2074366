"""The companies of a connection, as its replicated tables name them: what the workspace can be narrowed to."""

from __future__ import annotations

from dataclasses import dataclass

from towpath.access import Actor, Right
from towpath.features.replicate import service as replicate
from towpath.hub import Hub

__all__ = ["Company", "companies"]

_MODEL = "res.company"
#: More than a menu can show.
_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """One company of an Odoo database."""

    id: int
    name: str


def companies(hub: Hub, actor: Actor, connection_id: str) -> list[Company]:
    """The companies by name; none where ``res.company`` is not replicated or its rows may not be read.

    Odoo itself is not asked, so that a page never waits for it.
    """
    from towpath.lake.table import Table

    if not actor.may(Right.READ_DATA, connection_id):
        return []
    for stream in replicate.choose(hub):
        if stream.connection_id != connection_id or stream.model != _MODEL:
            continue
        table = Table(f"{hub.lake_root}/{stream.path}", hub.settings.storage_options)
        if not table.exists or "name" not in table.schema.names:
            continue
        found: list[Company] = []
        for batch in table.scan(["id", "name"]):
            found += [Company(id=row["id"], name=row["name"] or str(row["id"])) for row in batch.to_pylist()]
            if len(found) >= _MOST:
                break
        return sorted(found[:_MOST], key=lambda one: one.name.casefold())
    return []
