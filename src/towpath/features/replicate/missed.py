"""Fields that raised while records were read: remembered until all records have been read with them again.

Such a field is left out of the rest of its run, so the rows of that run keep what the table had of it, or have nothing.
No stamp tells of that later. So the stream keeps the field and where it raised; each following run tries it there, with
one call, and when it can be read again, all records are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from towpath.features.replicate import streams
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.streams import FULL_TABLE
from towpath.odoo.readable import FIELD_ERRORS

if TYPE_CHECKING:
    from towpath.features.replicate.work import Work

__all__ = ["note", "readable_again"]

#: Records that are read to see whether a field still raises: no more than those of one page.
TRIED = 5_000
_CONTEXT = {"active_test": False}


def note(work: Work, fields: Sequence[str], ids: Sequence[int]) -> None:
    """Keep that these fields raised in one of these records. A table that is replaced at every run needs no such note."""
    if work.stream.sync_type == FULL_TABLE:
        return
    place = {"low": min(ids), "high": max(ids), "run": work.run_id}
    patiently(work.store, lambda db: streams.missed(db, work.stream.id, dict.fromkeys(fields, place)))


def readable_again(work: Work) -> bool:
    """Whether a field that was left out by an earlier run can be read where it raised, so that all is to be read again."""
    earlier = {name: place for name, place in work.stream.missed.items() if place["run"] != work.run_id}
    owed = {name: place for name, place in earlier.items() if name in work.fields}
    if not owed:
        return bool(earlier)  # not asked for any more; reading once more ends it
    found = [name for name, place in owed.items() if _reads(work, name, place)]
    left = [name for name in owed if name not in found]
    if left:
        work.remarks.append(
            f"{', '.join(sorted(left))} could not be read by an earlier run, nor now; rows that were read since may hold "
            "older values of it. All records are read again as soon as it can be read."
        )
    if found:
        work.remarks.append(f"{', '.join(sorted(found))} can be read again, so all records were read again.")
    return bool(found)


def _reads(work: Work, name: str, place: Mapping[str, Any]) -> bool:
    between = [["id", ">=", place["low"]], ["id", "<=", place["high"]]]
    try:
        work.odoo.page(work.model.name, [*work.filter, *between], ["id", name], limit=TRIED, context=_CONTEXT)
    except FIELD_ERRORS:
        return False
    return True
