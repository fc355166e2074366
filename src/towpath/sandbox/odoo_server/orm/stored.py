# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Stored related fields: kept equal to the end of their path when a record or something on the way changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.recordset import RecordSet
    from towpath.sandbox.odoo_server.registry import Registry

__all__ = ["refresh_dependents", "refresh_own"]

Triggers = dict[tuple[str, str], list[tuple["FieldDef", int]]]


def _triggers(registry: Registry) -> Triggers:
    """(model, field) -> the stored related fields with that field on their path, and its place there."""
    known: Triggers | None = registry.derived.get("stored")
    if known is not None:
        return known
    serial = registry.serial
    found: Triggers = {}
    for model in registry.models.values():
        for field in model.fields.values():
            if not field.related or field.sql_type is None or not model.stored:
                continue
            here = model.name
            for place, name in enumerate(field.related):
                step = registry[here].fields.get(name) if here in registry else None
                if step is None:
                    break
                if place:
                    found.setdefault((here, name), []).append((field, place))
                here = step.relation
    if serial == registry.serial:
        registry.derived["stored"] = found
    return found


def refresh_own(records: RecordSet, changed: set[str], *, created: bool) -> None:
    """Set the stored related fields of these records whose path begins with a changed field."""
    fields = [
        one
        for one in records._model.fields.values()
        if one.related
        and one.sql_type is not None
        and not one.manual
        and (one.related[0] in changed or (created and one.name not in changed))
    ]
    for field in fields:
        if created and field.name in changed and not field.readonly:
            _push(records, field)
            continue
        _refresh(records, field)


def _push(records: RecordSet, field: FieldDef) -> None:
    """A value given for a writable related field goes to the end of its path."""
    from towpath.sandbox.odoo_server.orm import write

    for record in records:
        write.write_along(record, field, record._value(field.name))


def _refresh(records: RecordSet, field: FieldDef) -> None:
    rows: dict[int, dict[str, Any]] = {}
    for record in records.sudo() if hasattr(records, "sudo") else records:
        here: Any = record
        for name in field.related:
            if name not in here._model.fields:
                return
            here = here[:1]._value(name) if here else False
            if here is False:
                break
        rows[record.ids[0]] = {field.name: here}
    records._store(rows, touch=False)


def refresh_dependents(records: RecordSet, changed: set[str]) -> None:
    """Set the stored related fields of other records whose path leads through a changed field of these."""
    triggers = _triggers(records.env.registry)
    for name in changed:
        for field, place in triggers.get((records._name, name), ()):
            owner = records.env.sudo().with_context(active_test=False)[field.model]
            path = ".".join(field.related[:place])
            found = owner.search([(path, "in", list(records.ids))])
            if found:
                _refresh(found, field)
