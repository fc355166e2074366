"""Reading a whole model: staged part by part, published in one commit that also sets the cursor.

Readers of the table see the state before or the state after, never a part of it. A read that is cut off
goes on behind the last staged part; what changed in the parts read before is caught up with afterwards.
A large model is cut into ranges of ids, which workers read side by side (``range_job.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from towpath.commit_point import commit_point
from towpath.errors import RetryLaterError, TowpathError
from towpath.features.replicate import ranges, runs, staging
from towpath.features.replicate.cursor import Cursor, Totals, set_back
from towpath.features.replicate.held import compared
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.ranges import Plan, Unread
from towpath.features.replicate.work import Interrupted, Work
from towpath.lake.table import Staged

__all__ = ["QUEUE", "QUEUE_ONE_BY_ONE", "read_everything"]

#: Queues of the ranges' jobs: several at a time of one database, or one where it is Odoo's own cloud.
QUEUE, QUEUE_ONE_BY_ONE = "ranges", "ranges_one_by_one"
#: Times that ranges are waited for in one run before it gives up.
TURNS = 5


def read_everything(work: Work, before: Cursor, *, turn: int = 0) -> Cursor | Unread:
    """Replace the table's content by all records of the model, and return the cursor of the commit.

    Counts: rows that were not there before are inserted, rows that are gone are deleted, the others updated.
    The cursor has a window when parts of an earlier attempt were used, or reading took long: it is to be read now.

    :param turn: how often ranges were waited for in this run.
    :returns: the ranges that are to be read first, of a model of more than twice ``work.range_rows`` records.
    """
    plan = _usable_plan(work, before, fresh=turn > 0)
    parts = [] if plan else _usable(work, before)
    work.expected = work.count() if work.counted is None else work.counted
    if plan is None and not parts and work.expected > 2 * work.range_rows:
        plan = _planned(work)
    if plan is None:
        return _read_on(work, parts)
    if not plan.unread:
        return _publish_ranges(work, plan)
    if turn >= TURNS:
        raise RetryLaterError(
            "The model changed again and again while it was read; run the stream again when it is at rest."
        )
    return Unread(
        lows=plan.unread,
        expected=work.expected,
        queue=QUEUE_ONE_BY_ONE if work.odoo.access.on_odoo_com else QUEUE,
        key=work.stream.connection_id,
    )


def _planned(work: Work) -> Plan:
    """Cut the ids into ranges of ``work.range_rows`` records, by keyset, and store the plan.

    Where Odoo hides records after it has counted them off, a boundary may not be found: the last range, which has no
    end, is longer then.
    """
    sign, through, ahead = work.sign, work.clock(), work.ahead()
    lows = [1]
    while True:
        work.check()
        following = work.boundary(lows[-1])
        if following is None:
            break
        lows.append(following)

    def keep(db: sa.Connection) -> Plan | None:
        # The rival is a process that has taken this run up since: its plan is not replaced by ours.
        if work.attempt and not runs.holds(db, work.run_id, work.attempt, lock=True):
            return None
        ranges.keep(db, work.stream.id, work.run_id, sign, through, lows, ahead=ahead)
        return ranges.found(db, work.stream.id, sign)

    plan = patiently(work.store, keep)
    if plan is None:
        raise Interrupted
    commit_point("range_planned")
    return plan


def _usable_plan(work: Work, before: Cursor, *, fresh: bool) -> Plan | None:
    """The plan of this run, or of one that was cut off; none when it is published already, or parts were swept away.

    :param fresh: the ranges were read just now, so that there is no need to look for each file.
    """
    sign, stream_id = work.sign, work.stream.id
    plan = patiently(work.store, lambda db: ranges.found(db, stream_id, sign))
    if plan is None:
        return None
    usable = before.through is None or before.through < plan.through
    work.clock()
    # What is stamped by a clock that was set back since lies before the plan's, and would not be caught up with.
    usable = usable and not set_back(plan.ahead, work.ahead(), work.overlap)
    usable = usable and (fresh or all(work.table.storage.exists(part.part["path"]) for part in plan.parts))
    work.hold()
    if not usable:
        patiently(work.store, lambda db: staging.clear(db, stream_id))
        return None
    patiently(work.store, lambda db: ranges.adopt(db, stream_id, work.run_id))
    return plan


def _publish_ranges(work: Work, plan: Plan) -> Cursor:
    totals = Totals(read=sum(part.rows for part in plan.parts))
    with work.store.begin() as db:
        began = runs.find(db, work.run_id).started_at
    before = [part for part in plan.parts if began and part.staged_at and part.staged_at < began]
    if before:
        work.remarks.append(
            f"Went on behind {sum(part.rows for part in before):,} rows that were read before."
        )
    work.remarks += [sentence for sentence in plan.remarks if sentence not in work.remarks]
    took_long = work.clock() - plan.through > work.overlap
    again = work.model.has_write_date and (bool(before) or plan.cut_off or took_long)
    staged = [Staged.from_json(part.part) for part in plan.parts]
    for part in staged:
        work.touch(part.stats)
    return _publish(work, staged, plan.through, totals, again=again, ahead=plan.ahead)


def _read_on(work: Work, parts: Sequence[staging.Part]) -> Cursor:
    """Read the model from its first id to its last, behind the parts that were staged before."""
    sign = work.sign
    through, ahead = (parts[0].through, parts[0].ahead) if parts else (work.clock(), work.ahead())
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
                # No name keeps a page's rows, so that they are gone when the next page is made into values.
                for batch in map(work.to_batch, pages):
                    yield batch
                    totals = totals.plus(read=batch.num_rows)
                    work.report("reading", totals)
        except TowpathError as met:
            problem = met  # what was read so far is staged first, so that the next run goes on behind it

    def note(part: Staged) -> None:
        commit_point("part_written")
        noted = staging.Part.of(part, position=len(staged), through=through, ahead=ahead)
        work.hold()
        patiently(work.store, lambda db: staging.add(db, work.stream.id, sign, noted))
        commit_point("part_noted")
        staged.append(part)

    work.table.stage(rows_as_batches(), prefix=work.run_id[:12], run_id=work.run_id, wrote=note)
    if problem is not None:
        raise problem
    again = bool(parts) and work.model.has_write_date
    return _publish(work, staged, through, totals, again=again, ahead=ahead)


def _usable(work: Work, before: Cursor) -> list[staging.Part]:
    """The parts of an attempt that was cut off; none when they are published already, or were swept away."""
    work.clock()
    with work.store.begin() as db:
        parts = staging.found(db, work.stream.id, work.sign)
        published = bool(parts) and before.through is not None and before.through >= parts[0].through
        stale = bool(parts) and set_back(parts[0].ahead, work.ahead(), work.overlap)
        if published or stale or not all(work.table.storage.exists(part.part["path"]) for part in parts):
            staging.clear(db, work.stream.id)
            return []
    return parts


def _publish(
    work: Work,
    staged: Sequence[Staged],
    through: datetime,
    totals: Totals,
    *,
    again: bool,
    ahead: float | None,
) -> Cursor:
    work.report("publishing", totals)
    totals = totals.plus(**_counts(work, staged))
    cursor = Cursor(through=through, ahead=ahead, run_id=work.run_id, totals=totals)
    if again:
        cursor = cursor.within(
            cursor.open_window(through, work.overlap, ahead=cursor.ahead), run_id=work.run_id, totals=totals
        )
    commit_point("before_publish")
    work.table.publish(
        staged,
        mode="replace",
        schema=work.schema,
        commit=work.commit(cursor, "FULL READ"),
        description=work.stream.description or None,
    )
    commit_point("after_publish")
    patiently(work.store, lambda db: staging.clear(db, work.stream.id))
    commit_point("staging_cleared")
    return cursor


def _counts(work: Work, staged: Sequence[Staged]) -> dict[str, Any]:
    if not work.table.exists:
        return {"inserted": sum(part.rows for part in staged)}
    return compared(work.table, staged)
