# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""What follows from the lines of an entry: tax lines, the receivable line, totals, residuals, payment state."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.account_rates import rate_of
from towpath.sandbox.odoo_server.models.account_reconcile import OUTBOUND, TEXT, payment_state, totals
from towpath.sandbox.odoo_server.models.numbering import amount
from towpath.sandbox.odoo_server.models.taxes import line_total
from towpath.sandbox.odoo_server.records import Records

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env

__all__ = ["account_for", "follow", "journal_for", "name_prefix"]


def journal_for(env: Env, kind: str, company: Any) -> Any:
    """The first journal of the right type in a company (empty when there is none)."""
    types = {"out": "sale", "in_": "purchase"}
    wanted = types.get(kind[:3], "general")
    journals = env.sudo()["account.journal"]
    found = journals.search(
        [("type", "=", wanted), ("company_id", "=", company)], limit=1, order="sequence, id"
    )
    if found or (kind == "entry" and not wanted):
        return found
    # a company without a chart uses the main company's journal, so that sample companies can invoice
    return journals.search([("type", "=", wanted)], limit=1, order="company_id, sequence, id")


def account_for(env: Env, company: Any, kind: str) -> Any:
    """The first account of a type that a company may use."""
    accounts = env.sudo()["account.account"]
    owner = "company_ids" if env.is19 else "company_id"
    found = accounts.search([("account_type", "=", kind), (owner, "in", [company])], limit=1, order="id")
    return found or accounts.search([("account_type", "=", kind)], limit=1, order="id")


def partner_account(move: Any) -> Any:
    """The receivable or payable account of the partner, else of the company."""
    sale = move.move_type.startswith("out")
    name = "property_account_receivable_id" if sale else "property_account_payable_id"
    partner = move.sudo().commercial_partner_id.with_company(move.company_id.id)
    return partner[name] or account_for(
        move.env, move.company_id.id, "asset_receivable" if sale else "liability_payable"
    )


def name_prefix(move: Any, day: Any) -> tuple[str, int]:
    """What comes before the number, and how many digits the number has."""
    journal = move.journal_id
    if move.payment_id if not move.env.is19 else move.origin_payment_id:
        return f"P{journal.code}/{day.year}/", 5
    refund = move.move_type.endswith("refund") and journal.refund_sequence
    code = f"R{journal.code}" if refund else journal.code
    if journal.type in {"sale", "bank", "cash"} and journal.type != "general":
        return f"{code}/{day.year}/", 5
    return f"{code}/{day.year}/{day.month:02d}/", 4


def follow(moves: Any, *, posted: bool = False, keep_paid: bool = False) -> None:
    """Bring the lines and totals of entries up to date."""
    for move in moves.sudo().with_context(move_sync=False, active_test=False):
        if move.move_type == "entry":
            _entry_lines(move)
        else:
            _invoice_lines(move, posted=posted)
        move.env.forget()
        header(move)
        totals(move)
        if not keep_paid or move.state == "draft":
            payment_state(move)


def header(move: Any) -> None:
    """Repeat on the lines what they keep of their entry."""
    known = move.line_ids._model.fields
    common = {
        "move_name": move.name,
        "parent_state": move.state,
        "journal_id": move.journal_id.id,
        "company_id": move.company_id.id,
        "company_currency_id": move.company_id.currency_id.id,
        "date": move.date,
        "invoice_date": move.invoice_date,
        "ref": move.ref,
    }
    common = {name: value for name, value in common.items() if name in known and known[name].sql_type}
    rows = {}
    for line in move.line_ids:
        rows[line.id] = dict(common)
        if move.move_type != "entry":
            rows[line.id] |= {
                "partner_id": move.commercial_partner_id.id or move.partner_id.id,
                "currency_id": move.currency_id.id,
            }
    if rows:
        move.line_ids._store(rows)


