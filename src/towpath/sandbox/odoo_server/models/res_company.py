# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Companies: each has a partner, and its maker may work for it."""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, model, returns

PARTNER = ("street", "street2", "zip", "city", "state_id", "country_id", "vat", "website", "company_registry")
SETTINGS = {
    "fiscalyear_last_day": 31,
    "fiscalyear_last_month": "12",
    "layout_background": "Blank",
    "po_lead": 0.0,
    "security_lead": 0.0,
    "horizon_days": 365.0,
    "inventory_period": "manual",
    "cost_method": "standard",
    "account_price_include": "tax_excluded",
    "po_lock": "edit",
    "po_double_validation": "one_step",
    "tax_calculation_rounding_method": "round_per_line",
    "account_opening_date": "2026-01-01",
    "terms_type": "plain",
    "quotation_validity_days": 30,
}


class ResCompany(Records, model="res.company"):
    """A company of the database."""

    _odoo_class = "ResCompany"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make companies; a partner is made first, so its rights are asked first."""
        rows = vals_rows(vals_list)
        prepared = []
        for vals in rows:
            one = dict(vals)
            for name, value in SETTINGS.items():
                if name in self._model.fields:
                    one.setdefault(name, value)
            if not one.get("partner_id"):
                fields = {name: one[name] for name in (*PARTNER, "email", "phone") if one.get(name)}
                partner = self.env["res.partner"].create(
                    {"name": one.get("name"), "is_company": True, **fields}
                )
                one["partner_id"] = partner.id
            one = {name: value for name, value in one.items() if name not in PARTNER}
            above = self.env.sudo()["res.company"].browse(one.get("parent_id") or ())
            if not one.get("currency_id"):
                one["currency_id"] = (above or self.env.company).currency_id.id
            prepared.append(one)
        companies = super().create(prepared)
        if companies and self.env.uid:
            self.env.user.write({"company_ids": [(4, one) for one in companies.ids]})
        self.env.forget()
        return companies

    def write(self, vals: Any) -> bool:
        """Change companies; a branch stays where it is."""
        moved = hasattr(vals, "get") and "parent_id" in vals
        if moved and any(one.parent_id.id != (vals["parent_id"] or False) for one in self.sudo()):
            raise UserError("The company hierarchy cannot be changed.")
        return super().write(vals)

    def _above(self) -> list[int]:
        """The company and those it is a branch of, the highest first."""
        path = self.parent_path or f"{self.id}/"
        return [int(part) for part in path.split("/") if part]

    def _compute_parent_ids(self) -> dict[int, Any]:
        return {one.id: one._above() for one in self.sudo()}

    def _compute_root_id(self) -> dict[int, Any]:
        return {one.id: one._above()[0] for one in self.sudo()}

    def _of_partner(self, name: str) -> dict[int, Any]:
        """A part of the address, which is the partner's."""
        return {one.id: one.partner_id[name] for one in self.sudo()}

    def _to_partner(self, name: str, value: Any) -> None:
        self.sudo().mapped("partner_id").write({name: value})

    def _compute_street(self) -> dict[int, Any]:
        return self._of_partner("street")

    def _compute_street2(self) -> dict[int, Any]:
        return self._of_partner("street2")

    def _compute_zip(self) -> dict[int, Any]:
        return self._of_partner("zip")

    def _compute_city(self) -> dict[int, Any]:
        return self._of_partner("city")

    def _compute_state_id(self) -> dict[int, Any]:
        return self._of_partner("state_id")

    def _compute_country_id(self) -> dict[int, Any]:
        return self._of_partner("country_id")

    def _inverse_street(self, value: Any) -> None:
        self._to_partner("street", value)

    def _inverse_street2(self, value: Any) -> None:
        self._to_partner("street2", value)

    def _inverse_zip(self, value: Any) -> None:
        self._to_partner("zip", value)

    def _inverse_city(self, value: Any) -> None:
        self._to_partner("city", value)

    def _inverse_state_id(self, value: Any) -> None:
        self._to_partner("state_id", value)

    def _inverse_country_id(self, value: Any) -> None:
        self._to_partner("country_id", value)

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        passed = changed & {"name", "email", "phone"}
        for company in self.sudo():
            partner = company.partner_id
            new = {
                name: company[name]
                for name in passed
                if name in self._model.fields and partner[name] != company[name]
            }
            new = {name: value for name, value in new.items() if value}
            if partner and new:
                partner.write(new)
