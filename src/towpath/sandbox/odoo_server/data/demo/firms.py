"""The two companies of the demo, each with accounts, journals and taxes, and the rates of three currencies."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.data.demo.scene import OPEN, Firm
from towpath.sandbox.odoo_server.data.essentials import company_defaults

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.data.demo.scene import Scene

__all__ = ["add_firms"]

NAMES = ("Ninefold Barge & Canal Trading", "Ninefold Lockside Services")
ACCOUNTS = (
    # role, code, name, type, reconcile, internal group, initial balance
    ("receivable", "121000", "Account Receivable", "asset_receivable", True, "asset", True),
    ("payable", "211000", "Account Payable", "liability_payable", True, "liability", True),
    ("income", "400000", "Carriage and Sales", "income", False, "income", False),
    ("expense", "600000", "Expenses", "expense", False, "expense", False),
    ("bank", "101401", "Bank", "asset_cash", False, "asset", True),
    ("outstanding_in", "101403", "Outstanding Receipts", "asset_current", True, "asset", True),
    ("outstanding_out", "101404", "Outstanding Payments", "asset_current", True, "asset", True),
    ("tax_received", "251000", "Tax Received", "liability_current", False, "liability", True),
    ("tax_paid", "131000", "Tax Paid", "asset_current", False, "asset", True),
)
JOURNALS = (
    ("sale", "Customer Invoices", "INV", "sale", "income"),
    ("purchase", "Vendor Bills", "BILL", "purchase", "expense"),
    ("bank", "Bank", "BNK1", "bank", "bank"),
    ("general", "Miscellaneous Operations", "MISC", "general", None),
)
FIRST_ACCOUNTS = {
    "receivable": "1_receivable", "payable": "1_payable", "income": "1_income", "expense": "1_expense", "bank": "1_bank",
    "outstanding_in": "1_outstanding_receipts", "outstanding_out": "1_outstanding_payments",
    "tax_received": "1_tax_received", "tax_paid": "1_tax_paid",
}  # fmt: skip
FIRST_JOURNALS = {
    "sale": "1_sale",
    "purchase": "1_purchase",
    "bank": "1_bank_journal",
    "general": "1_general",
}


def add_firms(scene: Scene) -> None:
    """Rename the main company, add the second one, and set the rates."""
    first = rename_first(scene)
    second = add_second(scene)
    scene.firms += [first, second]
    add_rates(scene)


def rename_first(scene: Scene) -> Firm:
    """Give the main company its name, its currency (EUR) and its address."""
    batch, cr = scene.batch, scene.batch.env.cr
    name = NAMES[0]
    euro = batch.ref("base.EUR")
    company, partner = batch.ref("base.main_company"), batch.ref("base.main_partner")
    belgium = batch.ref("base.be")
    cr.execute(
        "UPDATE res_company SET name = %s, currency_id = %s, account_fiscal_country_id = %s, email = %s WHERE id = %s",
        [name, euro, belgium, "office@ninefold.example", company],
    )
    cr.execute(
        "UPDATE res_partner SET name = %s, complete_name = %s, country_id = %s, street = '1 Basin Row', zip = '9810', "
        "city = 'Nethersluys', email = 'office@ninefold.example', email_normalized = 'office@ninefold.example' WHERE id = %s",
        [name, name, belgium, partner],
    )
    cr.execute(
        "UPDATE res_partner SET commercial_company_name = %s, complete_name = CASE WHEN id = %s THEN %s "
        "ELSE %s || ', ' || name END WHERE commercial_partner_id = %s",
        [name, partner, name, name, partner],
    )
    cr.execute("UPDATE stock_warehouse SET name = %s", [name])
    cr.execute("UPDATE res_currency SET active = true WHERE name IN ('EUR', 'USD', 'GBP')")
    cr.execute("UPDATE product_pricelist SET currency_id = %s", [euro])
    cr.execute("UPDATE account_tax SET country_id = %s", [belgium])
    scene.partner_names[partner] = name
    ref = batch.ref
    return Firm(
        id=company,
        partner=partner,
        name=name,
        currency=euro,
        accounts={role: ref(f"account.{xmlid}") for role, xmlid in FIRST_ACCOUNTS.items()},
        journals={role: ref(f"account.{xmlid}") for role, xmlid in FIRST_JOURNALS.items()},
        sale_tax=ref("account.1_sale_tax_template"),
        purchase_tax=ref("account.1_purchase_tax_template"),
        sale_tax_line=ref("account.1_sale_tax_it"),
        purchase_tax_line=ref("account.1_purchase_tax_it"),
        sale_refund_line=ref("account.1_sale_tax_rt"),
        purchase_refund_line=ref("account.1_purchase_tax_rt"),
        tax_group=ref("account.1_tax_group_15"),
        term=ref("account.account_payment_term_30days"),
        method_in=ref("account.1_bank_in"),
        method_out=ref("account.1_bank_out"),
    )


def add_second(scene: Scene) -> Firm:
    """Add the second company with a chart of its own; it keeps its books in pounds."""
    batch = scene.batch
    name, pound, country = NAMES[1], batch.ref("base.GBP"), batch.ref("base.uk")
    partner = batch.next_id("res.partner")
    scene.partner_names[partner] = name
    batch.add(
        "res.partner", "towpath_demo.partner_lockside", name=name, complete_name=name, is_company=True, active=True,
        type="contact", lang="en_US", color=0, commercial_partner_id=partner, commercial_company_name=name, partner_share=False,
        email="office@lockside.example", email_normalized="office@lockside.example", street="7 Lock Street", city="Lockbury",
        zip="ND4 7QX", country_id=country, create_date=OPEN, write_date=OPEN, create_uid=2, write_uid=2, autopost_bills="ask",
    )  # fmt: skip
    company = batch.add(
        "res.company", "towpath_demo.company_lockside", **company_values(scene, name, partner, pound, country)
    )
    batch.link("res.company", "user_ids", company, [2])
    accounts = add_accounts(scene, company)
    journals = add_journals(scene, company, accounts)
    group = batch.add(
        "account.tax.group", name="Tax 15%", sequence=10, company_id=company, country_id=country
    )
    taxes, lines = {}, {}
    for use, role in (("sale", "tax_received"), ("purchase", "tax_paid")):
        taxes[use] = batch.add(
            "account.tax", name="15%", amount=15.0, amount_type="percent", type_tax_use=use, sequence=1, active=True,
            company_id=company, country_id=country, tax_group_id=group, price_include=False, include_base_amount=False,
            is_base_affected=True, tax_exigibility="on_invoice", invoice_label="15%", analytic=False,
        )  # fmt: skip
        for kind in ("invoice", "refund"):
            for place, what in enumerate(("base", "tax"), 1):
                lines[use, kind, what] = batch.add(
                    "account.tax.repartition.line", tax_id=taxes[use], document_type=kind, repartition_type=what,
                    factor_percent=100.0, sequence=place, company_id=company, use_in_tax_closing=what == "tax",
                    account_id=accounts[role] if what == "tax" else None,
                )  # fmt: skip
    company_defaults(
        batch,
        company,
        {
            ("res.partner", "property_account_receivable_id"): accounts["receivable"],
            ("res.partner", "property_account_payable_id"): accounts["payable"],
            ("product.category", "property_account_income_categ_id"): accounts["income"],
            ("product.category", "property_account_expense_categ_id"): accounts["expense"],
        },
    )
    methods = [
        batch.add(
            "account.payment.method.line", name="Manual Payment", sequence=10, journal_id=journals["bank"],
            payment_method_id=f"account.account_payment_method_manual_{way}",
        )
        for way in ("in", "out")
    ]  # fmt: skip
    return Firm(
        id=company, partner=partner, name=name, currency=pound, accounts=accounts, journals=journals,
        sale_tax=taxes["sale"], purchase_tax=taxes["purchase"], sale_tax_line=lines["sale", "invoice", "tax"],
        purchase_tax_line=lines["purchase", "invoice", "tax"], sale_refund_line=lines["sale", "refund", "tax"],
        purchase_refund_line=lines["purchase", "refund", "tax"], tax_group=group,
        term=batch.ref("account.account_payment_term_30days"), method_in=methods[0], method_out=methods[1],
    )  # fmt: skip


def company_values(scene: Scene, name: str, partner: int, currency: int, country: int) -> dict[str, Any]:
    """The second company's settings: those of the first where they are not its own."""
    cursor = scene.batch.env.cr
    model = scene.batch.registry["res.company"]
    plain = [one.name for one in model.fields.values() if one.plain_column and one.name != "id"]
    columns = ", ".join(f'"{one}"' for one in plain)
    row = cursor.execute(f"SELECT {columns} FROM res_company WHERE id = 1").fetchone() or ()
    values = dict(zip(plain, row, strict=False))
    record = scene.batch.next_id("res.company")
    own = {
        "name": name, "partner_id": partner, "currency_id": currency, "account_fiscal_country_id": country, "sequence": 10,
        "parent_path": f"{record}/", "parent_id": None, "create_date": OPEN, "write_date": OPEN, "email": "office@lockside.example",
    }  # fmt: skip
    return {key: value for key, value in values.items() if value is not None} | own


