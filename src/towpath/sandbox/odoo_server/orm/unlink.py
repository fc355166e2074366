# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Deleting records with what belongs to them: delegating parents stay, polymorphic followers go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.sandbox.odoo_server.orm import write

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["unlink"]

BESIDE = (
    ("mail_message", "model"),
    ("mail_followers", "res_model"),
    ("mail_activity", "res_model"),
    ("ir_attachment", "res_model"),
)
"""Tables whose rows name their record by model and ``res_id``."""


def unlink(records: RecordSet) -> None:
    """Delete all these records.

    Raises:
        AccessError, MissingError: as for a write.
        ValidationError: when another record needs one of them.
    """
    if not records.ids:
        return
    write.check(records, "unlink")
    env, model = records.env, records._model
    ids = list(dict.fromkeys(records.ids))
    if not model.stored:
        return
    env.cr.execute(f'DELETE FROM "{model.table}" WHERE id = ANY(%s)', [ids])
    for table, column in BESIDE:
        if table != model.table:
            env.cr.execute(
                f'DELETE FROM "{table}" WHERE "{column}" = %s AND res_id = ANY(%s)', [model.name, ids]
            )
    env.cr.execute("DELETE FROM ir_model_data WHERE model = %s AND res_id = ANY(%s)", [model.name, ids])
    env.transaction.changed(model.name)
