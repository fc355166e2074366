# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Matching by hand: journal items reconciled with each other, let go, and offered to an invoice that is open."""

from __future__ import annotations

from typing import Any

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.account_reconcile import (
    OUTBOUND,
    payment_state,
    reconcile,
    totals,
    unreconcile,
)
from towpath.sandbox.odoo_server.records import Records, versions

LIQUID = frozenset({"asset_cash", "liability_credit_card"})
"""Kinds of accounts whose items match though the account is not marked for it."""


class MatchedLines(Records, model="account.move.line"):
    """Journal items that are matched by hand."""

    def reconcile(self) -> None:
        """Match these items with each other, the oldest first.

        Raises:
            UserError: when they do not belong together, or one is matched already.
        """
        if not self:
            return
        lines = self.sudo()
        lines._check_matching()
        open_lines = sorted(lines, key=lambda one: (str(one.date_maturity or one.date), one.id))
        for debit in (one for one in open_lines if one.balance > 0):
            for credit in (one for one in open_lines if one.balance < 0):
                reconcile(debit, credit)
        _settle(lines.mapped("move_id"))

    def _check_matching(self) -> None:
        if any(one.reconciled for one in self):
            raise UserError("You are trying to reconcile some entries that are already reconciled.")
        if any(one.parent_state != "posted" for one in self):
            raise UserError("You can only reconcile posted entries.")
        accounts = self.mapped("account_id")
        if len(accounts) > 1:
            names = ", ".join(str(one.display_name) for one in accounts)
            raise UserError(f"Entries are not from the same account: {names}")
        companies = self.mapped("company_id")
        if len(companies) > 1:
            names = ", ".join(str(one.display_name) for one in companies)
            raise UserError(f"Entries don't belong to the same company: {names}")
        if not accounts.reconcile and accounts.account_type not in LIQUID:
            raise UserError(
                f"Account {accounts.display_name} does not allow reconciliation. "
                "First change the configuration of this account to allow it."
            )

    def remove_move_reconcile(self) -> None:
        """Let go of everything these items are matched with."""
        unreconcile(self.sudo())


class MatchedMoves(Records, model="account.move"):
    """Invoices that payments are offered to."""

    def js_assign_outstanding_line(self, line_id: Any) -> None:
        """Match an open item with what is open of this invoice."""
        self._one()
        lines = self.env["account.move.line"].browse(line_id)
        account = lines[:1].account_id
        lines |= self.line_ids.filtered(lambda one: one.account_id == account and not one.reconciled)
        lines.reconcile()

    def js_remove_outstanding_partial(self, partial_id: Any) -> bool:
        """Undo one match of this invoice."""
        self._one()
        partial = self.env["account.partial.reconcile"].sudo().browse(partial_id)
        unreconcile(partial.debit_move_id | partial.credit_move_id)
        return True

    @versions("17.0")
    def button_set_checked(self) -> None:
        """Say that entries have been looked at."""
        self.write({"to_check": False})

    @versions("19.0")
    def set_moves_checked(self, is_checked: bool = True) -> None:
        """Say that posted entries have been looked at."""
        self.filtered(lambda one: one.state == "posted").write({"checked": is_checked})

    def _outstanding(self) -> dict[int, Any]:
        """By invoice: the open items of the other side that could pay it, in the form of the client's part."""
        found: dict[int, Any] = {}
        items = self.env["account.move.line"].sudo()
        for move in self.sudo():
            own = move.line_ids.filtered(lambda one: one.display_type == "payment_term")
            if move.state != "posted" or move.payment_state not in {"not_paid", "partial"} or not own:
                continue
            outbound = move.move_type in OUTBOUND
            offered = items.search(
                [
                    ("account_id", "in", list(own.mapped("account_id").ids)),
                    ("parent_state", "=", "posted"),
                    ("partner_id", "=", move.commercial_partner_id.id),
                    ("reconciled", "=", False),
                    ("balance", ">" if outbound else "<", 0.0),
                ],
                order="date_maturity, id",
            )
            content = [
                {
                    "journal_name": one.ref or one.move_id.name,
                    "amount": abs(one.amount_residual),
                    "currency_id": move.currency_id.id,
                    "id": one.id,
                    "move_id": one.move_id.id,
                    "date": one.date.isoformat(),
                    "account_payment_id": one.payment_id.id,
                }
                for one in offered
                if one.amount_residual
            ]
            if content:
                found[move.id] = {
                    "outstanding": True,
                    "content": content,
                    "move_id": move.id,
                    "title": "Outstanding debits" if outbound else "Outstanding credits",
                }
        return found

    def _compute_invoice_outstanding_credits_debits_widget(self) -> dict[int, Any]:
        found = self._outstanding()
        return {one: found.get(one, False) for one in self.ids}

    def _compute_invoice_has_outstanding(self) -> dict[int, Any]:
        found = self._outstanding()
        return {one: one in found for one in self.ids}


def _settle(moves: Any) -> None:
    """Count again what is open of entries, and how far they are paid."""
    for move in moves:
        totals(move)
        move.env.forget()
        payment_state(move)
    moves.env.forget()
