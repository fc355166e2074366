# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""``fields_get``: the published attributes of the fields a user may read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import access, field_access

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["fields_get"]


def fields_get(
    records: RecordSet, names: Iterable[str] | None, attributes: Iterable[str] | None
) -> dict[str, dict[str, Any]]:
    """Attributes by field; unknown fields and attributes are left out.

    A user who may neither create nor change records sees every field as read-only.
    """
    model, env = records._model, records.env
    readonly = not (access.may(env, model, "write") or access.may(env, model, "create"))
    wanted = set(names) if names else None
    kept = set(attributes) if attributes is not None else None
    found: dict[str, dict[str, Any]] = {}
    for name, field in model.fields.items():
        if (wanted is not None and name not in wanted) or not field_access.allowed(env, field):
            continue
        attrs: dict[str, Any] = {"name": name, **field.attrs}
        if readonly and attrs.get("readonly") is False:
            attrs["readonly"] = True
        chosen = (
            getattr(records, f"_selection_{name}", None)
            if f"_selection_{name}" in dir(type(records))
            else None
        )
        if chosen is not None:
            attrs["selection"] = chosen()
        found[name] = attrs if kept is None else {key: value for key, value in attrs.items() if key in kept}
    return found
