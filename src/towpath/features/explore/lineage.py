"""Where a table comes from, what hangs on it, and how the tables refer to each other (S2.48).

The diagram of relations tells what Odoo's fields say: each stream is a model of its own, and no join is implied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from towpath.errors import TowpathError
from towpath.features.explore.names import short_names
from towpath.features.replicate import service as replicate
from towpath.hub import Hub
from towpath.lake.catalog import TableRef
from towpath.lake.table import Table
from towpath.odoo.schema import Field

__all__ = ["Diagram", "Lineage", "Link", "Member", "fields_of", "lineage", "origin_of", "relations"]

_KINDS = ("many2one", "one2many", "many2many")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """One table's way from Odoo."""

    connection: str = ""
    url: str = ""
    stream_id: str = ""
    model: str = ""
    model_label: str = ""
    sync_type: str = ""
    part_of: str = ""
    """Path of the main table, when this one stands beside it (versions, links)."""
    beside: tuple[str, ...] = ()
    """Paths of the tables that stand beside this one."""
    filter: str = ""
    fields: int = 0
    """How many of Odoo's fields are replicated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One table in the diagram."""

    path: str
    name: str
    model: str
    label: str
    connection: str
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One field that leads from a table to another."""

    source: str
    target: str
    field: str
    label: str
    kind: str
    """``many2one``, ``one2many`` or ``many2many``."""
    column: bool
    """Whether the field is a column of the source's table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """Tables and the links between them."""

    tables: tuple[Member, ...]
    links: tuple[Link, ...]
    missing: dict[str, int] = field(default_factory=dict)
    """Models that columns lead to and that are not replicated, with how many columns do."""


def origin_of(hub: Hub, table: TableRef) -> tuple[replicate.Origin | None, str]:
    """The stream behind a table, and the path of its main table when this one stands beside it."""
    known = replicate.origins(hub)
    place = (table.layer, table.folder, table.name)
    if place in known:
        return known[place], ""
    for (layer, folder, name), origin in known.items():
        if (layer, folder) == place[:2] and table.name.startswith(f"{name}__"):
            return origin, f"{layer}/{folder}/{name}"
    return None, ""


def lineage(hub: Hub, table: TableRef, tables: Sequence[TableRef]) -> Lineage:
    """Where the table comes from. `tables`: those the asker may see."""
    origin, part_of = origin_of(hub, table)
    beside = tuple(
        other.path
        for other in tables
        if (other.layer, other.folder) == (table.layer, table.folder)
        and other.name.startswith(f"{table.name}__")
    )
    if origin is None:
        return Lineage(beside=beside)
    stream = origin.stream
    return Lineage(
        connection=origin.connection,
        url=origin.url,
        stream_id=stream.id,
        model=stream.model,
        model_label=origin.model.label if origin.model else "",
        sync_type=stream.sync_type,
        part_of=part_of,
        beside=beside,
        filter=stream.filter or "",
        fields=len(stream.fields if stream.fields is not None else fields_of(origin)),
    )


def fields_of(origin: replicate.Origin | None) -> dict[str, Field]:
    """The replicated fields of a stream, by name; nothing before its first run."""
    if origin is None or origin.model is None:
        return {}
    model, chosen = origin.model, origin.stream.fields
    names = model.default_fields() if chosen is None else ("id", *chosen)
    return {name: model.fields[name] for name in names if name in model.fields}


def relations(hub: Hub, tables: Sequence[TableRef], *, count: bool = False) -> Diagram:
    """How these tables refer to each other, by the relational fields of their models."""
    known = replicate.origins(hub)
    names = short_names(tables)
    main = [
        (table, known[place])
        for table in tables
        if (place := (table.layer, table.folder, table.name)) in known
    ]
    by_model: dict[tuple[str, str], list[TableRef]] = {}
    for table, _ in main:
        by_model.setdefault((table.connection, table.model), []).append(table)
    links: list[Link] = []
    missing: dict[str, int] = {}
    for table, origin in main:
        columns = fields_of(origin)
        for one in (origin.model.fields if origin.model else {}).values():
            if one.type not in _KINDS or not one.relation:
                continue
            column = one.name in columns
            targets = by_model.get((table.connection, one.relation), [])
            links += [
                Link(
                    source=table.path,
                    target=target.path,
                    field=one.name,
                    label=one.label,
                    kind=one.type,
                    column=column,
                )
                for target in targets
                if column or one.store
            ]
            if column and not targets:
                missing[one.relation] = missing.get(one.relation, 0) + 1
    members = tuple(
        Member(
            path=table.path,
            name=names[table],
            model=table.model,
            label=origin.model.label if origin.model else table.model,
            connection=table.connection,
            rows=_rows(table) if count else None,
        )
        for table, origin in main
    )
    return Diagram(tables=members, links=tuple(links), missing=missing)


def _rows(table: TableRef) -> int | None:
    try:
        lake = Table(table.uri, table.storage_options)
        return lake.count() if lake.exists else None
    except TowpathError:
        return None
