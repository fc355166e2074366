"""The records every database has."""

import pytest

from towpath.sandbox.odoo_server.env import Env


@pytest.mark.parametrize(
    "xmlid",
    [
        "base.be",
        "base.fr",
        "base.EUR",
        "base.group_user",
        "base.group_system",
        "base.main_company",
        "base.partner_admin",
        "base.user_root",
        "base.lang_en",
        "base.model_res_partner",
        "base.field_res_partner__name",
        "mail.mt_note",
        "mail.mail_activity_data_todo",
        "account.account_payment_term_30days",
        "sales_team.team_sales_department",
        "uom.product_uom_unit",
        "base.module_base",
    ],
)
def test_external_ids_lead_to_records(bare: Env, xmlid: str) -> None:
    assert bare.ref(xmlid).exists()


@pytest.mark.feature("S2.48")
def test_models_and_fields_describe_the_database(bare: Env) -> None:
    names = set(bare["ir.model"].search([]).mapped("model"))
    assert names >= set(bare.registry.models) - {"_unknown"}
    fields = bare["ir.model.fields"].search_count([("model", "=", "account.payment")])
    assert fields == len(bare.registry["account.payment"].fields)


def test_the_first_users_are_where_clients_expect_them(bare: Env) -> None:
    assert bare.ref("base.user_root").id == 1
    assert bare.ref("base.user_admin").id == 2
    assert bare.user.has_group_of("base.group_system")
    limited = bare["res.users"].search([("login", "=", "limited")])
    assert limited.has_group_of("base.group_user")
    assert not limited.has_group_of("base.group_partner_manager")


@pytest.mark.parametrize(
    ("model", "mode", "allowed"),
    [
        ("res.partner", "read", True),
        ("res.partner", "write", False),
        ("res.country", "read", True),
        ("account.move", "read", False),
        ("crm.lead", "read", False),
        ("ir.config_parameter", "read", False),
        ("ir.model", "read", False),
        ("ir.filters", "create", True),
        ("calendar.event", "create", True),
        ("res.users.apikeys", "create", False),
    ],
)
def test_an_internal_user_may_do_what_it_may_on_a_real_server(
    bare: Env, model: str, mode: str, allowed: bool
) -> None:
    limited = bare["res.users"].search([("login", "=", "limited")])
    records = bare.with_user(limited.id)[model]
    assert records.check_access_rights(mode, raise_exception=False) is allowed


def test_the_administrator_may_do_everything_but_make_keys_by_hand(bare: Env) -> None:
    closed = []
    for name, model in bare.registry.models.items():
        if model.stored and not bare[name].check_access_rights("read", raise_exception=False):
            closed.append(name)
    assert closed == ["res.users.deletion"]
    assert not bare["res.users.apikeys"].check_access_rights("create", raise_exception=False)


def test_the_chart_has_what_invoices_need(bare: Env) -> None:
    types = set(bare["account.journal"].search([]).mapped("type"))
    assert types >= {"sale", "purchase", "bank", "cash", "general"}
    tax = bare.ref("account.1_sale_tax_template")
    assert tax.amount == 15.0
    assert {one.repartition_type for one in tax.invoice_repartition_line_ids} == {"base", "tax"}
    assert bare.company.account_sale_tax_id == tax
