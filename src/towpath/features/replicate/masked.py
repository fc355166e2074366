"""Masks of a stream: their key, and the rewriting of a table whose masks were changed.

New rows get their masks before anything is written. What the table held before a mask was set is masked in
place: all its rows are written anew, deleted ones too, which no later read would touch. The table itself says under which
masks it was written (the columns' metadata), so a process that dies on the way leaves the old state or the new one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from towpath.commit_point import commit_point
from towpath.errors import InputError
from towpath.features.connections import service as connections
from towpath.features.replicate import streams
from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.streams import FULL_TABLE, Stream
from towpath.hub import Hub
from towpath.lake.columns import SYSTEM_COLUMNS, plain_schema
from towpath.odoo.masking import Mask, apply, parse, suggest
from towpath.odoo.schema import Model, discover

if TYPE_CHECKING:
    import pyarrow as pa

    from towpath.features.replicate.work import Work
    from towpath.odoo.columns import Column

__all__ = ["Hint", "hints", "masks_of", "rewrite"]

#: Whose secret the key of the hashes is.
OWNER = "masking"
_LOCK = 7_403_211_981

_Change = Callable[["pa.Array"], "pa.Array"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A field that probably holds personal data, and a mask for it."""

    field: str
    label: str
    #: Kind of personal data.
    kind: str
    mask: str

    def to_json(self) -> dict[str, str]:
        """Plain values by name."""
        return {name: getattr(self, name) for name in self.__slots__}


def hints(hub: Hub, connection: str, model: str) -> list[Hint]:
    """Masks suggested for those fields of a model that are read when none are chosen.

    :raises TowpathError: the connection or the model is not known, or can not be read.
    """
    known = connections.find(hub, connection)
    with connections.open_odoo(hub, known.id) as odoo:
        found = discover(odoo, model)
    suggested, usual = suggest(found), set(found.default_fields())
    return [
        Hint(field=field.name, label=field.label, kind=field.personal or "name of a person", mask=way)
        for name, way in sorted(suggested.items())
        if (field := found.fields[name]).name in usual
    ]


def masks_of(hub: Hub, stream: Stream, model: Model) -> dict[str, Mask]:
    """The stream's masks by field; those of fields the model does not show now are left out.

    :raises InputError: a mask does not fit its field any more; nothing is to be read without it.
    """
    wanted = {name: text for name, text in stream.masks.items() if name in model.fields}
    key = _key(hub) if any(text.strip().lower() == "hash" for text in wanted.values()) else b""
    return {name: parse(text, model.fields[name], key) for name, text in wanted.items()}


def _key(hub: Hub) -> bytes:
    """The installation's key for hashes, made when it is first needed."""
    if hub.cabinet.info(OWNER) is None:
        with hub.store.begin() as db:
            # The rival is another process that makes one: the second to get the lock finds the first one's.
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            if hub.cabinet.info(OWNER) is None:
                hub.cabinet.put(OWNER, secrets.token_hex(32), connection=db)
                hub.store.audit("system", "masking.key", "masking", connection=db)
    return bytes.fromhex(hub.cabinet.get(OWNER).reveal())


def rewrite(work: Work, cursor: Cursor) -> bool:
    """Bring what the table holds under the stream's masks; True when it was not, and all has to be read again.

    Values that were plain get their mask; those under another mask become null until they are read again. One
    commit, with the cursor as it was.
    """
    if work.stream.sync_type == FULL_TABLE or cursor.through is None or not work.table.exists:
        return False  # all of it is replaced by the run
    held = work.table.schema
    changes: dict[str, _Change | None] = {}
    fields: list[pa.Field] = []
    for column in held:
        after, change = _after(work, column)
        if change is not None or after is None:
            changes[column.name] = change
        if after is not None:
            fields.append(after)
    if not changes:
        return False
    import pyarrow as pa

    schema = pa.schema(fields)

    def masked() -> Iterator[pa.RecordBatch]:
        for batch in work.table.scan([*held.names], deleted=True):
            work.check()
            columns = []
            for name in schema.names:
                change = changes.get(name)
                columns.append(batch.column(name) if change is None else change(batch.column(name)))
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    # A process that dies behind the commit below leaves the reading to the next run.
    patiently(work.store, lambda db: streams.want_reread(db, work.stream.id))
    staged = work.table.stage(masked(), prefix=work.run_id[:12], run_id=work.run_id)
    commit_point("masked_rows_written")
    work.table.publish(
        staged, mode="replace", schema=schema, commit=work.commit(replace(cursor, counted=True), "MASK")
    )
    commit_point("masked_rows_published")
    names = sorted(
        {name for column in held if column.name in changes and (name := _note(column, "odoo.field"))}
    )
    work.remarks.append(
        f"The masks of {', '.join(names)} were changed; the table holds no values from before. Older versions "
        "of it keep theirs until the retention is over."
    )
    return True


def _after(work: Work, held: pa.Field) -> tuple[pa.Field | None, _Change | None]:
    """What becomes of a column of the table, None where it goes, and what is done to its values."""
    name = _note(held, "odoo.field")
    if held.name in SYSTEM_COLUMNS or name is None:
        return held, None
    mask, before = work.masks.get(name), _note(held, "odoo.mask")
    if name not in work.model.fields:
        # Gone, or not for this user any more: what is to be hidden of it can only be taken away.
        hidden = name in work.stream.masks and before != work.stream.masks[name]
        return (None, None) if hidden else (held, None)
    if before == (mask and str(mask)) and _note(held, "odoo.mask_key") == (mask and mask.key_id):
        return held, None
    if mask is not None and (mask.kind == "drop" or _note(held, "odoo.part")):
        return None, None
    wanted = next((column for column in work.columns if column.name == held.name), None)
    field = _field(wanted, held, mask)
    if (before is None or before == "no-name") and (wanted is None or wanted.kind != "secret"):
        field_of = work.model.fields[name]
        relation = field_of.relation if field_of.relational else None
        return field, lambda values: _applied(mask, values, relation, field.type)
    if wanted is not None and wanted.kind == "secret":
        return field, lambda values: values
    return field, lambda values: _nothing(values, field.type)


def _field(wanted: Column | None, held: pa.Field, mask: Mask | None) -> pa.Field:
    """The column as it will be; of one that is not read any more only the mask changes."""
    import pyarrow as pa

    if wanted is not None:
        return plain_schema(pa.schema([wanted.arrow()]), system=False).field(0)
    notes = {key: value for key, value in (held.metadata or {}).items() if not key.startswith(b"odoo.mask")}
    type_ = held.type
    if mask is not None:
        notes[b"odoo.mask"] = str(mask).encode()
        if mask.key_id:
            notes[b"odoo.mask_key"] = mask.key_id.encode()
            type_ = pa.list_(pa.field("element", pa.string())) if pa.types.is_list(type_) else pa.string()
    return pa.field(held.name, type_, metadata=notes)


def _applied(mask: Mask | None, values: pa.Array, relation: str | None, type_: pa.DataType) -> pa.Array:
    if mask is None:
        return values
    try:
        return apply(mask, values, relation).cast(type_)
    except InputError:  # of a time when the field had another type
        return _nothing(values, type_)


def _nothing(values: pa.Array, type_: pa.DataType) -> pa.Array:
    import pyarrow as pa

    return pa.nulls(len(values), type_)


def _note(field: pa.Field, name: str) -> str | None:
    found = (field.metadata or {}).get(name.encode())
    return None if found is None else found.decode()
