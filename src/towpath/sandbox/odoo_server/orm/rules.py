# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Record rules: which records of a model a user may read, change, create or delete (ir.rule)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.exceptions import AccessError
from towpath.sandbox.odoo_server.orm import access, where
from towpath.sandbox.odoo_server.orm.domain import TRUE, Both, Leaf, Node, conjunction
from towpath.sandbox.odoo_server.orm.expressions import evaluate

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["check", "domain", "hidden"]


def _rows(env: Env, mode: str) -> dict[str, list[tuple[str | None, bool]]]:
    """(domain text, global) of all rules for a mode that concern the user, by model."""
    memory = env.transaction.memory
    key = ("rules", env.uid, mode)
    if key not in memory:
        found: dict[str, list[tuple[str | None, bool]]] = {}
        rows = env.cr.execute(
            "SELECT m.model, r.domain_force, NOT EXISTS (SELECT 1 FROM rule_group_rel g WHERE g.rule_group_id = r.id) "
            "FROM ir_rule r JOIN ir_model m ON m.id = r.model_id "
            f"WHERE r.active AND r.perm_{mode} AND (NOT EXISTS (SELECT 1 FROM rule_group_rel g "
            "WHERE g.rule_group_id = r.id) OR EXISTS (SELECT 1 FROM rule_group_rel g "
            "WHERE g.rule_group_id = r.id AND g.group_id = ANY(%s))) ORDER BY r.id",
            [list(access.group_ids(env))],
        ).fetchall()
        for model, text, everywhere in rows:
            found.setdefault(model, []).append((text, everywhere))
        memory[key] = found
    result: dict[str, list[tuple[str | None, bool]]] = memory[key]
    return result


def _names(env: Env) -> dict[str, Any]:
    """What a rule's text may speak of."""
    return {
        "user": env.user,
        "company_id": env.company_id,
        "company_ids": list(env.company_ids),
        "uid": env.uid,
        "now": env.now,
    }


def domain(env: Env, model: ModelDef, mode: str) -> Node:
    """The tree of all rules of a user on a model: global ones together, those of groups as alternatives.

    Raises:
        AccessError: when the context names companies the user does not belong to.
    """
    if env.su:
        return TRUE
    rows = _rows(env, mode).get(model.name, [])
    parts: list[Node] = []
    # a delegating record is only as visible as the record it delegates to
    for link, parent in model.inherits.items():
        inherited = domain(env, env.registry[parent], mode)
        if inherited is not TRUE:
            parts.append(Leaf(link, "any", inherited))
    if not rows and not parts:
        return TRUE
    names = _names(env)
    groups: list[Node] = []
    for text, everywhere in rows:
        node = where.tree(env, evaluate(text, names) if text else [])
        (parts if everywhere else groups).append(node)
    if groups:
        parts.append(groups[0] if len(groups) == 1 else Both("|", tuple(groups)))
    return conjunction(parts)


def hidden(env: Env, model: ModelDef, ids: tuple[int, ...], mode: str) -> list[int]:
    """The ids among these (which must exist) that a rule keeps from the user."""
    rule = domain(env, model, mode)
    if rule is TRUE or not ids:
        return []
    sql, params = where.condition(env.sudo().with_context(active_test=False), model, "t", rule)
    query = f'SELECT t.id FROM "{model.table}" AS t WHERE t.id = ANY(%s) AND {sql}'
    seen = set(env.cr.execute(query, [list(ids), *params]).column())
    return [one for one in ids if one not in seen]


def check(env: Env, model: ModelDef, ids: tuple[int, ...], mode: str) -> None:
    """Nothing when the rules allow a mode on all these records.

    Raises:
        AccessError: otherwise.
    """
    if not env.su and hidden(env, model, ids, mode):
        raise refusal(env, model, mode)


def refusal(env: Env, model: ModelDef, mode: str) -> AccessError:
    """The error for records hidden by a rule."""
    rows = _rows(env, mode).get(model.name, [])
    company = any(text and "company" in text for text, _everywhere in rows)
    name = env.user._display_names().get(env.uid, "")
    text = (
        "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
        f"Sorry, {name} (id={env.uid}) doesn't have '{mode}' access to:\n"
        f"- {model.description} ({model.name})\n\n"
    )
    if company:
        text += (
            "If you really, really need access, perhaps you can win over your friendly administrator "
            "with a batch of freshly baked cookies.\n\n"
            "This seems to be a multi-company issue, you might be able to access the record by switching to the company."
        )
    else:
        text += (
            "If you really, really need access, perhaps you can win over your friendly administrator "
            "with a batch of freshly baked cookies."
        )
    return AccessError(text)
