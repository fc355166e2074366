"""Labels of choices that changed: the model says them, so they are put into the table without a call to Odoo.

No record is stamped when a choice gets another label, or when one that a record has is listed after all.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

from towpath.features.replicate.corrections import Corrections
from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.streams import FULL_TABLE
from towpath.features.replicate.work import Work
from towpath.odoo.columns import Column
from towpath.odoo.schema import from_json
from towpath.odoo.values import fill

__all__ = ["follow_labels"]


def follow_labels(work: Work, cursor: Cursor) -> Cursor:
    """Bring the ``__label`` columns up to date whose choices are not what they were at the last run.

    What they were is forgotten when the run has ended, so a process that dies in between begins anew.
    """
    pairs = list(_changed(work))
    if not pairs:
        return cursor
    corrections = Corrections(work=work, cursor=cursor, operation="LABELS", written=lambda: None)
    for batch in work.table.scan(["id", *dict.fromkeys(key.name for key, _ in pairs)]):
        work.check()
        columns = [fill(_rows(batch, key), [label]).column(0) for key, label in pairs]
        names = [label.name for _, label in pairs]
        corrections.compare(pa.RecordBatch.from_arrays([batch.column("id"), *columns], names=["id", *names]))
    corrections.flush()
    if corrections.corrected:
        rows = "row" if corrections.corrected == 1 else "rows"
        work.remarks.append(f"Labels of choices were brought up to date in {corrections.corrected:,} {rows}.")
    return corrections.cursor


def _changed(work: Work) -> Iterable[tuple[Column, Column]]:
    """The columns of keys with those of their labels, of fields whose choices are others now."""
    if work.stream.schema is None or work.stream.sync_type == FULL_TABLE or not work.table.exists:
        return
    before, held = from_json(work.stream.schema).fields, set(work.table.schema.names)
    keys = {one.field.name: one for one in work.columns if one.kind == "text"}
    for label in work.columns:
        name = label.field.name
        if label.kind != "label" or name not in before or not {label.name, keys[name].name} <= held:
            continue
        known = dict(label.field.selection)  # without any the model could not be described in full this time
        if known and known != dict(before[name].selection):
            yield keys[name], label


def _rows(batch: pa.RecordBatch, key: Column) -> list[dict[str, str | None]]:
    return [{key.field.name: value} for value in batch.column(key.name).to_pylist()]
