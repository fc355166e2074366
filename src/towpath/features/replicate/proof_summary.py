"""What a proof found, in the run's record and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isinf
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from towpath.features.replicate import proved
from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.held import SUMMED, newest
from towpath.features.replicate.pairs import NO_STAMP
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.probe import Figures, probe
from towpath.features.replicate.proof_plan import Part, Range, ages, ranges
from towpath.features.replicate.work import Work

__all__ = ["Tally", "lateness", "ranges_of", "seconds", "settled_before", "stamp_of", "summarize"]

#: More ranges that differed than this are told of together.
FEW = 3
#: Seconds; a record that is later than this was hidden, not late.
LONGEST = 86_400


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one attempt at a proof has compared."""

    odoo_count: int = 0
    table_count: int = 0
    #: Ranges proved.
    ranges: int = 0
    #: All ranges of the table were.
    whole: bool = False
    #: Records stamped within the overlap that were not in the table yet: no fault, the next run reads there.
    late: int = 0
    #: Records that differ and were left so.
    left: int = 0


def ranges_of(work: Work) -> list[Range]:
    """The ranges of a stream's table as it is now."""
    table = work.table
    parts = [
        Part(low=low, high=high, rows=file.rows or 0)
        for file in (table.files() if table.exists else ())
        for low, high in [file.bounds(table.key)]
        if low is not None and high is not None
    ]
    return ranges(parts, newest(table))


def stamp_of(work: Work) -> str | None:
    """The table's column of ``write_date``; None where stamps can not be compared, only ids."""
    if not work.table.exists or not work.model.has_write_date or "write_date" not in work.fields:
        return None
    schema = work.table.schema
    known = "write_date" in schema.names and pa.types.is_timestamp(schema.field("write_date").type)
    return "write_date" if known else None


def settled_before(work: Work, cursor: Cursor) -> int | None:
    """The second from which on Odoo's records may have changed since they were read; None: nobody can tell."""
    if cursor.through is None or not work.model.has_write_date:
        return None
    return int(cursor.through.timestamp())


def seconds(stamps: pa.Array) -> list[int]:
    """The seconds of a column of stamps."""
    whole = pc.cast(stamps, pa.timestamp("s", "UTC"), safe=False).cast(pa.int64())
    found: list[int] = pc.fill_null(whole, NO_STAMP).to_pylist()
    return found


def summarize(work: Work, cursor: Cursor, tally: Tally) -> None:
    """Write into the run's record how the table compares, and say what had to be read again."""
    with work.store.begin() as db:
        before = proved.listed(db, work.stream.id)
        mended = proved.repaired(db, work.stream.id, work.run_id)
        last = proved.summary_before(db, work.stream.id, work.run_id)
    _say(work, mended, tally.left)
    known, now = ranges_of(work), datetime.now(UTC)
    age = max(ages(known, before, now).values())
    summary: dict[str, Any] = {
        "at": now.isoformat(),
        "level": "deep" if tally.ranges else "quick",
        "compares": "id and write_date" if stamp_of(work) else "id",
        "ranges": tally.ranges,
        "ranges_total": len(known),
        "proved_rows": tally.odoo_count,
        "repaired": sum(records for _, _, records in mended),
        "late": tally.late,
        "differing": tally.left,
        "oldest_range_checked_at": None if isinf(age) else (now - timedelta(seconds=age)).isoformat(),
        "looked_again_to": work.looked_again_to or last.get("looked_again_to") or 0,
    }
    if tally.whole:
        counts = {"odoo_count": tally.odoo_count, "table_count": tally.table_count}
        summary |= {**counts, "equal": tally.left == 0}
    else:
        summary |= _quick(work, cursor, tally)
    patiently(work.store, lambda db: proved.keep_summary(db, work.run_id, work.attempt, summary))


def _quick(work: Work, cursor: Cursor, tally: Tally) -> dict[str, Any]:
    """Odoo's figures beside the table's. ``equal`` is None where a difference may come from the time between."""
    compared = work.figures is not None  # after the ids were compared nothing is left to time
    if work.figures is None:
        end = newest(work.table) + 1
        work.figures = end, probe(work.odoo, work.model, [*work.filter, ["id", "<", end]])
    end, theirs = work.figures
    ours = _figures(work, end, theirs)
    equal: bool | None = theirs.count == ours.count and ours.id_sum in {None, theirs.id_sum}
    settled = settled_before(work, cursor)
    if equal and ours.newest and theirs.newest and settled and theirs.newest.timestamp() < settled:
        equal = ours.newest == theirs.newest
    if tally.left:
        equal = False
    elif not equal and not compared:
        equal = None
    return {"odoo_count": theirs.count, "table_count": ours.count, "equal": equal}


def _figures(work: Work, end: int, theirs: Figures) -> Figures:
    """The table's figures of ids below ``end``, as far as Odoo's are known and the table is not too large."""
    table = work.table
    count = table.count(None, end - 1)
    if theirs.id_sum is None or count > SUMMED or not table.exists:
        return Figures(count=count)
    stamp = stamp_of(work) if theirs.newest is not None else None
    total = last = 0
    for batch in table.scan(["id"] if stamp is None else ["id", stamp], high=end - 1):
        total += pc.sum(batch.column(0)).as_py() or 0
        if stamp is not None:
            last = max(last, *seconds(batch.column(1)), 0)
    return Figures(count=count, id_sum=total, newest=datetime.fromtimestamp(last, UTC) if last else None)


def lateness(stamps: Iterable[int], cursors: Sequence[int], *, overlap: int) -> int:
    """The longest, in seconds, that records of these stamps must have been late to be missed; 0 where none was.

    :param stamps: seconds in which records were written that no read found in time.
    :param cursors: seconds up to which Odoo had been read at the beginning of each run.

    A record that was visible when the last run read that reached back to its stamp would have been found by it.
    """
    longest = 0
    for stamp in stamps:
        first = min((moment for moment in cursors if moment - overlap > stamp), default=None)
        if first is not None and first - stamp <= LONGEST:
            longest = max(longest, first - stamp)
    return longest


def _say(work: Work, mended: Sequence[tuple[int, int, int]], left: int) -> None:
    if len(mended) > FEW:
        records = sum(count for _, _, count in mended)
        mended = [(mended[0][0], mended[-1][1], records)]
    for low, high, count in mended:
        work.remarks.append(
            f"{_records(count)} of ids {low:,}-{high:,} differed from Odoo and {_were(count)} read again."
        )
    if left:
        work.remarks.append(
            f"{_records(left)} of {work.stream.table_name} differ{'s' if left == 1 else ''} from Odoo; `towpath sync verify --stream {work.stream.table_name}` "
            "reads them again."
        )


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count:,} records"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
