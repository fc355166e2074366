"""The records every database has, whatever its further data: `install(env)` fills an empty one.

External ids, names and groups are those a connector meets on a real database with accounting, sales,
purchase, stock, project and employees; passwords and API keys are set by `install.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.data.catalogue import describe_models, describe_modules, grant_rights, owner
from towpath.sandbox.odoo_server.data.rows import Batch, parsed, tables
from towpath.sandbox.odoo_server.data.rules import add_rules
from towpath.sandbox.odoo_server.orm.fields import MISSING

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef

__all__ = ["company_defaults", "install"]


def install(env: Env) -> None:
    """Write the base records into an empty database."""
    batch = Batch(env)
    # a recorded answer shows the row id of this external id; clients that keep such ids find the same one
    batch.pinned["base.be"] = 3683 if env.is19 else 2767
    describe_models(batch)
    describe_modules(batch)
    for model, names, (xmlid, *cells) in tables("tables", env.version):
        if model in batch.registry:
            add_row(batch, model, xmlid, dict(zip(names, cells, strict=False)))
    grant_rights(batch)
    add_rules(batch)
    finish(batch)
    batch.flush()


def add_row(batch: Batch, model: str, xmlid: str, cells: dict[str, str]) -> None:
    """Add one row of a text table, with constant defaults for what the table leaves out."""
    definition = batch.registry[model]
    vals: dict[str, Any] = {}
    for name, field in definition.fields.items():
        if name in cells:
            value = cell(batch, field, cells[name])
            if value is not None:
                vals[name] = value
        elif field.plain_column and field.default is not MISSING and not callable(field.default):
            vals[name] = field.default
    if model == "account.account" and batch.env.is19:
        vals["code_store"] = {str(batch.ref("base.main_company")): cells["code"]}
    batch.add(model, xmlid, **vals)


def cell(batch: Batch, field: FieldDef, text: str) -> Any:
    """The value of a cell; `@mail.alias:<model>:<name>` makes the alias a team or project needs."""
    if text.startswith("@mail.alias:"):
        _model, target, name = text.split(":")
        return batch.add(
            "mail.alias",
            alias_model_id=batch.ref(
                f"{owner(batch.registry[target].modules)}.model_{target.replace('.', '_')}"
            ),
            alias_name=name or None,
            alias_contact="everyone",
            alias_defaults="{}",
            alias_incoming_local=False,
        )
    return parsed(field, text)


ADMIN_GROUPS = (
    "base.group_system",
    "base.group_multi_company",
    "base.group_no_one",
    "base.group_allow_export",
    "base.group_partner_manager",
    "base.group_sanitize_override",
    "mail.group_mail_template_editor",
    "mail.group_mail_canned_response_admin",
    "account.group_account_manager",
    "account.group_account_user",
    "sales_team.group_sale_manager",
    "purchase.group_purchase_manager",
    "stock.group_stock_manager",
    "project.group_project_manager",
    "hr.group_hr_manager",
    "product.group_product_manager",
    "spreadsheet_dashboard.group_dashboard_manager",
    "base.default_user_group",
)


PER_COMPANY = (
    # field of a model, and the external id of what records without a value of their own have
    ("res.partner", "property_account_receivable_id", "account.1_receivable"),
    ("res.partner", "property_account_payable_id", "account.1_payable"),
    ("res.partner", "property_stock_customer", "stock.stock_location_customers"),
    ("res.partner", "property_stock_supplier", "stock.stock_location_suppliers"),
    ("product.category", "property_account_income_categ_id", "account.1_income"),
    ("product.category", "property_account_expense_categ_id", "account.1_expense"),
    ("product.template", "property_stock_inventory", "stock.location_inventory"),
)


def company_defaults(batch: Batch, company: int, records: dict[tuple[str, str], int]) -> None:
    """Set what fields that differ by company hold in a company for records without a value of their own."""
    for (model, name), record in records.items():
        field = batch.registry[model].fields.get(name)
        if field is not None and field.company_dependent:
            xmlid = f"{owner(batch.registry[model].modules)}.field_{model.replace('.', '_')}__{name}"
            batch.add("ir.default", field_id=batch.ref(xmlid), company_id=company, json_value=str(record))


def finish(batch: Batch) -> None:
    """The administrator's groups, what they imply, and the main company's defaults that lead back to it."""
    known = {(model, name): batch.ref(xmlid) for model, name, xmlid in PER_COMPANY}
    company_defaults(batch, batch.ref("base.main_company"), known)
    groups = "group_ids" if batch.env.is19 else "groups_id"
    for user in ("base.user_admin", "base.user_root"):
        wanted = [batch.ref(one) for one in ADMIN_GROUPS if one in batch.xmlids]
        batch.link("res.users", groups, batch.ref(user), [batch.ref("base.group_user"), *wanted])
    company = batch.rows("res.company")[0]
    company["account_sale_tax_id"] = batch.ref("account.1_sale_tax_template")
    company["account_purchase_tax_id"] = batch.ref("account.1_purchase_tax_template")
    if not batch.env.is19:
        close_groups(batch, groups)


def close_groups(batch: Batch, field: str) -> None:
    """On 17.0 a user's groups hold the implied ones too."""
    implied: dict[int, set[int]] = {}
    for group, other in batch.links("res.groups", "implied_ids"):
        implied.setdefault(group, set()).add(other)
    for user, group in batch.links("res.users", field):
        waiting = [group]
        while waiting:
            for other in implied.get(waiting.pop(), ()):
                waiting.append(other)
                batch.link("res.users", field, user, [other])
