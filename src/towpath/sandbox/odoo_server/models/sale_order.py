# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Quotations and sales orders: numbers, totals, states, and what a confirmed order refuses."""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.given import one_id, vals_rows
from towpath.sandbox.odoo_server.models.numbering import amount, next_by_code
from towpath.sandbox.odoo_server.records import Records, model, private, returns

KEEP = "You can not delete a sent quotation or a confirmed sales order. You must first cancel it."


class SaleOrder(Records, model="sale.order"):
    """A quotation or sales order."""

    _odoo_class = "SaleOrder"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make orders; the number is taken from the sequence."""
        return super().create([self._prepared(vals) for vals in vals_rows(vals_list)])

    def _prepared(self, vals: Any) -> Any:
        if not hasattr(vals, "get"):
            return vals
        vals, env = dict(vals), self.env
        company = vals.setdefault("company_id", env.company_id)
        if vals.get("name") in {None, False, "New", "/"}:
            scoped = env.sudo()["sale.order"].with_company(one_id(company)).env
            vals["name"] = next_by_code(scoped, "sale.order") or "New"
        partner = env.sudo()["res.partner"].browse(one_id(vals.get("partner_id")) or ()).exists()
        if partner:
            for name, kind in (("partner_invoice_id", "invoice"), ("partner_shipping_id", "delivery")):
                vals.setdefault(name, self._address(partner, kind))
            term = partner.property_payment_term_id
            if "payment_term_id" not in vals and term:
                vals["payment_term_id"] = term.id
        vals.setdefault("date_order", env.now.replace(microsecond=0))
        vals.setdefault("user_id", (partner and partner.user_id.id) or env.uid)
        owner = env.sudo()["res.company"].browse(one_id(company))
        vals.setdefault("currency_id", owner.currency_id.id)
        vals.setdefault("currency_rate", 1.0)
        if "team_id" not in vals:
            vals["team_id"] = env.sudo()["crm.team"].search([], limit=1).id
        if "warehouse_id" not in vals:
            stores = env.sudo()["stock.warehouse"]
            found = stores.search([("company_id", "=", owner.id)], limit=1) or stores.search([], limit=1)
            vals["warehouse_id"] = found.id
        vals.setdefault("picking_policy", "direct")
        vals.setdefault("locked", False)
        vals.setdefault("invoice_status", "no")
        vals.setdefault("require_signature", bool(owner.portal_confirmation_sign))
        return vals

    @staticmethod
    def _address(partner: Any, kind: str) -> Any:
        """A contact of that kind below the partner, else the partner."""
        found = partner.child_ids.filtered(lambda one: one.type == kind)
        return (found[:1] or partner).id

    def write(self, vals: Any) -> bool:
        """Change orders; lines follow the state."""
        if hasattr(vals, "get") and "pricelist_id" in vals and any(one.state == "sale" for one in self):
            raise UserError("It is not allowed to change the pricelist of a confirmed order!")
        return super().write(vals)

    def unlink(self) -> bool:
        """Delete orders that are neither sent nor confirmed."""
        for order in self._checked("unlink"):
            if order.state not in {"draft", "cancel"}:
                raise UserError(KEEP)
        return super().unlink()

    def _checked(self, mode: str) -> Self:
        from towpath.sandbox.odoo_server.orm import write

        write.check(self, mode)
        return self

    # -- totals

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if changed & {"order_line", "state", "currency_id", "partner_id", "company_id", "user_id"}:
            lines = self.sudo().mapped("order_line")
            if lines and changed & {"state", "partner_id", "company_id", "currency_id", "user_id"}:
                lines._follow()
            self._retotal()

    @private
    def _retotal(self) -> None:
        """Add up the lines."""
        rows = {}
        for order in self.sudo():
            untaxed = sum(one.price_subtotal for one in order.order_line)
            total = sum(one.price_total for one in order.order_line)
            states = {one.invoice_status for one in order.order_line if not one.display_type}
            status = "no"
            if order.state == "sale" and states:
                if "to invoice" in states:
                    status = "to invoice"
                elif states <= {"invoiced"}:
                    status = "invoiced"
                elif states <= {"invoiced", "upselling"}:
                    status = "upselling"
            values = {
                "amount_untaxed": amount(untaxed),
                "amount_tax": amount(total - untaxed),
                "amount_total": amount(total),
                "invoice_status": status,
            }
            if "amount_to_invoice" in self._model.fields and self._model.fields["amount_to_invoice"].sql_type:
                values["amount_to_invoice"] = amount(total) if order.state == "sale" else 0.0
            rows[order.id] = values
        self._store(rows)

    # -- states

    def action_confirm(self) -> bool:
        """Turn quotations into sales orders."""
        self._checked("write")
        wrong = self.filtered(lambda one: one.state not in {"draft", "sent"})
        if wrong:
            if self.env.is19:
                raise UserError("Some orders are not in a state requiring confirmation.")
            names = ", ".join(one.name for one in wrong)
            raise UserError(f"The following orders are not in a state requiring confirmation: {names}")
        bare = self.filtered(
            lambda one: any(not (x.display_type or x.is_downpayment or x.product_id) for x in one.order_line)
        )
        if bare:
            raise UserError("A line on these orders missing a product, you cannot confirm it.")
        self.write({"state": "sale", "date_order": self.env.now.replace(microsecond=0)})
        return True

    def action_quotation_sent(self) -> None:
        """Mark quotations as sent."""
        if any(one.state != "draft" for one in self):
            raise UserError("Only draft orders can be marked as sent directly.")
        self.write({"state": "sent"})

    def action_cancel(self) -> Any:
        """Cancel orders; on 17.0 those that are not drafts are asked about first."""
        self._checked("write")
        if any(one.locked for one in self):
            raise UserError("You cannot cancel a locked order. Please unlock it first.")
        ask = not self.env.context.get("disable_cancel_warning") and any(one.state != "draft" for one in self)
        if ask and not self.env.is19:
            return {
                "name": "Cancel Sales Order",
                "view_mode": "form",
                "res_model": "sale.order.cancel",
                "view_id": 1479,
                "type": "ir.actions.act_window",
                "context": {
                    "default_template_id": 26,
                    "default_order_id": self.id,
                    "mark_so_as_canceled": True,
                    "default_email_layout_xmlid": "mail.mail_notification_layout_with_responsible_signature",
                    "model_description": "Sales Order",
                },
                "target": "new",
            }
        self.write({"state": "cancel"})
        return True

    def action_draft(self) -> bool:
        """Bring cancelled and sent orders back to draft."""
        orders = self.filtered(lambda one: one.state in {"cancel", "sent"})
        if orders:
            orders.write({"state": "draft", "signature": False, "signed_by": False, "signed_on": False})
        return True

    def action_lock(self) -> None:
        """Lock orders."""
        self.write({"locked": True})

    def action_unlock(self) -> None:
        """Unlock orders."""
        self.write({"locked": False})

    @private
    def make_invoices(self) -> Any:
        """A draft invoice per order of everything that is to be invoiced."""
        moves = self.env["account.move"]
        taxes = "tax_ids" if self.env.is19 else "tax_id"
        for order in self:
            wanted = order.order_line.filtered(lambda one: not one.display_type and one.qty_to_invoice)
            if not wanted:
                raise UserError(
                    "Cannot create an invoice. No items are available to invoice.\n\nTo resolve this issue, please ensure that:\n"
                    "   • The products have been delivered before attempting to invoice them.\n"
                    "   • The invoicing policy of the product is configured correctly.\n"
                )
            lines = [
                (
                    0,
                    0,
                    {
                        "name": one.name,
                        "product_id": one.product_id.id,
                        "quantity": one.qty_to_invoice,
                        "price_unit": one.price_unit,
                        "discount": one.discount,
                        "tax_ids": [(6, 0, list(one[taxes].ids))],
                        "sale_line_ids": [(4, one.id)],
                    },
                )
                for one in wanted
            ]
            moves |= moves.create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": order.partner_invoice_id.id,
                        "partner_shipping_id": order.partner_shipping_id.id,
                        "company_id": order.company_id.id,
                        "currency_id": order.currency_id.id,
                        "invoice_origin": order.name,
                        "invoice_user_id": order.user_id.id,
                        "invoice_payment_term_id": order.payment_term_id.id,
                        "invoice_line_ids": lines,
                    }
                ]
            )
            for one in wanted:
                one.sudo()._put({"qty_invoiced": one.qty_invoiced + one.qty_to_invoice})
            wanted.sudo()._follow()
            order._retotal()
        return moves

    def _compute_invoice_ids(self) -> dict[int, Any]:
        return {one.id: one.order_line.mapped("invoice_lines").mapped("move_id") for one in self}

    def _compute_invoice_count(self) -> dict[int, Any]:
        return {one.id: len(one.order_line.mapped("invoice_lines").mapped("move_id")) for one in self}

    def _compute_amount_undiscounted(self) -> dict[int, Any]:
        return {
            one.id: sum(
                x.price_subtotal * 100 / (100 - x.discount)
                if x.discount != 100
                else x.price_unit * x.product_uom_qty
                for x in one.order_line
            )
            for one in self
        }


class SaleAdvancePayment(Records, model="sale.advance.payment.inv"):
    """The wizard that makes invoices of orders."""

    _defaults = {"advance_payment_method": "delivered"}  # noqa: RUF012 - a declaration read by the registry

    @model
    def default_get(self, fields_list: Any) -> dict[str, Any]:
        """Take the orders the wizard was called on."""
        found = super().default_get(fields_list)
        if "sale_order_ids" in fields_list and self.env.context.get("active_ids"):
            found["sale_order_ids"] = [(6, 0, list(self.env.context["active_ids"]))]
        return found

    def create_invoices(self) -> Any:
        """Make the invoices and lead to them."""
        self._one()
        moves = self.sale_order_ids.make_invoices()
        action: dict[str, Any] = {
            "type": "ir.actions.act_window",
            "name": "Invoices",
            "res_model": "account.move",
        }
        if len(moves) == 1:
            return action | {"view_mode": "form", "res_id": moves.id}
        return action | {"view_mode": "list,form", "domain": [("id", "in", list(moves.ids))]}
