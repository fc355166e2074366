"""The rows by which a database describes itself: models, fields, selections, modules, access rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.data.rows import Batch
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["describe_models", "describe_modules", "grant_rights", "owner"]

# modules in the order they are installed: a model belongs to the first of them that knows it
INSTALLED = [
    "base",
    "web",
    "bus",
    "base_setup",
    "http_routing",
    "auth_signup",
    "mail",
    "uom",
    "product",
    "resource",
    "hr",
    "calendar",
    "contacts",
    "utm",
    "analytic",
    "portal",
    "digest",
    "account",
    "payment",
    "sales_team",
    "crm",
    "sale",
    "purchase",
    "stock",
    "stock_account",
    "purchase_stock",
    "sale_stock",
    "project",
    "hr_skills",
    "rating",
    "sms",
    "snailmail",
    "phone_validation",
    "barcodes",
    "base_automation",
    "spreadsheet_dashboard",
]


def owner(modules: Sequence[str]) -> str:
    """The module a model is defined in, of all modules that know it."""
    return next((one for one in INSTALLED if one in modules), modules[0] if modules else "base")


def describe_models(batch: Batch) -> None:
    """Write ir.model, ir.model.fields, their selections and external ids for everything in the registry."""
    registry = batch.registry
    ids: dict[str, int] = {}
    for name, model in sorted(registry.models.items()):
        fields = model.fields
        ids[name] = batch.add(
            "ir.model",
            f"{owner(model.modules)}.model_{name.replace('.', '_')}",
            model=name,
            name=model.description,
            order=model.order or "id",
            state="manual" if model.manual else "base",
            transient=model.transient,
            abstract=not model.stored,
            is_mail_thread="message_ids" in fields,
            is_mail_activity="activity_ids" in fields,
            is_mail_blacklist="is_blacklisted" in fields and "email_normalized" in fields,
            info=None,
        )
    places: dict[tuple[str, str], int] = {}
    for name, model in sorted(registry.models.items()):
        describe_fields(batch, model, ids[name], places)


def describe_fields(batch: Batch, model: ModelDef, model_id: int, places: dict[tuple[str, str], int]) -> None:
    """Write the rows of one model's fields."""
    module = owner(model.modules)
    table = model.name.replace(".", "_")
    for name, field in sorted(model.fields.items()):
        attrs = field.attrs
        xmlid = f"{module}.field_{table}__{name}"
        places[model.name, name] = batch.add(
            "ir.model.fields",
            xmlid,
            model=model.name,
            model_id=model_id,
            name=name,
            field_description=attrs.get("string") or name,
            complete_name=None,
            ttype=field.type,
            relation=field.relation or None,
            relation_field=field.inverse or None,
            relation_table=field.relation_table.table if field.relation_table else None,
            column1=field.relation_table.column1 if field.relation_table else None,
            column2=field.relation_table.column2 if field.relation_table else None,
            required=field.required,
            readonly=field.readonly,
            store=bool(attrs.get("store")),
            state="manual" if field.manual else "base",
            translate=("standard" if batch.env.is19 else True)
            if field.translate
            else (None if batch.env.is19 else False),
            size=field.size,
            index=False,
            copied=field.type != "one2many",
            related=".".join(field.related) or None,
            depends=",".join(attrs.get("depends") or ()) or None,
            domain="[]",
            selectable=True,
            on_delete="set null" if field.type == "many2one" else None,
            currency_field=field.currency_field or None,
            company_dependent=field.company_dependent,
            group_expand=False,
            help=None,
        )
        if isinstance(attrs.get("selection"), list | tuple) and field.type == "selection":
            for place, (value, label) in enumerate(pair for pair in attrs["selection"] if pair[0]):
                batch.add(
                    "ir.model.fields.selection",
                    f"{module}.selection__{table}__{name}__{str(value).lower().replace(' ', '_')}",
                    field_id=places[model.name, name],
                    value=value,
                    name=label or str(value),
                    sequence=place,
                )


def describe_modules(batch: Batch) -> None:
    """Write ir.module.module: every module the registry's models name, installed."""
    names = {"base"}
    for model in batch.registry.models.values():
        names.update(model.modules)
    for name in sorted(names):
        batch.add(
            "ir.module.module",
            f"base.module_{name}",
            name=name,
            shortdesc=name.replace("_", " ").capitalize(),
            summary="",
            state="installed",
            latest_version=f"{batch.env.version}.1.0",
            author="Odoo S.A.",
            license="LGPL-3",
            application=name
            in {
                "account",
                "calendar",
                "contacts",
                "crm",
                "hr",
                "mail",
                "project",
                "purchase",
                "sale",
                "stock",
            },
            auto_install=False,
            demo=False,
            to_buy=False,
            imported=False,
            sequence=100,
            module_type="official",
        )


def rights_table() -> Mapping[str, list[tuple[str, str]]]:
    """The rights of `rights.txt` by model: (group's external id or "-", letters of `rwcu`)."""
    found: dict[str, dict[str, str]] = {}
    text = resources.files(__package__).joinpath("rights.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            group, letters, models = (part.strip() for part in line.split("|"))
            for model in models.split():
                rights = found.setdefault(model, {})
                rights[group] = "".join(dict.fromkeys(rights.get(group, "") + letters))
    return {model: list(rights.items()) for model, rights in found.items()}


def grant_rights(batch: Batch) -> None:
    """Write ir.model.access: the rights of `rights.txt`; what it does not name is the administrator's alone."""
    known = rights_table()
    for name, model in sorted(batch.registry.models.items()):
        if not model.stored:
            continue
        default = [("base.group_user", "rwcu")] if model.transient else [("base.group_system", "rwcu")]
        for group, letters in known.get(name, default):
            if group != "-" and group not in batch.xmlids:
                continue
            if not letters:
                continue
            batch.add(
                "ir.model.access",
                f"{owner(model.modules)}.access_{name.replace('.', '_')}_{group.replace('.', '_')}",
                name=f"{name} {group}",
                model_id=batch.ref(f"{owner(model.modules)}.model_{name.replace('.', '_')}"),
                group_id=None if group == "-" else batch.ref(group),
                active=True,
                perm_read="r" in letters,
                perm_write="w" in letters,
                perm_create="c" in letters,
                perm_unlink="u" in letters,
            )
