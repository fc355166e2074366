"""The demo company: how much there is of it, and that its figures add up."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from towpath.sandbox.odoo_server.data.demo.quotations import custom_models
from towpath.sandbox.odoo_server.env import Env

FEATURES = Path(__file__).parents[4] / "shared" / "features.md"


def count(env: Env, table: str, condition: str = "true") -> int:
    return int(env.cr.execute(f'SELECT count(*) FROM "{table}" WHERE {condition}').column()[0])


def test_there_is_enough_of_everything(demo: Env) -> None:
    filled = [one.name for one in demo.registry.stored_models() if count(demo, one.table)]
    business = [one for one in filled if not one.startswith(("ir.", "res.", "base."))]
    assert len(business) >= 40
    assert count(demo, "res_partner") == 300
    assert count(demo, "account_move", "move_type <> 'entry'") == 1200
    for table, least in (
        ("account_payment", 400), ("sale_order", 200), ("purchase_order", 100), ("product_product", 30), ("crm_lead", 150),
        ("project_task", 200), ("mail_activity", 100), ("mail_message", 800), ("hr_employee", 20), ("res_company", 2),
        ("mut_insurance_quotation", 300),
    ):  # fmt: skip
        assert count(demo, table) >= least, table


def test_invoices_come_in_three_currencies_and_all_states(demo: Env) -> None:
    invoices = "move_type <> 'entry'"
    rows = demo.cr.execute(
        f"SELECT DISTINCT currency_id, state, move_type FROM account_move WHERE {invoices}"
    ).fetchall()
    assert len({currency for currency, _state, _kind in rows}) == 3
    assert {state for _currency, state, _kind in rows} == {"draft", "posted", "cancel"}
    assert {kind for _currency, _state, kind in rows} == {
        "out_invoice",
        "in_invoice",
        "out_refund",
        "in_refund",
    }
    states = set(demo.cr.execute("SELECT DISTINCT payment_state FROM account_move").column())
    assert states >= {"not_paid", "paid", "partial"}
    assert count(demo, "account_move", "reversed_entry_id IS NOT NULL") > 0


@pytest.mark.feature("S2.25")
@pytest.mark.parametrize(
    "wrong",
    [
        # every entry balances, in its own currency too
        "SELECT move_id FROM account_move_line GROUP BY 1 HAVING sum(balance) <> 0 OR sum(amount_currency) <> 0",
        "SELECT id FROM account_move_line WHERE balance <> debit - credit OR debit * credit <> 0",
        # the totals of an invoice are the sums of its lines
        ("SELECT m.id FROM account_move m JOIN account_move_line l ON l.move_id = m.id WHERE m.move_type <> 'entry' GROUP BY m.id "
        "HAVING m.amount_untaxed <> sum(l.price_subtotal) FILTER (WHERE l.display_type = 'product') "
        "OR m.amount_tax <> abs(sum(l.amount_currency) FILTER (WHERE l.display_type = 'tax')) "
        "OR m.amount_total <> m.amount_untaxed + m.amount_tax"),
        # what is open on an invoice is what is open on its receivable or payable
        ("SELECT m.id FROM account_move m JOIN account_move_line l ON l.move_id = m.id AND l.display_type = 'payment_term' "
        "WHERE m.amount_residual <> abs(l.amount_residual_currency) AND m.state = 'posted'"),
        # what is reconciled is gone from both sides
        ("SELECT l.id FROM account_move_line l JOIN account_partial_reconcile p ON p.debit_move_id = l.id "
        "GROUP BY l.id HAVING abs(l.balance) <> abs(l.amount_residual) + sum(p.amount)"),
        "SELECT id FROM account_move WHERE payment_state = 'paid' AND amount_residual <> 0",
        "SELECT id FROM account_move WHERE state = 'posted' AND (name IS NULL OR name = '/')",
        "SELECT journal_id FROM account_move WHERE state = 'posted' GROUP BY journal_id, name HAVING count(*) > 1",
        ("SELECT o.id FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id GROUP BY o.id "
        "HAVING o.amount_untaxed <> sum(l.price_subtotal) OR o.amount_total <> sum(l.price_total)"),
        ("SELECT o.id FROM purchase_order o JOIN purchase_order_line l ON l.order_id = o.id GROUP BY o.id "
        "HAVING o.amount_untaxed <> sum(l.price_subtotal) OR o.amount_total <> sum(l.price_total)"),
        ("SELECT q.id FROM mut_insurance_quotation q JOIN mut_insurance_quotation_item i ON i.quotation_id = q.id GROUP BY q.id "
        "HAVING q.items_value <> sum(i.value) OR q.items_total_premium_amount <> sum(i.premium_amount)"),
    ],
)  # fmt: skip
def test_figures_add_up(demo: Env, wrong: str) -> None:
    assert demo.cr.execute(wrong.replace("%", "%%")).fetchall() == []


def test_the_orm_computes_the_same_totals_as_the_demo_wrote(demo: Env) -> None:
    domain = [("move_type", "=", "out_invoice"), ("state", "=", "draft")]
    for invoice in demo["account.move"].search(domain, limit=5):
        before = (invoice.amount_untaxed, invoice.amount_tax, invoice.amount_total, invoice.amount_residual)
        invoice.invoice_line_ids[:1].write({"quantity": invoice.invoice_line_ids[:1].quantity})
        demo.forget()
        again = (invoice.amount_untaxed, invoice.amount_tax, invoice.amount_total, invoice.amount_residual)
        assert again == pytest.approx(before, abs=0.011)


def test_stamps_spread_over_a_year_with_microseconds_and_end_in_the_past(demo: Env) -> None:
    first, last, whole, total = demo.cr.execute(
        "SELECT min(write_date), max(write_date), count(*) FILTER (WHERE write_date = date_trunc('second', write_date)), count(*) "
        "FROM account_move"
    ).fetchone() or (None, None, 0, 0)
    assert (last - first).days > 300
    assert last < demo.now
    assert whole < total / 10


def test_every_reference_leads_somewhere(demo: Env) -> None:
    # the rows were copied with foreign keys switched off: look for what they would have refused
    rows = demo.cr.execute(
        "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text FROM pg_constraint c "
        "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'"
    ).fetchall()
    lost = []
    for table, column, target in rows:
        name = column.replace('"', "")
        query = f'SELECT 1 FROM {table} t LEFT JOIN {target} o ON o.id = t."{name}" WHERE t."{name}" IS NOT NULL AND o.id IS NULL LIMIT 1'
        if demo.cr.execute(query).fetchone():
            lost.append((table, name))
    assert lost == []


@pytest.mark.parametrize(
    ("login", "model", "allowed"),
    [
        ("sales", "crm.lead", True),
        ("sales", "sale.order", True),
        ("sales", "purchase.order", False),
        ("books", "account.move", True),
        ("books", "project.task", False),
        ("yard", "project.task", True),
        ("yard", "account.move", False),
        ("limited", "sale.order", False),
    ],
)
def test_users_have_different_rights(
    demo_user: Callable[[str], Env], login: str, model: str, allowed: bool
) -> None:
    assert demo_user(login)[model].check_access_rights("read", raise_exception=False) is allowed


def test_a_user_of_one_company_does_not_see_the_other(demo_user: Callable[[str], Env]) -> None:
    one, both = demo_user("sales"), demo_user("books")
    assert len(one.company_ids) == 1
    assert len(both.company_ids) == 2
    assert set(one["sale.order"].search([]).mapped("company_id").ids) == set(one.company_ids)
    assert set(both["account.move"].search([]).mapped("company_id").ids) == set(both.company_ids)


@pytest.mark.feature(
    "S2.35",
    "S2.36",
    "S2.37",
    "S2.38",
    "S2.39",
    "S2.40",
    "S2.41",
    "S2.42",
    "S2.43",
    "S2.44",
    "S2.45",
    "S2.46",
    "S2.47",
)
@pytest.mark.skipif(not FEATURES.is_file(), reason="the feature list is not on this machine")
def test_the_custom_model_has_the_fields_of_the_feature_list(demo: Env) -> None:
    lines = FEATURES.read_text(encoding="utf-8").splitlines()
    found = {key: line for line in lines for key in re.findall(r"^- (S2\.\d+) ", line)}
    wanted: set[str] = set()
    for key in [*(f"S2.{n}" for n in range(36, 48)), "S2.32", "S2.33"]:
        wanted |= set(re.findall(r"`([a-z_0-9]+)`", found[key])) - {"message_main_attachment_id"}
    fields = demo["mut.insurance.quotation"].fields_get()
    assert len(wanted) == 99
    assert wanted <= set(fields)
    # rating_ids comes with every thread; nothing else is there that the list does not name
    assert set(fields) - wanted <= {"rating_ids"}


@pytest.mark.feature("S2.35", "S2.44", "S2.37")
def test_the_custom_model_is_read_like_any_other(demo: Env) -> None:
    names = [
        "name",
        "access_token",
        "json_commission_rates",
        "json_commission_amounts",
        "item_ids",
        "extra_product_ids",
        "write_date",
    ]
    [row] = demo["mut.insurance.quotation"].search_read(
        [("item_ids", "!=", False)], names, limit=1, order="id"
    )
    assert row["access_token"].startswith("tok-")
    assert isinstance(row["json_commission_rates"], list)
    assert isinstance(row["json_commission_amounts"], dict)
    assert row["item_ids"]
    model = demo["ir.model"].search([("model", "=", "mut.insurance.quotation")])
    assert model.state == "manual"
    assert [one.name for one in custom_models()][-2:] == [
        "mut.insurance.quotation",
        "mut.insurance.quotation.item",
    ]


@pytest.mark.feature("S2.23", "S2.24", "S2.26", "S2.27", "S2.28", "S2.29", "S2.31", "S2.32", "S2.33", "S2.34")
def test_payments_have_their_invoices_and_entries(demo: Env) -> None:
    fields = {
        "name", "amount", "date", "state", "payment_type", "partner_type", "amount_signed", "amount_company_currency_signed",
        "currency_id", "payment_method_id", "payment_method_line_id", "partner_id", "journal_id", "company_id",
        "reconciled_invoice_ids", "reconciled_bill_ids", "is_reconciled", "move_id", "activity_ids", "message_ids", "display_name",
    }  # fmt: skip
    assert fields <= set(demo["account.payment"].fields_get())
    payments = demo["account.payment"].search([("is_reconciled", "=", True)], limit=20)
    for payment in payments:
        invoices = payment.reconciled_invoice_ids | payment.reconciled_bill_ids
        assert len(invoices) == 1
        assert payment.move_id.state == "posted"
        assert payment.amount <= invoices.amount_total
    assert set(payments.mapped("state")) == {"paid" if demo.is19 else "posted"}


def test_choices_are_known_and_required_values_are_there(demo: Env) -> None:
    wrong = []
    for model in demo.registry.stored_models():
        if not count(demo, model.table):
            continue
        for field in model.fields.values():
            if field.sql_type is None or field.company_dependent:
                continue
            if field.type == "selection" and field.selection and field.name not in {"lang", "tz"}:
                query = (
                    f'SELECT DISTINCT "{field.name}" FROM "{model.table}" WHERE "{field.name}" IS NOT NULL'
                )
                odd = set(demo.cr.execute(query).column()) - field.selection
                wrong += [(str(field), one) for one in odd]
            lenient = field.type in {"binary", "boolean", "integer", "float", "monetary"}
            if (
                field.required
                and not lenient
                and not field.related
                and count(demo, model.table, f'"{field.name}" IS NULL')
            ):
                wrong.append((str(field), None))
    assert wrong == [], repr(wrong)
