"""Links that Odoo's database took away when the linked record was deleted: no record is stamped by that (facts §2.5).

One grouped read says how many records have each link. Where the table has another number, Odoo is asked which of the
linked records are still there, and the records that link to the others are read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from towpath.commit_point import commit_point
from towpath.errors import GiveUpError, InputError, RightMissingError, SkipRecordError
from towpath.features.replicate.corrections import Corrections
from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.work import CONTEXT, Work
from towpath.odoo.columns import Column

__all__ = ["correct_links"]

#: Linked ids that one call asks about.
ASKED = 20_000
#: Records that one call reads again.
NAMED = 1_000
#: Linked ids of one field that are held at a time; bounds memory.
MOST = 500_000
_REFUSED = (GiveUpError, InputError, RightMissingError, SkipRecordError)


def correct_links(work: Work, cursor: Cursor) -> Cursor:
    """Read again the records whose linked record is gone, where Odoo shows another number of links than the table.

    One call where nothing is gone. A model that can not be grouped is left as it is: a full run brings it up to date.
    """
    links = list(_links(work))
    if not links:
        return cursor
    try:
        shown = _shown(work, links)
    except _REFUSED:
        return cursor
    held = _held(work, links)
    corrections = Corrections(
        work=work, cursor=cursor, operation="LINKS", written=lambda: commit_point("links_corrected")
    )
    for column in links:
        if held[column.name] != shown[column.name]:
            _correct(work, corrections, column)
    corrections.flush()
    if corrections.corrected:
        rows = "row" if corrections.corrected == 1 else "rows"
        work.remarks.append(
            f"Links to records that are deleted were taken out of {corrections.corrected:,} {rows}."
        )
    return corrections.cursor


def _links(work: Work) -> Iterator[Column]:
    """The columns of linked ids that Odoo keeps as such: not those that are masked, worked out, or one for each company."""
    held = work.table.schema
    for column in work.columns:
        field = column.field
        kept = column.kind == "id" and field.store and not field.company_dependent and field.relation
        if kept and column.name in held.names and pa.types.is_int64(held.field(column.name).type):
            yield column


def _held(work: Work, links: Sequence[Column]) -> Counter[str]:
    """How many rows have each link."""
    found: Counter[str] = Counter()
    for batch in work.table.scan([column.name for column in links]):
        for name in batch.schema.names:
            found[name] += batch.num_rows - batch.column(name).null_count
    return found


def _shown(work: Work, links: Sequence[Column]) -> dict[str, int]:
    """How many records have each link in Odoo.

    :raises TowpathError: what Odoo says where it can not tell.
    """
    grouped = work.odoo.protocol == "json2"
    keys = {
        column.name: f"{column.field.name}:count" if grouped else f"towpath_{number}"
        for number, column in enumerate(links)
    }
    if grouped:
        asked: dict[str, Any] = {"aggregates": [*keys.values()]}
    else:
        asked = {
            "fields": [f"{keys[one.name]}:count({one.field.name})" for one in links],
            "lazy": False,
        }
    rows = work.odoo.call(
        work.model.name,
        "formatted_read_group" if grouped else "read_group",
        domain=work.filter,
        groupby=[],
        context=CONTEXT,
        repeatable=True,
        **asked,
    )
    row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
    found = {name: row.get(key) or 0 for name, key in keys.items()}
    if not row or not all(type(count) is int for count in found.values()):
        raise GiveUpError(f"Odoo answered the grouped read of {work.model.name} in a form that is not known.")
    return found


def _correct(work: Work, corrections: Corrections, column: Column) -> None:
    """Read the records again that link to what is not there any more."""
    missing = _missing(work, column)
    if not len(missing):
        return
    field = column.field.name
    for batch in work.table.scan(["id", column.name]):
        ids = batch.filter(pc.is_in(batch.column(1), value_set=missing)).column(0).to_pylist()
        for start in range(0, len(ids), NAMED):
            domain = [*work.filter, ["id", "in", ids[start : start + NAMED]]]
            with work.reader(["id", field]).pages(domain) as pages:
                for rows in pages:
                    corrections.compare(work.some_of(rows, [field]))


def _missing(work: Work, column: Column) -> pa.Array:
    """Linked ids of the table that Odoo does not show: deleted, or hidden from this user."""
    linked: pa.Array = pa.array([], pa.int64())
    for batch in work.table.scan([column.name]):
        linked = pc.unique(pa.concat_arrays([linked, batch.column(0).drop_null()]))
        if len(linked) > MOST:
            return pa.array([], pa.int64())
    relation, gone = column.field.relation or "", [pa.array([], pa.int64())]
    for start in range(0, len(linked), ASKED):
        work.check()
        part = linked.slice(start, ASKED)
        try:
            there = work.odoo.search_ids(relation, [["id", "in", part.to_pylist()]], context=CONTEXT)
        except _REFUSED:  # the model is not for this user
            return pa.array([], pa.int64())
        gone.append(part.filter(pc.invert(pc.is_in(part, value_set=pa.array(there, pa.int64())))))
    return pa.concat_arrays(gone)
