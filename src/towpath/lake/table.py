"""`Table`: one Delta table with everything Towpath does to it.

A full read is staged part by part (`stage`) and made visible by one commit (`publish`); an incremental one
is merged by one commit (`upsert`). Both commits carry the cursor, both may be repeated after a crash.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from towpath.errors import DamagedError, InputError, NotFoundError, TowpathError
from towpath.lake.columns import DELETED, grow, plain_schema, stamp
from towpath.lake.commit import Change, Commit, Counts, publish_change
from towpath.lake.history import Version, read_history
from towpath.lake.log import File, Snapshot, advance, load
from towpath.lake.parts import Staged, gather, write_part
from towpath.lake.reading import count_between, iterate
from towpath.lake.retention import checked, gone
from towpath.lake.storage import Storage, open_storage
from towpath.lake.upkeep import (
    Swept,
    checkpoint_due,
    compact,
    sweep,
    sweep_due,
    write_due_checkpoint,
)
from towpath.lake.upsert import Request, latest, plan_upsert

__all__ = ["Commit", "Counts", "Gone", "Staged", "Table"]

Gone: TypeAlias = Sequence[int] | pa.Array | Mapping[str, Sequence[int] | pa.Array]
"""Keys of rows that are gone: all of them deleted, or by state."""


class Table:
    """A Delta table at a folder or an object store's address; made by its first `publish` or `upsert`.

    Safe to use from several threads and several processes at once.
    """

    def __init__(
        self,
        uri: str,
        storage_options: Mapping[str, str] | None = None,
        *,
        key: str = "id",
        storage: Storage | None = None,
    ) -> None:
        self.uri = uri
        self.key = key
        self.storage: Storage = storage or open_storage(uri, storage_options)
        self._known: Snapshot | None = None
        self._lock = threading.RLock()

    # -- what the table is -------------------------------------------------------------------------

    def snapshot(self, version: int | None = None) -> Snapshot | None:
        """The table as it is now (or was at `version`); None where there is none yet."""
        with self._lock:
            if version is not None:
                return self._earlier(version)
            self._known = advance(self.storage, self._known) if self._known else load(self.storage)
            return self._known

    def _earlier(self, version: int) -> Snapshot | None:
        try:
            return load(self.storage, version)
        except InputError as error:
            if "gone" not in error.details:
                raise
            raise gone(f"Version {version}", self.require().metadata.configuration) from None

    def require(self, version: int | None = None) -> Snapshot:
        """Like `snapshot`, but NotFoundError where there is no table."""
        found = self.snapshot(version)
        if found is None:
            raise NotFoundError("The table has no data yet; run its stream first.")
        return found

    @property
    def exists(self) -> bool:
        """Whether something was ever published."""
        return self.snapshot() is not None

    @property
    def version(self) -> int:
        """The newest version; -1 where there is no table."""
        found = self.snapshot()
        return found.version if found else -1

    @property
    def schema(self) -> pa.Schema:
        """The columns with their metadata, system columns included; NotFoundError without a table."""
        return self.require().metadata.schema

    def files(self, version: int | None = None) -> list[File]:
        """The Parquet parts of the table, by least id."""
        return self.require(version).ordered()

    def history(self, limit: int | None = None) -> Iterator[Version]:
        """The commits still kept, newest first."""
        found = self.snapshot()
        return read_history(self.storage, found.version if found else -1, limit)

    def version_at(self, moment: datetime) -> int:
        """The version that was the newest at a moment (UTC); InputError when that is before what is kept."""
        oldest = None
        for entry in self.history():
            if entry.at <= moment:
                return entry.version
            oldest = entry
        if oldest is not None and oldest.version == 0:
            raise InputError(
                f"The table was not there yet at that time; it begins {oldest.at:%Y-%m-%d %H:%M:%S} UTC."
            )
        raise gone(f"The state of {moment:%Y-%m-%d %H:%M:%S} UTC", self.require().metadata.configuration)

    def cursor(self, app_id: str) -> dict[str, Any] | None:
        """The cursor of a writer's last commit; None when it never committed or the log forgot it."""
        found = self.snapshot()
        mark = found.marks.get(app_id) if found else None
        return dict(mark.cursor) if mark else None

    def sequence(self, app_id: str) -> int:
        """The sequence of a writer's last commit; 0 when it never committed."""
        found = self.snapshot()
        return found.transactions.get(app_id, 0) if found else 0

    # -- writing -----------------------------------------------------------------------------------

    def stage(
        self,
        batches: Iterable[pa.RecordBatch | pa.Table],
        *,
        prefix: str = "part",
        run_id: str = "",
        at: datetime | None = None,
        wrote: Callable[[Staged], None] | None = None,
    ) -> list[Staged]:
        """Write rows as parts nobody sees yet; returns what `publish` needs, also as JSON.

        Batches are collected to some 32,768 rows or 16 MB; one part is written in the background while the
        next is collected. `wrote` is told of every part as soon as it is durable. `run_id` and `at` fill
        the system columns (now by default).
        """
        done: list[Staged] = []

        def finish(future: Future[Staged]) -> None:
            part = future.result()
            done.append(part)
            if wrote is not None:
                wrote(part)

        moment = at or datetime.now(UTC)
        with ThreadPoolExecutor(1, thread_name_prefix="towpath-stage") as pool:
            under_way: Future[Staged] | None = None
            for rows in gather(batches):
                ready = stamp(rows, plain_schema(rows.schema), run_id=run_id, at=moment)
                if under_way is not None:
                    finish(under_way)
                under_way = pool.submit(write_part, self.storage, ready, prefix=prefix, key=self.key)
            if under_way is not None:
                finish(under_way)
        return done

    def publish(
        self,
        staged: Sequence[Staged],
        *,
        mode: str,
        schema: pa.Schema,
        commit: Commit,
        description: str | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> int:
        """Make staged parts visible with the cursor, in one commit; returns the version.

        `replace`: they are the table from now on, with exactly `schema`; `append`: they join it, new columns
        are added. The same commit again does nothing. Raises InputError for a retyped column on append,
        DamagedError when a staged part is gone.
        """
        if mode not in {"replace", "append"}:
            raise InputError(f"The mode {mode!r} is neither 'replace' nor 'append'.")
        wanted, properties = plain_schema(schema), checked(properties)
        inserted = sum(part.rows for part in staged)

        def plan(snapshot: Snapshot | None) -> Change:
            self._require_parts(staged)
            keep = mode == "append" and snapshot is not None
            return Change(
                add=list(staged),
                remove=[] if keep or snapshot is None else snapshot.ordered(),
                schema=grow(snapshot.metadata.schema, wanted) if keep and snapshot else wanted,
                description=description,
                configuration=properties,
                counts=Counts(inserted=inserted),
                parameters={"mode": "Append" if mode == "append" else "Overwrite"},
            )

        return self._publish(commit, plan)[0].version

    def upsert(
        self,
        rows: pa.Table | pa.RecordBatch,
        *,
        commit: Commit,
        key: str | None = None,
        delete: Gone = (),
        at: datetime | None = None,
        partial: bool = False,
        description: str | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> Counts:
        """Insert new rows, replace changed ones, mark the keys of `delete`, all with the cursor in one commit.

        Rows equal to the table's (system columns apart) are left alone and counted as unchanged; of several
        rows with one key the last counts; a row that comes back loses mark and state. `delete` has keys
        that were deleted, or keys by what became of them (`{"unreachable": [4, 7]}`). A row that is marked already
        keeps when it went and takes the new state, which counts as updated. Columns the rows do not
        have become null, or with `partial` keep what the table has. `rows` are held in
        memory: give a few hundred thousand at most, each call with the next sequence. Raises InputError with
        `details["retyped"]` when a column changed its type. The same commit again returns its first counts.
        """
        column, properties = key or self.key, checked(properties)
        moment = at or datetime.now(UTC)
        table = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
        if column not in table.schema.names:
            raise InputError(f"The rows have no column {column!r}, by which they are to be matched.")
        wanted = plain_schema(table.schema)

        def plan(snapshot: Snapshot | None) -> Change:
            schema = grow(snapshot.metadata.schema, wanted) if snapshot else wanted
            ready = latest(stamp(table, schema, run_id=commit.run_id, at=moment), column)
            if ready.column(column).null_count:
                raise InputError(f"Some rows have no {column!r}; leave them out.")
            marks, states = _to_mark(delete, ready.column(column).combine_chunks())
            request = Request(
                rows=ready,
                delete=marks,
                states=states,
                key=column,
                schema=schema,
                run_id=commit.run_id,
                at=moment,
                prefix=commit.run_id or "part",
                given=frozenset(table.schema.names) if partial else None,
            )
            change = plan_upsert(self.storage, snapshot, request)
            return replace(change, description=description, configuration=properties)

        return self._publish(commit, plan)[1]

    def describe(
        self, *, description: str | None = None, properties: Mapping[str, str] | None = None
    ) -> None:
        """Set the table's description and properties (`delta.logRetentionDuration` and the like).

        Retentions are given as people write them (`30 days`); InputError for what is no length of time.
        """
        self.require()
        change = Change(
            description=description, configuration=checked(properties), operation="SET TBLPROPERTIES"
        )
        self._publish(None, lambda _: change)

    def _publish(
        self, commit: Commit | None, plan: Callable[[Snapshot | None], Change | None]
    ) -> tuple[Snapshot, Counts]:
        with self._lock:
            known = self._known
        after, counts = publish_change(self.storage, known, commit, plan)
        if after is None:
            raise NotFoundError("The table has no data yet; run its stream first.")
        with self._lock:
            before = self._known.version if self._known else -1
            self._known = after if after.version >= before else self._known
        with suppress(
            TowpathError
        ):  # the commit stands whatever becomes of the upkeep, which comes round again
            if sweep_due(after, before):
                self.sweep()
            elif checkpoint_due(after, before):
                write_due_checkpoint(self.storage, after)
        return after, counts

    def _require_parts(self, staged: Sequence[Staged]) -> None:
        """A paused run may come back after its parts were swept away."""
        for part in staged:
            if not self.storage.exists(part.path):
                raise DamagedError("A staged file of this run is gone; start the run anew.")

    # -- reading -----------------------------------------------------------------------------------

    def scan(
        self,
        columns: Sequence[str] | None = None,
        *,
        low: int | None = None,
        high: int | None = None,
        version: int | None = None,
        deleted: bool = False,
        present: bool = True,
    ) -> Iterator[pa.RecordBatch]:
        """Rows part by part in order of id, with the chosen columns and ids from `low` to `high` inclusive.

        Rows marked as gone come only when `deleted`, or they alone when not `present`: then parts without any are
        not opened. Memory: one part at a time.
        """
        found = self.require(version)
        return iterate(
            self.storage, found, columns, key=self.key, low=low, high=high, deleted=deleted, present=present
        )

    def ids(self, *columns: str, deleted: bool = False) -> Iterator[pa.RecordBatch]:
        """The key and a few more columns of all rows, part by part; nothing where there is no table."""
        if self.snapshot() is None:
            return iter(())
        return self.scan([self.key, *columns], deleted=deleted)

    def count(self, low: int | None = None, high: int | None = None) -> int:
        """Rows not marked as deleted with ids from `low` to `high`; answered from statistics where possible."""
        found = self.snapshot()
        return count_between(self.storage, found, key=self.key, low=low, high=high) if found else 0

    # -- upkeep ------------------------------------------------------------------------------------

    def compact(self) -> int:
        """Join neighbouring small parts; returns how many fewer there are."""
        before = len(self.require().files)
        after, _ = self._publish(None, lambda snapshot: compact(self.storage, snapshot, key=self.key))
        return before - len(after.files)

    def sweep(self, *, orphans_after: float | None = None, now: datetime | None = None) -> Swept:
        """Remove what no version within the retention needs, and staged files no commit ever named.

        `orphans_after` in seconds (default: the file retention, a week unless set, but at least a day). Log entries go by
        `delta.logRetentionDuration`. Writes a checkpoint first. Done by itself every fifty commits.
        """
        return sweep(self.storage, self.snapshot(), orphans_after=orphans_after, now=now or datetime.now(UTC))


def _to_mark(gone_keys: Gone, keys: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The keys to mark, sorted, without those that come back as rows, and the state of each.

    Of two states of one key the one that is named last counts.
    """
    by_state = gone_keys if isinstance(gone_keys, Mapping) else {DELETED: gone_keys}
    found, states = pa.array([], keys.type), pa.array([], pa.string())
    for state, ids in by_state.items():
        wanted = ids if isinstance(ids, pa.Array) else pa.array(list(ids), keys.type)
        wanted = pc.unique(pc.cast(wanted, keys.type))
        wanted = wanted.filter(pc.invert(pc.is_in(wanted, value_set=keys)))
        kept = pc.invert(pc.is_in(found, value_set=wanted))
        found = pa.concat_arrays([found.filter(kept), wanted])
        states = pa.concat_arrays(
            [states.filter(kept), pa.repeat(pa.scalar(state, pa.string()), len(wanted))]
        )
    order = pc.sort_indices(found)
    return found.take(order), states.take(order)
