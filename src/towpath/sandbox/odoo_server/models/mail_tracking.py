# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Notes of changed values: which fields of which models are tracked, and the rows of ``mail.tracking.value``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from towpath.sandbox.odoo_server.models import mail_followers

__all__ = ["TRACKED", "fields", "note", "values"]

TRACKED: Mapping[str, tuple[str, ...]] = {
    "res.partner": ("email", "phone", "parent_id", "user_id", "vat"),
    "crm.lead": (
        "user_id", "team_id", "stage_id", "partner_id", "expected_revenue", "email_from", "phone", "contact_name",
        "partner_name", "lost_reason_id", "active", "type", "recurring_revenue",
    ),
    "sale.order": ("partner_id", "user_id", "state", "commitment_date", "client_order_ref"),
    "purchase.order": ("partner_id", "state", "date_approve", "user_id", "partner_ref"),
    "account.move": (
        "ref", "date", "state", "partner_id", "invoice_user_id", "invoice_date", "invoice_date_due",
        "invoice_payment_term_id", "payment_reference", "currency_id", "journal_id", "fiscal_position_id", "to_check",
    ),
    "account.payment": ("state", "amount", "partner_id", "date", "memo", "journal_id"),
    "project.project": ("name", "user_id", "stage_id", "last_update_status", "active", "privacy_visibility"),
    "project.task": ("name", "stage_id", "user_ids", "date_deadline", "state", "project_id", "active", "priority"),
    "product.template": ("name", "list_price", "active", "type", "sale_ok", "purchase_ok", "categ_id"),
    "hr.employee": ("name", "department_id", "job_id", "parent_id", "active"),
    "calendar.event": ("name", "location", "start", "stop", "user_id", "privacy"),
    "account.account": ("code", "name", "account_type", "reconcile", "deprecated"),
    "account.journal": ("name", "code", "type", "active"),
}  # fmt: skip
"""Tracked fields by model, as the standard modules declare them."""


SUBTYPES: Mapping[tuple[str, str], str] = {
    ("crm.lead", "stage_id"): "crm.mt_lead_stage",
    ("crm.lead", "lost_reason_id"): "crm.mt_lead_lost",
    ("project.task", "stage_id"): "project.mt_task_stage",
    ("project.project", "stage_id"): "project.mt_project_stage_change",
}
"""The kind of message a change of a field is."""
STATES: Mapping[tuple[str, str], str] = {
    ("sale.order", "sale"): "sale.mt_order_confirmed",
    ("sale.order", "sent"): "sale.mt_order_sent",
    ("purchase.order", "to approve"): "purchase.mt_rfq_confirmed",
    ("purchase.order", "purchase"): "purchase.mt_rfq_approved",
    ("purchase.order", "done"): "purchase.mt_rfq_done",
    ("account.move", "posted"): "account.mt_invoice_validated",
}
"""The kind of message a new state is."""


def fields(records: Any, vals: Any) -> list[str]:
    """The tracked fields that a write of some values may change."""
    known = records._model.fields
    return [name for name in TRACKED.get(records._name, ()) if name in vals and name in known]


def values(records: Any, names: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Values of some fields by record; records as tuples of ids."""
    return {one.id: {name: _frozen(one[name]) for name in names} for one in records}


def _frozen(value: Any) -> Any:
    return tuple(value.ids) if hasattr(value, "ids") else value


def note(records: Any, names: Sequence[str], before: Mapping[int, Mapping[str, Any]]) -> None:
    """Write a note on each record for what differs from ``before``."""
    env = records.env
    after = values(records.exists(), names)
    changed = {
        one: [name for name in names if now[name] != before[one][name]]
        for one, now in after.items()
        if one in before
    }
    changed = {one: found for one, found in changed.items() if found}
    if not changed:
        return
    messages = records.browse(list(changed))._log_notes(dict.fromkeys(changed, ""))
    for one, found in changed.items():
        _classify(records.browse(one), found, messages[one])
    ids = dict(
        env.cr.execute(
            "SELECT name, id FROM ir_model_fields WHERE model = %s AND name = ANY(%s)",
            [records._name, list(names)],
        ).fetchall()
    )
    rows = []
    for one, found in changed.items():
        for name in found:
            field = records._model.fields[name]
            row: dict[str, Any] = {"mail_message_id": messages[one], "field_id": ids.get(name)}
            row |= _sides(records, field, before[one][name], after[one][name])
            if field.type == "monetary":
                currency = records.browse(one)[field.currency_field or "currency_id"]
                row["currency_id"] = currency.id or None
            rows.append(row)
    for row in rows:
        names_ = ", ".join(row)
        marks = ", ".join(["%s"] * len(row))
        env.cr.execute(
            f"INSERT INTO mail_tracking_value ({names_}, create_uid, create_date, write_uid, write_date) "
            f"VALUES ({marks}, %s, %s, %s, %s)",
            [*row.values(), env.uid, env.now, env.uid, env.now],
        )
    env.forget()


def _classify(record: Any, changed: Sequence[str], message: int) -> None:
    """Give a note of changes the kind that the model has for them; followers of that kind are told."""
    name = None
    for field in changed:
        if field == "state":
            name = STATES.get((record._name, record["state"]))
        elif record._name == "crm.lead" and field == "stage_id" and record["stage_id"]["is_won"]:
            name = "crm.mt_lead_won"
        name = name or SUBTYPES.get((record._name, field))
        if name:
            break
    if record._name == "account.move" and record["move_type"] == "entry":
        return
    subtype = record.env.ref(name, raise_if_not_found=False) if name else None
    if subtype is None:
        return
    record.env.cr.execute(
        "UPDATE mail_message SET subtype_id = %s, is_internal = FALSE WHERE id = %s", [subtype.id, message]
    )
    record.env.forget("mail.message")
    author = record.env.user.partner_id
    mail_followers.notify(record.env.sudo()["mail.message"].browse(message), (), author, subtype)


def _sides(records: Any, field: Any, old: Any, new: Any) -> dict[str, Any]:
    """The columns that hold the old and the new value."""
    found: dict[str, Any] = {}
    for side, value in (("old", old), ("new", new)):
        if field.type in {"float", "monetary"}:
            found[f"{side}_value_float"] = value or 0.0
        elif field.type in {"integer", "boolean"}:
            found[f"{side}_value_integer"] = int(value or 0)
        elif field.type in {"date", "datetime"}:
            moment = (
                value
                if isinstance(value, datetime) or not isinstance(value, date)
                else datetime.combine(value, time())
            )
            found[f"{side}_value_datetime"] = moment or None
        elif field.type in {"text", "html"}:
            found[f"{side}_value_text"] = value or None
        elif field.type == "selection":
            labels = dict(field.attrs.get("selection") or ())
            found[f"{side}_value_char"] = labels.get(value, value) or ""
        elif field.relational:
            labels = records.env.sudo()[field.relation].browse(value)._display_names() if value else {}
            found[f"{side}_value_char"] = ", ".join(str(labels.get(one) or "") for one in value)
            if field.type == "many2one":
                found[f"{side}_value_integer"] = value[0] if value else 0
        else:
            found[f"{side}_value_char"] = value or ""
    return found
