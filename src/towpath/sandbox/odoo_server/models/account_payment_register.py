# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""The wizards on invoices: register a payment, make a refund."""

from __future__ import annotations

from typing import Any

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.account_payment import OPEN_TYPES
from towpath.sandbox.odoo_server.models.account_reconcile import payment_state, reconcile, totals
from towpath.sandbox.odoo_server.models.numbering import amount
from towpath.sandbox.odoo_server.records import Records, model

NOTHING_LEFT = {
    "17.0": "You can't register a payment because there is nothing left to pay on the selected journal items.",
    "19.0": "There's nothing left to pay for the selected journal items, so no payment registration is necessary. "
    "You've got your finances under control like a boss!",
}


class AccountPaymentRegister(Records, model="account.payment.register"):
    """Pay invoices."""

    @model
    def default_get(self, fields_list: Any) -> dict[str, Any]:
        """Take the open lines of the invoices the wizard was called on, and what is left to pay."""
        found = super().default_get(fields_list)
        if "line_ids" not in fields_list:
            return found
        lines = self._called_on()
        moves = lines.mapped("move_id")
        left = sum(one.amount_residual_currency for one in lines)
        inbound = sum(one.balance for one in lines) > 0
        company = lines[:1].company_id
        currency = lines[:1].currency_id
        journals = self.env.sudo()["account.journal"]
        journal = journals.search(
            [("type", "in", ["bank", "cash"]), ("company_id", "=", company.id)], limit=1, order="sequence, id"
        )
        journal = journal or journals.search(
            [("type", "in", ["bank", "cash"])], limit=1, order="company_id, sequence, id"
        )
        methods = (
            journal.inbound_payment_method_line_ids if inbound else journal.outbound_payment_method_line_ids
        )
        customer = lines[:1].account_id.account_type == "asset_receivable"
        names = [one.payment_reference or one.ref or one.name or "" for one in moves]
        values = {
            "line_ids": [(6, 0, list(lines.ids))],
            "amount": amount(abs(left)),
            "source_amount_currency": amount(abs(left)),
            "source_amount": amount(abs(sum(one.amount_residual for one in lines))),
            "source_currency_id": currency.id,
            "currency_id": currency.id,
            "company_id": company.id,
            "partner_id": lines[:1].partner_id.id,
            "partner_type": "customer" if customer else "supplier",
            "payment_type": "inbound" if inbound else "outbound",
            "payment_date": self.env.now.date(),
            "journal_id": journal.id,
            "payment_method_line_id": methods[:1].id,
            "communication": " ".join(name for name in names if name),
            "can_edit_wizard": len(moves.mapped("partner_id")) <= 1,
            "can_group_payments": len(moves) > 1,
            "group_payment": False,
        }
        return values | {
            name: value for name, value in found.items() if name not in values or name in self.env.context
        }

    def _called_on(self) -> Any:
        """The lines that can be paid; UserError when there are none or the call names no invoices."""
        context = self.env.context
        ids = context.get("active_ids") or ([context["active_id"]] if context.get("active_id") else [])
        source = context.get("active_model")
        if source == "account.move":
            lines = self.env["account.move"].browse(ids).mapped("line_ids")
        elif source == "account.move.line":
            lines = self.env["account.move.line"].browse(ids)
        else:
            raise UserError(
                "The register payment wizard should only be called on account.move or account.move.line records."
            )
        new = self.env.is19
        if not new and any(one.move_id.state != "posted" for one in lines):
            raise UserError("You can only register payment for posted journal entries.")
        lines = lines.sudo()
        usable = lines.filtered(
            lambda one: one.account_id.account_type in OPEN_TYPES and amount(one.amount_residual)
        )
        if not usable:
            raise UserError(NOTHING_LEFT[self.env.version])
        if len(usable.mapped("company_id")) > 1:
            raise UserError("You can't create payments for entries belonging to different companies.")
        if len({one.account_id.account_type for one in usable}) > 1:
            raise UserError(
                "You can't register payments for both inbound and outbound moves at the same time."
                if new
                else "You can't register payments for journal items being either all inbound, either all outbound."
            )
        return usable

    def _compute_payment_difference(self) -> dict[int, Any]:
        return {one.id: amount(one.source_amount_currency - one.amount) for one in self}

    def action_create_payments(self) -> Any:
        """Make, post and reconcile the payments, and lead to them."""
        payments = self.env["account.payment"]
        for wizard in self:
            moves = wizard.line_ids.mapped("move_id")
            groups = [wizard.line_ids]
            if len(moves) > 1 and not wizard.group_payment:
                groups = [
                    wizard.line_ids.filtered(lambda one, own=move: one.move_id == own) for move in moves
                ]
            for lines in groups:
                payments |= wizard._pay(lines, amount(wizard.amount) if len(groups) == 1 else None)
        action: dict[str, Any] = {
            "name": "Payments",
            "type": "ir.actions.act_window",
            "res_model": "account.payment",
            "context": {"create": False},
        }
        if len(payments) == 1:
            return action | {"view_mode": "form", "res_id": payments.id}
        return action | {"view_mode": "list,form", "domain": [("id", "in", list(payments.ids))]}

    def _pay(self, lines: Any, value: float | None) -> Any:
        """One payment for some lines: `value` of it, or all that is open."""
        move = lines[:1].move_id
        memo = self.communication or move.payment_reference or move.ref or move.name or False
        if value is None:
            value = amount(abs(sum(one.amount_residual_currency for one in lines)))
            memo = move.payment_reference or move.ref or move.name or False
        vals = {
            "date": self.payment_date,
            "amount": value,
            "payment_type": self.payment_type,
            "partner_type": self.partner_type,
            "partner_id": lines[:1].partner_id.id,
            "journal_id": self.journal_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "payment_method_line_id": self.payment_method_line_id.id,
            "destination_account_id": lines[:1].account_id.id,
            ("memo" if self.env.is19 else "ref"): memo,
        }
        payment = self.env["account.payment"].create([vals])
        payment.action_post()
        open_lines = lines.filtered(lambda one: one.parent_state == "posted")
        if open_lines:
            payment.settle(open_lines)
        if self.payment_difference_handling == "reconcile" and self.writeoff_account_id:
            self._write_off(payment, lines)
        return payment

    def _write_off(self, payment: Any, lines: Any) -> None:
        """Book what is still open on an account of the user's choice."""
        for line in lines.sudo():
            left = line.amount_residual
            if not amount(left):
                continue
            label = self.writeoff_label or "Write-Off"
            entry = self.env.sudo()["account.move"].create(
                [
                    {
                        "move_type": "entry",
                        "journal_id": payment.journal_id.id,
                        "date": payment.date,
                        "line_ids": [
                            (
                                0,
                                0,
                                {
                                    "name": label,
                                    "account_id": line.account_id.id,
                                    "balance": -left,
                                    "partner_id": line.partner_id.id,
                                },
                            ),
                            (
                                0,
                                0,
                                {"name": label, "account_id": self.writeoff_account_id.id, "balance": left},
                            ),
                        ],
                    }
                ]
            )
            entry._post()
            reconcile(entry.line_ids.filtered(lambda one, own=line: one.account_id == own.account_id), line)
            payment.settle(line)


