"""Names of linked records that were renamed: Odoo does not stamp the records that link to them (facts §2.5).

Every few hours each linked model is asked for the records that were stamped since the last look. Where the table
links to one of them, its name is read and compared. A model without stamps, or one that may not be read, can not be
asked; names of its records are as old as the row.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from towpath.commit_point import commit_point
from towpath.features.replicate.corrections import Corrections
from towpath.features.replicate.cursor import Cursor, odoo_time
from towpath.features.replicate.probe import REFUSED
from towpath.features.replicate.rounds import NAMES
from towpath.features.replicate.unlinked import correct_links
from towpath.features.replicate.work import CONTEXT, Work
from towpath.lake.upsert import differ
from towpath.odoo.columns import Column
from towpath.odoo.names import Names
from towpath.odoo.values import fill

__all__ = ["follow_names"]

#: Ids that are asked for in one call; an id alone is small.
PAGE = 20_000
#: With more stamped records than this of one model, the names of all linked ones are compared; bounds memory.
MOST = 500_000
#: Names that are remembered while the table is gone through.
REMEMBERED = 100_000


def follow_names(work: Work, cursor: Cursor) -> Cursor:
    """Bring the ``__name`` columns up to date where a linked record was renamed since the last look, or is gone.

    One call for all links, and one call for each linked model where nothing changed. A process that dies in between begins the look anew.
    """
    since = NAMES.begin(work)
    if since is None:
        return cursor
    now = work.clock()
    pairs = _pairs(work)
    found: dict[str, pa.Array | None] = {}
    closed: list[str] = []
    for model, _ in groupby(pairs, key=lambda pair: pair[0].field.relation):
        work.check()
        try:
            stamped = _stamped(work, model or "", since)
        except REFUSED:  # a model that has no stamps, or that is not for this user
            closed.append(model or "")
            continue
        if stamped is None or len(stamped):
            found[model or ""] = stamped
    if closed:
        work.remarks.append(
            f"Renamed records of {', '.join(closed)} can not be found, because Odoo does not tell this user when they "
            "were changed; a full run brings their names up to date."
        )
    chosen = [pair for pair in pairs if pair[0].field.relation in found]
    if chosen:
        cursor = _correct(work, cursor, chosen, found)
    cursor = correct_links(work, cursor)
    NAMES.done(work, now)
    return cursor


def _pairs(work: Work) -> list[tuple[Column, Column]]:
    """The columns of linked ids with those of their names, by linked model."""
    held = work.table.schema
    ids = {column.field.name: column for column in work.columns if column.kind == "id"}
    pairs = [
        (ids[column.field.name], column)
        for column in work.columns
        if column.kind == "name" and column.field.name in ids and column.name in held.names
    ]
    usable = [pair for pair in pairs if pair[0].name in held.names and pair[0].field.relation]
    return sorted(usable, key=lambda pair: (pair[0].field.relation or "", pair[0].name))


def _stamped(work: Work, model: str, since: datetime) -> pa.Array | None:
    """Ids of the model's records stamped since the last look, less the overlap; None where they are too many."""
    earliest = odoo_time(since - work.overlap)
    ids = array("q")
    while len(ids) <= MOST:
        page = work.odoo.search_ids(
            model,
            [["write_date", ">=", earliest], ["id", ">", ids[-1] if ids else 0]],
            order="id",
            limit=PAGE,
            context=CONTEXT,
        )
        if not page:
            return pa.array(ids, pa.int64())
        ids.extend(page)
        if len(page) < PAGE:
            return pa.array(ids, pa.int64())
    return None


def _correct(
    work: Work,
    cursor: Cursor,
    pairs: Sequence[tuple[Column, Column]],
    stamped: dict[str, pa.Array | None],
) -> Cursor:
    """Go through the table and write the names that differ."""
    # Names this run has read before may be older than the look.
    names = Names(lambda model, ids: work.odoo.names(model, ids, context=CONTEXT), limit=REMEMBERED)
    corrections = Corrections(
        work=work, cursor=cursor, operation="NAMES", written=lambda: commit_point("names_written")
    )
    for before in _parts(work, pairs):
        work.check()
        after = before
        for link, name in pairs:
            column = _renamed(before, link, name, stamped[link.field.relation or ""], names)
            if column is not None:
                place = before.schema.get_field_index(name.name)
                after = after.set_column(place, before.schema.field(place), column)
        if after is not before:
            wanted = ["id", *(name.name for _, name in pairs)]
            after, held = after.select(wanted), before.select(wanted)
            corrections.add(after.filter(differ(held, after)))
    corrections.flush()
    if corrections.corrected:
        rows = "row" if corrections.corrected == 1 else "rows"
        work.remarks.append(
            f"Names of linked records were brought up to date in {corrections.corrected:,} {rows}."
        )
    return corrections.cursor


def _parts(work: Work, pairs: Sequence[tuple[Column, Column]]) -> Iterator[pa.Table]:
    columns = ["id", *dict.fromkeys(column.name for pair in pairs for column in pair)]
    for batch in work.table.scan(columns):
        yield pa.Table.from_batches([batch])


def _renamed(
    rows: pa.Table, link: Column, name: Column, stamped: pa.Array | None, names: Names
) -> pa.ChunkedArray | None:
    """The column of names with the present ones of the stamped records; None where there is none of them."""
    linked = rows.column(link.name)
    hit = pc.is_valid(linked) if stamped is None else pc.is_in(linked, value_set=stamped)
    asked = pc.unique(linked.filter(hit)).to_pylist()
    known = names.of(link.field.relation or "", asked) if asked else {}
    if not known:
        return None
    mask = pc.is_in(linked, value_set=pa.array(list(known), pa.int64())).combine_chunks()
    ids = linked.filter(mask).to_pylist()
    fresh = fill([{link.field.name: one} for one in ids], [name], names={link.field.relation or "": known})
    return pa.chunked_array(
        [pc.replace_with_mask(rows.column(name.name).combine_chunks(), mask, fresh.column(0))]
    )
