"""The durable job behind one range of a full read: any process of this database may do it.

What it has staged stands in PostgreSQL part by part, so whoever takes the range over goes on behind the last part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
import structlog

from towpath.commit_point import commit_point
from towpath.errors import GiveUpError, RetryLaterError, TowpathError
from towpath.features.replicate import ranges, runs, staging, streams
from towpath.features.replicate.cursor import Totals
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.prepare import open_odoo, prepare
from towpath.features.replicate.ranges import Claim
from towpath.features.replicate.runs import Effort
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.work import Interrupted, Work
from towpath.hub import Hub
from towpath.jobs import Context
from towpath.lake.table import Staged
from towpath.odoo import Odoo

__all__ = ["read_range"]

log = structlog.get_logger(__name__)


def read_range(hub: Hub, context: Context, payload: dict[str, Any]) -> dict[str, Any]:
    """Read one range. The payload is ``{"run_id": ..., "low": ...}``.

    The result is ``{"done": ...}``: False when the range is not to be read any more, or not as it was planned.
    """
    result: dict[str, Any] = context.step("read", _execute, hub, context, payload["run_id"], payload["low"])
    return result


def _execute(hub: Hub, context: Context, run_id: str, low: int) -> dict[str, Any]:
    def take(db: sa.Connection) -> tuple[Stream, Claim] | None:
        stream = streams.find(db, runs.find(db, run_id).stream_id)
        held = ranges.claim(db, stream.id, run_id, low)
        return None if held is None else (stream, held)

    try:
        taken = patiently(hub.store, take)
        if taken is None:
            return {"done": False}
        commit_point("range_claimed")
        return {"done": _read(hub, context, *taken)}
    except Interrupted:
        context.check()  # cancelled, or the process is closing
        return {"done": False}  # the range is another one's now
    except TowpathError:
        raise
    except sa.exc.OperationalError as problem:
        raise RetryLaterError(
            "Towpath's PostgreSQL did not answer; see that it runs, then run the stream again."
        ) from problem
    except Exception as problem:
        log.exception("range_failed", run_id=run_id, low=low)
        raise GiveUpError(
            f"Something unexpected happened ({type(problem).__name__}); see the log."
        ) from problem


def _read(hub: Hub, context: Context, stream: Stream, held: Claim) -> bool:
    """Read a claimed range to its end; False when the model is not any more what was planned for."""
    finished = False
    with open_odoo(hub, context, held.run_id, stream) as odoo:
        try:
            remarks: list[str] = []
            work = prepare(hub, context, odoo, held.run_id, stream, remarks).work
            if work.sign != held.signature:
                return False
            _Range(work=work, held=held).read()
            finished = patiently(
                hub.store,
                lambda db: ranges.finish(
                    db, held, calls=odoo.calls, received=odoo.bytes_read, remarks=work.sentences()
                ),
            )
            if not finished:
                raise Interrupted
            commit_point("range_done")
        finally:
            if not finished:
                _count(hub, held, odoo)
    return True


def _count(hub: Hub, held: Claim, odoo: Odoo) -> None:
    """Tell the run what was spent on a range that was not read to its end."""
    effort = Effort(calls=odoo.calls, bytes=odoo.bytes_read)
    try:
        with hub.store.begin() as db:
            runs.spend(db, held.run_id, effort)
    except (TowpathError, sa.exc.SQLAlchemyError):
        log.info("effort_not_counted", run_id=held.run_id, low=held.low)


@dataclass(slots=True, kw_only=True)
class _Range:
    """A range in progress."""

    work: Work
    held: Claim

    def read(self) -> None:
        """Stage the records of the range, behind those staged before.

        :raises Interrupted: the range is not ours any more, or the job is to be left.
        """
        work, before = self.work, self.held.parts
        problem: TowpathError | None = None
        totals = Totals(read=sum(part.rows for part in before))
        after = before[-1].last_id if before else self.held.low - 1
        end: Sequence[Any] = [] if self.held.high is None else [["id", "<", self.held.high]]

        def rows_as_batches() -> Iterator[pa.RecordBatch]:
            nonlocal totals, problem
            try:
                with work.pages(end, after=after) as pages:
                    # No name keeps a page's rows, so that they are gone when the next page is made into values.
                    for batch in map(work.to_batch, pages):
                        yield batch
                        totals = totals.plus(read=batch.num_rows)
                        work.report("reading", totals)
            except TowpathError as met:
                problem = (
                    met  # what was read so far is staged first, so that whoever is next goes on behind it
                )

        position = len(before)

        def note(written: Staged) -> None:
            nonlocal position
            commit_point("part_written")
            part = staging.Part.of(
                written, position=position, through=self.held.through, ahead=self.held.ahead
            )
            if not patiently(work.store, lambda db: ranges.note(db, self.held, part)):
                raise Interrupted
            commit_point("part_noted")
            position += 1

        work.table.stage(rows_as_batches(), prefix=work.run_id[:12], run_id=work.run_id, wrote=note)
        if problem is not None:
            raise problem
