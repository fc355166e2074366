"""What one run works with: its stream, the client, the model as it is now, the table, and ears that listen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from towpath.features.replicate import missed, runs, staging
from towpath.features.replicate.cursor import OWNER, Cursor, Totals
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.probe import Figures, probe
from towpath.features.replicate.progress import Report
from towpath.features.replicate.proof_plan import WIDTH
from towpath.features.replicate.reading import Reader
from towpath.features.replicate.settled import settle
from towpath.features.replicate.streams import FULL_TABLE, Stream
from towpath.features.replicate.vanished import Measure
from towpath.lake.table import Commit, Table
from towpath.odoo import Odoo, PageSize
from towpath.odoo.changes import Changes
from towpath.odoo.columns import Column, plan
from towpath.odoo.masking import Mask
from towpath.odoo.names import Names
from towpath.odoo.schema import Model
from towpath.odoo.schemas import Schemas
from towpath.odoo.values import fill
from towpath.store import Store

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CONTEXT", "Interrupted", "Work", "cursor_of", "parsed_filter"]

#: Archived records are records too: without this an archived one looks deleted (facts §2.4).
CONTEXT: dict[str, Any] = {"active_test": False}


class Interrupted(BaseException):  # no error: nothing may take it for one and go on
    """Leaves a run in the middle because the process is closing or somebody cancelled it."""


@dataclass(slots=True, kw_only=True)
class Work:
    """One run in progress. Used by one thread, but for the page that is read ahead."""

    run_id: str
    stream: Stream
    odoo: Odoo
    model: Model
    fields: tuple[str, ...]
    filter: list[Any]
    table: Table
    #: The table whose name is that of the stream's with something added.
    beside: Callable[[str], Table]
    store: Store
    #: Called with every report's values by name.
    tell: Callable[..., None]
    #: Whether the run is to be left now.
    stopped: Callable[[], bool]
    overlap: timedelta
    page_rows: int
    #: A full read of more than twice as many records is cut into ranges of so many.
    range_rows: int = 100_000
    #: Which attempt at the run this is; another process may have begun the next one.
    attempt: int = 0
    money_decimals: int | None = None
    #: What is done to fields with personal data; those that are dropped are not among ``fields``.
    masks: Mapping[str, Mask] = field(default_factory=dict)
    expected: int | None = None
    #: The longest that a record of this run appeared behind its stamp, in seconds.
    late: float = 0.0
    #: Sentences for the run's record.
    remarks: list[str] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)
    #: Records that the stream has, where Odoo said so just before the reading.
    counted: int | None = None
    #: What Odoo last said of all records below an id, and that id: the quick proof needs no call of its own then.
    figures: tuple[int, Figures] | None = None
    #: Opens a connection to the same database whose user may see more; None where there is none.
    witness: Callable[[], AbstractContextManager[Odoo]] | None = None
    #: Rows that a run may compare with Odoo's to prove that the table is complete; 0 for none.
    proof_rows: int = 0
    #: Ranges of ids that rows were read of (``proof_plan.WIDTH`` ids each).
    touched: set[int] = field(default_factory=set)
    #: The last id that was looked at again (``lost.py``).
    looked_again_to: int = 0
    _names: Names = field(init=False)
    _columns: Sequence[Column] = field(init=False)
    _reader: Reader = field(init=False)
    _ahead: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._names = Names(lambda model, ids: self.odoo.names(model, ids, context=CONTEXT))
        self._columns = self._beside_old_columns(
            plan(self.model, self.fields, money=self.money_decimals, masks=self.masks)
        )
        self._reader = self.reader(self.fields)
        self._reader.missed = partial(missed.note, self)

    def reader(self, fields: Sequence[str]) -> Reader:
        """A reader of the stream's model for these fields."""
        return Reader(
            odoo=self.odoo,
            model=self.model.name,
            fields=fields,
            context=CONTEXT,
            size=PageSize(start=min(2_000, self.page_rows), goal=self.page_rows),
            check=self.check,
            remarks=self.remarks,
        )

    def _beside_old_columns(self, columns: Sequence[Column]) -> list[Column]:
        """Columns under the names the table has for them; what was kept of other fields and other types stays.

        A table that is replaced at every run simply takes the new columns.
        """
        if self.stream.sync_type == FULL_TABLE or not self.table.exists:
            return list(columns)
        settled = settle(columns, self.table.schema)
        self.remarks += settled.remarks
        return settled.columns

    @property
    def columns(self) -> Sequence[Column]:
        """What the fields become in the table, and under which names."""
        return self._columns

    @property
    def schema(self) -> pa.Schema:
        """The table's columns for these fields."""
        import pyarrow as pa

        return pa.schema([column.arrow() for column in self._columns])

    @property
    def sign(self) -> str:
        """What is read, in short: parts and windows of another choice of columns or filter can not be read on."""
        # Without stamps nothing tells what changed in the parts of another run.
        own = () if self.model.has_write_date else (self.run_id,)
        # Nor are those of before an edit: what it changed may not show in the columns.
        edited = (str(self.stream.reread_at),) if self.stream.reread_at else ()
        columns = (
            (column.name, column.type, str(column.mask), column.mask.key_id)
            if column.mask
            else (column.name, column.type)
            for column in self._columns
        )
        return staging.signature(columns, self.stream.filter, *own, *edited)

    def left_out(self) -> list[str]:
        """Columns of fields that turned out not to be readable in this run."""
        readable = {"id", *self._reader.fields}
        return [column.name for column in self._columns if column.field.name not in readable]

    def commit(self, cursor: Cursor, operation: str) -> Commit:
        """The next commit of this stream, carrying the cursor.

        :raises Interrupted: another process has taken the run over.
        """
        self.hold()
        sequence = self.table.sequence(self.stream.app_id) + 1 if self.table.exists else 1
        return Commit(
            app_id=self.stream.app_id,
            sequence=sequence,
            cursor=cursor.to_json() | {OWNER: self.stream.connection_id},
            run_id=self.run_id,
            operation=operation,
        )

    def pages(
        self, condition: Sequence[Any] = (), *, after: int = 0
    ) -> AbstractContextManager[Iterator[list[dict[str, Any]]]]:
        """Pages of the stream's records by id (:meth:`Reader.pages`)."""
        return self._reader.pages([*self.filter, *condition], after=after)

    def chosen(self, ids: Sequence[int]) -> Iterator[list[dict[str, Any]]]:
        """Pages of those of these records that still belong to the stream."""
        with self.pages([["id", "in", list(ids)]]) as pages:
            yield from pages

    def to_batch(self, rows: list[dict[str, Any]]) -> pa.RecordBatch:
        """Rows as columns; names of linked records are looked up once for each distinct id."""
        import pyarrow.compute as pc

        names = self._names.gather(rows, self.model, _named(self._columns))
        batch = fill(rows, self._columns, names=names, changes=self.changes)
        self.touched.update(pc.unique(pc.divide(batch.column("id"), WIDTH)).to_pylist())
        return batch

    def touch(self, stats: str) -> None:
        """Count a part that was read elsewhere, or before, as read by this run.

        :param stats: its Delta statistics, JSON.
        """
        found = orjson.loads(stats)
        low, high = int(found["minValues"]["id"]), int(found["maxValues"]["id"])
        self.touched.update(range(low // WIDTH, high // WIDTH + 1))

    def some_of(self, rows: list[dict[str, Any]], fields: Iterable[str]) -> pa.RecordBatch:
        """Rows that were read with some of the fields only, as the columns of these fields and ``id``."""
        wanted = {"id", *fields}
        chosen = [column for column in self._columns if column.field.name in wanted]
        names = self._names.gather(rows, self.model, _named(chosen))
        return fill(rows, chosen, names=names, changes=self.changes)

    def count(self, low: int | None = None, high: int | None = None) -> int:
        """How many of the stream's records Odoo shows with ``low <= id < high``."""
        return self.odoo.search_count(self.model.name, [*self.filter, *_between(low, high)], context=CONTEXT)

    def measure(self, low: int, high: int) -> Measure:
        """The stream's records with ``low <= id < high`` in figures."""
        found = probe(self.odoo, self.model, [*self.filter, *_between(low, high)])
        if low <= 0 and (self.figures is None or high >= self.figures[0]):
            self.figures = high, found
        return Measure(found.count, found.id_sum)

    def ids(self, low: int, high: int, limit: int | None = None) -> list[int]:
        """Ids of the stream's records with ``low <= id < high``, at most ``limit`` of them."""
        found = self.odoo.search_ids(
            self.model.name, [*self.filter, *_between(low, high)], limit=limit, context=CONTEXT
        )
        if low <= 0 and limit is not None and len(found) < limit:
            self.figures = high, Figures(count=len(found), id_sum=sum(found), max_id=max(found, default=0))
        return found

    def boundary(self, low: int) -> int | None:
        """The id at which the range that begins at ``low`` is full; None where fewer records are left."""
        found = self.odoo.search_ids(
            self.model.name,
            [*self.filter, ["id", ">=", low]],
            offset=self.range_rows,
            limit=1,
            context=CONTEXT,
        )
        return found[0] if found else None

    def clock(self) -> datetime:
        """Odoo's clock."""
        moment = self.odoo.clock()
        self._ahead = (moment - datetime.now(UTC)).total_seconds()
        return moment

    def ahead(self) -> float:
        """Seconds by which Odoo's clock was ahead of ours when it was last looked at."""
        if self._ahead is None:
            self.clock()
        return self._ahead or 0.0

    def check(self) -> None:
        """Leave the run when it is to be left.

        :raises Interrupted: what is committed and staged so far stays.
        """
        if self.stopped():
            raise Interrupted

    def hold(self) -> None:
        """Make sure that the run is still ours before something of it is kept.

        :raises Interrupted: this process was silent so long that another one has taken the run over.
        """
        self.check()
        if self.attempt and not patiently(self.store, lambda db: runs.holds(db, self.run_id, self.attempt)):
            raise Interrupted

    def sentences(self) -> list[str]:
        """What a person should know of this run beside its numbers."""
        return [*self.remarks, *self._names.sentences(), *self.changes.sentences()]

    def report(self, event: str, totals: Totals, message: str | None = None) -> None:
        """Tell whoever listens how far the run is.

        :raises Interrupted: the run is to be left; what is committed and staged so far stays.
        """
        self.check()
        report = Report(
            event=event,
            run_id=self.run_id,
            stream=self.stream.table_name,
            rows=totals.read,
            expected=self.expected,
            message=message,
        )
        self.tell(**report.to_json())


def _named(columns: Iterable[Column]) -> list[str]:
    """Fields of which names are shown; of masked ones nobody needs them."""
    return [column.field.name for column in columns if column.kind == "name"]


def cursor_of(table: Table, stream: Stream) -> Cursor:
    """How far a stream has come, as its table says."""
    snapshot = table.snapshot()
    mark = snapshot.marks.get(stream.app_id) if snapshot else None
    return Cursor.from_json(mark.cursor).with_counts(mark.counts) if mark else Cursor()


def _between(low: int | None, high: int | None) -> Iterator[list[Any]]:
    if low is not None:
        yield ["id", ">=", low]
    if high is not None:
        yield ["id", "<", high]


def parsed_filter(odoo: Odoo, model: Model, text: str | None) -> list[Any]:
    """The stream's filter in list form, checked against the models it touches.

    :raises InputError: with a message that points at the wrong term.
    """
    if not text:
        return []
    from towpath.odoo import domain

    tree = domain.parse(text)
    domain.validate(tree, model, Schemas(odoo), version=odoo.version.major)
    return domain.to_list(tree)
