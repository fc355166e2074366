"""Links that Odoo does not stamp: many2many fields written from the other side, link tables beside the stream's own.

Every few hours the links of each many2many field are compared with Odoo's by their digest, and records on either side
of a difference are read again. After each run the link tables follow the stream's table.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from towpath.commit_point import commit_point
from towpath.errors import InputError
from towpath.features.replicate.corrections import Corrections
from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.held import newest
from towpath.features.replicate.link_digest import Members, differing, holders, ours, theirs
from towpath.features.replicate.link_table import LinkTable, link_columns
from towpath.features.replicate.probe import REFUSED, probe
from towpath.features.replicate.refresh import read_again
from towpath.features.replicate.rounds import LINKS
from towpath.features.replicate.vanished import Measure, compare_ids
from towpath.features.replicate.work import CONTEXT, Work
from towpath.odoo.columns import Column

__all__ = ["compare_links", "follow_links"]

#: Calls that finding the records of one link may take which more than a page of records have.
TREE = 8
#: Ids that are named in one call.
NAMED = 1_000


def follow_links(work: Work, cursor: Cursor) -> Cursor:
    """Compare the links when it is time, and bring the link tables to the version the stream's table has then.

    Where nothing changed that is one call for each field when it is time, and none otherwise. A process that dies in
    between compares again; what it had corrected is equal by then.
    """
    if LINKS.begin(work) is not None:
        began = work.clock()
        for column in _lists(work):
            if (
                column.field.store
            ):  # those worked out by Odoo are read again by the refresh, where it is asked for
                cursor = compare_links(work, cursor, column)
        LINKS.done(work, began)
    for column in link_columns(work.stream, _lists(work)):
        links = LinkTable(work=work, column=column)
        try:
            links.follow()
        except InputError as problem:
            work.remarks.append(f"The links of {column.field.name} have no table: {problem.message}")
            continue
        if links.inserted or links.deleted:
            work.remarks.append(
                f"Links of {column.field.name}: {links.inserted:,} new, {links.deleted:,} gone."
            )
    return cursor


def _lists(work: Work) -> list[Column]:
    """The columns of many2many fields that the table has as lists of ids."""
    held = work.table.schema
    return [
        column
        for column in work.columns
        if column.field.type == "many2many"
        and column.kind == "ids"
        and column.mask is None
        and column.name in held.names
        and pa.types.is_list(held.field(column.name).type)
    ]


def compare_links(work: Work, cursor: Cursor, column: Column) -> Cursor:
    """Compare one field's links with Odoo's, and correct the rows of records that differ."""
    field = column.field.name
    corrections = Corrections(
        work=work, cursor=cursor, operation="LINKS", written=lambda: commit_point("links_corrected")
    )
    held = ours(work.table, column.name)
    try:
        shown = theirs(work, field)
    except REFUSED:  # it can not group by this field
        # Some fields can not be grouped by (made by code, or the other model is not for this user).
        read_again(work, corrections, [field])
    else:
        unequal = differing(held, shown)
        if len(unequal):
            _look(work, corrections, column, _most(unequal, held, shown))
    corrections.flush()
    if corrections.corrected:
        records = "record" if corrections.corrected == 1 else "records"
        work.remarks.append(
            f"{field} had changed from the other side in {corrections.corrected:,} {records}."
        )
    return corrections.cursor


def _most(linked: pa.Array, *digests: pa.Table) -> dict[int, int]:
    """How many records have each of these links, by the digest that says more."""
    found = dict.fromkeys(linked.to_pylist(), 0)
    for digest in digests:
        rows = digest.filter(pc.is_in(digest.column("linked"), value_set=linked))
        for one, count in zip(
            rows.column("linked").to_pylist(), rows.column("count").to_pylist(), strict=True
        ):
            found[one] = max(found[one], count)
    return found


def _look(work: Work, corrections: Corrections, column: Column, counts: dict[int, int]) -> None:
    """Read the records again that may have got or lost one of these links.

    :param counts: for each linked id how many records have it.
    """
    field, rows = column.field.name, work.table.count()
    small = [one for one, count in counts.items() if count <= work.page_rows]
    large = [one for one, count in counts.items() if count > work.page_rows]
    effort = sum(counts[one] for one in small) + len(large) * TREE * work.page_rows
    if rows <= max(2 * effort, work.page_rows):  # records that lie all over the table cost more to compare
        read_again(work, corrections, [field])
        return
    seen = array("q")
    for part in _chunks(small, NAMED):
        with work.reader(["id", field]).pages([*work.filter, [field, "in", part]]) as pages:
            for page in pages:
                seen.extend(row["id"] for row in page)
                corrections.compare(work.some_of(page, [field]))
    _read_ids(work, corrections, field, _lost(work, column, small, seen))
    for one in large:
        _read_ids(work, corrections, field, _moved(work, column, one))


def _lost(work: Work, column: Column, linked: Sequence[int], seen: array[int]) -> Iterator[int]:
    """Ids of the records that have one of the links in the table and none of them in Odoo."""
    if not linked:
        return
    known = pa.array(seen, pa.int64())
    for pairs in holders(work.table, column.name, pa.array(linked, pa.int64())):
        ids = pairs.column("id").combine_chunks()
        yield from pc.unique(ids.filter(pc.invert(pc.is_in(ids, value_set=known)))).to_pylist()


def _moved(work: Work, column: Column, linked: int) -> Iterator[int]:
    """Ids of the records that have this one link in Odoo or in the table, and not in both."""
    have = array("q")
    for pairs in holders(work.table, column.name, pa.array([linked], pa.int64())):
        have.extend(pairs.column("id").to_pylist())
    condition = [*work.filter, [column.field.name, "in", [linked]]]

    def between(low: int, high: int) -> list[Any]:
        return [*condition, ["id", ">=", low], ["id", "<", high]]

    def measure(low: int, high: int) -> Measure:
        found = probe(work.odoo, work.model, between(low, high))
        return Measure(found.count, found.id_sum)

    def ids(low: int, high: int, limit: int | None) -> list[int]:
        return work.odoo.search_ids(work.model.name, between(low, high), limit=limit, context=CONTEXT)

    for difference in compare_ids(Members(have), newest(work.table) + 1, measure, ids):
        work.check()
        yield from difference.vanished
        yield from difference.unseen


def _read_ids(work: Work, corrections: Corrections, field: str, ids: Iterator[int] | Sequence[int]) -> None:
    for part in _chunks(ids, NAMED):
        with work.reader(["id", field]).pages([*work.filter, ["id", "in", part]]) as pages:
            for rows in pages:
                corrections.compare(work.some_of(rows, [field]))


def _chunks(items: Iterator[int] | Sequence[int], size: int) -> Iterator[list[int]]:
    waiting = iter(items)
    while part := list(islice(waiting, size)):
        yield part