def _entry_lines(move: Any) -> None:
    """Residuals of the lines of a plain entry; refuse one that does not balance."""
    rows: dict[int, dict[str, Any]] = {}
    for line in move.line_ids:
        if line.display_type in TEXT:
            continue
        reconcile = line.account_id.reconcile or line.account_id.account_type in {
            "asset_cash",
            "liability_credit_card",
        }
        if not line.matched_debit_ids and not line.matched_credit_ids:
            rows[line.id] = {
                "amount_residual": line.balance if reconcile else 0.0,
                "amount_residual_currency": line.amount_currency if reconcile else 0.0,
            }
    if rows:
        move.line_ids._store(rows)
    debit, credit = sum(one.debit for one in move.line_ids), sum(one.credit for one in move.line_ids)
    if amount(debit - credit):
        symbol = move.company_id.currency_id
        shown = [_money(symbol, value) for value in (debit, credit)]
        text = (
            f"\n\nThe move ({move.display_name}) is not balanced.\nThe total of debits equals {shown[0]} and the total of credits "
            f'equals {shown[1]}.\nYou might want to specify a default account on journal "{move.journal_id.name}" to '
            "automatically balance each move."
        )
        raise UserError(f"An error has occurred.{text}")


def _money(currency: Any, value: float) -> str:
    text = f"{value:,.2f}"
    return (
        f"{currency.symbol}\N{NO-BREAK SPACE}{text}"
        if currency.position == "before"
        else f"{text}\N{NO-BREAK SPACE}{currency.symbol}"
    )


def _invoice_lines(move: Any, *, posted: bool) -> None:
    """Amounts of the product lines, then the tax lines, then what is to be paid."""
    sign = 1 if move.move_type in OUTBOUND else -1
    rate = rate_of(move)
    rows: dict[int, dict[str, Any]] = {}
    by_tax: dict[tuple[int, int], list[float]] = {}
    balance_sum = currency_sum = 0.0
    products = move.line_ids.filtered(lambda one: one.display_type not in {"tax", "payment_term"})
    for line in products:
        if line.display_type in TEXT:
            rows[line.id] = {
                "price_subtotal": 0.0,
                "price_total": 0.0,
                "balance": 0.0,
                "debit": 0.0,
                "credit": 0.0,
                "amount_currency": 0.0,
            }
            continue
        found = line_total(line.tax_ids, line.price_unit, line.quantity, line.discount)
        currency = amount(sign * found.untaxed)
        balance = amount(currency / rate)
        balance_sum += balance
        currency_sum += currency
        rows[line.id] = {
            "price_subtotal": found.untaxed,
            "price_total": found.total,
            "amount_currency": currency,
            **_sides(balance),
        }
        for tax, value in found.taxes:
            kept = by_tax.setdefault((tax, line.account_id.id), [0.0, 0.0])
            kept[0] += sign * value
            kept[1] += sign * found.untaxed
    products._store(rows)
    if _untouched(move, balance_sum):
        return
    taxed = _tax_lines(move, by_tax, rate)
    move.env.forget()
    balance_sum += taxed[0]
    currency_sum += taxed[1]
    _term_lines(move, amount(balance_sum), amount(currency_sum), posted=posted)


def _untouched(move: Any, balance: float) -> bool:
    """Whether nothing is on the entry yet but text, so that there is nothing to pay."""
    terms = move.line_ids.filtered(lambda one: one.display_type in {"tax", "payment_term"})
    products = move.line_ids.filtered(lambda one: one.display_type not in TEXT)
    return not terms and not products and not balance


def _sides(balance: float) -> dict[str, float]:
    return {"balance": balance, "debit": max(balance, 0.0), "credit": max(-balance, 0.0)}


def _tax_lines(move: Any, by_tax: dict[tuple[int, int], list[float]], rate: float) -> tuple[float, float]:
    """Make, change and remove the tax lines; their (balance, amount in currency)."""
    kind = "refund" if move.move_type.endswith("refund") else "invoice"
    wanted: dict[int, dict[str, Any]] = {}
    for (tax_id, base_account), (value, base) in by_tax.items():
        tax = move.env["account.tax"].browse(tax_id)
        for part in tax.mapped(
            "invoice_repartition_line_ids" if kind == "invoice" else "refund_repartition_line_ids"
        ):
            if part.repartition_type != "tax":
                continue
            row = wanted.setdefault(
                part.id,
                {
                    "tax": tax,
                    "account": part.account_id.id or base_account,
                    "currency": 0.0,
                    "base": 0.0,
                    "group": tax.tax_group_id.id,
                },
            )
            row["currency"] += value * part.factor_percent / 100
            row["base"] += base
    existing = {
        one.tax_repartition_line_id.id: one
        for one in move.line_ids.filtered(lambda one: one.display_type == "tax")
    }
    gone = [one.id for key, one in existing.items() if key not in wanted]
    if gone:
        move.env["account.move.line"].browse(gone)._remove()
    balance_sum = currency_sum = 0.0
    for part_id, row in wanted.items():
        currency = amount(row["currency"])
        balance = amount(currency / rate)
        balance_sum += balance
        currency_sum += currency
        values = {
            "amount_currency": currency,
            "tax_base_amount": amount(row["base"] / rate),
            "account_id": row["account"],
            "name": row["tax"].name,
            **_sides(balance),
        }
        if part_id in existing:
            existing[part_id]._store({existing[part_id].id: values})
        else:
            _make_line(
                move,
                values
                | {
                    "display_type": "tax",
                    "tax_line_id": row["tax"].id,
                    "tax_group_id": row["group"],
                    "tax_repartition_line_id": part_id,
                    "quantity": 0.0,
                },
            )
    return balance_sum, currency_sum


