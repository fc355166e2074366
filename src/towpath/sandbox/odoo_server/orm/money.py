# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Amounts are rounded to the digits of their currency when they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm.values import rounded

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["currency_digits", "rounded_amount"]


def currency_digits(env: Env, currency: Any) -> int:
    """Decimal places of a currency by id; 2 when it is not known."""
    memory = env.transaction.memory
    if "currencies" not in memory:
        rows = env.cr.execute("SELECT id, rounding FROM res_currency").fetchall()
        memory["currencies"] = {one: _digits(float(step or 0.01)) for one, step in rows}
    digits: int = memory["currencies"].get(currency, 2)
    return digits


def _digits(step: float) -> int:
    digits = 0
    while step < 1 and digits < 8:
        step *= 10
        digits += 1
    return digits


def rounded_amount(records: RecordSet, field: FieldDef, value: Any, currency: Any = None) -> float:
    """An amount in the precision of the record's currency, or of the company's when the record names none."""
    amount = float(value or 0.0)
    env = records.env
    name = field.currency_field or ("currency_id" if "currency_id" in records._model.fields else "")
    if currency is None and name and records.ids:
        currency = records[0][name].id
    if not currency:
        currency = env.company.currency_id.id if env.company_id else None
    return rounded(amount, currency_digits(env, currency)) if currency else amount
