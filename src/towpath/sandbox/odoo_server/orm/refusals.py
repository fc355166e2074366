"""PostgreSQL's integrity errors in the words clients of each version read (real-odoo §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import errors

from towpath.sandbox.odoo_server.exceptions import ValidationError
from towpath.sandbox.odoo_server.orm.fields import FieldDef

if TYPE_CHECKING:
    from psycopg import Error

    from towpath.sandbox.odoo_server.registry import ModelDef, Registry

__all__ = ["missing_value", "translate"]

HEAD = "The operation cannot be completed:"


def translate(problem: Error, registry: Registry) -> ValidationError:
    """The ValidationError for a violated constraint."""
    diagnosis = problem.diag
    model = next(
        (one for one in registry.models.values() if one.table == diagnosis.table_name and one.stored), None
    )
    constraint = diagnosis.constraint_name or ""
    if isinstance(problem, errors.ForeignKeyViolation | errors.RestrictViolation):
        return ValidationError(_still_used(registry, model, constraint))
    if isinstance(problem, errors.NotNullViolation) and model is not None:
        field = model.fields.get(diagnosis.column_name or "")
        if field is not None:
            return missing_value(model, field, is19=registry.is19)
    for one in registry.models.values():
        known = one.constraints.get(constraint)
        if known:
            return ValidationError(f"{HEAD} {known[1]}")
    detail = f"\nDETAIL:  {diagnosis.message_detail}\n" if diagnosis.message_detail else ""
    return ValidationError(f"{HEAD} {diagnosis.message_primary or ''}{detail}")


def _still_used(registry: Registry, model: ModelDef | None, constraint: str) -> str:
    field = None
    if model is not None:
        prefix, suffix = f"{model.table}_", "_fkey"
        field = model.fields.get(constraint.removeprefix(prefix).removesuffix(suffix))
        field = field if field is not None and field.type == "many2one" else None
    if registry.is19:
        who = f"{model.description!r} ({model.name})" if model else "Unknown"
        what = f"{field.attrs.get('string')!r} ({field.name})" if field else constraint
        return (
            f"{HEAD} Another model is using the record you are trying to delete.\n\n"
            f"The troublemaker is: {who}\n"
            f"Thanks to the following constraint: {what}\n"
            "How about archiving the record instead?"
        )
    who = f"{model.description} ({model.name})" if model else "Unknown (unknown)"
    return (
        f"{HEAD} another model requires the record being deleted. If possible, archive it instead.\n\n"
        f"Model: {who}\n"
        f"Constraint: {constraint}"
    )


def missing_value(model: ModelDef, field: FieldDef, *, is19: bool) -> ValidationError:
    """The refusal of a record without a required value."""
    label = field.attrs.get("string")
    if is19:
        return ValidationError(
            f"{HEAD} Missing required value for the field {label!r} ({field.name}).\n"
            f"Model: {model.description!r} ({model.name})\n"
            "- create/update: a mandatory field is not set\n"
            "- delete: another model requires the record being deleted, you can archive it instead\n"
        )
    return ValidationError(
        f"{HEAD}\n"
        "- Create/update: a mandatory field is not set.\n"
        "- Delete: another model requires the record being deleted. If possible, archive it instead.\n\n"
        f"Model: {model.description} ({model.name})\n"
        f"Field: {label} ({field.name})\n"
    )
