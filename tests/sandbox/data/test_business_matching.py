"""Journal items matched by hand, and payments offered to open invoices."""

from typing import Any

import pytest

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import UserError

pytestmark = pytest.mark.feature("S2.29")


@pytest.fixture
def owing(bare: Env) -> tuple[Any, Any]:
    """(a posted invoice over 115, the receivable item of a payment over 40)."""
    customer = bare["res.partner"].create({"name": "Kelpmere Maltings"})
    move = bare["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "invoice_date": "2026-03-02",
            "invoice_line_ids": [(0, 0, {"name": "Malt", "price_unit": 100.0})],
        }
    )
    move.action_post()
    payment = bare["account.payment"].create(
        {
            "partner_id": customer.id,
            "amount": 40.0,
            "payment_type": "inbound",
            "partner_type": "customer",
            "date": "2026-03-10",
        }
    )
    payment.action_post()
    return move, payment.move_id.line_ids.filtered(lambda one: one.account_type == "asset_receivable")


def test_a_payment_is_offered_taken_and_let_go(owing: tuple[Any, Any]) -> None:
    move, item = owing
    offered = move.invoice_outstanding_credits_debits_widget
    assert [one["id"] for one in offered["content"]] == [item.id]
    assert offered["content"][0]["amount"] == 40.0
    assert move.invoice_has_outstanding
    move.js_assign_outstanding_line(item.id)
    assert (move.amount_residual, move.payment_state) == (75.0, "partial")
    assert not move.invoice_has_outstanding
    move.js_remove_outstanding_partial(item.matched_debit_ids.id)
    assert (move.amount_residual, move.payment_state) == (115.0, "not_paid")


def test_items_are_matched_by_hand(owing: tuple[Any, Any]) -> None:
    move, item = owing
    own = move.line_ids.filtered(lambda one: one.account_type == "asset_receivable")
    (own | item).reconcile()
    assert (item.reconciled, own.amount_residual, move.payment_state) == (True, 75.0, "partial")
    with pytest.raises(UserError, match="already reconciled"):
        (own | item).reconcile()
    (own | item).remove_move_reconcile()
    assert (item.reconciled, move.payment_state) == (False, "not_paid")
    with pytest.raises(UserError, match="not from the same account"):
        move.line_ids.reconcile()
    move.button_draft()
    with pytest.raises(UserError, match="only reconcile posted"):
        own.reconcile()
