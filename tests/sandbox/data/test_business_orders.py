"""Orders and products."""

from typing import Any

import pytest

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import UserError, ValidationError


@pytest.fixture
def rope(bare: Env) -> Any:
    return bare["product.product"].create(
        {"name": "Rope", "default_code": "R1", "list_price": 12.0, "standard_price": 8.0}
    )


@pytest.fixture
def partner(bare: Env) -> Any:
    return bare["res.partner"].create({"name": "Eelbrook Chandlery"})


def test_a_quotation_takes_name_price_and_tax_from_the_product(bare: Env, rope: Any, partner: Any) -> None:
    order = bare["sale.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": rope.id, "product_uom_qty": 3})]}
    )
    line = order.order_line
    assert (line.name, line.price_unit, line.price_subtotal) == ("[R1] Rope", 12.0, 36.0)
    assert (order.amount_untaxed, order.amount_tax, order.amount_total) == (36.0, 5.4, 41.4)
    assert order.name.startswith("S")
    assert order.partner_invoice_id == order.partner_shipping_id == partner


def test_confirm_invoice_and_cancel(bare: Env, rope: Any, partner: Any) -> None:
    order = bare["sale.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": rope.id})]}
    )
    order.action_confirm()
    assert (order.state, order.invoice_status, order.order_line.state) == ("sale", "to invoice", "sale")
    with pytest.raises(UserError, match="not in a state requiring confirmation"):
        order.action_confirm()
    context = {"active_model": "sale.order", "active_ids": list(order.ids)}
    action = bare["sale.advance.payment.inv"].with_context(**context).create({}).create_invoices()
    invoice = bare["account.move"].browse(action["res_id"])
    assert (invoice.amount_total, invoice.invoice_origin) == (order.amount_total, order.name)
    assert (order.invoice_status, order.invoice_count, order.invoice_ids) == ("invoiced", 1, invoice)
    with pytest.raises(UserError, match="must first cancel it"):
        order.unlink()
    answer = order.action_cancel()
    if bare.is19:
        assert (answer, order.state) == (True, "cancel")
    else:
        assert answer["res_model"] == "sale.order.cancel"
        order.with_context(disable_cancel_warning=True).action_cancel()
        assert order.state == "cancel"
    order.action_draft()
    assert order.state == "draft"
    assert order.unlink()


def test_purchase_orders(bare: Env, rope: Any, partner: Any) -> None:
    order = bare["purchase.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": rope.id, "product_qty": 5})]}
    )
    assert (order.order_line.price_unit, order.amount_untaxed, order.amount_total) == (8.0, 40.0, 46.0)
    assert order.button_confirm() is True
    assert order.state == "purchase"
    assert order.date_approve
    order.order_line.write({"qty_received": 5})
    bill = bare["account.move"].browse(order.action_create_invoice()["res_id"])
    assert (bill.move_type, bill.amount_total) == ("in_invoice", 46.0)
    assert order.invoice_status == "invoiced"
    with pytest.raises(UserError, match="must cancel it first"):
        order.unlink()


def test_large_purchases_wait_for_a_manager(bare: Env, rope: Any, partner: Any) -> None:
    bare.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 10.0})
    manager = bare.ref("purchase.group_purchase_manager")
    groups = "group_ids" if bare.is19 else "groups_id"
    clerk = bare["res.users"].create(
        {
            "name": "Clerk",
            "login": "clerk",
            groups: [(6, 0, [bare.ref("base.group_user").id, bare.ref("purchase.group_purchase_user").id])],
        }
    )
    order = bare["purchase.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": rope.id, "product_qty": 5})]}
    )
    order.with_user(clerk.id).button_confirm()
    bare.forget()
    assert order.state == "to approve"
    assert manager in bare.user[groups]
    order.button_approve()
    assert order.state == "purchase"


def test_templates_and_variants_go_together(bare: Env) -> None:
    template = bare["product.template"].create(
        {"name": "Lamp", "default_code": "L1", "standard_price": 4.0, "barcode": "540000000"}
    )
    variant = template.product_variant_ids
    assert (variant.name, variant.default_code, variant.standard_price, template.barcode) == (
        "Lamp",
        "L1",
        4.0,
        "540000000",
    )
    variant.write({"default_code": "L2"})
    assert template.default_code == "L2"
    assert template.display_name == variant.display_name == "[L2] Lamp"
    template.write({"active": False})
    bare.forget()
    assert not variant.active
    variant.unlink()
    assert not template.exists()


def test_attributes_make_variants(bare: Env) -> None:
    colour = bare["product.attribute"].create(
        {"name": "Colour", "value_ids": [(0, 0, {"name": one}) for one in ("Red", "Green")]}
    )
    size = bare["product.attribute"].create(
        {"name": "Size", "value_ids": [(0, 0, {"name": one}) for one in ("S", "M", "L")]}
    )
    lines = [
        (0, 0, {"attribute_id": one.id, "value_ids": [(6, 0, list(one.value_ids.ids))]})
        for one in (colour, size)
    ]
    template = bare["product.template"].create({"name": "Cap", "attribute_line_ids": lines})
    assert template.product_variant_count == 6
    assert "Cap (Red, S)" in template.product_variant_ids.mapped("display_name")
    template.attribute_line_ids[1:].unlink()
    bare.forget()
    assert sorted(template.product_variant_ids.mapped("display_name")) == ["Cap (Green)", "Cap (Red)"]


def test_a_wrong_product_type_is_named_as_the_version_names_it(bare: Env) -> None:
    with pytest.raises(ValueError, match=r"product\.template\.(detailed_)?type: 'nope'"):
        bare["product.product"].create({"name": "X", "type": "nope"})


def test_lines_of_confirmed_orders_stay(bare: Env, rope: Any, partner: Any) -> None:
    order = bare["sale.order"].create(
        {"partner_id": partner.id, "order_line": [(0, 0, {"product_id": rope.id})]}
    )
    order.action_confirm()
    with pytest.raises(UserError, match="can't remove one of its lines"):
        order.order_line.unlink()
    refused: Any = UserError if bare.is19 else ValidationError
    with pytest.raises(refused):
        order.order_line.write({"product_id": False})
