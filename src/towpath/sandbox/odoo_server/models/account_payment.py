# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Payments, and the wizard that makes them of open invoices.

On 17.0 a payment is an entry (`inherits`); on 19.0 it has its own number and state, and an entry once posted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models import account_move_sync as sync
from towpath.sandbox.odoo_server.models.account_rates import rate_of
from towpath.sandbox.odoo_server.models.account_reconcile import payment_state, reconcile, totals
from towpath.sandbox.odoo_server.models.given import one_id, vals_rows
from towpath.sandbox.odoo_server.models.numbering import amount, next_in_journal
from towpath.sandbox.odoo_server.records import Records, model, private, returns

OPEN_TYPES = ("asset_receivable", "liability_payable")


class AccountPayment(Records, model="account.payment"):
    """Money received or sent."""

    _odoo_class = "AccountPayment"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make payments as drafts; on 17.0 with their entries."""
        rows = vals_rows(vals_list)
        prepared = [self._prepared(vals) if hasattr(vals, "get") else vals for vals in rows]
        payments = super().create(prepared)
        if not self.env.is19:
            for payment in payments:
                payment.move_id._store({payment.move_id.id: {"payment_id": payment.id}})
            payments._entries()
        return payments

    def _prepared(self, vals: Mapping[str, Any]) -> dict[str, Any]:
        one, env = dict(vals), self.env
        for name in ("payment_type", "partner_type"):
            known = self._model.fields[name].selection or frozenset()
            if name in one and one[name] not in known:
                raise ValueError(f"Wrong value for account.payment.{name}: {one[name]!r}")
        one.setdefault("payment_type", env.context.get("default_payment_type", "inbound"))
        one.setdefault("partner_type", env.context.get("default_partner_type", "customer"))
        journals = env.sudo()["account.journal"]
        company = one_id(one.get("company_id")) or env.company_id
        if not one.get("journal_id"):
            found = journals.search(
                [("type", "in", ["bank", "cash"]), ("company_id", "=", company)],
                limit=1,
                order="sequence, id",
            )
            found = found or journals.search(
                [("type", "in", ["bank", "cash"])], limit=1, order="company_id, sequence, id"
            )
            one["journal_id"] = found.id
        journal = journals.browse(one_id(one["journal_id"]))
        one.setdefault("company_id", journal.company_id.id or company)
        one.setdefault("currency_id", (journal.currency_id or journal.company_id.currency_id).id)
        one.setdefault("date", env.now.date())
        one.setdefault("amount", 0.0)
        inbound = one["payment_type"] == "inbound"
        if not one.get("payment_method_line_id"):
            lines = (
                journal.inbound_payment_method_line_ids
                if inbound
                else journal.outbound_payment_method_line_ids
            )
            lines = lines.filtered(lambda line: line.payment_type == one["payment_type"]) or lines
            one["payment_method_line_id"] = lines[:1].id
        line = env.sudo()["account.payment.method.line"].browse(one["payment_method_line_id"] or ())
        one.setdefault("payment_method_id", line.payment_method_id.id)
        customer = one["partner_type"] == "customer"
        owner = one["company_id"]
        if not one.get("destination_account_id"):
            one["destination_account_id"] = sync.account_for(env, owner, OPEN_TYPES[0 if customer else 1]).id
        if not one.get("outstanding_account_id"):
            one["outstanding_account_id"] = (
                line.payment_account_id or self._outstanding(owner, inbound=inbound)
            ).id
        one.setdefault("is_reconciled", False)
        one.setdefault("is_matched", False)
        if env.is19:
            one.setdefault("state", "draft")
        else:
            one["move_type"] = "entry"
            one.setdefault("is_internal_transfer", False)
            if "ref" not in one and "memo" in one:
                one["ref"] = one.pop("memo")
        return one

    def _outstanding(self, company: Any, *, inbound: bool) -> Any:
        """The account where a payment waits for the bank statement."""
        accounts = self.env.sudo()["account.account"]
        owner = "company_ids" if self.env.is19 else "company_id"
        name = "Outstanding Receipts" if inbound else "Outstanding Payments"
        found = accounts.search([("name", "=", name), (owner, "in", [company])], limit=1)
        return found or accounts.search([("name", "=", name)], limit=1)

    def write(self, vals: Any) -> bool:
        """Change payments; the entry follows the amount."""
        done = super().write(vals)
        if hasattr(vals, "get") and {
            "amount",
            "currency_id",
            "partner_id",
            "date",
            "payment_type",
            "journal_id",
        } & set(vals):
            self._entries()
        return done

    def unlink(self) -> bool:
        """Delete payments with their entries."""
        if self.env.is19 and any(one.state not in {"draft", "canceled"} for one in self.exists()):
            raise UserError("You cannot delete a payment that is not in draft or cancelled state.")
        moves = self.sudo().mapped("move_id")
        if not self.env.is19 and any(one.state == "posted" for one in moves):
            from towpath.sandbox.odoo_server.models.account_move import DELETE_POSTED

            raise UserError(DELETE_POSTED)
        done = super().unlink()
        moves.exists().with_context(force_delete=True).unlink()
        return done

    # -- the entry

    @private
    def _entries(self) -> None:
        """Make or redo the two lines of the entry of each payment."""
        for payment in self.sudo():
            move = payment.move_id
            if not move or move.line_ids.filtered(
                lambda one: one.matched_debit_ids or one.matched_credit_ids
            ):
                continue
            move.line_ids._remove()
            sign = 1 if payment.payment_type == "inbound" else -1
            rate = rate_of(move)
            lines = payment.env["account.move.line"].with_context(move_sync=False)
            label = payment.ref if not payment.env.is19 else payment.memo
            for account, direction in (
                (payment.outstanding_account_id, sign),
                (payment.destination_account_id, -sign),
            ):
                balance = amount(direction * payment.amount / rate)
                Records.create(
                    lines,
                    [
                        {
                            "move_id": move.id,
                            "name": label
                            or (
                                "Customer Payment" if payment.partner_type == "customer" else "Vendor Payment"
                            ),
                            "account_id": account.id,
                            "partner_id": payment.partner_id.id,
                            "currency_id": payment.currency_id.id,
                            "display_type": "product",
                            "date_maturity": payment.date,
                            "amount_currency": direction * payment.amount,
                            "balance": balance,
                            "debit": max(balance, 0.0),
                            "credit": max(-balance, 0.0),
                            "payment_id": payment.id,
                            "quantity": 0.0,
                        }
                    ],
                )
            payment.env.forget()
            sync.follow(move)
            signed = sign * amount(payment.amount / rate)
            payment._store({payment.id: {"amount_company_currency_signed": signed}})

    @private
    def _make_entry(self) -> None:
        """Give a payment of 19.0 its entry."""
        for payment in self.sudo().filtered(lambda one: not one.move_id):
            move = payment.env["account.move"].create(
                [
                    {
                        "move_type": "entry",
                        "journal_id": payment.journal_id.id,
                        "date": payment.date,
                        "partner_id": payment.partner_id.id,
                        "currency_id": payment.currency_id.id,
                        "ref": payment.memo,
                        "origin_payment_id": payment.id,
                    }
                ]
            )
            payment._put({"move_id": move.id}, touch=False)
            payment.env.forget()
            payment._entries()

    # -- states

    def action_post(self) -> None:
        """Post payments."""
        gone = self - self.exists()
        if gone:
            raise self._missing(gone.ids)
        if not self.env.is19:
            self.mapped("move_id")._post()
            return
        for payment in self.filtered(lambda one: one.state == "draft"):
            payment._make_entry()
            move = payment.move_id.sudo()
            if move.state == "draft":
                move._post()
            name = payment.name or move.name
            if not name or name == "/":
                prefix, width = sync.name_prefix(move, payment.date)
                name, _number = next_in_journal(self.env, payment.journal_id.id, prefix, width)
            payment._put({"state": "in_process", "name": name})
        self.env.forget()

    def action_validate(self) -> None:
        """Mark payments as paid."""
        self.write({"state": "paid"})

    def action_draft(self) -> None:
        """Bring payments back to draft."""
        moves = self.sudo().mapped("move_id").filtered(lambda one: one.state != "draft")
        if moves:
            moves.button_draft()
        if self.env.is19:
            self._put({"state": "draft"})
        self._put({"is_reconciled": False})
        self.env.forget()

    def action_cancel(self) -> None:
        """Cancel payments."""
        moves = self.sudo().mapped("move_id").filtered(lambda one: one.state != "cancel")
        if moves:
            moves.button_cancel()
        if self.env.is19:
            self._put({"state": "canceled"})
        self.env.forget()

    def action_reject(self) -> None:
        """Mark payments as rejected."""
        self.write({"state": "rejected"})

    def mark_as_sent(self) -> None:
        """Mark payments as sent."""
        self.write({"is_sent": True} if self.env.is19 else {"is_move_sent": True})

    def unmark_as_sent(self) -> None:
        """Mark payments as not sent."""
        self.write({"is_sent": False} if self.env.is19 else {"is_move_sent": False})

    # -- reconciliation

    @private
    def settle(self, lines: Any) -> None:
        """Reconcile the payment with open lines of invoices, in their order."""
        for payment in self.sudo():
            own = payment.move_id.line_ids.filtered(lambda one: one.account_id.account_type in OPEN_TYPES)[:1]
            for line in lines.sudo():
                reconcile(own, line)
            own.env.forget()
            moves = lines.sudo().mapped("move_id")
            if payment.env.is19 and moves:
                payment.write({"invoice_ids": [(4, one) for one in moves.ids]})
            payment._put({"is_reconciled": not amount(own.amount_residual)})
            payment.env.forget()
        for move in lines.sudo().mapped("move_id"):
            totals(move)
            move.env.forget()
            payment_state(move)
            move.env.forget()
            if move.env.is19 and move.payment_state in {"paid", "in_payment"}:
                for payment in move.matched_payment_ids.filtered(lambda one: one.state == "in_process"):
                    payment._put({"state": "paid"})
        self.env.forget()

    def _compute_amount_signed(self) -> dict[int, Any]:
        return {one.id: one.amount if one.payment_type == "inbound" else -one.amount for one in self}

    def _reconciled(self, kinds: tuple[str, ...]) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for payment in self.sudo():
            lines = payment.move_id.line_ids
            others = lines.mapped("matched_debit_ids").mapped("debit_move_id") | lines.mapped(
                "matched_credit_ids"
            ).mapped("credit_move_id")
            found[payment.id] = others.mapped("move_id").filtered(lambda one: one.move_type in kinds)
        return found

    def _compute_reconciled_invoice_ids(self) -> dict[int, Any]:
        return self._reconciled(("out_invoice", "out_refund", "out_receipt"))

    def _compute_reconciled_bill_ids(self) -> dict[int, Any]:
        return self._reconciled(("in_invoice", "in_refund", "in_receipt"))

    def _compute_reconciled_invoices_count(self) -> dict[int, Any]:
        return {one: len(found) for one, found in self._compute_reconciled_invoice_ids().items()}

    def _compute_reconciled_bills_count(self) -> dict[int, Any]:
        return {one: len(found) for one, found in self._compute_reconciled_bill_ids().items()}

    def _compute_reconciled_invoices_type(self) -> dict[int, Any]:
        found = self._compute_reconciled_invoice_ids()
        return {
            one: "credit_note" if moves and all(x.move_type == "out_refund" for x in moves) else "invoice"
            for one, moves in found.items()
        }

    def _compute_payment_receipt_title(self) -> dict[int, Any]:
        return dict.fromkeys(self.ids, "Payment Receipt")

    def _compute_available_journal_ids(self) -> dict[int, Any]:
        found = self.env.sudo()["account.journal"].search([("type", "in", ["bank", "cash"])])
        return {one.id: found.filtered(lambda x, own=one: x.company_id == own.company_id) for one in self}

    def _compute_available_payment_method_line_ids(self) -> dict[int, Any]:
        found = {}
        for one in self.sudo():
            journal = one.journal_id
            inbound = one.payment_type == "inbound"
            found[one.id] = (
                journal.inbound_payment_method_line_ids
                if inbound
                else journal.outbound_payment_method_line_ids
            )
        return found

    def _display_names(self) -> dict[int, Any]:
        return {
            one.id: one.name if one.name and one.name != "/" else "Draft Payment"
            for one in self.sudo().exists()
        }
