"""Reading a whole model: staged part by part, published in one commit that also sets the cursor.

Readers of the table see the state before or the state after, never a part of it. A read that is cut off
goes on behind the last staged part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import orjson
import pyarrow as pa

from towpath.errors import TowpathError
from towpath.features.replicate import staging
from towpath.features.replicate.cursor import Cursor, Totals
from towpath.features.replicate.held import held_ids, staged_ids
from towpath.features.replicate.work import Work
from towpath.lake.table import Staged

__all__ = ["read_everything"]


def read_everything(work: Work) -> Cursor:
    """Replace the table's content by all records of the model, and return the cursor of the commit.

    Counts: rows that were not there before are inserted, rows that are gone are deleted, the others updated.
    """
    sign = staging.signature(work.fields, work.stream.filter)
    with work.store.begin() as db:
        before = staging.found(db, work.stream.id, sign)
    work.expected = work.count()
    through = before[0].through if before else work.clock()
    staged = [Staged.from_json(part.part) for part in before]
    totals = Totals(read=sum(part.rows for part in before))
    if before:
        work.remarks.append(f"Went on behind {totals.read:,} rows that were read before.")
    work.report("reading", totals)

    problem: TowpathError | None = None

    def rows_as_batches() -> Iterator[pa.RecordBatch]:
        nonlocal totals, problem
        try:
            with work.pages(after=before[-1].last_id if before else 0) as pages:
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
        with work.store.begin() as db:
            staging.add(db, work.stream.id, sign, noted)
        staged.append(part)

    work.table.stage(rows_as_batches(), prefix=work.run_id[:12], run_id=work.run_id, wrote=note)
    if problem is not None:
        raise problem
    return _publish(work, staged, through, totals)


def _last_id(part: Staged) -> int:
    return int(orjson.loads(part.stats)["maxValues"]["id"])


def _publish(work: Work, staged: Sequence[Staged], through: datetime, totals: Totals) -> Cursor:
    work.report("publishing", totals)
    totals = totals.plus(**_compared(work, staged, totals.read))
    cursor = Cursor().closed(through, run_id=work.run_id, totals=totals)
    work.table.publish(
        staged,
        mode="replace",
        schema=work.schema,
        commit=work.commit(cursor, "FULL READ"),
        description=work.stream.description or None,
    )
    with work.store.begin() as db:
        staging.clear(db, work.stream.id)
    return cursor


def _compared(work: Work, staged: Sequence[Staged], rows: int) -> dict[str, int]:
    held = held_ids(work.table)
    if not held:
        return {"inserted": rows}
    old = set(held)
    again = sum(1 for i in staged_ids(work.table, staged) if i in old)
    return {"inserted": rows - again, "updated": again, "deleted": len(old) - again}
