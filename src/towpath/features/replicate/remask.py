"""Masks that were changed: what the tables of a stream held before is brought under the new ones.

New rows get their masks before anything is written. What was there before is masked in place: all rows are written
anew, those of deleted records too, which no later read would touch. Each table says itself under which masks it was
written (the columns' metadata), so a process that dies on the way leaves the old state or the new one of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from towpath.commit_point import commit_point
from towpath.errors import InputError
from towpath.features.replicate import streams
from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.versions import SUFFIX
from towpath.lake.columns import SYSTEM_COLUMNS, plain_schema
from towpath.lake.table import Commit, Table
from towpath.lake.versions import APP, follow
from towpath.odoo.masking import Mask, apply

if TYPE_CHECKING:
    import pyarrow as pa

    from towpath.features.replicate.work import Work
    from towpath.odoo.columns import Column

__all__ = ["rewrite"]

_Change = Callable[["pa.Array"], "pa.Array"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to be done to a table."""

    schema: pa.Schema
    #: Column -> what is done to its values; None where it goes.
    changes: dict[str, _Change | None]
    #: Fields whose mask is another one.
    fields: set[str]


def rewrite(work: Work, cursor: Cursor) -> bool:
    """Bring what the tables hold under the stream's masks; True when they were not, and all has to be read again.

    Values that were plain get their mask; those under another mask become null until they are read again. One
    commit for each table, with its cursor as it was.
    """
    if cursor.through is None or not work.table.exists:
        return False  # all of it is replaced by the run
    versions, main = work.beside(SUFFIX), _plan(work, work.table)
    if main is not None:
        if work.stream.history:
            # What came before is to be kept as versions first: afterwards it can not be told from the masking.
            follow(work.table, versions, run_id=work.run_id)
        # A process that dies behind the next commit leaves the reading to the next run.
        patiently(work.store, lambda db: streams.want_reread(db, work.stream.id))
        _write(work, work.table, main, lambda: work.commit(replace(cursor, counted=True), "MASK"))
        work.remarks.append(
            f"The masks of {', '.join(sorted(main.fields))} were changed; the table holds no values from before. "
            "Older versions of it keep theirs until the retention is over."
        )
    if main is not None or work.masks or work.stream.history:
        _mask_versions(work, versions)
        _empty_links(work)
    return main is not None


def _mask_versions(work: Work, versions: Table) -> None:
    """The same for the table of all versions of the records."""
    plan = _plan(work, versions) if versions.exists else None
    if plan is None:
        return
    known, now = dict(versions.cursor(APP) or {}), work.table.version
    if known.get("version") == now - 1 and next(work.table.history(1)).operation == "MASK":
        known["version"] = now  # the masking itself is no new version of any record

    def commit() -> Commit:
        work.hold()
        return Commit(
            app_id=APP,
            sequence=versions.sequence(APP) + 1,
            cursor=known,
            run_id=work.run_id,
            operation="MASK",
        )

    _write(work, versions, plan, commit)


def _empty_links(work: Work) -> None:
    """Take the links out of the link tables of masked fields: they are ids of the linked records."""
    for name in work.masks:
        if work.model.fields[name].type != "many2many":
            continue
        links = work.beside(f"__{name}")
        snapshot = links.snapshot()
        if snapshot is None or not snapshot.files:
            continue
        for app, mark in snapshot.marks.items():
            work.hold()
            commit = Commit(
                app_id=app,
                sequence=mark.sequence + 1,
                cursor=dict(mark.cursor),
                run_id=work.run_id,
                operation="MASK",
            )
            links.publish([], mode="replace", schema=links.schema, commit=commit)
            break


def _plan(work: Work, table: Table) -> _Plan | None:
    """What is to be done to a table; None where it is under the right masks."""
    import pyarrow as pa

    changes: dict[str, _Change | None] = {}
    columns: list[pa.Field] = []
    fields: set[str] = set()
    for held in table.schema:
        after, change = _after(work, held)
        if change is not None or after is None:
            changes[held.name] = change
            fields.add(_note(held, "odoo.field") or held.name)
        if after is not None:
            columns.append(after)
    return _Plan(schema=pa.schema(columns), changes=changes, fields=fields) if changes else None


def _write(work: Work, table: Table, plan: _Plan, commit: Callable[[], Commit]) -> None:
    """Write all rows of a table anew and publish them in place of the old ones; one part in memory at a time."""
    import pyarrow as pa

    names = list(table.schema.names)

    def masked() -> Iterator[pa.RecordBatch]:
        for batch in table.scan(names, deleted=True):
            work.check()
            columns = []
            for name in plan.schema.names:
                change = plan.changes.get(name)
                columns.append(batch.column(name) if change is None else change(batch.column(name)))
            yield pa.RecordBatch.from_arrays(columns, schema=plan.schema)

    staged = table.stage(masked(), prefix=work.run_id[:12], run_id=work.run_id)
    commit_point("masked_rows_written")
    table.publish(staged, mode="replace", schema=plan.schema, commit=commit())
    commit_point("masked_rows_published")


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
