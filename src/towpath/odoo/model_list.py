"""Which models a database has, as far as the user may know.

The full list stands in ``ir.model``, which only administrators may read. Any internal user may ask for the
models it can read (`get_available_models`, Odoo 15 and later). Where neither works, well-known models are
tried one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from towpath.errors import CallError, InputError, RightMissingError, SkipRecordError

if TYPE_CHECKING:
    from towpath.odoo.client import Odoo

__all__ = ["WELL_KNOWN", "ModelInfo", "list_models"]

WELL_KNOWN = (
    "account.account", "account.journal", "account.move", "account.move.line", "account.payment", "account.tax",
    "calendar.event", "crm.lead", "crm.stage", "crm.team", "helpdesk.ticket", "hr.department", "hr.employee",
    "mail.activity", "mail.message", "maintenance.request", "mrp.bom", "mrp.production", "pos.order",
    "product.category", "product.pricelist", "product.product", "product.template", "project.project",
    "project.task", "purchase.order", "purchase.order.line", "res.company", "res.country", "res.currency",
    "res.partner", "res.partner.category", "res.users", "sale.order", "sale.order.line", "sale.subscription",
    "stock.location", "stock.move", "stock.picking", "stock.quant", "stock.warehouse", "uom.uom",
)  # fmt: skip
"""Models tried one by one when no list can be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """One model of a database."""

    name: str
    """Technical name, such as ``sale.order``."""

    label: str
    """Name for people, in the language asked for."""

    transient: bool = False
    """A wizard: its records vanish by themselves and are not worth replicating."""

    abstract: bool = False
    """Has no records of its own (told by 19.0 and later; earlier ones do not say)."""

    custom: bool = False
    """Made in the database itself, not by an app."""

    readable: bool | None = None
    """Whether the user may read it; None when it was not asked."""

    count: int | None = None
    """Records, archived ones included; None when not asked for."""


def list_models(odoo: Odoo, *, count: bool = False) -> list[ModelInfo]:
    """Return the models in the order of their names; see the module's text for the three ways.

    count: also ask how many records each has, which only users who may read ``ir.model`` are told.
    """
    readable = _readable(odoo)
    try:
        rows = _registry(odoo, count=count)
    except RightMissingError:
        if readable is None:
            readable = _tried(odoo)
        return [ModelInfo(name=name, label=label, readable=True) for name, label in sorted(readable.items())]
    return [
        ModelInfo(
            name=row["model"],
            label=row["name"] or row["model"],
            transient=bool(row.get("transient")),
            abstract=bool(row.get("abstract")),
            custom=row.get("state") == "manual",
            readable=None if readable is None else row["model"] in readable,
            count=row.get("count") if count else None,
        )
        for row in sorted(rows, key=lambda row: str(row["model"]))
        if not row["model"].startswith("_")  # Odoo's own stand-in for models that are gone
    ]


def _registry(odoo: Odoo, *, count: bool) -> list[dict[str, Any]]:
    known = odoo.fields_get("ir.model", ["model", "name", "state", "transient", "abstract"], ["type"])
    fields = [name for name in ("model", "name", "state", "transient", "abstract") if name in known]
    return odoo.search_read("ir.model", [], [*fields, *(["count"] if count else [])], order="model")


def _readable(odoo: Odoo) -> dict[str, str] | None:
    """Ask for the models that the user may read; None where this Odoo does not tell."""
    try:
        answer = odoo.call("ir.model", "get_available_models", repeatable=True)
    except (CallError, InputError, RightMissingError, SkipRecordError):
        return None
    if not isinstance(answer, list) or not all(isinstance(row, dict) and "model" in row for row in answer):
        return None
    return {row["model"]: row.get("display_name") or row["model"] for row in answer} or None


def _tried(odoo: Odoo) -> dict[str, str]:
    found = {}
    for name in WELL_KNOWN:
        try:
            odoo.search_count(name, [("id", "=", 0)])
        except (InputError, RightMissingError, CallError):
            continue
        found[name] = name
    return found