def add_accounts(scene: Scene, company: int) -> dict[str, int]:
    """Add the accounts the demo books on."""
    found = {}
    for role, code, name, kind, reconcile, group, initial in ACCOUNTS:
        found[role] = scene.batch.add(
            "account.account", code=code, code_store={str(company): code}, name=name, account_type=kind, reconcile=reconcile,
            company_id=company, company_ids=[company], active=True, deprecated=False, internal_group=group,
            include_initial_balance=initial, non_trade=False,
        )  # fmt: skip
    return found


def add_journals(scene: Scene, company: int, accounts: dict[str, int]) -> dict[str, int]:
    """Add the journals."""
    found = {}
    for place, (role, name, code, kind, account) in enumerate(JOURNALS, 5):
        found[role] = scene.batch.add(
            "account.journal", name=name, code=code, type=kind, sequence=place, company_id=company, active=True,
            default_account_id=accounts[account] if account else None, invoice_reference_type="invoice",
            invoice_reference_model="odoo", show_on_dashboard=True, refund_sequence=kind in {"sale", "purchase"},
            payment_sequence=kind == "bank", color=0,
        )  # fmt: skip
    return found


def add_rates(scene: Scene) -> None:
    """Set units of each currency for one euro, the same for both companies all year."""
    per_euro = {"base.EUR": Decimal(1), "base.USD": Decimal("1.10"), "base.GBP": Decimal("0.85")}
    scene.rates = {scene.batch.ref(xmlid): rate for xmlid, rate in per_euro.items()}
    for firm in scene.firms:
        for currency, rate in scene.rates.items():
            if currency != firm.currency:
                scene.batch.add(
                    "res.currency.rate", name=date(2025, 1, 1), currency_id=currency, company_id=firm.id,
                    rate=float(rate / scene.rates[firm.currency]),
                )  # fmt: skip
