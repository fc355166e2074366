"""Reading again what changes without a stamp: computed fields that are not stored, lists of lines, and the like.

Odoo does not stamp a record when such a value changes (facts §2.5), so nothing short of reading it tells. A stream
that asks for it has all its records read again now and then, with ``id`` and those fields only. How far that has come
travels in the commits, so that a process that dies goes on behind the last one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from towpath.commit_point import commit_point
from towpath.features.replicate.corrections import Corrections
from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.rounds import REFRESH
from towpath.features.replicate.work import Work

__all__ = ["follow_unstored", "read_again"]

#: Pages between two commits where hardly anything differs: bounds what is read twice after a crash.
PAGES = 20


def follow_unstored(work: Work, cursor: Cursor) -> Cursor:
    """Read the fields without stamps again for all records, when it is time, and write what differs."""
    fields = [name for name in work.fields if work.model.fields[name].stampless]
    began, after = _place(work, cursor, fields)
    if began is None:
        return cursor
    if not fields:
        REFRESH.done(work, began)
        return cursor
    corrections = Corrections(
        work=work, cursor=cursor, operation="REFRESH", written=lambda: commit_point("refresh_page_written")
    )
    place = {"began": began.isoformat(), "fields": fields}
    read_again(work, corrections, fields, after=after, place=place)
    corrections.flush(refreshing=None)
    if corrections.corrected:
        rows = "row" if corrections.corrected == 1 else "rows"
        work.remarks.append(
            f"{', '.join(fields)} had changed in {corrections.corrected:,} {rows} that Odoo had not stamped anew."
        )
    REFRESH.done(work, began)
    return corrections.cursor


def _place(work: Work, cursor: Cursor, fields: Sequence[str]) -> tuple[datetime | None, int]:
    """When the refresh began that is to be done now, and the id it goes on behind; (None, 0) for none."""
    due, open_ = REFRESH.begin(work) is not None, cursor.refreshing
    if not due:
        return None, 0
    if open_ is not None and open_["fields"] == list(fields):
        return datetime.fromisoformat(open_["began"]), int(open_["after"])
    return work.clock(), 0


def read_again(
    work: Work,
    corrections: Corrections,
    fields: Sequence[str],
    *,
    after: int = 0,
    place: Mapping[str, Any] | None = None,
) -> None:
    """Read these fields of all records, and take the rows that differ.

    :param place: what a refresh keeps in the cursor beside the id it has come to; None: it begins anew after a crash.
    """
    reader, pages = work.reader(["id", *fields]), 0
    with reader.pages(work.filter, after=after) as found:
        for rows in found:
            batch = work.some_of(rows, fields)
            readable = {"id", *reader.fields}
            gone = {c.name for c in work.columns if c.field.name in fields and c.field.name not in readable}
            corrections.compare(batch.select([name for name in batch.schema.names if name not in gone]))
            work.report("refreshing", corrections.cursor.totals)
            pages += 1
            if place is not None and pages % PAGES == 0:
                corrections.flush(refreshing={**place, "after": rows[-1]["id"]})
