# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Fields that only some groups may read or write, and the sentence of each version for the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from towpath.sandbox.odoo_server.exceptions import AccessError
from towpath.sandbox.odoo_server.orm import access

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["allowed", "check"]


def _groups(field: FieldDef) -> list[str]:
    return [name.strip() for name in field.groups.split(",")]


def allowed(env: Env, field: FieldDef) -> bool:
    """Whether the user belongs to a group the field is for."""
    if env.su or not field.groups:
        return True
    names = _groups(field)
    if any(access.in_group(env, name[1:]) for name in names if name.startswith("!")):
        return False
    wanted = [name for name in names if not name.startswith("!")]
    return not wanted or any(access.in_group(env, name) for name in wanted)


def check(env: Env, model: ModelDef, names: Iterable[str], operation: str) -> None:
    """Nothing when the user may use all these fields.

    Raises:
        AccessError: naming the fields (17.0) or the first of them (19.0) and the groups they are for.
    """
    if env.su:
        return
    refused = [
        model.fields[name] for name in names if name in model.fields and not allowed(env, model.fields[name])
    ]
    if not refused:
        return
    if env.is19:
        field = refused[0]
        raise AccessError(
            f'You do not have enough rights to access the field "{field.name}" on {model.description} ({model.name}). '
            "Please contact your system administrator.\n\n"
            f"Operation: {operation}\nUser: {env.uid}\nGroups: {_shown(env, field)}"
        )
    lines = "\n".join(
        f"- {field.name} ({_shown(env, field)})" for field in sorted(refused, key=lambda one: one.name)
    )
    raise AccessError(
        "The requested operation can not be completed due to security restrictions.\n\n"
        f"Document type: {model.description} ({model.name})\nOperation: {operation}\nUser: {env.uid}\nFields:\n{lines}"
    )


def _shown(env: Env, field: FieldDef) -> str:
    """``allowed for groups 'A', 'B'; forbidden for groups 'C'``."""
    parts = []
    for words, marked in (("allowed for groups", False), ("forbidden for groups", True)):
        wanted = [name.lstrip("!") for name in _groups(field) if name.startswith("!") == marked]
        ids = sorted(one for name in wanted if (one := access.group_of(env, name)))
        if ids:
            names = env.sudo()["res.groups"].browse(ids)._display_names()
            parts.append(f"{words} {', '.join(repr(names[one]) for one in ids if one in names)}")
    return "; ".join(parts)
