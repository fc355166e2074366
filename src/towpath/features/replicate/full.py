"""Reading a whole model: staged part by part, published in one commit that also sets the cursor.

Readers of the table see the state before or the state after, never a part of it. A read that is cut off
goes on behind the last staged part; what changed in the parts read before is caught up with afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import orjson
import pyarrow as pa

from towpath.errors import TowpathError
from towpath.features.replicate import staging
from towpath.features.replicate.cursor import Cursor, Totals
from towpath.features.replicate.held import compared
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.work import Work
from towpath.lake.table import Staged

__all__ = ["read_everything"]


def read_everything(work: Work, before: Cursor) -> Cursor:
    """Replace the table's content by all records of the model, and return the cursor of the commit.

    Counts: rows that were not there before are inserted, rows that are gone are deleted, the others updated.
    The cursor has a window when parts of an earlier attempt were used: it is to be read now.
    """
    sign = work.sign
    parts = _usable(work, before)
    work.expected = work.count()
    through = parts[0].through if parts else work.clock()
    staged = [Staged.from_json(part.part) for part in parts]
    totals = Totals(read=sum(part.rows for part in parts))
    if parts:
        work.remarks.append(f"Went on behind {totals.read:,} rows that were read before.")
    work.report("reading", totals)

    problem: TowpathError | None = None

    def rows_as_batches() -> Iterator[pa.RecordBatch]:
        nonlocal totals, problem
        try:
            with work.pages(after=parts[-1].last_id if parts else 0) as pages:
                for rows in pages:
                    yield work.to_batch(rows)
                    totals = totals.plus(read=len(rows))
                    work.report("reading", totals)
        except TowpathError as met:
            problem = met  # what was read so far is staged first, so that the next run goes on behind it

    def note(part: Staged) -> None:
        noted = staging.Part(
            position=len(staged), through=through, last_id=_last_id(part), rows=part.rows, part=part.to_json()
        )
        work.hold()
        patiently(work.store, lambda db: staging.add(db, work.stream.id, sign, noted))
        staged.append(part)

    work.table.stage(rows_as_batches(), prefix=work.run_id[:12], run_id=work.run_id, wrote=note)
    if problem is not None:
        raise problem
    return _publish(work, staged, through, totals, again=bool(parts) and work.model.has_write_date)


def _usable(work: Work, before: Cursor) -> list[staging.Part]:
    """The parts of an attempt that was cut off; none when they are published already, or were swept away."""
    with work.store.begin() as db:
        parts = staging.found(db, work.stream.id, work.sign)
        published = bool(parts) and before.through is not None and before.through >= parts[0].through
        if published or not all(work.table.storage.exists(part.part["path"]) for part in parts):
            staging.clear(db, work.stream.id)
            return []
    return parts


def _last_id(part: Staged) -> int:
    return int(orjson.loads(part.stats)["maxValues"]["id"])


def _publish(
    work: Work, staged: Sequence[Staged], through: datetime, totals: Totals, *, again: bool
) -> Cursor:
    work.report("publishing", totals)
    totals = totals.plus(**_counts(work, staged))
    cursor = Cursor(through=through, ahead=work.ahead(), run_id=work.run_id, totals=totals)
    if again:
        cursor = cursor.within(
            cursor.open_window(through, work.overlap, ahead=cursor.ahead), run_id=work.run_id, totals=totals
        )
    work.table.publish(
        staged,
        mode="replace",
        schema=work.schema,
        commit=work.commit(cursor, "FULL READ"),
        description=work.stream.description or None,
    )
    patiently(work.store, lambda db: staging.clear(db, work.stream.id))
    return cursor


def _counts(work: Work, staged: Sequence[Staged]) -> dict[str, Any]:
    if not work.table.exists:
        return {"inserted": sum(part.rows for part in staged)}
    return compared(work.table, staged)
