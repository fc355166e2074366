# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""What a user may do with a model: the rows of ir.model.access, and the sentence of a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from towpath.sandbox.odoo_server.exceptions import AccessError

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["MODES", "allowed", "check_model", "group_ids", "group_of", "in_group", "may", "refusal"]

MODES = ("read", "write", "create", "unlink")
VERBS = {"read": "access", "write": "modify", "create": "create", "unlink": "delete"}


def group_ids(env: Env, uid: int | None = None) -> frozenset[int]:
    """Ids of the groups of a user, with those they imply."""
    user = env.uid if uid is None else uid
    memory = env.transaction.memory
    key = ("groups", user)
    if key not in memory:
        rows = env.cr.execute(
            "WITH RECURSIVE mine(id) AS (SELECT gid FROM res_groups_users_rel WHERE uid = %s "
            "UNION SELECT i.hid FROM res_groups_implied_rel i JOIN mine ON mine.id = i.gid) SELECT id FROM mine",
            [user],
        ).column()
        memory[key] = frozenset(rows)
    return cast("frozenset[int]", memory[key])


def in_group(env: Env, xmlid: str, uid: int | None = None) -> bool:
    """Whether a user belongs to the group behind an external id; False for an unknown one."""
    group = group_of(env, xmlid)
    return group is not None and group in group_ids(env, uid)


def group_of(env: Env, xmlid: str) -> int | None:
    """The id of the group behind an external id."""
    memory = env.transaction.memory
    if "group ids" not in memory:
        memory["group ids"] = dict(
            env.cr.execute(
                "SELECT module || '.' || name, res_id FROM ir_model_data WHERE model = 'res.groups'"
            ).fetchall()
        )
    found: int | None = memory["group ids"].get(xmlid)
    return found


def allowed(env: Env, mode: str) -> frozenset[str]:
    """Names of the models on which the user may do something of a mode."""
    if mode not in MODES:
        raise AssertionError("Invalid access mode")
    memory = env.transaction.memory
    key = ("allowed", env.uid, mode)
    if key not in memory:
        rows = env.cr.execute(
            "SELECT DISTINCT m.model FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id "
            f"WHERE a.active AND a.perm_{mode} AND (a.group_id IS NULL OR a.group_id = ANY(%s))",
            [list(group_ids(env))],
        ).column()
        memory[key] = frozenset(rows)
    return cast("frozenset[str]", memory[key])


def may(env: Env, model: ModelDef, mode: str) -> bool:
    """Whether the user has a right on a model."""
    if mode not in MODES:
        raise AssertionError("Invalid access mode")
    return env.su or model.name in allowed(env, mode)


def check_model(env: Env, model: ModelDef, mode: str) -> None:
    """Nothing when the user has the right.

    Raises:
        AccessError: naming the groups that have it.
    """
    if not may(env, model, mode):
        raise refusal(env, model, mode)


def refusal(env: Env, model: ModelDef, mode: str) -> AccessError:
    """The error for a missing right on a model."""
    lines = [f"You are not allowed to {VERBS[mode]} '{model.description}' ({model.name}) records.", ""]
    names = env.cr.execute(
        "SELECT DISTINCT g.id FROM ir_model_access a JOIN ir_model m ON m.id = a.model_id "
        f"JOIN res_groups g ON g.id = a.group_id WHERE a.active AND a.perm_{mode} AND m.model = %s",
        [model.name],
    ).column()
    if names:
        shown = env.sudo()["res.groups"].browse(sorted(names))._display_names()
        lines.append("This operation is allowed for the following groups:")
        lines += [f"\t- {name}" for name in sorted(shown.values())]
    else:
        lines.append("No group currently allows this operation.")
    lines += ["", "Contact your administrator to request access if necessary."]
    return AccessError("\n".join(lines))
