# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Requests for quotation and purchase orders: numbers, totals, states."""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.given import one_id, vals_rows
from towpath.sandbox.odoo_server.models.numbering import amount, next_by_code
from towpath.sandbox.odoo_server.models.taxes import line_total
from towpath.sandbox.odoo_server.records import Records, model, private, returns

PRICED = frozenset(
    {
        "product_qty",
        "price_unit",
        "discount",
        "taxes_id",
        "tax_ids",
        "product_id",
        "qty_invoiced",
        "qty_received",
    }
)


class PurchaseOrder(Records, model="purchase.order"):
    """A request for quotation or purchase order."""

    _odoo_class = "PurchaseOrder"

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
        owner = env.sudo()["res.company"].browse(one_id(company))
        if vals.get("name") in {None, False, "New", "/"}:
            vals["name"] = (
                next_by_code(env.sudo()["purchase.order"].with_company(owner.id).env, "purchase.order")
                or "New"
            )
        partner = env.sudo()["res.partner"].browse(one_id(vals.get("partner_id")) or ()).exists()
        if partner and "payment_term_id" not in vals and partner.property_supplier_payment_term_id:
            vals["payment_term_id"] = partner.property_supplier_payment_term_id.id
        vals.setdefault("date_order", env.now.replace(microsecond=0))
        vals.setdefault("user_id", env.uid)
        vals.setdefault(
            "currency_id", (partner and partner.property_purchase_currency_id.id) or owner.currency_id.id
        )
        vals.setdefault("currency_rate", 1.0)
        if "picking_type_id" not in vals:
            kinds = env.sudo()["stock.picking.type"]
            found = kinds.search([("code", "=", "incoming"), ("company_id", "=", owner.id)], limit=1)
            vals["picking_type_id"] = (found or kinds.search([("code", "=", "incoming")], limit=1)).id
        vals.setdefault("invoice_status", "no")
        return vals

    def unlink(self) -> bool:
        """Delete cancelled orders."""
        from towpath.sandbox.odoo_server.orm import write

        write.check(self, "unlink")
        if any(one.state != "cancel" for one in self):
            raise UserError("In order to delete a purchase order, you must cancel it first.")
        return super().unlink()

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if changed & {"order_line", "state", "currency_id", "partner_id", "company_id"}:
            lines = self.sudo().mapped("order_line")
            if lines:
                lines._compute_totals()
            self._retotal()

    @private
    def _retotal(self) -> None:
        """Add up the lines."""
        rows = {}
        for order in self.sudo():
            lines = order.order_line
            untaxed, total = sum(one.price_subtotal for one in lines), sum(one.price_total for one in lines)
            status = "no"
            if order.state in {"purchase", "done"}:
                if any(one.qty_to_invoice for one in lines if not one.display_type):
                    status = "to invoice"
                elif order.invoice_ids and all(
                    not one.qty_to_invoice for one in lines if not one.display_type
                ):
                    status = "invoiced"
            planned = [one.date_planned for one in lines if one.date_planned]
            values = {
                "amount_untaxed": amount(untaxed),
                "amount_tax": amount(total - untaxed),
                "amount_total": amount(total),
                "amount_total_cc": amount(total),
                "invoice_status": status,
                "date_planned": min(planned) if planned else False,
            }
            rows[order.id] = {key: value for key, value in values.items() if key in self._model.fields}
        self._store(
            {
                one: {k: v for k, v in row.items() if self._model.fields[k].sql_type}
                for one, row in rows.items()
            }
        )

    # -- states

    def button_confirm(self) -> bool:
        """Confirm drafts; large orders wait for approval where the company wants that."""
        self._existing()
        for order in self.filtered(lambda one: one.state in {"draft", "sent"}):
            company = order.company_id.sudo()
            double = (
                company.po_double_validation == "two_step"
                and order.amount_total >= company.po_double_validation_amount
            )
            if double and not self.env.user.has_group_of("purchase.group_purchase_manager"):
                order.write({"state": "to approve"})
            else:
                order.button_approve()
        return True

    def button_approve(self, force: bool = False) -> dict[str, Any]:  # noqa: ARG002 - Odoo's parameter
        """Approve orders."""
        self._existing()
        orders = self.filtered(lambda one: one.state in {"draft", "sent", "to approve"})
        if orders:
            orders.write({"state": "purchase", "date_approve": self.env.now.replace(microsecond=0)})
            for order in orders.filtered(lambda one: one.company_id.sudo().po_lock == "lock"):
                order.write({"locked": True} if self.env.is19 else {"state": "done"})
        return {}

    def button_cancel(self) -> None:
        """Cancel orders whose bills are cancelled."""
        self._existing()
        for order in self:
            if any(one.state not in {"cancel", "draft"} for one in order.sudo().invoice_ids):
                raise UserError(
                    "Unable to cancel this purchase order. You must first cancel the related vendor bills."
                    if not self.env.is19
                    else f"Unable to cancel purchase order(s): {order.name}. You must first cancel their related vendor bills."
                )
        self.write({"state": "cancel"})

    def button_draft(self) -> dict[str, Any]:
        """Bring orders back to draft."""
        self.write({"state": "draft"})
        return {}

    def button_done(self) -> None:
        """Lock orders."""
        self.write({"locked": True, "priority": "0"} if self.env.is19 else {"state": "done", "priority": "0"})

    def button_unlock(self) -> None:
        """Unlock orders."""
        self.write({"locked": False} if self.env.is19 else {"state": "purchase"})

    def _existing(self) -> None:
        gone = self - self.exists()
        if gone:
            raise self._missing(gone.ids)

    def action_create_invoice(self) -> Any:
        """Make the bills of what is to be invoiced and lead to them."""
        moves = self.env["account.move"]
        taxes = "tax_ids" if self.env.is19 else "taxes_id"
        for order in self:
            wanted = order.order_line.filtered(lambda one: not one.display_type and one.qty_to_invoice)
            if not wanted:
                raise UserError(
                    "There is no invoiceable line. If a product has a control policy based on received quantity, "
                    "please make sure that a quantity has been received."
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
                        "purchase_line_id": one.id,
                    },
                )
                for one in wanted
            ]
            made = moves.create(
                [
                    {
                        "move_type": "in_invoice",
                        "partner_id": order.partner_id.id,
                        "company_id": order.company_id.id,
                        "currency_id": order.currency_id.id,
                        "invoice_origin": order.name,
                        "ref": order.partner_ref or False,
                        "invoice_line_ids": lines,
                    }
                ]
            )
            order.sudo().write({"invoice_ids": [(4, made.id)]})
            for one in wanted:
                one.sudo().write({"qty_invoiced": one.qty_invoiced + one.qty_to_invoice})
            moves |= made
        return {
            "type": "ir.actions.act_window",
            "name": "Bills",
            "res_model": "account.move",
            "res_id": moves[:1].id,
            "view_mode": "form",
        }