def _make_line(move: Any, values: dict[str, Any]) -> Any:
    lines = move.env["account.move.line"].with_context(move_sync=False)
    common = {
        "move_id": move.id,
        "currency_id": move.currency_id.id,
        "partner_id": move.commercial_partner_id.id,
        "price_unit": 0.0,
        "discount": 0.0,
        "price_subtotal": 0.0,
        "price_total": 0.0,
    }
    return Records.create(lines, [common | values])


def due_parts(move: Any) -> list[tuple[date, float]]:
    """When which share of an invoice is to be paid, by its payment term."""
    start = move.invoice_date or move.date or move.env.now.date()
    term = move.invoice_payment_term_id
    if not term:
        return [(move.invoice_date_due or start, 1.0)]
    lines = sorted(term.line_ids, key=lambda one: one.id)
    parts: list[tuple[date, float]] = []
    left = 1.0
    for place, line in enumerate(lines):
        share = (
            left if place == len(lines) - 1 else line.value_amount / 100 if line.value == "percent" else 0.0
        )
        parts.append((_due(line, start), share))
        left -= share
    return parts or [(start, 1.0)]


def _due(line: Any, start: date) -> date:
    """The day a line of a payment term falls due."""
    days = int(line.nb_days or 0)
    following = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    if line.delay_type == "days_after_end_of_month":
        return following - timedelta(days=1) + timedelta(days=days)
    if line.delay_type == "days_after_end_of_next_month":
        after = (following.replace(day=28) + timedelta(days=4)).replace(day=1)
        return after - timedelta(days=1) + timedelta(days=days)
    return start + timedelta(days=days)


def _term_lines(move: Any, balance: float, currency: float, *, posted: bool) -> None:
    """Make or change the lines on the receivable or payable account."""
    parts = due_parts(move)
    existing = list(move.line_ids.filtered(lambda one: one.display_type == "payment_term"))
    lines = move.env["account.move.line"]
    for extra in existing[len(parts) :]:
        extra._remove()
    left, left_currency = -balance, -currency
    for place, (due, share) in enumerate(parts):
        last = place == len(parts) - 1
        value = left if last else amount(-balance * share)
        value_currency = left_currency if last else amount(-currency * share)
        left, left_currency = amount(left - value), amount(left_currency - value_currency)
        name: Any = False if move.env.is19 else ""
        if move.payment_reference and (posted or move.state == "posted"):
            name = move.payment_reference
            if len(parts) > 1:
                name = f"{name} installment #{place + 1}"
        values: dict[str, Any] = {
            "amount_currency": value_currency,
            "date_maturity": due,
            "name": name,
            **_sides(value),
        }
        if place < len(existing):
            line = existing[place]
            if not line.matched_debit_ids and not line.matched_credit_ids:
                values |= {"amount_residual": value, "amount_residual_currency": value_currency}
            line._store({line.id: values})
        else:
            account = partner_account(move)
            values |= {
                "amount_residual": value,
                "amount_residual_currency": value_currency,
                "account_id": account.id,
            }
            _make_line(move, values | {"display_type": "payment_term", "quantity": 0.0})
    due_day = max(due for due, _share in parts)
    if move.invoice_date_due != due_day and lines is not None:
        move._store({move.id: {"invoice_date_due": due_day}})
