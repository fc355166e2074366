"""Products, sale and purchase orders of the demo."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.data.demo import words
from towpath.sandbox.odoo_server.data.demo.scene import money

if TYPE_CHECKING:
    from datetime import datetime

    from towpath.sandbox.odoo_server.data.demo.scene import Firm, Scene

__all__ = ["TAX", "add_goods", "add_orders"]

TAX = Decimal("0.15")
SALES = 240
PURCHASES = 130


def add_goods(scene: Scene) -> None:
    """Add cargo and services, each a template with one variant."""
    goods = [(name, price, cost, weight, "consu") for name, price, cost, weight in words.CARGO]
    services = [(name, price, cost, 0.0, "service") for name, price, cost in words.SERVICES]
    tag = scene.batch.add("product.tag", name="Bulk", color="1", sequence=10)
    for place, ((name, price, cost, weight, kind), created) in enumerate(
        zip([*goods, *services], scene.moments(len(goods) + len(services)), strict=True), 1
    ):
        add_product(scene, place, created, name, price, cost, weight, kind, tag)


def add_product(
    scene: Scene,
    place: int,
    created: datetime,
    name: str,
    price: float,
    cost: float,
    weight: float,
    kind: str,
    tag: int,
) -> None:
    """Add one product."""
    batch, firm = scene.batch, scene.firms[0]
    stamps = scene.stamps(created)
    code = f"{'SV' if kind == 'service' else 'CG'}{place:03d}"
    category = "product.product_category_all"
    if scene.is19:
        category = f"product.product_category_{'services' if kind == 'service' else 'goods'}"
    template = batch.add(
        "product.template", f"towpath_demo.template_{place}", name=name, active=True, sale_ok=True, purchase_ok=True,
        list_price=price, type=kind, detailed_type=kind, categ_id=category, uom_id="uom.product_uom_unit",
        uom_po_id="uom.product_uom_unit", default_code=code, weight=weight, volume=0.0, sequence=1, tracking="none",
        invoice_policy="order", purchase_method="purchase" if kind == "service" else "receive", service_type="manual",
        service_tracking="no", expense_policy="no", sale_line_warn="no-message", purchase_line_warn="no-message", priority="0",
        is_favorite=False, is_storable=False, taxes_id=[firm.sale_tax], supplier_taxes_id=[firm.purchase_tax],
        product_tag_ids=[tag] if kind != "service" and weight >= 1000 else [], sale_delay=0,
        description_sale=f"{name}, carried by water" if kind != "service" else None, **stamps,
    )  # fmt: skip
    variant = batch.add(
        "product.product", f"towpath_demo.product_{place}", product_tmpl_id=template, active=True, default_code=code,
        barcode=f"54{place:011d}" if kind != "service" else None, weight=weight, volume=0.0, combination_indices="",
        is_favorite=False, standard_price={str(one.id): cost for one in scene.firms}, **stamps,
    )  # fmt: skip
    scene.products.append(
        {"id": variant, "name": f"[{code}] {name}", "price": price, "cost": cost, "kind": kind}
    )


def lines_of(scene: Scene, count: int, *, cost: bool) -> list[dict[str, Any]]:
    """Some order lines: product, quantity, price, discount and the totals that follow."""
    found = []
    for product in scene.dice.sample(scene.products, count):
        quantity = Decimal(scene.dice.choice((1, 2, 3, 4, 5, 8, 10, 12, 20)))
        if scene.dice.random() < 0.15:
            quantity += Decimal("0.5")
        price = money(product["cost"] if cost else product["price"])
        discount = Decimal(scene.dice.choice((0, 0, 0, 0, 5, 10)))
        subtotal = money(quantity * price * (1 - discount / 100))
        tax = money(subtotal * TAX)
        found.append(
            {
                "product": product,
                "quantity": quantity,
                "price": price,
                "discount": discount,
                "subtotal": subtotal,
                "tax": tax,
            }
        )
    return found


def add_orders(scene: Scene) -> None:
    """Add sale and purchase orders in all states."""
    for place, created in enumerate(scene.moments(SALES), 1):
        add_sale(scene, place, created)
    for place, created in enumerate(scene.moments(PURCHASES), 1):
        add_purchase(scene, place, created)
    scene.batch.env.cr.execute(
        "UPDATE ir_sequence SET number_next = %s WHERE code = 'sale.order'", [SALES + 1]
    )
    scene.batch.env.cr.execute(
        "UPDATE ir_sequence SET number_next = %s WHERE code = 'purchase.order'", [PURCHASES + 1]
    )


def firm_of(scene: Scene) -> Firm:
    """One order in four is the second company's."""
    return scene.firms[1] if scene.dice.random() < 0.25 else scene.firms[0]


