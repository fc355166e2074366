"""Payments of the demo's invoices and what reconciles with what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.data.demo.scene import CLOSE, money

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.data.demo.scene import Firm, Scene

__all__ = ["Item", "pay", "reverse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A posted document that is to be paid: `total` in its currency, `balance` in the company's, both positive."""

    firm: int
    kind: str
    move: int
    line: int
    partner: int
    currency: int
    day: date
    name: str
    total: Decimal
    balance: Decimal
    journal: int
    created: datetime

    @property
    def receivable(self) -> bool:
        """Whether the open line is a debit on the receivable or the debit of a refunded bill."""
        return self.kind in {"out_invoice", "in_refund"}


def row_of(scene: Scene, model: str, record: int) -> dict[str, Any]:
    """The waiting row of a record."""
    rows = scene.batch.rows(model)
    found: dict[str, Any] = rows[record - rows[0]["id"]]
    return found


def pay(scene: Scene, counters: dict[str, int], firm: Firm, items: list[Item], *, share: Decimal) -> None:
    """Add the payment of some items: all of it, or a share."""
    for item in items:
        amount = item.total if share == 1 else money(item.total * share)
        balance = item.balance if share == 1 else money(item.balance * amount / item.total)
        created = min(item.created + timedelta(days=scene.dice.uniform(1, 45)), CLOSE)
        line = add_payment(scene, counters, firm, item, amount, balance, created)
        match(scene, firm, item, line, amount, balance, created)


def add_payment(
    scene: Scene,
    counters: dict[str, int],
    firm: Firm,
    item: Item,
    amount: Decimal,
    balance: Decimal,
    created: datetime,
) -> int:
    """Add a payment, its entry and its two journal items; the id of the item that settles the invoice."""
    batch, inbound, sale = scene.batch, item.receivable, item.kind.startswith("out")
    key = f"{firm.id}:PBNK1/{created.year}/"
    counters[key] = counters.get(key, 0) + 1
    name = f"PBNK1/{created.year}/{counters[key]:05d}"
    stamps = scene.stamps(created)
    move, payment = batch.next_id("account.move"), batch.next_id("account.payment")
    settled = firm.accounts["receivable" if sale else "payable"]
    outstanding = firm.accounts["outstanding_in" if inbound else "outstanding_out"]
    sign = 1 if inbound else -1
    header: dict[str, Any] = {
        "move_id": move, "move_name": name, "parent_state": "posted", "journal_id": firm.journals["bank"], "company_id": firm.id,
        "company_currency_id": firm.currency, "currency_id": item.currency, "partner_id": item.partner, "date": created.date(),
        "name": item.name, "sequence": 10, "quantity": 0.0, "price_unit": 0.0, "discount": 0.0, "payment_id": payment,
        "display_type": "product", "blocked": False, **stamps,
    }  # fmt: skip
    lines = []
    for account, direction in ((outstanding, sign), (settled, -sign)):
        value = direction * balance
        lines.append(
            batch.add(
                "account.move.line", account_id=account, balance=value, debit=max(value, Decimal(0)),
                credit=max(-value, Decimal(0)), amount_currency=direction * amount, reconciled=account == settled,
                amount_residual=Decimal(0) if account == settled else value, date_maturity=created.date(),
                amount_residual_currency=Decimal(0) if account == settled else direction * amount, **header,
            )
        )  # fmt: skip
    batch.add(
        "account.move", name=name, state="posted", move_type="entry", journal_id=firm.journals["bank"], company_id=firm.id,
        currency_id=item.currency, partner_id=item.partner, commercial_partner_id=item.partner, date=created.date(),
        amount_untaxed=Decimal(0), amount_tax=Decimal(0), amount_total=amount, amount_residual=Decimal(0),
        amount_total_signed=balance, amount_total_in_currency_signed=amount, amount_residual_signed=Decimal(0),
        payment_state="not_paid", posted_before=True, auto_post="no", sequence_prefix=f"PBNK1/{created.year}/",
        sequence_number=counters[key], payment_id=payment, origin_payment_id=payment, ref=item.name, always_tax_exigible=True, **stamps,
    )  # fmt: skip
    batch.add(
        "account.payment", f"towpath_demo.payment_{payment}", name=name, move_id=move, state="paid", date=created.date(), amount=amount,
        amount_company_currency_signed=sign * balance, currency_id=item.currency, partner_id=item.partner, company_id=firm.id,
        journal_id=firm.journals["bank"], payment_type="inbound" if inbound else "outbound",
        partner_type="customer" if sale else "supplier", payment_method_line_id=firm.method_in if inbound else firm.method_out,
        payment_method_id=f"account.account_payment_method_manual_{'in' if inbound else 'out'}", destination_account_id=settled,
        outstanding_account_id=outstanding, is_reconciled=True, is_matched=False, is_sent=False, memo=item.name,
        payment_reference=None, is_internal_transfer=False, invoice_ids=[item.move], **stamps,
    )  # fmt: skip
    return lines[1]


def match(
    scene: Scene, firm: Firm, item: Item, other: int, amount: Decimal, balance: Decimal, created: datetime
) -> None:
    """Reconcile an item's open line with another journal item."""
    batch = scene.batch
    stamps = {"create_date": created, "write_date": created, "create_uid": 2, "write_uid": 2}
    full = batch.add("account.full.reconcile", **stamps) if amount == item.total else None
    debit, credit = (item.line, other) if item.receivable else (other, item.line)
    partial = batch.add(
        "account.partial.reconcile", debit_move_id=debit, credit_move_id=credit, amount=balance, debit_amount_currency=amount,
        credit_amount_currency=amount, debit_currency_id=item.currency, credit_currency_id=item.currency, company_id=firm.id,
        full_reconcile_id=full, max_date=created.date(), **stamps,
    )  # fmt: skip
    sign = 1 if item.receivable else -1
    left, left_company = item.total - amount, item.balance - balance
    line = row_of(scene, "account.move.line", item.line)
    line["amount_residual"], line["amount_residual_currency"] = sign * left_company, sign * left
    line["reconciled"] = not left
    for row in (line, row_of(scene, "account.move.line", other)):
        row["full_reconcile_id"] = full
        row["matching_number"] = str(full) if full else f"P{partial}"
    settle_move(scene, item, left, left_company, "partial" if left else "paid", created)


def settle_move(
    scene: Scene, item: Item, left: Decimal, left_company: Decimal, state: str, moment: datetime
) -> None:
    """Set what is left of a document after a payment or a refund."""
    move = row_of(scene, "account.move", item.move)
    move["amount_residual"] = left
    move["amount_residual_signed"] = (1 if item.receivable else -1) * left_company
    move["payment_state"] = state
    move["write_date"] = max(moment, move["write_date"])


def reverse(scene: Scene, firm: Firm, item: Item, refund: Item) -> None:
    """Let a refund settle part of an invoice."""
    created = min(max(item.created, refund.created) + timedelta(hours=scene.dice.uniform(1, 48)), CLOSE)
    match(scene, firm, item, refund.line, refund.total, min(refund.balance, item.balance), created)
    row_of(scene, "account.move", refund.move)["reversed_entry_id"] = item.move
    line = row_of(scene, "account.move.line", refund.line)
    line["amount_residual"] = line["amount_residual_currency"] = Decimal(0)
    line["reconciled"] = True
    settle_move(scene, refund, Decimal(0), Decimal(0), "paid", created)
