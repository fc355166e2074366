"""Comparing all links of a many2many field with Odoo's by a few grouped calls, and finding the records that differ.

Odoo stamps neither record when a link is made or cut from the other side (facts §2.5). One grouped read gives, for each
linked id, how many records have it and what their ids add up to. Where that is not what the table says, and only
there, records are read again.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from towpath.errors import GiveUpError
from towpath.features.replicate.vanished import Measure
from towpath.features.replicate.work import CONTEXT, Work
from towpath.lake.table import Table

__all__ = ["DIGEST", "Members", "differing", "digest_of", "holders", "linked_pairs", "ours", "theirs"]

#: Linked ids that one call asks about: some 700 kB with their names.
GROUPS = 5_000
#: A digest: for each linked id the number of records that have it, and the sum of their ids.
DIGEST = pa.schema([("linked", pa.int64()), ("count", pa.int64()), ("total", pa.int64())])


def linked_pairs(rows: pa.RecordBatch | pa.Table, column: str) -> pa.Table:
    """One row with ``id`` and ``linked`` for each link of these rows.

    :param rows: ``id`` (int64) and the column (lists of int64).
    """
    table = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
    lists = table.column(column).combine_chunks()
    owners = table.column("id").combine_chunks().take(pc.list_parent_indices(lists))
    return pa.table({"id": owners, "linked": pc.list_flatten(lists)})


def digest_of(pairs: pa.Table) -> pa.Table:
    """The digest of some links (``id``, ``linked``)."""
    made = pairs.group_by("linked").aggregate([("id", "count"), ("id", "sum")])
    return pa.table(
        [made.column("linked"), made.column("id_count"), made.column("id_sum")], names=DIGEST.names
    ).cast(DIGEST)


def _joined(digests: Sequence[pa.Table]) -> pa.Table:
    made = pa.concat_tables(digests).group_by("linked").aggregate([("count", "sum"), ("total", "sum")])
    return pa.table(
        [made.column("linked"), made.column("count_sum"), made.column("total_sum")], names=DIGEST.names
    ).cast(DIGEST)


def differing(held: pa.Table, shown: pa.Table) -> pa.Array:
    """The linked ids, ascending, of which two digests say different things.

    Two different sets of records with the same number and the same sum are taken as equal.
    """
    against = pa.table(
        [shown.column("linked"), pc.negate(shown.column("count")), pc.negate(shown.column("total"))],
        schema=DIGEST,
    )
    left = _joined([held, against])
    unequal = pc.or_(pc.not_equal(left.column("count"), 0), pc.not_equal(left.column("total"), 0))
    found = left.column("linked").filter(unequal).combine_chunks()
    return found.take(pc.sort_indices(found))


def ours(table: Table, column: str) -> pa.Table:
    """The digest of what the table shows. Memory: 24 bytes for each linked id, and one part."""
    digest = DIGEST.empty_table()
    for batch in table.scan(["id", column]):
        digest = _joined([digest, digest_of(linked_pairs(batch, column))])
    return digest


def theirs(work: Work, field: str) -> pa.Table:
    """The digest of what Odoo shows, asked for in pages of linked ids.

    A group that moves from one page to another in between is missing or there twice: it is then looked at in vain.

    :raises TowpathError: what Odoo says where it can not group by this field.
    """
    linked, counts, totals = array("q"), array("q"), array("q")
    # XML-RPC has no whole numbers above 2^31; there the mean, which comes as a float, stands for the sum.
    add = "avg" if work.odoo.protocol == "xmlrpc" else "sum"
    ask = _formatted if work.odoo.protocol == "json2" else _grouped
    offset = 0
    while True:
        work.check()
        rows, key = ask(work, field, add, offset)
        for row in rows:
            group, count, figure = row.get(field), row.get("__count"), row.get(key)
            if not group:
                continue  # the records without a link
            if not isinstance(group, list | tuple) or type(count) is not int:
                raise GiveUpError(f"Odoo answered the groups of {field} in a form that is not known.")
            linked.append(int(group[0]))
            counts.append(count)
            totals.append(round((figure or 0) * count) if add == "avg" else int(figure or 0))
        if len(rows) < GROUPS:
            return pa.table([pa.array(part, pa.int64()) for part in (linked, counts, totals)], schema=DIGEST)
        offset += GROUPS


def _formatted(work: Work, field: str, add: str, offset: int) -> tuple[list[dict[str, Any]], str]:
    rows = work.odoo.call(
        work.model.name,
        "formatted_read_group",
        domain=work.filter,
        groupby=[field],
        aggregates=["__count", f"id:{add}"],
        order=field,
        offset=offset,
        limit=GROUPS,
        context=CONTEXT,
        repeatable=True,
    )
    return _list(rows, field), f"id:{add}"


def _grouped(work: Work, field: str, add: str, offset: int) -> tuple[list[dict[str, Any]], str]:
    rows = work.odoo.call(
        work.model.name,
        "read_group",
        domain=work.filter,
        fields=[f"towpath_total:{add}(id)"],
        groupby=[field],
        lazy=False,
        orderby=field,
        offset=offset,
        limit=GROUPS,
        context=CONTEXT,
        repeatable=True,
    )
    return _list(rows, field), "towpath_total"


def _list(rows: Any, field: str) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise GiveUpError(f"Odoo answered the groups of {field} in a form that is not known.")
    return rows


def holders(table: Table, column: str, linked: pa.Array) -> Iterator[pa.Table]:
    """The table's links (``id``, ``linked``) to some ids, part by part."""
    for batch in table.scan(["id", column]):
        pairs = linked_pairs(batch, column)
        yield pairs.filter(pc.is_in(pairs.column("linked"), value_set=linked))


class Members:
    """The ids of records that have one link, as the tree of counts and sums wants them (`vanished.Ours`)."""

    def __init__(self, ids: array[int]) -> None:
        self._ids = pa.array(sorted(ids), pa.int64())

    def measure(self, low: int, high: int) -> Measure:
        """How many lie in ``low <= id < high``, and what they add up to."""
        found = self._between(low, high)
        return Measure(len(found), pc.sum(found).as_py() or 0)

    def ids(self, low: int, high: int) -> Sequence[int]:
        """Those ids, ascending."""
        return array("q", self._between(low, high).to_pylist())

    def middle(self, low: int, high: int) -> int:
        """An id with about half of the range's ids below it."""
        found = self._between(low, high)
        return int(found[len(found) // 2].as_py())

    def _between(self, low: int, high: int) -> pa.Array:
        inside = pc.and_(pc.greater_equal(self._ids, low), pc.less(self._ids, high))
        return self._ids.filter(inside)
