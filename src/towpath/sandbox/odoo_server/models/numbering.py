"""Numbers of documents: from an ir.sequence by its code, or the next one after the highest name in a journal."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env

__all__ = ["amount", "next_by_code", "next_in_journal"]


def next_by_code(env: Env, code: str) -> str | None:
    """The next number of a sequence, of the caller's company first; None when there is none."""
    found = env.cr.execute(
        "UPDATE ir_sequence SET number_next = number_next + number_increment WHERE id = ("
        "SELECT id FROM ir_sequence WHERE code = %s AND active AND (company_id = %s OR company_id IS NULL) "
        "ORDER BY company_id NULLS LAST, id LIMIT 1) "
        "RETURNING prefix, suffix, padding, number_next - number_increment",
        [code, env.company_id],
    ).fetchone()
    if found is None:
        return None
    prefix, suffix, padding, number = found
    now = env.now
    known = {"year": f"{now:%Y}", "month": f"{now:%m}", "day": f"{now:%d}", "y": f"{now:%y}"}
    start = (prefix or "") % known if "%" in (prefix or "") else prefix or ""
    return f"{start}{number:0{padding or 0}d}{suffix or ''}"


def next_in_journal(env: Env, journal: int, prefix: str, width: int) -> tuple[str, int]:
    """The next name in a journal below a prefix such as `INV/2026/`, and its number."""
    found = env.cr.execute(
        "SELECT max(sequence_number) FROM account_move WHERE journal_id = %s AND sequence_prefix = %s",
        [journal, prefix],
    ).fetchone()
    number = ((found[0] if found else None) or 0) + 1
    return f"{prefix}{number:0{width}d}", number


def amount(value: Any, digits: int = 2) -> float:
    """A value rounded half away from zero, as invoices are."""
    return float(
        Decimal(repr(float(value or 0))).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    )