def add_sale(scene: Scene, place: int, created: datetime) -> None:
    """Add one sale order with its lines."""
    batch, dice, firm = scene.batch, scene.dice, firm_of(scene)
    partner = dice.choice(scene.customers)
    state = dice.choices(("draft", "sent", "sale", "cancel"), (15, 15, 60, 10))[0]
    lines = lines_of(scene, dice.randint(1, 5), cost=False)
    stamps = scene.stamps(created)
    untaxed, tax = sum(one["subtotal"] for one in lines), sum(one["tax"] for one in lines)
    status = "to invoice" if state == "sale" else "no"
    user = dice.choice(scene.users)
    order = batch.add(
        "sale.order", f"towpath_demo.sale_{place}", name=f"S{place:05d}", state=state, partner_id=partner,
        partner_invoice_id=partner, partner_shipping_id=partner, company_id=firm.id, currency_id=firm.currency, currency_rate=1.0,
        date_order=created, user_id=user, team_id="sales_team.team_sales_department", warehouse_id="stock.warehouse0",
        picking_policy="direct", amount_untaxed=untaxed, amount_tax=tax, amount_total=untaxed + tax, invoice_status=status,
        amount_to_invoice=untaxed + tax if state == "sale" else 0, locked=False, require_signature=True, require_payment=False,
        pricelist_id="product.list0", payment_term_id=firm.term, client_order_ref=f"PO-{dice.randint(100, 999)}" if dice.random() < 0.4 else None,
        validity_date=(created + timedelta(days=30)).date(), origin=None, **stamps,
    )  # fmt: skip
    scene.sale_orders.append(order)
    for one in lines:
        total = one["subtotal"] + one["tax"]
        batch.add(
            "sale.order.line", order_id=order, name=one["product"]["name"], product_id=one["product"]["id"], sequence=10,
            product_uom_qty=float(one["quantity"]), product_uom="uom.product_uom_unit", product_uom_id="uom.product_uom_unit",
            price_unit=float(one["price"]), discount=float(one["discount"]), price_subtotal=one["subtotal"], price_tax=float(one["tax"]),
            price_total=total, price_reduce_taxexcl=money(one["subtotal"] / one["quantity"]), price_reduce_taxinc=money(total / one["quantity"]),
            company_id=firm.id, currency_id=firm.currency, order_partner_id=partner, salesman_id=user, state=state,
            invoice_status=status, qty_delivered=0.0, qty_invoiced=0.0, qty_to_invoice=float(one["quantity"]) if state == "sale" else 0.0,
            customer_lead=0.0, is_downpayment=False, is_expense=False, qty_delivered_method="manual",
            untaxed_amount_to_invoice=one["subtotal"] if state == "sale" else 0, untaxed_amount_invoiced=0,
            tax_id=[firm.sale_tax], tax_ids=[firm.sale_tax], **stamps,
        )  # fmt: skip


def add_purchase(scene: Scene, place: int, created: datetime) -> None:
    """Add one purchase order with its lines."""
    batch, dice, firm = scene.batch, scene.dice, firm_of(scene)
    partner = dice.choice(scene.vendors)
    state = dice.choices(("draft", "sent", "purchase", "cancel"), (20, 10, 60, 10))[0]
    lines = lines_of(scene, dice.randint(1, 4), cost=True)
    stamps = scene.stamps(created)
    untaxed, tax = sum(one["subtotal"] for one in lines), sum(one["tax"] for one in lines)
    planned = created + timedelta(days=dice.randint(3, 30))
    order = batch.add(
        "purchase.order", f"towpath_demo.purchase_{place}", name=f"P{place:05d}", state=state, partner_id=partner,
        company_id=firm.id, currency_id=firm.currency, currency_rate=1.0, date_order=created, date_planned=planned,
        date_approve=created + timedelta(hours=3) if state == "purchase" else None, date_calendar_start=created,
        user_id=dice.choice(scene.users), picking_type_id="stock.picking_type_in", amount_untaxed=untaxed, amount_tax=tax,
        amount_total=untaxed + tax, amount_total_cc=untaxed + tax, invoice_status="to invoice" if state == "purchase" else "no",
        invoice_count=0, priority=dice.choice("0001"), partner_ref=f"V{dice.randint(1000, 9999)}" if dice.random() < 0.5 else None,
        payment_term_id=firm.term, locked=False, acknowledged=False, **stamps,
    )  # fmt: skip
    for one in lines:
        batch.add(
            "purchase.order.line", order_id=order, name=one["product"]["name"], product_id=one["product"]["id"], sequence=10,
            product_qty=float(one["quantity"]), product_uom_qty=float(one["quantity"]), product_uom="uom.product_uom_unit",
            product_uom_id="uom.product_uom_unit", price_unit=float(one["price"]), discount=float(one["discount"]),
            price_subtotal=one["subtotal"], price_tax=float(one["tax"]), price_total=one["subtotal"] + one["tax"],
            company_id=firm.id, currency_id=firm.currency, partner_id=partner, state=state, date_planned=planned,
            qty_received=0.0, qty_invoiced=0.0, qty_to_invoice=float(one["quantity"]) if state == "purchase" else 0.0,
            qty_received_method="manual", taxes_id=[firm.purchase_tax], tax_ids=[firm.purchase_tax], **stamps,
        )  # fmt: skip