class PurchaseOrderLine(Records, model="purchase.order.line"):
    """A line of a purchase order."""

    _odoo_class = "PurchaseOrderLine"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make lines; name, price and taxes come from the product unless they are given."""
        lines = super().create([self._prepared(vals) for vals in vals_rows(vals_list)])
        lines._compute_totals()
        lines.mapped("order_id")._retotal()
        return lines

    def _prepared(self, vals: Any) -> Any:
        if not hasattr(vals, "get"):
            return vals
        vals, env = dict(vals), self.env
        unit, taxes = ("product_uom_id", "tax_ids") if env.is19 else ("product_uom", "taxes_id")
        vals.setdefault("qty_invoiced", 0.0)
        vals.setdefault("qty_received", 0.0)
        if vals.get("display_type"):
            vals |= {"product_qty": 0.0, "price_unit": 0.0}
            return vals
        product = env.sudo()["product.product"].browse(one_id(vals.get("product_id")) or ()).exists()
        vals.setdefault("price_unit", product.standard_price if product else 0.0)
        vals.setdefault("date_planned", env.now.replace(microsecond=0))
        if product:
            vals.setdefault("name", product.display_name)
            vals.setdefault(unit, product.uom_id.id)
            if taxes not in vals:
                vals[taxes] = [(6, 0, list(product.supplier_taxes_id.ids))]
            vals.setdefault("qty_received_method", "manual")
        vals.setdefault("product_uom_qty", vals.get("product_qty", 1.0))
        return vals

    def write(self, vals: Any) -> bool:
        """Change lines and the totals of their orders."""
        done = super().write(vals)
        if PRICED & set(vals):
            self._compute_totals()
            self.mapped("order_id")._retotal()
        return done

    def unlink(self) -> bool:
        """Delete lines of orders that are not confirmed."""
        for line in self.exists():
            if line.order_id.state in {"purchase", "done"} and not line.display_type:
                label = "Purchase Order" if line.order_id.state == "purchase" else "Locked"
                raise UserError(f"Cannot delete a purchase order line which is in state “{label}”.")
        orders = self.mapped("order_id")
        done = super().unlink()
        orders.exists()._retotal()
        return done

    @private
    def _compute_totals(self) -> None:
        """Work out the amounts and what is to be invoiced."""
        taxes = "tax_ids" if self.env.is19 else "taxes_id"
        rows: dict[int, dict[str, Any]] = {}
        for line in self.sudo():
            order = line.order_id
            found = line_total(line[taxes], line.price_unit, line.product_qty, line.discount)
            left = 0.0
            if order.state in {"purchase", "done"} and not line.display_type:
                bought = (
                    line.product_qty if line.product_id.purchase_method == "purchase" else line.qty_received
                )
                left = bought - line.qty_invoiced
            rows[line.id] = {
                "price_subtotal": found.untaxed,
                "price_tax": amount(found.total - found.untaxed),
                "price_total": found.total,
                "qty_to_invoice": left,
                "state": order.state,
                "company_id": order.company_id.id,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
            }
        known = self._model.fields
        self._store(
            {
                one: {k: v for k, v in row.items() if k in known and known[k].sql_type}
                for one, row in rows.items()
            }
        )
