"""The link tables of a stream as the catalog lists them."""

from __future__ import annotations

from towpath.features.replicate.choice import ALL
from towpath.features.replicate.streams import Stream
from towpath.lake.catalog import TableRef
from towpath.odoo.schema import from_json

__all__ = ["link_refs"]


def link_refs(main: TableRef, stream: Stream) -> list[TableRef]:
    """One for each many2many field that has a link table, as far as the fields of the model are known by now."""
    return [
        TableRef(
            layer=main.layer,
            folder=main.folder,
            name=f"{main.name}__{field}",
            uri=f"{main.uri}__{field}",
            description=f"Links of {main.name} by {field}: one row each.",
            storage_options=main.storage_options,
        )
        for field in _fields(stream)
    ]


def _fields(stream: Stream) -> list[str]:
    chosen = stream.links or []
    if ALL not in chosen:
        return list(chosen)
    if stream.schema is None:
        return []
    model = from_json(stream.schema)
    read = model.default_fields() if stream.fields is None else stream.fields
    return [name for name in read if name in model.fields and model.fields[name].type == "many2many"]
