# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Journal entries, invoices and refunds: totals, numbers, posting, and what a posted one refuses.

The lines are in `account_move_line.py`, what follows from the lines in `account_move_sync.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import AccessError, UserError
from towpath.sandbox.odoo_server.models import account_move_sync as sync
from towpath.sandbox.odoo_server.models.account_reconcile import unreconcile
from towpath.sandbox.odoo_server.models.given import one_id, vals_rows
from towpath.sandbox.odoo_server.models.numbering import next_in_journal
from towpath.sandbox.odoo_server.records import Records, model, private, returns

DELETE_POSTED = (
    "You can't delete a posted journal item. Don’t play games with your accounting records; reset the journal entry to draft "  # noqa: RUF001
    "before deleting it."
)
IN_CHAIN = (
    "You cannot delete this entry, as it has already consumed a sequence number and is not the last one in the chain. "
    "You should probably revert it instead."
)
NEGATIVE = (
    "You cannot validate an invoice with a negative total amount. You should create a credit note instead. Use the action menu "
    "to transform it into a credit note or refund."
)
READONLY_19 = (
    "invoice_line_ids", "line_ids", "invoice_date", "date", "partner_id", "invoice_payment_term_id", "currency_id",
    "fiscal_position_id", "invoice_cash_rounding_id",
)  # fmt: skip
DRAFT_NAMES = {
    "out_invoice": "Draft Invoice", "out_refund": "Draft Credit Note", "in_invoice": "Draft Bill",
    "in_refund": "Draft Vendor Credit Note", "out_receipt": "Draft Sales Receipt", "in_receipt": "Draft Purchase Receipt",
    "entry": "Draft Entry",
}  # fmt: skip
SALES = frozenset({"out_invoice", "out_refund", "out_receipt"})
PURCHASES = frozenset({"in_invoice", "in_refund", "in_receipt"})
LINES = ("invoice_line_ids", "line_ids")


class AccountMove(Records, model="account.move"):
    """A journal entry, which may be an invoice, a bill or a refund."""

    _odoo_class = "AccountMove"
    _field_overrides = {  # noqa: RUF012 - a declaration read by the registry
        "invoice_line_ids": {
            "domain": [["display_type", "in", ["product", "line_section", "line_subsection", "line_note"]]]
        }
    }

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make entries with their lines."""
        from towpath.sandbox.odoo_server.orm import access

        access.check_model(self.env, self._model, "create")
        rows = vals_rows(vals_list)
        made = self.browse(())
        for vals in rows:
            if not hasattr(vals, "get"):
                return super().create(rows)
            one = self._prepared(vals)
            lines = {name: one.pop(name) for name in LINES if one.get(name)}
            move = super().create([one])
            move._add_lines(lines)
            made |= move
        return made

    def _prepared(self, vals: Mapping[str, Any]) -> dict[str, Any]:
        """Fill in journal, company, currency, dates and name."""
        one, env = dict(vals), self.env
        kind = one.get("move_type", env.context.get("default_move_type", "entry"))
        known = self._model.fields["move_type"].selection or frozenset()
        if kind not in known:
            raise ValueError(f"Wrong value for account.move.move_type: {kind!r}")
        one["move_type"] = kind
        company = one_id(one.get("company_id")) or env.company_id
        journal = env.sudo()["account.journal"].browse(
            one_id(one.get("journal_id") or env.context.get("default_journal_id")) or ()
        )
        if not journal:
            journal = sync.journal_for(env, kind, company)
            if not journal:
                name = env.sudo()["res.company"].browse(company).name
                label = "sale" if kind in SALES else "purchase" if kind in PURCHASES else "general"
                raise UserError(
                    f"No journal could be found in company {name} for any of those types: {label}"
                )
        one["journal_id"] = journal.id
        one["company_id"] = journal.company_id.id or company
        if "currency_id" not in one:
            one["currency_id"] = (journal.currency_id or journal.company_id.currency_id).id
        if not one.get("name") or one["name"] == "/":
            one["name"] = False if env.is19 else "/"
        partner = env["res.partner"].browse(one_id(one.get("partner_id")) or ())
        if partner:
            gone = partner - partner.exists()
            if gone:
                raise partner._missing(gone.ids)
            seen = partner.sudo()
            one.setdefault("commercial_partner_id", seen.commercial_partner_id.id)
            one.setdefault("partner_shipping_id", seen.id if kind in SALES else False)
            term = seen.property_payment_term_id if kind in SALES else seen.property_supplier_payment_term_id
            if "invoice_payment_term_id" not in one and kind != "entry" and term:
                one["invoice_payment_term_id"] = term.id
        if not one.get("date"):
            one["date"] = one.get("invoice_date") or env.now.date()
        if kind != "entry":
            one.setdefault("invoice_user_id", env.uid)
        one.setdefault("payment_state", "not_paid")
        one.setdefault("posted_before", False)
        one.setdefault("is_storno", False)
        return one

    def _add_lines(self, commands: Mapping[str, Any]) -> None:
        """Carry out the commands for the lines, then let everything follow from them."""
        if commands:
            self.with_context(move_sync=False)._write_lines(commands)
        sync.follow(self)

    @private
    def _write_lines(self, commands: Mapping[str, Any]) -> None:
        Records.write(self, dict(commands))

    def write(self, vals: Any) -> bool:
        """Change entries; posted ones refuse what their version protects."""
        if not hasattr(vals, "get") or self.env.context.get("move_sync") is False:
            return super().write(vals)
        self._check_change(vals)
        vals = dict(vals)
        if "partner_id" in vals:
            partner = self.env.sudo()["res.partner"].browse(one_id(vals["partner_id"]) or ())
            vals.setdefault("commercial_partner_id", partner.commercial_partner_id.id)
        if vals.get("invoice_date") and "date" not in vals:
            vals["date"] = vals["invoice_date"]
        done = super(AccountMove, self.with_context(move_sync=False)).write(vals)
        self.env.forget()
        if set(vals) - {"state"} or vals.get("state") is None:
            sync.follow(self, keep_paid=True)
        return done

    def _check_change(self, vals: Mapping[str, Any]) -> None:
        if not self.ids:
            return
        for move in self.exists():
            if self.env.is19 and move.state == "posted" and not self.env.context.get("skip_readonly_check"):
                fixed = [name for name in READONLY_19 if name in vals]
                if fixed:
                    raise UserError(
                        f"You cannot modify the following readonly fields on a posted move: {', '.join(fixed)}"
                    )
            if (
                move.posted_before
                and "journal_id" in vals
                and move.journal_id.id != one_id(vals["journal_id"])
            ):
                raise UserError("You cannot edit the journal of an account move if it has been posted once.")

    def unlink(self) -> bool:
        """Delete entries that are not posted and leave no hole in the numbers."""
        from towpath.sandbox.odoo_server.orm import write

        write.check(self, "unlink")
        for move in self:
            if move.state == "posted":
                raise UserError(DELETE_POSTED)
            if move.posted_before and move.sequence_number and not self.env.context.get("force_delete"):
                later = self.env.cr.execute(
                    "SELECT 1 FROM account_move WHERE journal_id = %s AND sequence_prefix = %s AND sequence_number > %s "
                    "AND NOT id = ANY(%s)",
                    [move.journal_id.id, move.sequence_prefix, move.sequence_number, list(self.ids)],
                ).fetchone()
                if later:
                    raise UserError(IN_CHAIN)
        lines = self.sudo().mapped("line_ids")
        lines.with_context(move_sync=False)._remove()
        return super().unlink()

    @returns("id")
    def copy(self, default: Any = None) -> Self:
        """Copy entries as drafts, with the lines people enter."""
        made = self.browse(())
        for move in self:
            data = {
                name: value
                for name, value in Records.copy_data(move, default)[0].items()
                if name not in {*LINES, "name", "invoice_date", "invoice_date_due", "payment_reference"}
                or name in (default or {})
            }
            kept = move.line_ids if move.move_type == "entry" else move.invoice_line_ids
            field = "line_ids" if move.move_type == "entry" else "invoice_line_ids"
            data.setdefault(field, [(0, 0, line._copy_values()) for line in kept])
            made |= self.create([data])
        return made

    # -- names

    def _display_names(self) -> dict[int, Any]:
        names: dict[int, Any] = {}
        for move in self.sudo().exists():
            name = f"{DRAFT_NAMES.get(move.move_type, 'Draft Entry')} " if move.state == "draft" else ""
            name += move.name if move.name and move.name != "/" else f"(* {move.id})"
            if move.ref:
                short = move.ref if len(move.ref) <= 50 else f"{move.ref[:45].rsplit(' ', 1)[0]} [...]"
                name += f" ({short})"
            names[move.id] = name
        return names

    # -- states

    def action_post(self) -> bool:
        """Post drafts."""
        gone = self - self.exists()
        if gone:
            raise self._missing(gone.ids)
        self._post()
        return False

    @private
    def _post(self) -> None:
        """Check the drafts, give them dates and numbers, and post them."""
        env = self.env
        if not self.ids:
            return
        if not env.su and not env.user.has_group_of("account.group_account_invoice"):
            raise AccessError("You don't have the access rights to post an invoice.")
        self._check_post()
        for move in self:
            values: dict[str, Any] = {"state": "posted", "posted_before": True}
            if move.move_type in SALES and not move.invoice_date:
                values["invoice_date"] = env.now.date()
                values["date"] = env.now.date()
            day = values.get("date") or move.date
            if not move.name or move.name == "/":
                prefix, width = sync.name_prefix(move, day)
                name, number = next_in_journal(env, move.journal_id.id, prefix, width)
                values |= {"name": name, "sequence_prefix": prefix, "sequence_number": number}
            name = values.get("name") or move.name
            if move.move_type in SALES and not move.payment_reference:
                values["payment_reference"] = name
            move.with_context(move_sync=False)._set(values)
            sync.follow(move, posted=True)
            partner = move.sudo().partner_id
            rank = (
                "customer_rank"
                if move.move_type in SALES
                else "supplier_rank"
                if move.move_type in PURCHASES
                else ""
            )
            if partner and rank:
                for one in {partner, partner.commercial_partner_id}:
                    one._put({rank: one[rank] + 1}, touch=False)

    @private
    def _set(self, values: Mapping[str, Any]) -> None:
        Records.write(self, dict(values))

    def _check_post(self) -> None:
        """Refuse what can not be posted, in the words of the version."""
        new = self.env.is19
        for move in self.filtered(lambda one: one.move_type != "entry"):
            if new and move.state in {"posted", "cancel"}:
                raise UserError(f"The entry {move.name} (id {move.id}) must be in draft.")
            if move.amount_total < 0:
                raise UserError(NEGATIVE)
            if not move.partner_id:
                if move.move_type in SALES:
                    raise UserError(
                        "The 'Customer' field is required to validate the invoice.\nYou probably don't want to explain to your "
                        "auditor that you invoiced an invisible man :)"
                        if new
                        else "The field 'Customer' is required, please complete it to validate the Customer Invoice."
                    )
                raise UserError(
                    "The field 'Vendor' is required, please complete it to validate the Vendor Bill."
                )
            if move.move_type in PURCHASES and not move.invoice_date:
                raise UserError("The Bill/Refund date is required to validate this document.")
        for move in self:
            if move.state in {"posted", "cancel"}:
                raise UserError(f"The entry {move.name} (id {move.id}) must be in draft.")
            accountable = move.line_ids.filtered(
                lambda one: one.display_type not in {"line_section", "line_note", "line_subsection"}
            )
            if not accountable:
                raise UserError(
                    "Even magicians can't post nothing!" if new else "You need to add a line before posting."
                )

    def button_draft(self) -> None:
        """Bring posted and cancelled entries back to draft; payments let go of them."""
        self._existing()
        if any(one.state not in {"cancel", "posted"} for one in self):
            raise UserError("Only posted/cancelled journal entries can be reset to draft.")
        unreconcile(self.sudo().mapped("line_ids"))
        self.with_context(move_sync=False)._set({"state": "draft"})
        sync.follow(self)

    def button_cancel(self) -> None:
        """Cancel drafts; posted entries become drafts first."""
        self._existing()
        posted = self.filtered(lambda one: one.state == "posted")
        if posted:
            posted.button_draft()
        if any(one.state != "draft" for one in self):
            raise UserError("Only draft journal entries can be cancelled.")
        self.with_context(move_sync=False)._set({"auto_post": "no", "state": "cancel"})
        sync.follow(self)

    def _existing(self) -> None:
        gone = self - self.exists()
        if gone:
            raise self._missing(gone.ids)

    def action_register_payment(self) -> dict[str, Any]:
        """Lead to the payment wizard."""
        return {
            "name": "Pay" if self.env.is19 else "Register Payment",
            "res_model": "account.payment.register",
            "view_mode": "form",
            "views": [[False, "form"]],
            "context": {
                "active_model": "account.move" if not self.env.is19 else "account.move.line",
                "active_ids": list(self.ids if not self.env.is19 else self.line_ids.ids),
            },
            "target": "new",
            "type": "ir.actions.act_window",
        }

    # -- computed fields

    def _compute_company_currency_id(self) -> dict[int, Any]:
        return {one.id: one.company_id.sudo().currency_id for one in self}

    def _compute_bank_partner_id(self) -> dict[int, Any]:
        return {
            one.id: one.company_id.sudo().partner_id
            if one.move_type in {"out_invoice", "in_refund"}
            else one.commercial_partner_id
            for one in self
        }

    def _compute_type_name(self) -> dict[int, Any]:
        labels = {
            "entry": "Journal Entry", "out_invoice": "Invoice", "out_refund": "Credit Note", "in_invoice": "Bill",
            "in_refund": "Vendor Credit Note", "out_receipt": "Sales Receipt", "in_receipt": "Purchase Receipt",
        }  # fmt: skip
        return {one.id: labels.get(one.move_type, "Journal Entry") for one in self}

    def _compute_direction_sign(self) -> dict[int, Any]:
        return {
            one.id: 1 if one.move_type in {"entry", "out_refund", "in_invoice", "in_receipt"} else -1
            for one in self
        }

    def _compute_amount_paid(self) -> dict[int, Any]:
        return {one.id: one.amount_total - one.amount_residual for one in self}

    def _compute_has_reconciled_entries(self) -> dict[int, Any]:
        return {
            one.id: any(x.matched_debit_ids or x.matched_credit_ids for x in one.line_ids) for one in self
        }

    def _compute_show_reset_to_draft_button(self) -> dict[int, Any]:
        return {one.id: one.state in {"posted", "cancel"} for one in self}
