# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Totals, residuals and payment state of entries, and what reconciles with what."""

from __future__ import annotations

from typing import Any

from towpath.sandbox.odoo_server.models.account_rates import rate_of
from towpath.sandbox.odoo_server.models.numbering import amount

__all__ = ["OUTBOUND", "TEXT", "payment_state", "reconcile", "totals", "unreconcile"]

TEXT = frozenset({"line_section", "line_note", "line_subsection"})
"""Kinds of lines that carry no amount."""
OUTBOUND = frozenset({"in_invoice", "out_refund", "in_receipt"})
"""Kinds of documents by which money leaves."""


def totals(move: Any) -> None:
    """Set the totals of an entry from its lines."""
    invoice = move.move_type != "entry"
    outbound = move.move_type in OUTBOUND or not invoice
    sign = 1 if outbound else -1
    untaxed = taxed = total = residual = 0.0
    untaxed_company = taxed_company = total_company = residual_company = 0.0
    for line in move.line_ids:
        if invoice:
            if line.display_type == "tax":
                taxed += line.amount_currency
                taxed_company += line.balance
            elif line.display_type == "payment_term":
                residual += line.amount_residual_currency
                residual_company += line.amount_residual
                continue
            elif line.display_type not in TEXT:
                untaxed += line.amount_currency
                untaxed_company += line.balance
            total += line.amount_currency if line.display_type not in TEXT else 0.0
            total_company += line.balance
        elif line.debit:
            total += abs(line.amount_currency or line.balance)
            total_company += line.balance
    rows = {
        "amount_untaxed": amount(sign * untaxed),
        "amount_tax": amount(sign * taxed),
        "amount_total": amount(sign * total),
        "amount_residual": amount(-sign * residual) + 0.0,
        "amount_untaxed_signed": amount(-untaxed_company) + 0.0,
        "amount_tax_signed": amount(-taxed_company) + 0.0,
        "amount_total_signed": amount(abs(total_company) if not invoice else -total_company) + 0.0,
        "amount_total_in_currency_signed": amount(abs(total) if not invoice else -total) + 0.0,
        "amount_residual_signed": amount(residual_company) + 0.0,
        "invoice_partner_display_name": move.partner_id.name or False,
    }
    if "invoice_currency_rate" in move._model.fields:
        rows["invoice_currency_rate"] = rate_of(move)
    move._store({move.id: rows})


def payment_state(move: Any) -> None:
    """Set whether an invoice is paid, partly paid or reversed."""
    state = "not_paid"
    lines = move.line_ids.filtered(lambda one: one.display_type == "payment_term")
    matched = lines.filtered(lambda one: one.matched_debit_ids or one.matched_credit_ids)
    if move.state == "posted" and move.move_type != "entry" and matched:
        state = "partial" if amount(move.amount_residual) else "paid"
        if state == "paid":
            others = matched.mapped("matched_debit_ids").mapped("debit_move_id") | matched.mapped(
                "matched_credit_ids"
            ).mapped("credit_move_id")
            kinds = {one.move_id.move_type for one in others}
            if (
                kinds
                and all(kind.endswith("refund") for kind in kinds)
                and not move.move_type.endswith("refund")
            ):
                state = "reversed"
    move._store({move.id: {"payment_state": state}})


def unreconcile(lines: Any) -> None:
    """Let go of everything that lines are reconciled with, and count again what is open."""
    partials = lines.mapped("matched_debit_ids") | lines.mapped("matched_credit_ids")
    if not partials:
        return
    touched = partials.mapped("debit_move_id") | partials.mapped("credit_move_id")
    full = partials.mapped("full_reconcile_id")
    touched._store(
        {
            one.id: {"full_reconcile_id": False, "matching_number": False, "reconciled": False}
            for one in touched
        }
    )
    for partial in partials:
        for line, side in ((partial.debit_move_id, 1), (partial.credit_move_id, -1)):
            used = partial.debit_amount_currency if side == 1 else partial.credit_amount_currency
            line._store(
                {
                    line.id: {
                        "amount_residual": amount(line.amount_residual + side * partial.amount),
                        "amount_residual_currency": amount(line.amount_residual_currency + side * used),
                    }
                }
            )
    partials.unlink()
    full.exists().unlink()
    for move in touched.mapped("move_id").with_context(move_sync=False):
        totals(move)
        payment_state(move)


def reconcile(one: Any, other: Any) -> None:
    """Reconcile two open lines as far as the smaller goes."""
    debit, credit = (one, other) if one.amount_residual > 0 else (other, one)
    if debit.amount_residual <= 0 or credit.amount_residual >= 0:
        return
    env = one.env
    value = min(debit.amount_residual, -credit.amount_residual)
    same = debit.currency_id == credit.currency_id
    in_currency = (
        min(abs(debit.amount_residual_currency), abs(credit.amount_residual_currency)) if same else None
    )
    debit_currency = (
        in_currency if same else amount(debit.amount_residual_currency * value / debit.amount_residual)
    )
    credit_currency = (
        in_currency if same else amount(credit.amount_residual_currency * value / credit.amount_residual)
    )
    partial = env["account.partial.reconcile"].create(
        [
            {
                "debit_move_id": debit.id,
                "credit_move_id": credit.id,
                "amount": value,
                "debit_amount_currency": abs(debit_currency or 0.0),
                "credit_amount_currency": abs(credit_currency or 0.0),
                "debit_currency_id": debit.currency_id.id,
                "credit_currency_id": credit.currency_id.id,
                "company_id": debit.company_id.id,
                "max_date": max(debit.date, credit.date),
            }
        ]
    )
    rows = {}
    for line, sign, used in (
        (debit, -1, abs(debit_currency or 0.0)),
        (credit, 1, abs(credit_currency or 0.0)),
    ):
        left = amount(line.amount_residual + sign * value)
        rows[line.id] = {
            "amount_residual": left,
            "amount_residual_currency": amount(line.amount_residual_currency + sign * used),
            "reconciled": not left,
        }
    both = debit | credit
    both._store(rows)
    env.forget()
    number = f"P{partial.id}"
    if all(line.reconciled for line in both):
        full = env["account.full.reconcile"].create([{}])
        (
            debit.matched_credit_ids
            | debit.matched_debit_ids
            | credit.matched_credit_ids
            | credit.matched_debit_ids
        ).write({"full_reconcile_id": full.id})
        both._store({line: {"full_reconcile_id": full.id} for line in both.ids})
        number = str(full.id)
    both._store({line: {"matching_number": number} for line in both.ids})
    env.forget()
