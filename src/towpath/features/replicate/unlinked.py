"""Links that changed in Odoo's database because the linked record went: no record is stamped by that (facts §2.5).

PostgreSQL empties a link to a record that is deleted, and who merges contacts has all links moved by SQL. One grouped
read says how many links of each field there are and what the linked ids add up to. Where the table says otherwise,
Odoo is asked which of the linked records are still there, and the records that link to the others are read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from towpath.commit_point import commit_point
from towpath.errors import GiveUpError
from towpath.features.replicate.corrections import Corrections
from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.probe import REFUSED
from towpath.features.replicate.vanished import Measure
from towpath.features.replicate.work import CONTEXT, Work
from towpath.odoo.columns import Column

__all__ = ["correct_links"]

#: Linked ids that one call asks about.
ASKED = 20_000
#: Records that one call reads again.
NAMED = 1_000
#: Linked ids of one field that are held at a time; bounds memory.
MOST = 500_000


def correct_links(work: Work, cursor: Cursor) -> Cursor:
    """Read again the records whose linked record is gone, of the fields whose links differ from the table's in sum.

    One call where nothing is gone. A model that can not be grouped is left as it is: a full run brings it up to date.
    """
    links = list(_links(work))
    if not links:
        return cursor
    try:
        shown = _shown(work, links)
    except REFUSED:  # of some fields that were made by code Odoo can not tell
        return cursor
    held = _held(work, links)
    corrections = Corrections(
        work=work, cursor=cursor, operation="LINKS", written=lambda: commit_point("links_corrected")
    )
    for column in links:
        if not held[column.name].equals(shown[column.name]):
            _correct(work, corrections, column)
    corrections.flush()
    if corrections.corrected:
        rows = "row" if corrections.corrected == 1 else "rows"
        work.remarks.append(
            f"Links to records that are deleted were brought up to date in {corrections.corrected:,} {rows}."
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


def _held(work: Work, links: Sequence[Column]) -> dict[str, Measure]:
    """How many links of each field the table has, and what the linked ids add up to."""
    found = {column.name: Measure(0, 0) for column in links}
    for batch in work.table.scan([*found]):
        for name, before in found.items():
            ids = batch.column(name)
            count, total = len(ids) - ids.null_count, pc.sum(ids).as_py() or 0
            found[name] = Measure(before.count + count, (before.total or 0) + total)
    return found


def _shown(work: Work, links: Sequence[Column]) -> dict[str, Measure]:
    """The same in Odoo.

    :raises TowpathError: what Odoo says where it can not tell.
    """
    grouped = work.odoo.protocol == "json2"
    # XML-RPC has no whole numbers above 2^31; there the mean, which comes as a float, stands for the sum.
    add = "avg" if work.odoo.protocol == "xmlrpc" else "sum"
    keys = {
        (column.name, how): f"{column.field.name}:{how}" if grouped else f"towpath_{how}_{number}"
        for number, column in enumerate(links)
        for how in ("count", add)
    }
    if grouped:
        asked: dict[str, Any] = {"aggregates": [*keys.values()]}
    else:
        names = {column.name: column.field.name for column in links}
        asked = {
            "fields": [f"{key}:{how}({names[name]})" for (name, how), key in keys.items()],
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
    found = {place: row.get(key) or 0 for place, key in keys.items()}
    if not row or not all(type(figure) in {int, float} for figure in found.values()):
        raise GiveUpError(f"Odoo answered the grouped read of {work.model.name} in a form that is not known.")
    shown = {}
    for name in (column.name for column in links):
        count, figure = int(found[name, "count"]), found[name, add]
        shown[name] = Measure(count, round(figure * count) if add == "avg" else int(figure))
    return shown


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
        except REFUSED:  # the model is not for this user
            return pa.array([], pa.int64())
        gone.append(part.filter(pc.invert(pc.is_in(part, value_set=pa.array(there, pa.int64())))))
    return pa.concat_arrays(gone)
