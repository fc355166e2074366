# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Server actions: what they change is carried out here, webhooks are called after the commit; mails are only kept."""

from __future__ import annotations

import functools
import json
import logging
import threading
import urllib.request
from datetime import timedelta
from typing import Any, ClassVar

from towpath.sandbox.odoo_server.orm import access, code
from towpath.sandbox.odoo_server.orm.expressions import evaluate
from towpath.sandbox.odoo_server.records import Records

__all__ = ["IrActionsServer"]

log = logging.getLogger(__name__)
PATIENCE = 1.0
"""Seconds another server has to take a call, as on a real one."""


def _send(url: str, body: bytes) -> None:
    """POST a body in the background."""

    def post() -> None:
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - checked by the caller
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310 - http(s) only
                pass
        except OSError as problem:
            log.debug("the webhook %s was not heard: %s", url, problem)

    threading.Thread(target=post, name="sandbox-webhook", daemon=True).start()


class IrActionsServer(Records, model="ir.actions.server"):
    """A server action."""

    _odoo_class = "IrActionsServer"
    _defaults: ClassVar[dict[str, Any]] = {
        "evaluation_type": "value",
        "update_m2m_operation": "add",
        "update_boolean_value": "true",
        "binding_type": "action",
        "code": "# Available variables:\n#  - env: environment on which the action is triggered\n",
    }

    def _recompute(self, changed: set[str]) -> None:
        """Find the field behind the path that is written to."""
        super()._recompute(changed)
        if not changed & {"update_path", "model_id", "state"}:
            return
        for one in self:
            field, relation = one._target()
            fields, models = self.env.sudo()["ir.model.fields"], self.env.sudo()["ir.model"]
            found = (
                fields.search([("model", "=", field.model), ("name", "=", field.name)]) if field else fields
            )
            related = models.search([("model", "=", relation)]) if relation else models
            one._put(
                {"update_field_id": found.id or None, "update_related_model_id": related.id or None},
                touch=False,
            )

    def _target(self) -> tuple[Any, str]:
        """(field at the end of the path, model it leads to)."""
        here = self.env.registry.models.get(self.sudo()["model_id"]["model"])
        field = None
        for name in (self["update_path"] or "").split("."):
            field = here.fields.get(name) if here is not None else None
            if field is None:
                return None, ""
            here = self.env.registry.models.get(field.relation)
        return field, field.relation if field is not None else ""

    def run(self) -> Any:
        """Carry out actions on the records of the context (``active_model``, ``active_ids``)."""
        context = self.env.context
        for action in self:
            name = action.sudo()["model_id"]["model"]
            definition = self.env.registry[name]
            access.check_model(self.env, definition, "write")
            ids: list[int] = []
            if context.get("active_model") == name:
                ids = list(
                    context.get("active_ids") or ([context["active_id"]] if context.get("active_id") else [])
                )
            action.sudo()._carry_out(self.env[name].browse(ids))
        return False

    def _carry_out(self, records: Any) -> None:
        """Do what the action says to records; what would leave the database is left undone."""
        state = self["state"]
        if state == "multi":
            for one in self["child_ids"].sorted(lambda child: (child["sequence"], child.id)):
                one._carry_out(records)
        elif state == "code":
            self._run_code(records)
        elif state == "object_create":
            self._make(records)
        elif records:
            act = getattr(self, f"_do_{state}", None)
            if act is not None:
                act(records)

    def _run_code(self, records: Any) -> None:
        def assign(target: Any, name: str, value: Any) -> None:
            target.write({name: value})

        env = records.env
        names = {
            "env": env,
            "model": env[records._name],
            "record": records[:1],
            "records": records,
            "user": env.user,
            "uid": env.uid,
            "now": env.now,
        }
        try:
            code.run(self["code"] or "", names, assign)
        except (ValueError, NameError, SyntaxError) as problem:
            # what is beyond the little interpreter must not stop the change that set it off
            log.debug("the code of a server action was not carried out: %s", problem)

    def _to_write(self, records: Any) -> Any:
        """The value to write, in the form of its field."""
        field, _relation = self._target()
        text = self["value"]
        if self["evaluation_type"] == "equation":
            names = {
                "record": records[:1],
                "records": records,
                "user": records.env.user,
                "now": records.env.now,
            }
            return evaluate(text or "False", names)
        if self["evaluation_type"] == "sequence":
            return self["sequence_id"]._next(None)
        if field is None:
            return text
        if field.type == "boolean":
            return self["update_boolean_value"] == "true"
        if field.type in {"many2one", "integer"}:
            target = self["resource_ref"] if field.type == "many2one" and self["resource_ref"] else text
            number = (
                str(target).rpartition(",")[2] if isinstance(target, str) else getattr(target, "id", target)
            )
            return int(number) if str(number).lstrip("-").isdigit() else False
        if field.type in {"float", "monetary"}:
            return float(text or 0)
        if field.multiple:
            return self._links(text)
        if field.type == "selection" and self["selection_value"]:
            return self["selection_value"]["value"]
        if field.type == "html" and "html_value" in self._model.fields and self["html_value"]:
            return self["html_value"]
        return text

    def _links(self, text: Any) -> list[Any]:
        reference = self["resource_ref"]
        number = str(reference or text or "").rpartition(",")[2]
        one = int(number) if number.isdigit() else 0
        commands = {"add": (4, one, 0), "remove": (3, one, 0), "set": (6, 0, [one]), "clear": (5, 0, 0)}
        return [commands[self["update_m2m_operation"] or "add"]]

    def _do_object_write(self, records: Any) -> None:
        path = (self["update_path"] or "").split(".")
        for record in records:
            target = record.mapped(".".join(path[:-1])) if len(path) > 1 else record
            if target:
                target.write({path[-1]: self._to_write(record)})

    def _make(self, records: Any) -> None:
        name = self["crud_model_id"]["model"]
        if name not in self.env.registry:
            return
        made = self.env[name].name_create(self["value"] or "")
        link = self["link_field_id"]
        if made and link and records:
            known = records._model.fields.get(link["name"])
            if known is not None:
                records.write({known.name: [(4, made[0], 0)] if known.multiple else made[0]})

    def _do_webhook(self, records: Any) -> None:
        """Tell another server, once the change is committed; whether it hears is not waited for."""
        url = str(self["webhook_url"] or "")
        if not url.startswith(("http://", "https://")):
            return
        names = [one["name"] for one in self["webhook_field_ids"]]
        for record in records:
            rows = record.sudo().read(names, load=None) if names else [{}]
            head = {"_action": f"{self['name']}(#{self.id})", "_id": record.id, "_model": record._name}
            body = json.dumps({**(rows[0] if rows else {}), **head}, default=str, sort_keys=True).encode()
            self.env.transaction.on_commit.append(functools.partial(_send, url, body))

    def _do_followers(self, records: Any) -> None:
        if "message_follower_ids" in records._model.fields:
            records.message_subscribe(partner_ids=list(self["partner_ids"].ids))

    def _do_remove_followers(self, records: Any) -> None:
        if "message_follower_ids" in records._model.fields:
            records.message_unsubscribe(partner_ids=list(self["partner_ids"].ids))

    def _do_next_activity(self, records: Any) -> None:
        if "activity_ids" not in records._model.fields:
            return
        days = int(self["activity_date_deadline_range"] or 0)
        weeks = self["activity_date_deadline_range_type"] == "weeks"
        due = records.env.now.date() + (timedelta(weeks=days) if weeks else timedelta(days=days))
        for record in records:
            record.activity_schedule(
                activity_type_id=self["activity_type_id"].id,
                summary=self["activity_summary"] or "",
                note=self["activity_note"] or "",
                date_deadline=due,
                user_id=self["activity_user_id"].id or records.env.uid,
            )
