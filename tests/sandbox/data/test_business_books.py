"""Invoices and payments: totals, taxes, currencies, posting, refunds, and what each version refuses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import UserError, ValidationError
from towpath.sandbox.odoo_server.models.taxes import line_total


@pytest.fixture
def customer(bare: Env) -> Any:
    return bare["res.partner"].create({"name": "Kelpmere Maltings"})


def invoice(env: Env, partner: Any, *prices: float, **values: Any) -> Any:
    lines = [
        (0, 0, {"name": f"Line {n}", "quantity": 1, "price_unit": price}) for n, price in enumerate(prices)
    ]
    return env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": "2026-03-02",
            "invoice_line_ids": lines,
            **values,
        }
    )


def open_lines(move: Any) -> Any:
    return move.line_ids.filtered(lambda one: one.display_type == "payment_term")


def pay(env: Env, move: Any, **values: Any) -> Any:
    context = {"active_model": "account.move", "active_ids": list(move.ids)}
    wizard = (
        env["account.payment.register"]
        .with_context(**context)
        .create({"payment_date": "2026-03-10", **values})
    )
    return env["account.payment"].browse(wizard.action_create_payments()["res_id"])


def test_taxes_and_the_receivable_follow_from_the_lines(bare: Env, customer: Any) -> None:
    move = invoice(bare, customer, 100.0, 50.0)
    assert (move.amount_untaxed, move.amount_tax, move.amount_total) == (150.0, 22.5, 172.5)
    taxes = move.line_ids.filtered(lambda one: one.display_type == "tax")
    assert [one.balance for one in taxes] == [-22.5]
    assert [one.balance for one in open_lines(move)] == [172.5]
    assert sum(one.balance for one in move.line_ids) == 0
    assert len(move.invoice_line_ids) == 2


def test_changing_a_line_changes_everything_that_follows(bare: Env, customer: Any) -> None:
    move = invoice(bare, customer, 100.0)
    move.invoice_line_ids.write({"price_unit": 10.0, "tax_ids": [(6, 0, [])]})
    assert (move.amount_untaxed, move.amount_tax, move.amount_residual) == (10.0, 0.0, 10.0)
    assert not move.line_ids.filtered(lambda one: one.display_type == "tax")


def test_amounts_in_another_currency_are_converted_line_by_line(bare: Env, customer: Any) -> None:
    euro = bare.ref("base.EUR")
    bare["res.currency.rate"].create({"currency_id": euro.id, "name": "2026-01-01", "rate": 0.8})
    move = invoice(bare, customer, 100.0, currency_id=euro.id)
    assert (move.amount_total, move.amount_total_signed, move.amount_residual_signed) == (
        115.0,
        143.75,
        143.75,
    )
    assert sum(one.balance for one in move.line_ids) == pytest.approx(0)


def test_posting_numbers_invoices_in_order_and_dates_them(bare: Env, customer: Any) -> None:
    first, second = invoice(bare, customer, 1.0), invoice(bare, customer, 2.0)
    (first | second).action_post()
    assert int(second.name.rsplit("/")[-1]) == int(first.name.rsplit("/")[-1]) + 1
    assert first.state == second.state == "posted"
    assert open_lines(first).name == first.payment_reference == first.name
    undated = invoice(bare, customer, 3.0, invoice_date=False)
    undated.action_post()
    assert undated.invoice_date == bare.now.date()


def test_a_payment_term_says_when_what_is_due(bare: Env, customer: Any) -> None:
    term = bare.ref("account.account_payment_term_30days")
    move = invoice(bare, customer, 100.0, invoice_payment_term_id=term.id)
    assert move.invoice_date_due.isoformat() == "2026-04-01"
    half = bare["account.payment.term"].create(
        {
            "name": "Half and half",
            "line_ids": [
                (0, 0, {"value": "percent", "value_amount": 50.0, "nb_days": 0, "delay_type": "days_after"}),
                (0, 0, {"value": "percent", "value_amount": 50.0, "nb_days": 10, "delay_type": "days_after"}),
            ],
        }
    )
    move = invoice(bare, customer, 100.0, invoice_payment_term_id=half.id)
    assert [one.balance for one in open_lines(move).sorted("date_maturity")] == [57.5, 57.5]


@pytest.mark.feature("S2.29")
def test_partial_and_full_payment(bare: Env, customer: Any) -> None:
    move = invoice(bare, customer, 100.0)
    move.action_post()
    first = pay(bare, move, amount=50.0)
    assert (move.payment_state, move.amount_residual) == ("partial", 65.0)
    second = pay(bare, move)
    assert (move.payment_state, move.amount_residual, second.amount) == ("paid", 0.0, 65.0)
    assert first.reconciled_invoice_ids == move
    assert first.is_reconciled
    assert {first.state, second.state} == {"paid" if bare.is19 else "posted"}
    assert first.name.startswith("PBNK1/2026/")
    assert open_lines(move).matching_number == str(open_lines(move).full_reconcile_id.id)
    with pytest.raises(UserError, match="nothing left to pay"):
        pay(bare, move)


def test_back_to_draft_lets_the_payment_go(bare: Env, customer: Any) -> None:
    move = invoice(bare, customer, 100.0)
    move.action_post()
    payment = pay(bare, move)
    move.button_draft()
    assert (move.payment_state, move.amount_residual, move.state) == ("not_paid", 115.0, "draft")
    assert not payment.reconciled_invoice_ids


def test_bills_are_paid_outbound(bare: Env, customer: Any) -> None:
    bill = invoice(bare, customer, 200.0, move_type="in_invoice")
    assert (bill.amount_total, bill.amount_total_signed) == (230.0, -230.0)
    bill.action_post()
    payment = pay(bare, bill)
    assert (payment.payment_type, payment.partner_type, bill.payment_state) == (
        "outbound",
        "supplier",
        "paid",
    )
    assert payment.amount_signed == -230.0


def test_a_refund_reverses_an_invoice(bare: Env, customer: Any) -> None:
    move = invoice(bare, customer, 100.0)
    move.action_post()
    context = {"active_model": "account.move", "active_ids": list(move.ids)}
    wizard = bare["account.move.reversal"].with_context(**context).create({"reason": "wet cargo"})
    refund = bare["account.move"].browse(
        (wizard.refund_moves() if bare.is19 else wizard.reverse_moves())["res_id"]
    )
    assert (refund.move_type, refund.amount_total, refund.state) == ("out_refund", 115.0, "draft")
    assert refund.reversed_entry_id == move
    assert refund.amount_total_signed == -115.0
    assert "wet cargo" in refund.ref


def test_posted_invoices_are_protected_as_the_version_does(bare: Env, customer: Any) -> None:
    move = invoice(bare, customer, 100.0)
    move.action_post()
    if bare.is19:
        with pytest.raises(UserError, match="readonly fields on a posted move: partner_id"):
            move.write({"partner_id": False})
    else:
        assert move.write({"invoice_date": "2026-03-03"})
    with pytest.raises(UserError, match="play games"):
        move.unlink()
    with pytest.raises(UserError, match="must be in draft"):
        move.action_post()
    later = invoice(bare, customer, 1.0)
    later.action_post()
    move.button_draft()
    with pytest.raises(UserError, match="not the last one in the chain"):
        move.unlink()


def test_what_can_not_be_posted(bare: Env, customer: Any) -> None:
    nothing = bare["account.move"].create({"move_type": "out_invoice", "partner_id": customer.id})
    with pytest.raises(UserError, match="magicians" if bare.is19 else "add a line"):
        nothing.action_post()
    with pytest.raises(UserError, match="negative total"):
        invoice(bare, customer, -5.0).action_post()
    bill = invoice(bare, customer, 5.0, move_type="in_invoice", invoice_date=False)
    with pytest.raises(UserError, match="Bill/Refund date is required"):
        bill.action_post()


def test_entries_must_balance_and_name_accounts(bare: Env) -> None:
    income, bank = bare.ref("account.1_income"), bare.ref("account.1_bank")
    entry = bare["account.move"].create(
        {
            "line_ids": [
                (0, 0, {"account_id": bank.id, "debit": 10.0}),
                (0, 0, {"account_id": income.id, "credit": 10.0}),
            ]
        }
    )
    assert [one.balance for one in entry.line_ids.sorted("id")] == [10.0, -10.0]
    entry.action_post()
    assert entry.name.startswith("MISC/")
    with pytest.raises(UserError, match="is not balanced"):
        bare["account.move"].create({"line_ids": [(0, 0, {"account_id": bank.id, "debit": 10.0})]})
    with pytest.raises(KeyError, match="move_id"):
        bare["account.move.line"].create({"name": "lost"})


def test_an_entry_without_account_is_refused(bare: Env) -> None:
    with pytest.raises(ValidationError, match="Missing required account on accountable line"):
        bare["account.move"].create({"line_ids": [(0, 0, {"name": "x", "debit": 10.0})]})


def test_account_codes_are_unique_in_a_company(bare: Env) -> None:
    values = {"name": "Twice", "code": "400000", "account_type": "income"}
    with pytest.raises(ValidationError, match=r"400000|unique"):
        bare["account.account"].create(values)
    made = bare["account.account"].create(values | {"code": "400001"})
    assert made.display_name == "400001 Twice"
    assert made.copy().code == "400002"


class Tax:
    """A tax as `line_total` sees it."""

    def __init__(self, percent: float, *, inside: bool) -> None:
        self.id, self.sequence, self.amount, self.amount_type = 1, 1, percent, "percent"
        self.price_include, self.include_base_amount = inside, False
        self.env = type("Version", (), {"is19": False})


class Taxes(list[Tax]):
    def sudo(self) -> "Taxes":
        return self


@given(
    price=st.decimals("0.01", "9999.99", places=2),
    quantity=st.integers(1, 500),
    percent=st.sampled_from([0.0, 5.5, 15.0, 21.0]),
)
def test_tax_is_never_lost_whether_in_the_price_or_on_top(price: Any, quantity: int, percent: float) -> None:
    gross = round(float(price) * quantity, 2)
    inside = line_total(Taxes([Tax(percent, inside=True)]), float(price), quantity)
    assert inside.total == pytest.approx(gross, abs=0.005)
    on_top = line_total(Taxes([Tax(percent, inside=False)]), float(price), quantity)
    assert on_top.untaxed == pytest.approx(gross, abs=0.005)
    for found in (inside, on_top):
        assert found.total == pytest.approx(
            found.untaxed + sum(value for _tax, value in found.taxes), abs=0.001
        )
