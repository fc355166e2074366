"""Journal items: defaults from product and journal, amounts both ways, what may not be deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models import account_move_sync as sync
from towpath.sandbox.odoo_server.models.account_move import DELETE_POSTED, PURCHASES, SALES
from towpath.sandbox.odoo_server.models.account_rates import rate_of
from towpath.sandbox.odoo_server.models.account_reconcile import TEXT
from towpath.sandbox.odoo_server.models.given import one_id, vals_rows
from towpath.sandbox.odoo_server.models.numbering import amount
from towpath.sandbox.odoo_server.records import Records, model, private, returns

COPIED = (
    "name",
    "display_type",
    "quantity",
    "price_unit",
    "discount",
    "sequence",
    "debit",
    "credit",
    "amount_currency",
)


class AccountMoveLine(Records, model="account.move.line"):
    """A journal item."""

    _odoo_class = "AccountMoveLine"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make lines and let their entries follow; `KeyError` for a line without an entry."""
        rows = vals_rows(vals_list)
        prepared = [self._prepared(vals) if hasattr(vals, "get") else vals for vals in rows]
        lines = super().create(prepared)
        if self.env.context.get("move_sync") is not False:
            sync.follow(lines.mapped("move_id"))
        return lines

    def _prepared(self, vals: Mapping[str, Any]) -> dict[str, Any]:
        one, env = dict(vals), self.env
        move = env.sudo()["account.move"].browse(one_id(one["move_id"]))
        kind = one.get("display_type") or "product"
        one["display_type"] = kind
        if not one.get("currency_id"):
            one["currency_id"] = (move.currency_id or move.company_id.currency_id).id
        if kind in TEXT:
            return one | {
                "quantity": 0.0,
                "price_unit": 0.0,
                "account_id": False,
                "debit": 0.0,
                "credit": 0.0,
            }
        product = env.sudo()["product.product"].browse(one_id(one.get("product_id")) or ()).exists()
        if move.move_type != "entry" and kind == "product":
            self._from_product(one, move, product)
        if move.move_type == "entry":
            self._sides(one, move)
        if not one.get("partner_id") and move.move_type == "entry":
            one["partner_id"] = one.get("partner_id") or move.partner_id.id
        return one

    def _from_product(self, one: dict[str, Any], move: Any, product: Any) -> None:
        """Name, price, account, unit and taxes of an invoice line that names none."""
        sale = move.move_type in SALES
        if product:
            text = product.description_sale if sale else product.description_purchase
            one.setdefault("name", f"{product.display_name}\n{text}" if text else product.display_name)
            one.setdefault("price_unit", product.list_price if sale else product.standard_price)
            one.setdefault("product_uom_id", product.uom_id.id)
        one.setdefault("price_unit", 0.0)
        if not one.get("account_id"):
            name = "property_account_income_categ_id" if sale else "property_account_expense_categ_id"
            own = "property_account_income_id" if sale else "property_account_expense_id"
            seen = product.with_company(move.company_id.id)
            account = (seen[own] or seen.categ_id[name]) if product else move.journal_id.default_account_id
            account = account or move.journal_id.default_account_id
            if not account:
                account = sync.account_for(self.env, move.company_id.id, "income" if sale else "expense")
            one["account_id"] = account.id
        if "tax_ids" not in one:
            found = product.taxes_id if sale else product.supplier_taxes_id
            found = found.filtered(lambda tax: tax.company_id == move.company_id)
            if not found and not product:
                company = move.company_id
                found = company.account_sale_tax_id if sale else company.account_purchase_tax_id
            if move.move_type in SALES | PURCHASES:
                one["tax_ids"] = [(6, 0, list(found.ids))]

    def _sides(self, one: dict[str, Any], move: Any) -> None:
        """Debit, credit, balance and amount in currency, from whichever of them was given."""
        if "balance" in one and "debit" not in one and "credit" not in one:
            balance = float(one["balance"] or 0)
        elif "debit" in one or "credit" in one:
            balance = float(one.get("debit") or 0) - float(one.get("credit") or 0)
            if one.get("debit") and one.get("credit"):
                one["balance"] = balance
                return
        elif one.get("amount_currency"):
            balance = amount(float(one["amount_currency"]) / rate_of(move))
        else:
            balance = 0.0
        one |= {"balance": balance, "debit": max(balance, 0.0), "credit": max(-balance, 0.0)}
        if not one.get("amount_currency"):
            same = one_id(one["currency_id"]) == move.company_id.currency_id.id
            one["amount_currency"] = balance if same else amount(balance * rate_of(move))

    def write(self, vals: Any) -> bool:
        """Change lines and let their entries follow."""
        if not hasattr(vals, "get") or self.env.context.get("move_sync") is False:
            return super().write(vals)
        vals = dict(vals)
        if (
            "account_id" in vals
            and vals["account_id"]
            and any(one.parent_state == "posted" and one.reconciled for one in self.exists())
        ):
            raise UserError("You cannot do this modification on a reconciled journal entry.")
        if {"debit", "credit", "balance", "amount_currency"} & set(vals):
            for line in self:
                own = {
                    name: vals[name]
                    for name in ("debit", "credit", "balance", "amount_currency")
                    if name in vals
                }
                own["currency_id"] = line.currency_id.id
                self._sides(own, line.sudo().move_id)
                super(AccountMoveLine, line).write({**vals, **own})
            done = True
        else:
            done = super().write(vals)
        self.env.forget()
        sync.follow(self.mapped("move_id"), keep_paid=True)
        return done

    def unlink(self) -> bool:
        """Delete lines of drafts."""
        if not self.ids:
            return True
        for line in self.exists():
            if line.sudo().move_id.state == "posted":
                raise UserError(DELETE_POSTED)
            if line.display_type == "tax" and self.env.context.get("move_sync") is not False:
                raise UserError("You cannot delete a tax line as it would impact the tax report")
            if line.display_type == "payment_term" and self.env.context.get("move_sync") is not False:
                raise UserError(
                    "You cannot delete a payable/receivable line as it would not be consistent with the payment terms"
                )
        moves = self.mapped("move_id")
        done = super().unlink()
        if self.env.context.get("move_sync") is not False:
            sync.follow(moves.exists())
        return done

    @private
    def _remove(self) -> None:
        """Delete lines whatever they are; nothing follows."""
        if self.ids:
            Records.unlink(self.sudo())

    @private
    def _copy_values(self) -> dict[str, Any]:
        """The values a copied entry makes its line of."""
        values = {name: self[name] for name in COPIED}
        entry = self.move_id.move_type == "entry"
        drop = {"quantity", "price_unit", "discount"} if entry else {"debit", "credit", "amount_currency"}
        values = {name: value for name, value in values.items() if name not in drop}
        if self.display_type not in TEXT:
            values |= {
                "account_id": self.account_id.id,
                "tax_ids": [(6, 0, list(self.tax_ids.ids))],
                "product_id": self.product_id.id,
            }
            values["product_uom_id"] = self.product_uom_id.id
        return values

    def _display_names(self) -> dict[int, Any]:
        names: dict[int, Any] = {}
        for line in self.sudo().exists():
            parts = []
            if line.move_name and line.move_name != "/":
                parts.append(line.move_name)
            if line.ref and line.ref != "/":
                parts.append(f"({line.ref})")
            text = line.name or line.product_id.display_name
            if text and text not in {line.move_name, "/"}:
                parts.append(text)
            names[line.id] = " ".join(parts)
        return names

    def _compute_account_type(self) -> dict[int, Any]:
        return {one.id: one.sudo().account_id.account_type for one in self}

    def _compute_currency_rate(self) -> dict[int, Any]:
        return {one.id: rate_of(one.sudo().move_id) for one in self}
