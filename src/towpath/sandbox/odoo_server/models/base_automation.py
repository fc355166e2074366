# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Automated rules: kept as records, and carried out when records are created, changed or deleted."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from towpath.sandbox.odoo_server.env import Env
from towpath.sandbox.odoo_server.exceptions import SandboxError, ValidationError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.orm.expressions import evaluate
from towpath.sandbox.odoo_server.orm.refusals import missing_value
from towpath.sandbox.odoo_server.records import Records, constrains, model, returns

__all__ = ["Automated", "BaseAutomation"]

CREATE = frozenset({"on_create", "on_create_or_write", "on_stage_set", "on_user_set", "on_tag_set", "on_state_set",
                    "on_priority_set"})  # fmt: skip
WRITE = CREATE - {"on_create"} | {"on_write", "on_archive", "on_unarchive"}
DONE = "__action_done"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """An active rule: what it waits for, which records it is for, which fields it looks at."""

    id: int
    trigger: str
    before: str
    domain: str
    fields: frozenset[str]


def _rules(env: Env) -> dict[str, list[Rule]]:
    """The active rules by model, read once per transaction."""
    known: dict[str, list[Rule]] | None = vars(env.cr).get("automations")
    if known is None:
        known = {}
        rows = env.cr.execute(
            "SELECT m.model, a.id, a.trigger, a.filter_pre_domain, a.filter_domain, "
            "ARRAY(SELECT f.name FROM base_automation_ir_model_fields_rel r JOIN ir_model_fields f "
            "ON f.id = r.ir_model_fields_id WHERE r.base_automation_id = a.id) "
            "FROM base_automation a JOIN ir_model m ON m.id = a.model_id WHERE a.active ORDER BY a.id"
        ).fetchall()
        for name, one, trigger, before, domain, fields in rows:
            found = Rule(one, trigger, before or "", domain or "", frozenset(fields))
            known.setdefault(name, []).append(found)
        vars(env.cr)["automations"] = known
    return known


