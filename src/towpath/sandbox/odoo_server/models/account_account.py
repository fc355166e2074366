# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Accounts, journals and taxes: codes per company (19.0), names, groups of accounts."""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import ValidationError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, model, returns

GROUPS = {
    "asset": "asset",
    "liability": "liability",
    "equity": "equity",
    "income": "income",
    "expense": "expense",
    "off": "off",
}


class AccountAccount(Records, model="account.account"):
    """An account of the chart."""

    _odoo_class = "AccountAccount"

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make accounts of the caller's company."""
        rows = []
        for vals in vals_rows(vals_list):
            one = dict(vals)
            if self.env.is19:
                one.setdefault("company_ids", [(6, 0, [self.env.company_id])])
                if "code" in one:
                    one["code_store"] = one.pop("code")
            else:
                one.setdefault(
                    "include_initial_balance",
                    str(one.get("account_type", "")).startswith(("asset", "liab", "equity")),
                )
                one.setdefault(
                    "internal_group",
                    GROUPS.get(str(one.get("account_type", "")).split("_", maxsplit=1)[0], "asset"),
                )
            one.setdefault("reconcile", one.get("account_type") in {"asset_receivable", "liability_payable"})
            rows.append(one)
        accounts = super().create(rows)
        accounts._check_codes()
        return accounts

    def write(self, vals: Any) -> bool:
        """Change accounts."""
        if hasattr(vals, "get") and self.env.is19 and "code" in vals:
            vals = {**vals, "code_store": vals["code"]}
            del vals["code"]
        done = super().write(vals)
        if "code" in vals or "code_store" in vals:
            self._check_codes()
        return done

    def _check_codes(self) -> None:
        """Refuse a code that another account of the company has."""
        for account in self:
            code = account.code
            if not code:
                continue
            if self.env.is19:
                twins = self.sudo().search([("code_store", "=", code), ("id", "!=", account.id)], limit=1)
                twins = twins.filtered(lambda one, own=account: one.company_ids & own.company_ids)
                if twins:
                    raise ValidationError(
                        f"Account codes must be unique. You can't create accounts with these duplicate codes: {code}"
                    )
            else:
                domain = [
                    ("code", "=", code),
                    ("company_id", "=", account.company_id.id),
                    ("id", "!=", account.id),
                ]
                if self.sudo().search(domain, limit=1):
                    raise ValidationError(
                        "The operation cannot be completed: The code of the account must be unique per company!"
                    )

    def _compute_code(self) -> dict[int, Any]:
        return {one.id: one.code_store for one in self}

    def _search_code(self, operator: str, value: Any) -> list[Any]:
        return [("code_store", operator, value)]

    def _compute_internal_group(self) -> dict[int, Any]:
        return {
            one.id: GROUPS.get((one.account_type or "asset").split("_", maxsplit=1)[0], "asset")
            for one in self
        }

    def _search_internal_group(self, operator: str, value: Any) -> list[Any]:
        wanted = value if isinstance(value, list | tuple) else [value]
        types = [
            key
            for key in self._model.fields["account_type"].selection or ()
            if key.split("_", maxsplit=1)[0] in wanted
        ]
        return [("account_type", "in" if operator in {"=", "in"} else "not in", types)]

    def _compute_company_currency_id(self) -> dict[int, Any]:
        return dict.fromkeys(self.ids, self.env.company.currency_id)

    def _compute_current_balance(self) -> dict[int, Any]:
        rows = self.env.cr.execute(
            "SELECT account_id, sum(balance) FROM account_move_line WHERE account_id = ANY(%s) AND parent_state = 'posted' GROUP BY 1",
            [list(self.ids)],
        )
        return {one: float(value) for one, value in rows.fetchall()}

    def _display_names(self) -> dict[int, Any]:
        return {
            one.id: f"{one.code} {one.name}" if one.code else one.name or "" for one in self.sudo().exists()
        }

    def _search_display_name(self, operator: str, value: Any) -> list[Any]:
        code = "code_store" if self.env.is19 else "code"
        if operator in {"not ilike", "not like", "!=", "not in"}:
            return [(code, operator, value), ("name", operator, value)]
        start = "=like" if operator in {"ilike", "like"} and isinstance(value, str) and value else operator
        return [
            "|",
            (code, start, f"{value.split(' ')[0]}%" if start == "=like" else value),
            ("name", operator, value),
        ]


