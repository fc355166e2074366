"""The record rules of a usual database: several companies side by side, own documents, own users.

A row is (models, domain, groups, rights). Rules without groups are global: they always hold, together; rules of
groups add up (real-odoo.md §6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.sandbox.odoo_server.data.catalogue import owner

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.data.rows import Batch

__all__ = ["add_rules"]

IN_COMPANY = "[('company_id', 'in', company_ids)]"
IN_COMPANY_OR_NONE = "['|', ('company_id', '=', False), ('company_id', 'in', company_ids)]"
BELOW_COMPANY = "[('company_id', 'parent_of', company_ids)]"
BELOW_COMPANY_OR_NONE = "['|', ('company_id', '=', False), ('company_id', 'parent_of', company_ids)]"
ALL = "[(1, '=', 1)]"

RULES: tuple[tuple[str, str, str, str], ...] = (
    (
        "res.partner",
        "['|', '|', ('partner_share', '=', False), ('company_id', 'parent_of', company_ids), ('company_id', '=', False)]",
        "",
        "rwcu",
    ),
    ("res.partner.bank", BELOW_COMPANY_OR_NONE, "", "rwcu"),
    ("res.currency.rate", BELOW_COMPANY_OR_NONE, "", "rwcu"),
    ("res.users", "['|', ('share', '=', False), ('company_ids', 'in', company_ids)]", "", "rwcu"),
    (
        "res.company",
        "[('id', 'in', company_ids)]",
        "base.group_user base.group_portal base.group_public",
        "rwcu",
    ),
    ("res.company", ALL, "base.group_erp_manager", "rwcu"),
    ("res.users.apikeys", "[('user_id', '=', user.id)]", "base.group_user base.group_portal", "rwcu"),
    ("res.users.apikeys", ALL, "base.group_system", "rwcu"),
    ("res.users.settings", "[('user_id', '=', user.id)]", "base.group_user", "rwcu"),
    ("res.users.settings", ALL, "base.group_system", "rwcu"),
    ("ir.default", "[('user_id', '=', user.id)]", "base.group_user", "wcu"),
    ("ir.default", ALL, "base.group_system", "rwcu"),
    ("ir.ui.view.custom", "[('user_id', '=', user.id)]", "", "rwcu"),
    (
        (
            "account.move account.move.line account.payment account.bank.statement account.bank.statement.line "
            "account.partial.reconcile account.full.reconcile"
        ),
        IN_COMPANY_OR_NONE,
        "",
        "rwcu",
    ),
    ("account.journal account.tax account.account", BELOW_COMPANY, "", "rwcu"),
    ("account.payment.term account.fiscal.position account.cash.rounding", BELOW_COMPANY_OR_NONE, "", "rwcu"),
    ("account.analytic.account account.analytic.line", BELOW_COMPANY_OR_NONE, "", "rwcu"),
    ("product.template product.pricelist product.supplierinfo", BELOW_COMPANY_OR_NONE, "", "rwcu"),
    ("sale.order sale.order.line purchase.order purchase.order.line", IN_COMPANY, "", "rwcu"),
    (
        "sale.order",
        "['|', ('user_id', '=', user.id), ('user_id', '=', False)]",
        "sales_team.group_sale_salesman",
        "rwcu",
    ),
    ("sale.order", ALL, "sales_team.group_sale_salesman_all_leads account.group_account_invoice", "rwcu"),
    ("crm.lead crm.team", IN_COMPANY_OR_NONE, "", "rwcu"),
    (
        "crm.lead",
        "['|', ('user_id', '=', user.id), ('user_id', '=', False)]",
        "sales_team.group_sale_salesman",
        "rwcu",
    ),
    ("crm.lead", ALL, "sales_team.group_sale_salesman_all_leads", "rwcu"),
    ("project.project project.task", IN_COMPANY_OR_NONE, "", "rwcu"),
    ("project.project", "[('privacy_visibility', '!=', 'followers')]", "project.group_project_user", "rwcu"),
    ("project.project project.task", ALL, "project.group_project_manager", "rwcu"),
    (
        "project.task",
        "['|', ('project_id', '=', False), ('project_id.privacy_visibility', '!=', 'followers')]",
        "project.group_project_user",
        "rwcu",
    ),
    ("hr.employee hr.department hr.job", IN_COMPANY_OR_NONE, "", "rwcu"),
    ("stock.picking stock.warehouse stock.picking.type stock.move", IN_COMPANY, "", "rwcu"),
    ("stock.location stock.quant stock.lot stock.route", IN_COMPANY_OR_NONE, "", "rwcu"),
    ("utm.campaign", ALL, "base.group_user", "r"),
)
FILTERS = {
    "17.0": "[('user_id', 'in', [False, user.id])]",
    "19.0": "['|', ('user_ids', '=', False), ('user_ids', 'in', user.id)]",
}


def add_rules(batch: Batch) -> None:
    """Write ir.rule rows for the models and fields this version has."""
    own = (
        ("ir.filters", FILTERS[batch.env.version], "base.group_user", "rwcu"),
        ("ir.filters", ALL, "base.group_erp_manager", "rwcu"),
    )
    for models, domain, groups, letters in (*RULES, *own):
        for model in models.split():
            if model not in batch.registry:
                continue
            given = domain
            if model == "account.account" and batch.env.is19:
                given = "[('company_ids', 'parent_of', company_ids)]"
            if "company_id'" in given and "company_id" not in batch.registry[model].fields:
                continue
            wanted = [batch.ref(one) for one in groups.split() if one in batch.xmlids]
            rule = batch.add(
                "ir.rule",
                name=f"{model} {'rule of ' + groups.split()[0] if groups else 'multi-company'}",
                model_id=batch.ref(f"{owner(batch.registry[model].modules)}.model_{model.replace('.', '_')}"),
                domain_force=given,
                active=True,
                perm_read="r" in letters,
                perm_write="w" in letters,
                perm_create="c" in letters,
                perm_unlink="u" in letters,
                **{"global": not wanted},
            )
            batch.link("ir.rule", "groups", rule, wanted)
