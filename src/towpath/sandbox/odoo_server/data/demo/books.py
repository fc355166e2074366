"""Invoices, bills, refunds and payments of the demo: every entry balances, every residual adds up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.data.demo import words
from towpath.sandbox.odoo_server.data.demo.goods import lines_of
from towpath.sandbox.odoo_server.data.demo.payments import Item, pay, reverse
from towpath.sandbox.odoo_server.data.demo.scene import money

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.data.demo.scene import Firm, Scene

__all__ = ["INVOICES", "add_books"]

INVOICES = 1200
KINDS = ("out_invoice", "in_invoice", "out_refund", "in_refund")
PREFIX = {
    "out_invoice": "INV/{y}/",
    "out_refund": "RINV/{y}/",
    "in_invoice": "BILL/{y}/{m}/",
    "in_refund": "RBILL/{y}/{m}/",
}


@dataclass(slots=True, kw_only=True)
class Books:
    """Numbers given out so far, and refunds waiting for the invoice they reverse."""

    counters: dict[str, int]
    refunds: list[tuple[Firm, Item]]
    settled: list[Item]


def add_books(scene: Scene) -> None:
    """Add 1,200 invoices in three currencies, then the payments of most of the posted ones."""
    books = Books(counters={}, refunds=[], settled=[])
    open_items: list[tuple[Firm, Item]] = []
    for created in scene.moments(INVOICES):
        firm = scene.firms[1] if scene.dice.random() < 0.22 else scene.firms[0]
        kind = scene.dice.choices(KINDS, (60, 28, 8, 4))[0]
        item = add_invoice(scene, books, firm, kind, created)
        if item is not None:
            open_items.append((firm, item))
    settle(scene, books, open_items)


def settle(scene: Scene, books: Books, items: list[tuple[Firm, Item]]) -> None:
    """Pay most items, wholly or in part; let some refunds reverse an invoice of the same kind of partner."""
    for firm, item in items:
        luck = scene.dice.random()
        if item.kind.endswith("refund"):
            if luck < 0.5:
                books.refunds.append((firm, item))
        elif luck < 0.5:
            pay(scene, books.counters, firm, [item], share=Decimal(1))
        elif luck < 0.6:
            pay(scene, books.counters, firm, [item], share=Decimal("0.4"))
        else:
            books.settled.append(item)
    for firm, refund in books.refunds:
        other = next(
            (
                one
                for one in books.settled
                if one.firm == firm.id
                and one.kind[:2] == refund.kind[:2]
                and one.currency == refund.currency
                and one.total > refund.total
            ),
            None,
        )
        if other is not None:
            books.settled.remove(other)
            reverse(scene, firm, other, refund)


def number(counters: dict[str, int], firm: Firm, kind: str, day: date) -> tuple[str, str, int]:
    """The next name in the journal: (name, prefix, number)."""
    prefix = PREFIX[kind].format(y=day.year, m=f"{day.month:02d}")
    key = f"{firm.id}:{prefix}"
    counters[key] = counters.get(key, 0) + 1
    width = 5 if kind.startswith("out") else 4
    return f"{prefix}{counters[key]:0{width}d}", prefix, counters[key]


def add_invoice(scene: Scene, books: Books, firm: Firm, kind: str, created: datetime) -> Item | None:
    """Add one document with its lines; its open item when it was posted."""
    dice, batch = scene.dice, scene.batch
    sale, refund = kind.startswith("out"), kind.endswith("refund")
    currency = dice.choices(list(scene.rates), (60, 25, 15))[0] if dice.random() < 0.6 else firm.currency
    state = dice.choices(("posted", "draft", "cancel"), (82, 12, 6))[0]
    partner = dice.choice(scene.customers if sale else scene.vendors)
    day = created.date()
    due = day + timedelta(days=30)
    lines = lines_of(scene, dice.randint(1, 5), cost=not sale)
    untaxed, tax = sum((x["subtotal"] for x in lines), Decimal(0)), sum((x["tax"] for x in lines), Decimal(0))
    total = untaxed + tax
    sign = (1 if sale else -1) * (-1 if refund else 1)
    rate = scene.rates[currency] / scene.rates[firm.currency]
    name: str | None = None if scene.is19 else "/"
    prefix, place = None, 0
    if state == "posted":
        name, prefix, place = number(books.counters, firm, kind, day)
    stamps = scene.stamps(created)
    move = batch.next_id("account.move")
    journal = firm.journals["sale" if sale else "purchase"]
    header: dict[str, Any] = {
        "move_id": move, "move_name": name, "parent_state": state, "journal_id": journal, "company_id": firm.id,
        "company_currency_id": firm.currency, "currency_id": currency, "partner_id": partner, "date": day, "invoice_date": day,
        **stamps,
    }  # fmt: skip
    balances = Decimal(0)
    for line in lines:
        balance = money(-sign * line["subtotal"] / rate)
        balances += balance
        add_line(
            scene, header, account_id=firm.accounts["income" if sale else "expense"], name=line["product"]["name"], balance=balance,
            amount_currency=-sign * line["subtotal"], display_type="product", sequence=100, product_id=line["product"]["id"],
            product_uom_id="uom.product_uom_unit", quantity=float(line["quantity"]), price_unit=float(line["price"]),
            discount=float(line["discount"]), price_subtotal=line["subtotal"], price_total=line["subtotal"] + line["tax"],
            tax_ids=[firm.sale_tax if sale else firm.purchase_tax],
        )  # fmt: skip
    balance = money(-sign * tax / rate)
    balances += balance
    add_line(
        scene, header, account_id=firm.accounts["tax_received" if sale else "tax_paid"], name="15%", balance=balance,
        amount_currency=-sign * tax, display_type="tax", sequence=100, tax_line_id=firm.sale_tax if sale else firm.purchase_tax,
        tax_group_id=firm.tax_group, tax_base_amount=money(-sign * untaxed / rate), quantity=0.0, price_unit=0.0,
        tax_repartition_line_id=tax_line(firm, sale=sale, refund=refund), price_subtotal=0, price_total=0, discount=0.0,
    )  # fmt: skip
    open_line = add_line(
        scene, header, account_id=firm.accounts["receivable" if sale else "payable"], name=name if state == "posted" else None,
        balance=-balances, amount_currency=sign * total, display_type="payment_term", sequence=100, date_maturity=due,
        amount_residual=-balances, amount_residual_currency=sign * total, reconciled=False, quantity=0.0, price_unit=0.0, discount=0.0,
        price_subtotal=0, price_total=0,
    )  # fmt: skip
    company_total = -balances * sign
    batch.add(
        "account.move", f"towpath_demo.move_{move}", name=name, state=state, move_type=kind, journal_id=journal, company_id=firm.id,
        currency_id=currency, partner_id=partner, commercial_partner_id=partner, partner_shipping_id=partner, date=day,
        invoice_date=day, invoice_date_due=due, invoice_payment_term_id=firm.term, invoice_user_id=dice.choice(scene.users),
        team_id="sales_team.team_sales_department" if sale else None, amount_untaxed=untaxed, amount_tax=tax, amount_total=total,
        amount_residual=total, amount_untaxed_signed=sign * money(untaxed / rate), amount_tax_signed=sign * money(tax / rate),
        amount_total_signed=sign * company_total, amount_total_in_currency_signed=sign * total,
        amount_residual_signed=sign * company_total, payment_state="not_paid", payment_reference=name if state == "posted" and sale else None,
        invoice_partner_display_name=scene.partner_names.get(partner), posted_before=state == "posted", auto_post="no",
        sequence_prefix=prefix, sequence_number=place, always_tax_exigible=False, is_move_sent=False, is_storno=False, to_check=False,
        invoice_currency_rate=float(rate), ref=f"{scene.pick(words.WATERS)} {dice.randint(1, 400)}" if not sale or dice.random() < 0.3 else None,
        invoice_origin=f"S{dice.randint(1, 240):05d}" if sale and dice.random() < 0.3 else None,
        narration=f"<p>{scene.pick(words.REMARKS)}</p>" if dice.random() < 0.2 else None, **stamps,
    )  # fmt: skip
    if state != "posted":
        return None
    return Item(
        firm=firm.id, kind=kind, move=move, line=open_line, partner=partner, currency=currency, day=day, name=name or "",
        total=total, balance=company_total, journal=journal, created=created,
    )  # fmt: skip


def tax_line(firm: Firm, *, sale: bool, refund: bool) -> int:
    """The repartition line a tax amount is booked by."""
    if sale:
        return firm.sale_refund_line if refund else firm.sale_tax_line
    return firm.purchase_refund_line if refund else firm.purchase_tax_line


def add_line(scene: Scene, header: dict[str, Any], **values: Any) -> int:
    """Add a journal item: header values, then its own; debit and credit follow from the balance."""
    balance = values["balance"]
    row = {
        "debit": max(balance, Decimal(0)), "credit": max(-balance, Decimal(0)), "amount_residual": Decimal(0),
        "amount_residual_currency": Decimal(0), "reconciled": False, "blocked": False, "is_downpayment": False,
        "tax_tag_invert": False, **header, **values,
    }  # fmt: skip
    return scene.batch.add("account.move.line", **row)
