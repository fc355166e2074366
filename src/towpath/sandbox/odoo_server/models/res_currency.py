# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Currencies and their rates, bank accounts of partners."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, constrains, model, returns


class ResCurrency(Records, model="res.currency"):
    """A currency."""

    _odoo_class = "ResCurrency"

    def _rates(self) -> dict[int, float]:
        """Units of each currency for one of the reference currency, on the day of the context."""
        day = self.env.context.get("date") or self.env.now.date()
        rows = self.env.cr.execute(
            "SELECT DISTINCT ON (currency_id) currency_id, rate FROM res_currency_rate WHERE currency_id = ANY(%s) "
            "AND (company_id = %s OR company_id IS NULL) ORDER BY currency_id, name <= %s DESC, "
            "CASE WHEN name <= %s THEN name END DESC, name",
            [list(self.ids), self.env.company_id, day, day],
        )
        found = {one: float(rate) for one, rate in rows.fetchall()}
        return {one: found.get(one, 1.0) for one in self.ids}

    def _compute_rate(self) -> dict[int, Any]:
        own = self.env.company.currency_id
        base = own._rates().get(own.id, 1.0) if own else 1.0
        return {one: rate / base for one, rate in self._rates().items()}

    def _compute_inverse_rate(self) -> dict[int, Any]:
        return {one: 1 / rate if rate else 0.0 for one, rate in self._compute_rate().items()}

    def _compute_rate_string(self) -> dict[int, Any]:
        own = self.env.company.currency_id.name
        rates = self._compute_rate()
        return {
            one.id: "" if one.name == own else f"1 {own} = {rates[one.id]:.6f} {one.name}" for one in self
        }

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if "rounding" in changed:
            self._store(
                {
                    one.id: {
                        "decimal_places": math.ceil(-math.log10(one.rounding)) if 0 < one.rounding < 1 else 0
                    }
                    for one in self
                }
            )

    def _compute_is_current_company_currency(self) -> dict[int, Any]:
        return {one.id: one == self.env.company.currency_id for one in self}

    def _compute_date(self) -> dict[int, Any]:
        return {one.id: one.rate_ids[:1].name for one in self}

    @constrains("active")
    def _check_company_currency(self) -> None:
        if self.env.context.get("force_deactivate"):
            return
        gone = self.filtered(lambda one: not one.active)
        if gone and self.env.sudo()["res.company"].search_count([("currency_id", "in", list(gone.ids))]):
            raise UserError("This currency is set on a company and therefore cannot be deactivated.")


class ResCurrencyRate(Records, model="res.currency.rate"):
    """How many units of a currency one unit of the reference currency makes, from a day on."""

    _defaults = {  # noqa: RUF012 - a declaration read by the registry
        "name": lambda records: records.env.now.date(),
        "company_id": lambda records: records.env.company_id,
    }

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make rates, of whichever form was given."""
        rows = vals_rows(vals_list)
        return super().create([self._direct(vals) if hasattr(vals, "get") else vals for vals in rows])

    def write(self, vals: Any) -> bool:
        """Change rates, of whichever form was given."""
        return super().write(self._direct(vals) if hasattr(vals, "get") else vals)

    @staticmethod
    def _direct(vals: Mapping[str, Any]) -> dict[str, Any]:
        one = dict(vals)
        inverse, company = one.pop("inverse_company_rate", None), one.pop("company_rate", None)
        if inverse:
            company = 1 / float(inverse)
        if company:
            one["rate"] = float(company)
        return one

    def _compute_company_rate(self) -> dict[int, Any]:
        return {one.id: one.rate or 1.0 for one in self}

    def _compute_inverse_company_rate(self) -> dict[int, Any]:
        return {one.id: 1 / (one.rate or 1.0) for one in self}


class ResPartnerBank(Records, model="res.partner.bank"):
    """A bank account."""

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if "acc_number" in changed:
            self._store(
                {
                    one.id: {
                        "sanitized_acc_number": re.sub(r"\W+", "", one.acc_number or "").upper() or False
                    }
                    for one in self
                }
            )

    def _compute_acc_type(self) -> dict[int, Any]:
        return {one.id: "iban" if is_iban(one.sanitized_acc_number or "") else "bank" for one in self}

    def _display_names(self) -> dict[int, Any]:
        return {
            one.id: f"{one.acc_number} - {one.bank_id.name}" if one.bank_id else one.acc_number
            for one in self.sudo().exists()
        }


def is_iban(text: str) -> bool:
    """Whether a bank account number is a valid IBAN (ISO 13616, remainder 1 by 97)."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", text):
        return False
    digits = "".join(str(int(sign, 36)) for sign in text[4:] + text[:4])
    return int(digits) % 97 == 1
