"""Link tables: one row for each link of a many2many field, beside the table of the stream.

``<table>__<field>`` has the columns ``id``, ``<model>_id`` and ``<linked model>_id`` with dots as underscores (where
both are the same model the second is ``linked_<model>_id``) and the system columns. ``id`` is the record's id times
2^32 plus the linked id: the same link always has the same one, and the links of a record lie together.

A link table follows the versions of the stream's table: its cursor names the version it reflects, in the commit that
brought the links. So a process that dies between the two leaves nothing to remember: the next one compares the parts
that came since.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from towpath.commit_point import commit_point
from towpath.errors import InputError
from towpath.features.replicate.choice import ALL
from towpath.features.replicate.link_digest import linked_pairs
from towpath.features.replicate.streams import FULL_TABLE, Stream
from towpath.features.replicate.work import Work
from towpath.lake.columns import DELETED_AT
from towpath.lake.log import File, Snapshot
from towpath.lake.parts import read_part
from towpath.lake.table import Commit, Table
from towpath.odoo.columns import Column

__all__ = ["LinkTable", "key_of", "link_columns", "link_schema"]

#: Links that are written by one commit; bounds memory.
CHUNK = 200_000
#: Parts without a change in their links that are compared again and again before the cursor is moved for them alone.
IDLE_PARTS = 16
_SHIFT = 32
_MOST_RECORD, _MOST_LINKED = 2**31 - 1, 2**32 - 1


def key_of(record: int, linked: int) -> int:
    """The ``id`` of a link."""
    return (record << _SHIFT) | linked


def link_schema(model: str, column: Column) -> pa.Schema:
    """The columns of a link table, without the system ones."""
    first, second = (name.replace(".", "_") for name in (model, column.field.relation or "record"))
    second = f"linked_{second}_id" if second == first else f"{second}_id"
    return pa.schema(
        [
            pa.field("id", pa.int64(), nullable=False),
            pa.field(f"{first}_id", pa.int64(), metadata={"odoo.relation": model, "odoo.label": model}),
            pa.field(
                second,
                pa.int64(),
                metadata={
                    "odoo.relation": column.field.relation or "",
                    "odoo.label": column.field.label or column.field.name,
                },
            ),
        ]
    )


@dataclass(slots=True, kw_only=True)
class LinkTable:
    """The link table of one many2many field of a stream."""

    work: Work
    #: The field's column in the stream's table, a list of ids.
    column: Column
    #: Links that came and went, in this run.
    inserted: int = 0
    deleted: int = 0
    table: Table = field(init=False)
    schema: pa.Schema = field(init=False)
    _fresh: list[pa.Array] = field(default_factory=list)
    _gone: list[pa.Array] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.table = self.work.beside(f"__{self.column.field.name}")
        self.schema = link_schema(self.work.model.name, self.column)

    @property
    def app_id(self) -> str:
        """Name under which the stream commits to this table."""
        return f"{self.work.stream.app_id}.links.{self.column.field.name}"

    def follow(self) -> None:
        """Bring the links to the version the stream's table has now; nothing is done where it has that already.

        :raises InputError: an id is too large for the key of a link.
        """
        main = self.work.table.require()
        position = {"table": str(main.metadata.raw.get("id")), "version": main.version}
        known = self.table.cursor(self.app_id)
        if known == position:
            return
        if known is None or known["table"] != position["table"] or self.work.stream.sync_type == FULL_TABLE:
            self._replace(main, position)
            return
        new = self._new_parts(main, known["version"])
        for part in new:
            self.work.check()
            self._compare(main, part)
            if sum(map(len, [*self._fresh, *self._gone])) >= CHUNK:
                self._commit(known)
        if self._fresh or self._gone or len(new) >= IDLE_PARTS:
            self._commit(position)

    def _new_parts(self, main: Snapshot, version: int) -> list[File]:
        """Parts that the table did not have at that version; all of them where nobody knows any more."""
        try:
            before = self.work.table.snapshot(version)
        except InputError:
            before = None
        had = before.files if before is not None else {}
        return [part for part in main.ordered() if part.path not in had]

    def _replace(self, main: Snapshot, position: dict[str, object]) -> None:
        """Write all links anew."""

        def batches() -> Iterator[pa.Table]:
            for part in main.ordered():
                self.work.check()
                yield self._rows(_keys(self._part(main, part), self.column.name))

        staged = self.table.stage(batches(), prefix=self.work.run_id[:12], run_id=self.work.run_id)
        before = self.table.count()
        relation = self.column.field.relation
        self.table.publish(
            staged,
            mode="replace",
            schema=self.schema,
            commit=self._mark(position),
            description=f"Links of {self.work.model.name} by {self.column.field.name} to {relation}",
        )
        commit_point("links_replaced")
        rows = sum(part.rows for part in staged)
        self.inserted, self.deleted = max(0, rows - before), max(0, before - rows)

    def _compare(self, main: Snapshot, part: File) -> None:
        """Find the links of one part that came, and those that went."""
        rows = self._part(main, part, deleted=True)
        if not rows.num_rows:
            return
        ids = rows.column("id")
        present = rows.filter(pc.is_null(rows.column(DELETED_AT)))
        wanted = _keys(present, self.column.name)
        low, high = pc.min(ids).as_py(), pc.max(ids).as_py()
        pieces = [pa.array([], pa.int64())]
        for batch in self.table.scan(["id"], low=key_of(low, 0), high=key_of(high, _MOST_LINKED)):
            keys = batch.column(0)
            # links of records that lie in another part are that part's affair
            pieces.append(keys.filter(pc.is_in(pc.shift_right(keys, _SHIFT), value_set=ids.combine_chunks())))
        held = pa.concat_arrays(pieces)
        fresh = wanted.filter(pc.invert(pc.is_in(wanted, value_set=held)))
        gone = held.filter(pc.invert(pc.is_in(held, value_set=wanted)))
        self._fresh += [fresh] if len(fresh) else []
        self._gone += [gone] if len(gone) else []

    def _part(self, main: Snapshot, part: File, *, deleted: bool = False) -> pa.Table:
        schema = main.metadata.schema
        wanted = pa.schema([schema.field(name) for name in ("id", self.column.name, DELETED_AT)])
        rows = read_part(self.work.table.storage, part.path, wanted)
        return rows if deleted else rows.filter(pc.is_null(rows.column(DELETED_AT)))

    def _rows(self, keys: pa.Array) -> pa.Table:
        linked = pc.bit_wise_and(keys, pa.scalar(_MOST_LINKED, pa.int64()))
        return pa.table([keys, pc.shift_right(keys, _SHIFT), linked], schema=self.schema)

    def _commit(self, position: dict[str, object]) -> None:
        empty = pa.array([], pa.int64())
        counts = self.table.upsert(
            self._rows(pa.concat_arrays([empty, *self._fresh])),
            delete=pa.concat_arrays([empty, *self._gone]),
            commit=self._mark(position),
        )
        commit_point("link_rows_written")
        self.inserted += counts.inserted + counts.updated  # a link that comes back is no longer marked
        self.deleted += counts.deleted
        self._fresh, self._gone = [], []

    def _mark(self, position: dict[str, object]) -> Commit:
        """The next commit of this table.

        :raises Interrupted: another process has taken the run over.
        """
        self.work.hold()
        return Commit(
            app_id=self.app_id,
            sequence=self.table.sequence(self.app_id) + 1,
            cursor=position,
            run_id=self.work.run_id,
            operation="LINKS",
        )


def _keys(rows: pa.Table, column: str) -> pa.Array:
    """The keys of all links of these rows, ascending, each once.

    :raises InputError: an id is too large.
    """
    pairs = linked_pairs(rows, column)
    records, linked = pairs.column("id").combine_chunks(), pairs.column("linked").combine_chunks()
    for ids, most in ((records, _MOST_RECORD), (linked, _MOST_LINKED)):
        span = pc.min_max(ids).as_py()
        if len(ids) and not (span["min"] >= 0 and span["max"] <= most):
            raise InputError(
                f"An id is too large for a link table ({span['max']}); leave the field out of --links, its list column stays."
            )
    keys = pc.bit_wise_or(pc.shift_left(records, _SHIFT), linked)
    return pc.unique(keys.take(pc.sort_indices(keys)))


def link_columns(stream: Stream, columns: Sequence[Column]) -> list[Column]:
    """Those columns of many2many fields that the stream has as link tables."""
    names = stream.links or []
    usable = [column for column in columns if column.field.type == "many2many" and column.kind == "ids"]
    return [column for column in usable if ALL in names or column.field.name in names]