class AccountMoveReversal(Records, model="account.move.reversal"):
    """Refund or reverse entries."""

    @model
    def default_get(self, fields_list: Any) -> dict[str, Any]:
        """Take the entries the wizard was called on."""
        found = super().default_get(fields_list)
        ids = (
            self.env.context.get("active_ids")
            if self.env.context.get("active_model") == "account.move"
            else None
        )
        moves = self.env["account.move"].browse(ids or ())
        if any(one.state != "posted" for one in moves):
            raise UserError(
                "To reverse a journal entry, it has to be posted first."
                if not self.env.is19
                else "You can only reverse posted moves."
            )
        if moves:
            if "move_ids" in fields_list:
                found["move_ids"] = [(6, 0, list(moves.ids))]
            found |= {
                "company_id": moves[:1].company_id.id,
                "journal_id": found.get("journal_id") or moves[:1].journal_id.id,
            }
            found.setdefault("date", self.env.now.date())
        return found

    def refund_moves(self) -> Any:
        """Make refunds as drafts and lead to them."""
        return self._reverse(modify=False)

    def modify_moves(self) -> Any:
        """Refund entries and make them again as drafts."""
        return self._reverse(modify=True)

    def reverse_moves(self, is_modify: bool = False) -> Any:
        """Refund entries; with `is_modify` make them again as drafts."""
        return self._reverse(modify=is_modify)

    def _reverse(self, *, modify: bool) -> Any:
        kinds = {
            "out_invoice": "out_refund",
            "in_invoice": "in_refund",
            "out_refund": "out_invoice",
            "in_refund": "in_invoice",
        }
        made = self.env["account.move"]
        for move in self.move_ids:
            default = {
                "move_type": kinds.get(move.move_type, "entry"),
                "ref": f"Reversal of: {move.name}, {self.reason}"
                if self.reason
                else f"Reversal of: {move.name}",
                "date": self.date or self.env.now.date(),
                "invoice_date": (self.date or self.env.now.date()) if move.move_type != "entry" else False,
                "journal_id": self.journal_id.id or move.journal_id.id,
                "reversed_entry_id": move.id,
            }
            if move.move_type == "entry":
                default["line_ids"] = [
                    (
                        0,
                        0,
                        {
                            "name": one.name,
                            "account_id": one.account_id.id,
                            "balance": -one.balance,
                            "partner_id": one.partner_id.id,
                        },
                    )
                    for one in move.line_ids
                ]
            refund = move.copy(default)
            made |= refund
            if modify:
                refund._post()
                self._match(move, refund)
                made = (made - refund) | move.copy({"invoice_date": move.invoice_date})
        self._put({})
        self.write({"new_move_ids": [(6, 0, list(made.ids))]})
        action: dict[str, Any] = {
            "name": "Reverse Moves",
            "type": "ir.actions.act_window",
            "res_model": "account.move",
        }
        if len(made) == 1:
            return action | {
                "view_mode": "form",
                "res_id": made.id,
                "context": {"default_move_type": made.move_type},
            }
        return action | {"view_mode": "list,form", "domain": [("id", "in", list(made.ids))]}

    def _match(self, move: Any, refund: Any) -> None:
        """Reconcile an entry with its refund."""
        own = move.sudo().line_ids.filtered(lambda one: one.display_type == "payment_term")
        other = refund.sudo().line_ids.filtered(lambda one: one.display_type == "payment_term")
        for left, right in zip(own, other, strict=False):
            reconcile(left, right)
        for one in (move.sudo(), refund.sudo()):
            totals(one)
            one.env.forget()
            payment_state(one)
        self.env.forget()
