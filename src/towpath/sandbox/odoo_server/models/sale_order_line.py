# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Lines of quotations and sales orders: what comes from the product, amounts, what a confirmed order keeps."""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.given import one_id, vals_rows
from towpath.sandbox.odoo_server.models.numbering import amount
from towpath.sandbox.odoo_server.models.taxes import line_total
from towpath.sandbox.odoo_server.records import Records, model, private, returns

KEEP_LINE = (
    "Once a sales order is confirmed, you can't remove one of its lines (we need to track if something gets invoiced or "
    "delivered).\n                Set the quantity to 0 instead."
)
PRICED = frozenset(
    {
        "product_uom_qty",
        "price_unit",
        "discount",
        "tax_id",
        "tax_ids",
        "product_id",
        "qty_invoiced",
        "qty_delivered",
        "state",
    }
)


class SaleOrderLine(Records, model="sale.order.line"):
    """A line of an order: a product, a section or a note."""

    _odoo_class = "SaleOrderLine"

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
        unit, taxes = ("product_uom_id", "tax_ids") if env.is19 else ("product_uom", "tax_id")
        vals.setdefault("customer_lead", 0.0)
        vals.setdefault("qty_invoiced", 0.0)
        vals.setdefault("qty_delivered", 0.0)
        vals.setdefault("is_downpayment", False)
        if vals.get("display_type"):
            vals |= {"product_uom_qty": 0.0, "price_unit": 0.0}
            return vals
        product = env.sudo()["product.product"].browse(one_id(vals.get("product_id")) or ()).exists()
        vals.setdefault("price_unit", product.list_price if product else 0.0)
        if product:
            text = product.description_sale
            vals.setdefault("name", f"{product.display_name}\n{text}" if text else product.display_name)
            vals.setdefault(unit, product.uom_id.id)
            if taxes not in vals:
                order = env.sudo()["sale.order"].browse(one_id(vals.get("order_id")) or ())
                known = product.taxes_id.filtered(lambda one: not order or one.company_id == order.company_id)
                vals[taxes] = [(6, 0, list(known.ids))]
            vals.setdefault("qty_delivered_method", "manual")
        return vals

    def write(self, vals: Any) -> bool:
        """Change lines and the totals of their orders."""
        if not hasattr(vals, "get"):
            return super().write(vals)
        if "display_type" in vals and any(one.display_type != vals["display_type"] for one in self):
            raise UserError(
                "You cannot change the type of a sale order line. Instead you should delete the current line and create a "
                "new line of the proper type."
            )
        if self.env.is19 and "product_id" in vals:
            fixed = self.filtered(
                lambda one: one.state == "sale" and one.product_id.id != (one_id(vals["product_id"]) or False)
            )
            if fixed:
                raise UserError("You cannot modify the product of this order line.")
        done = super().write(vals)
        if {"product_uom_qty", "product_id"} & set(vals) and "price_unit" not in vals:
            # the price follows the price list again when the quantity changes, also one that was given by hand
            lines = self.filtered(
                lambda one: one.product_id and not one.display_type and not one.qty_invoiced
            )
            lines._store({one.id: {"price_unit": one.product_id.list_price} for one in lines})
        if PRICED & set(vals):
            self._compute_totals()
            self.mapped("order_id")._retotal()
        return done

    def unlink(self) -> bool:
        """Delete lines of orders that are not confirmed."""
        if any(
            one.state == "sale" and not one.is_downpayment and not one.display_type for one in self.exists()
        ):
            raise UserError(KEEP_LINE)
        orders = self.mapped("order_id")
        done = super().unlink()
        orders.exists()._retotal()
        return done

    @private
    def _follow(self) -> None:
        """Take over from the order what lines keep of it, and count again what is to be invoiced."""
        rows = {}
        for line in self:
            order = line.order_id
            rows[line.id] = {
                "state": order.state,
                "company_id": order.company_id.id,
                "currency_id": order.currency_id.id,
                "order_partner_id": order.partner_id.id,
                "salesman_id": order.user_id.id,
            }
        self._store(
            {
                one: {k: v for k, v in row.items() if self._model.fields[k].sql_type}
                for one, row in rows.items()
            }
        )
        self._compute_totals()

    @private
    def _compute_totals(self) -> None:
        """Work out the amounts and what is to be invoiced."""
        taxes = "tax_ids" if self.env.is19 else "tax_id"
        rows = {}
        for line in self.sudo():
            order = line.order_id
            found = line_total(line[taxes], line.price_unit, line.product_uom_qty, line.discount)
            quantity = line.product_uom_qty
            policy = line.product_id.invoice_policy
            base = line.qty_delivered if policy == "delivery" else quantity
            left = base - line.qty_invoiced if order.state == "sale" and not line.display_type else 0.0
            status = "no"
            if order.state == "sale" and not line.display_type:
                status = "to invoice" if left else "invoiced" if line.qty_invoiced >= quantity else "no"
            each = quantity or 1.0
            rows[line.id] = {
                "price_subtotal": found.untaxed,
                "price_tax": amount(found.total - found.untaxed),
                "price_total": found.total,
                "price_reduce_taxexcl": amount(found.untaxed / each),
                "price_reduce_taxinc": amount(found.total / each),
                "qty_to_invoice": left,
                "invoice_status": status,
                "untaxed_amount_to_invoice": amount(found.untaxed * left / each) if left else 0.0,
                "untaxed_amount_invoiced": amount(found.untaxed * line.qty_invoiced / each)
                if line.qty_invoiced
                else 0.0,
                "state": order.state,
                "company_id": order.company_id.id,
                "currency_id": order.currency_id.id,
                "order_partner_id": order.partner_id.id,
                "salesman_id": order.user_id.id,
            }
        self._store(
            {
                one: {k: v for k, v in row.items() if self._model.fields[k].sql_type}
                for one, row in rows.items()
            }
        )

    def _display_names(self) -> dict[int, Any]:
        return {
            one.id: f"{one.order_id.name} - {(one.name or '').splitlines()[0] if one.name else ''}"
            for one in self.sudo().exists()
        }
