"""How long Odoo's transactions last, learnt from records that appear behind their own stamp.

Odoo stamps a record with the start of its transaction, and shows it from the commit on (facts §0.1, §2.5). A record
that is stamped before the cursor and was not there, or not like that, when the cursor was set, came from a
transaction that was open then. The overlap follows the longest one seen, so that the next of its kind is not missed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from towpath.lake.table import Table

__all__ = ["LONGEST", "lateness"]

#: Seconds: what is stamped longer ago was hidden from us, or outside of the filter, and is not late.
LONGEST = 86_400.0
_STAMP = "write_date"


def lateness(table: Table, batch: pa.RecordBatch, through: datetime) -> float:
    """The longest time in seconds that a changed record of this page is stamped before the cursor; 0.0 for none.

    :param batch: rows as read, with ``id`` and, where the stream has it, ``write_date``.
    :param through: the cursor: all that was visible then and stamped before it stands in the table.
    """
    if not table.exists or not {_STAMP} <= set(batch.schema.names) & set(table.schema.names):
        return 0.0
    stamps = batch.column(_STAMP)
    if stamps.type != table.schema.field(_STAMP).type:
        return 0.0
    edge = pa.scalar(through - timedelta(seconds=LONGEST), stamps.type)
    suspects = pc.and_(pc.less(stamps, pa.scalar(through, stamps.type)), pc.greater(stamps, edge))
    rows = batch.select(["id", _STAMP]).filter(pc.fill_null(suspects, fill_value=False))
    if not rows.num_rows:
        return 0.0
    ids = rows.column("id")
    known: dict[int, datetime | None] = {}
    for held in table.scan(["id", _STAMP], low=pc.min(ids).as_py(), high=pc.max(ids).as_py(), deleted=True):
        ours = held.filter(pc.is_in(held.column("id"), value_set=ids))
        known.update(zip(ours.column("id").to_pylist(), ours.column(_STAMP).to_pylist(), strict=True))
    late = 0.0
    for number, stamp in zip(ids.to_pylist(), rows.column(_STAMP).to_pylist(), strict=True):
        if number not in known or known[number] != stamp:
            late = max(late, (through - stamp).total_seconds())
    return late