class BaseAutomation(Records, model="base.automation"):
    """An automated rule."""

    _odoo_class = "BaseAutomation"
    _defaults: ClassVar[dict[str, Any]] = {
        "record_getter": "model.env[payload.get('_model')].browse(int(payload.get('_id')))"
    }

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make rules; their actions belong to automation."""
        rows = vals_rows(vals_list)
        prepared = []
        for vals in rows:
            if not vals.get("trigger") and "default_trigger" not in self.env.context:
                raise missing_value(self._model, self._model.fields["trigger"], is19=self.env.is19)
            one = {"webhook_uuid": str(uuid.uuid4()), **vals}
            one["action_server_ids"] = [_ours(command) for command in one.get("action_server_ids") or ()]
            if one.get("trigger") in {"on_archive", "on_unarchive"} and not one.get("filter_domain"):
                one["filter_domain"] = f"[('active', '=', {one['trigger'] == 'on_unarchive'})]"
            prepared.append(one)
        vars(self.env.cr).pop("automations", None)
        found = super().create(prepared)
        vars(self.env.cr).pop("automations", None)
        return found

    @constrains("model_id", "action_server_ids")
    def _check_models(self) -> None:
        for one in self.sudo():
            strange = one["action_server_ids"].filtered(
                lambda act, rule=one: act["model_id"] != rule["model_id"]
            )
            if strange:
                names = ", ".join(strange.mapped("name"))
                raise ValidationError(f"Target model of actions {names} are different from rule model.")

    def write(self, vals: Any) -> bool:
        """Change rules."""
        changes = dict(vals)
        if "action_server_ids" in changes:
            changes["action_server_ids"] = [_ours(command) for command in changes["action_server_ids"] or ()]
        done = super().write(changes)
        vars(self.env.cr).pop("automations", None)
        return done

    def unlink(self) -> bool:
        """Delete rules with their actions."""
        actions = self.sudo().mapped("action_server_ids")
        done = super().unlink()
        actions.exists().unlink()
        vars(self.env.cr).pop("automations", None)
        return done

    def _compute_url(self) -> dict[int, Any]:
        base = self.env.sudo()["ir.config_parameter"].get_param("web.base.url", "http://localhost:8069")
        return {
            one.id: f"{base}/web/hook/{one['webhook_uuid']}" if one["trigger"] == "on_webhook" else ""
            for one in self
        }

    def action_rotate_webhook_uuid(self) -> None:
        """Give rules a new secret address."""
        for one in self:
            one.write({"webhook_uuid": str(uuid.uuid4())})

    def _process(self, records: Any) -> None:
        """Carry out the actions of a rule on records, each record once in a chain of changes."""
        done = dict(self.env.context.get(DONE) or {})
        seen = set(done.get(self.id, ()))
        todo = records.browse([one for one in records.ids if one not in seen])
        if not todo:
            return
        done[self.id] = [*seen, *todo.ids]
        todo = todo.with_context(**{DONE: done})
        if "date_automation_last" in todo._model.fields:
            todo.write({"date_automation_last": self.env.now})
        for action in self.sudo()["action_server_ids"].sorted(lambda one: (one["sequence"], one.id)):
            action.with_context(**{DONE: done})._carry_out(todo)


def _ours(command: Any) -> Any:
    """A command that creates an action says that it belongs to automation."""
    if isinstance(command, list | tuple) and command and command[0] == 0:
        return (0, 0, {"usage": "base_automation", **command[2]})
    return command


def matching(records: Any, text: str) -> Any:
    """Those of the records that fulfil a domain written as text; all without one."""
    if not text or not records:
        return records
    try:
        domain = evaluate(text, {"user": records.env.user, "uid": records.env.uid, "now": records.env.now})
        found = (
            records.sudo().with_context(active_test=False).search([("id", "in", list(records.ids)), *domain])
        )
    except (SandboxError, ValueError, TypeError, NameError, SyntaxError) as problem:
        log.debug("the condition of an automated rule cannot be used: %s", problem)
        return records.browse(())
    return records.browse([one for one in records.ids if one in set(found.ids)])


class Automated(
    Records, when=lambda one: one.kind == "table" and not one.name.startswith(("ir.", "base.automation"))
):
    """Any record that a rule may wait for."""

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make records, then carry out the rules for new ones."""
        found = super().create(vals_list)
        rules = [one for one in _rules(self.env).get(self._name, ()) if one.trigger in CREATE]
        for rule in rules:
            self._apply_rule(rule, matching(found.sudo(), rule.domain))
        return found

    def write(self, vals: Any) -> bool:
        """Change records, then carry out the rules for changed ones."""
        rules = [
            one
            for one in _rules(self.env).get(self._name, ())
            if one.trigger in WRITE and (not one.fields or one.fields & set(vals or ()))
        ]
        if not rules or not self.ids:
            return super().write(vals)
        before = {rule.id: matching(self.sudo().exists(), rule.before) for rule in rules}
        watched = {name for rule in rules for name in rule.fields if name in self._model.fields}
        old = {one.id: {name: _plain(one[name]) for name in watched} for one in self.sudo().exists()}
        done = super().write(vals)
        for rule in rules:
            found = matching(before[rule.id], rule.domain)
            if rule.fields:
                changed = [
                    one.id
                    for one in found
                    if any(
                        old.get(one.id, {}).get(name) != _plain(one[name]) for name in rule.fields & watched
                    )
                ]
                found = found.browse(changed)
            self._apply_rule(rule, found)
        return done

    def unlink(self) -> bool:
        """Carry out the rules for records that go, then delete them."""
        for rule in _rules(self.env).get(self._name, ()):
            if rule.trigger == "on_unlink":
                self._apply_rule(rule, matching(self.sudo(), rule.domain))
        return super().unlink()

    def _apply_rule(self, rule: Rule, records: Any) -> None:
        if records:
            self.env.sudo()["base.automation"].browse(rule.id)._process(records)


def _plain(value: Any) -> Any:
    return tuple(value.ids) if hasattr(value, "ids") else value
