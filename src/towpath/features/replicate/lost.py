"""Rows that Odoo does not show any more: how they are marked, and the later looks at those that were not told.

A mark says when the row went and what became of its record. One that is only hidden, or left the filter, may be
deleted later, and nothing of Odoo's tells: so each run looks again at some of these rows, in turn. One that is
shown again comes back by the comparison of ids (``vanished.py``), and its mark goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from towpath.errors import TowpathError
from towpath.features.replicate import gone, proved
from towpath.features.replicate.cursor import Cursor, Totals
from towpath.features.replicate.gone import DELETED, Fates
from towpath.features.replicate.streams import FULL_TABLE
from towpath.features.replicate.work import Work
from towpath.lake.columns import RUN_ID, STATE

__all__ = ["follow_lost", "write"]

#: Rows of one run that are looked at again.
AGAIN = 1_000
#: Reads of one run that may be spent on telling them apart: some ten rows where all are hidden.
CALLS = 20


def write(
    work: Work,
    cursor: Cursor,
    fates: Fates,
    batches: Sequence[pa.RecordBatch] = (),
    *,
    operation: str,
) -> Cursor:
    """Commit rows that were read beside the window, and marks; the cursor of the last commit.

    The position of the cursor stays. Nothing is committed where there is nothing to write.
    """
    rows = pa.Table.from_batches(batches, schema=work.schema)
    rows = rows.drop_columns([name for name in work.left_out() if name in rows.schema.names])
    states = dict(fates.states())
    if not states and not rows.num_rows:
        return cursor
    totals = cursor.totals_of(work.run_id).plus(read=rows.num_rows)
    cursor = replace(cursor, run_id=work.run_id, totals=totals, counted=False)
    counts = work.table.upsert(rows, delete=states, partial=True, commit=work.commit(cursor, operation))
    return replace(cursor, totals=totals.plus(**counts.to_json()), counted=True)


def follow_lost(work: Work, cursor: Cursor) -> Cursor:
    """Look again at some of the rows that are marked as hidden or filtered, those after the last run's."""
    totals = cursor.totals_of(work.run_id)
    with work.store.begin() as db:
        after = int(proved.summary_before(db, work.stream.id, work.run_id).get("looked_again_to") or 0)
    work.looked_again_to = after
    _tell_of_loss(work, totals)
    if not (totals.read or totals.deleted) or not work.table.exists:
        return cursor
    held = _undecided(work, after)
    if not held and after:
        held = _undecided(work, 0)
    if not held:
        return cursor
    work.report("looking again at hidden records", totals)
    try:
        fates = gone.tell(work, list(held), calls=CALLS, in_order=True)
    except TowpathError as problem:
        if problem.details.get("cancelled"):
            raise
        work.check()
        # What the run read stands; the next one looks again.
        work.remarks.append(f"Hidden records could not be looked at again this time: {problem.message}")
        return cursor
    work.looked_again_to = min(fates.undecided) - 1 if fates.undecided else max(held)
    untold = set(fates.undecided)
    changed = Fates(
        deleted=fates.deleted,
        unreachable=[one for one in fates.unreachable if held[one] == gone.FILTERED and one not in untold],
        filtered=[one for one in fates.filtered if held[one] != gone.FILTERED],
    )
    if not list(changed.states()):
        return cursor
    if changed.deleted:
        work.remarks.append(
            f"{len(changed.deleted):,} records that were hidden or filtered do not exist in Odoo any more; "
            "they are marked as deleted now."
        )
    return write(work, cursor, changed, operation="STATES")


def _tell_of_loss(work: Work, totals: Totals) -> None:
    """Tell of a table that is replaced at each run and has lost most of its rows: no mark tells it later."""
    if work.stream.sync_type != FULL_TABLE or not work.table.exists:
        return
    before = work.table.count() + totals.deleted - totals.inserted
    if gone.sudden(totals.deleted, before):
        work.remarks.append(
            f"{totals.deleted:,} of {before:,} records are not shown by Odoo any more. If nobody meant that, see "
            "whether the rights of the Odoo user or the connection's address changed."
        )


def _undecided(work: Work, after: int) -> dict[int, str]:
    """The first rows above an id that an earlier run marked as not deleted, with their states."""
    if STATE not in work.table.schema.names:
        return {}
    found: dict[int, str] = {}
    for batch in work.table.scan(["id", STATE, RUN_ID], low=after + 1, present=False):
        untold = pc.and_(pc.not_equal(batch.column(1), DELETED), pc.not_equal(batch.column(2), work.run_id))
        rows = batch.filter(pc.fill_null(untold, fill_value=False))
        found.update(zip(rows.column(0).to_pylist(), rows.column(1).to_pylist(), strict=True))
        if len(found) >= AGAIN:
            break
    return dict(sorted(found.items())[:AGAIN])