class AccountJournal(Records, model="account.journal"):
    """A journal."""

    def _display_names(self) -> dict[int, Any]:
        found = {}
        for one in self.sudo().exists():
            foreign = one.currency_id and one.currency_id != one.company_id.currency_id
            found[one.id] = f"{one.name} ({one.currency_id.name})" if foreign else one.name or ""
        return found

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make journals; the code follows from the type unless given."""
        rows = []
        for vals in vals_rows(vals_list):
            one = dict(vals)
            kind = one.get("type")
            if not one.get("code") and kind:
                stem = {
                    "sale": "INV",
                    "purchase": "BILL",
                    "bank": "BNK",
                    "cash": "CSH",
                    "general": "MISC",
                }.get(kind, "J")
                taken = set(self.sudo().search([]).mapped("code"))
                one["code"] = next(f"{stem}{n}" for n in range(1, 1000) if f"{stem}{n}" not in taken)
            one.setdefault("refund_sequence", kind in {"sale", "purchase"})
            one.setdefault("payment_sequence", kind in {"bank", "cash"})
            rows.append(one)
        journals = super().create(rows)
        methods = self.env.sudo()["account.payment.method"].search([("code", "=", "manual")])
        for journal in journals.filtered(lambda one: one.type in {"bank", "cash"}):
            self.env.sudo()["account.payment.method.line"].create(
                [
                    {"name": one.name, "payment_method_id": one.id, "journal_id": journal.id, "sequence": 10}
                    for one in methods
                ]
            )
        return journals

    def _method_lines(self, way: str) -> dict[int, Any]:
        found = self.env.sudo()["account.payment.method.line"].search(
            [("journal_id", "in", list(self.ids))], order="sequence, id"
        )
        return {
            one.id: found.filtered(
                lambda x, own=one: x.journal_id == own and x.payment_method_id.payment_type == way
            )
            for one in self
        }

    def _compute_inbound_payment_method_line_ids(self) -> dict[int, Any]:
        return self._method_lines("inbound")

    def _compute_outbound_payment_method_line_ids(self) -> dict[int, Any]:
        return self._method_lines("outbound")


class AccountTax(Records, model="account.tax"):
    """A tax."""

    _field_overrides = {  # noqa: RUF012 - a declaration read by the registry
        "invoice_repartition_line_ids": {"domain": [["document_type", "=", "invoice"]]},
        "refund_repartition_line_ids": {"domain": [["document_type", "=", "refund"]]},
    }

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make taxes with the usual repartition: all of the base, all of the tax."""
        rows = []
        for vals in vals_rows(vals_list):
            one = dict(vals)
            company = self.env.company.sudo()
            one.setdefault(
                "country_id",
                company.account_fiscal_country_id.id or company.country_id.id or self.env.ref("base.us").id,
            )
            if not one.get("tax_group_id"):
                one["tax_group_id"] = self.env.sudo()["account.tax.group"].search([], limit=1).id
            for side in ("invoice", "refund"):
                name = f"{side}_repartition_line_ids"
                if not one.get(name):
                    one[name] = [
                        (
                            0,
                            0,
                            {
                                "document_type": side,
                                "repartition_type": kind,
                                "factor_percent": 100.0,
                                "sequence": place,
                            },
                        )
                        for place, kind in enumerate(("base", "tax"), 1)
                    ]
            rows.append(one)
        return super().create(rows)

    def _compute_price_include(self) -> dict[int, Any]:
        from towpath.sandbox.odoo_server.models.taxes import included

        return {one.id: included(one) for one in self.sudo()}
