"""The window in which a message to the followers of records is written."""

from __future__ import annotations

from typing import Any

from towpath.sandbox.odoo_server.orm.expressions import evaluate
from towpath.sandbox.odoo_server.records import Records, model

__all__ = ["MailComposeMessage"]


class MailComposeMessage(Records, model="mail.compose.message"):
    """A message being written."""

    _odoo_class = "MailComposer"

    @model
    def default_get(self, fields_list: Any) -> dict[str, Any]:
        """The records of the context are the ones written to."""
        found = super().default_get(fields_list)
        context = self.env.context
        ids = context.get("active_ids") or ([context["active_id"]] if context.get("active_id") else [])
        known = self._model.fields
        if "model" in known and "model" not in found and context.get("active_model"):
            found["model"] = context["active_model"]
        if "res_ids" in known and "res_ids" not in found and ids:
            found["res_ids"] = str(list(ids))
        return {name: value for name, value in found.items() if name in fields_list}

    def action_send_mail(self) -> dict[str, Any]:
        """Post the message on each of the records, then close the window."""
        for one in self.sudo():
            name = one["model"]
            if name not in self.env.registry:
                continue
            ids = self._targets(one)
            for record in self.env[name].browse(ids):
                record.message_post(
                    body=one["body"] or "",
                    body_is_html=True,
                    subject=one["subject"] or None,
                    message_type="comment",
                    subtype_id=one["subtype_id"].id or self.env.ref("mail.mt_comment").id,
                    partner_ids=list(one["partner_ids"].ids),
                    attachment_ids=list(one["attachment_ids"].ids),
                )
        return {"type": "ir.actions.act_window_close", "infos": "mail.mail sent"}

    @staticmethod
    def _targets(one: Any) -> list[int]:
        """Ids written in ``res_ids``, a list as text."""
        found = evaluate(one["res_ids"] or "[]", {})
        return [found] if isinstance(found, int) else list(found)
