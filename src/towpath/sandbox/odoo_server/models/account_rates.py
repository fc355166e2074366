"""Rates of currencies on the day of an entry."""

from __future__ import annotations

from typing import Any

__all__ = ["rate_of"]


def rate_of(move: Any, day: Any = None) -> float:
    """How many units of the entry's currency make one of the company's."""
    own = move.sudo().company_id.currency_id
    if not move.currency_id or move.currency_id == own:
        return 1.0
    when = day or move.invoice_date or move.date or move.env.now.date()
    rates = []
    for currency in (move.currency_id, own):
        found = move.env.cr.execute(
            "SELECT rate FROM res_currency_rate WHERE currency_id = %s AND (company_id = %s OR company_id IS NULL) "
            "ORDER BY name <= %s DESC, CASE WHEN name <= %s THEN name END DESC, name, company_id NULLS LAST LIMIT 1",
            [currency.id, move.company_id.id, when, when],
        ).fetchone()
        rates.append(float(found[0]) if found and found[0] else 1.0)
    return rates[0] / rates[1]
