# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Messages: who may see one is decided by the record it is written on."""

from __future__ import annotations

import secrets
from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import AccessError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.models.mail_thread import refusal
from towpath.sandbox.odoo_server.orm import access, rules, search
from towpath.sandbox.odoo_server.orm.write import check
from towpath.sandbox.odoo_server.records import Records, model, returns

__all__ = ["MailMessage"]


class MailMessage(Records, model="mail.message"):
    """A message on a record, or between people."""

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Write messages; the author is the caller unless another is named."""
        rows = vals_rows(vals_list)
        prepared = []
        partner = self.env.user.partner_id
        for vals in rows:
            one = dict(vals)
            one.setdefault("date", self.env.now.replace(microsecond=0))
            one.setdefault("message_id", f"<{secrets.randbits(52)}.{one.get('res_id') or 'private'}@sandbox>")
            if "author_id" not in one:
                one["author_id"] = partner.id
                one.setdefault("email_from", partner.email_formatted or False)
            one.setdefault("email_from", False)
            one.setdefault("reply_to", one["email_from"])
            prepared.append(one)
        found = super().create(prepared)
        found._check_documents("create")
        return found

    def _check_documents(self, mode: str) -> None:
        """Refuse messages on records the user may not read (or, to change them, not write).

        Raises:
            AccessError: of the record on 17.0, of the message on 19.0.
        """
        env = self.env
        if env.su or not self.ids:
            return
        me = env.user.partner_id.id
        rows = env.cr.execute(
            "SELECT m.id, m.model, m.res_id, m.author_id = %s OR m.create_uid = %s OR (%s AND EXISTS (SELECT 1 FROM "
            "mail_message_res_partner_rel r WHERE r.mail_message_id = m.id AND r.res_partner_id = %s)) "
            "FROM mail_message m WHERE m.id = ANY(%s)",
            [me, env.uid, mode == "read", me, list(self.ids)],
        ).fetchall()
        needed = "read" if mode == "read" else "write"
        for one, model_name, res_id, own in rows:
            if own and mode in {"read", "write"}:
                continue
            definition = env.registry.models.get(model_name or "")
            if definition is None or not res_id:
                if own:
                    continue
                raise AccessError(refusal(env, mode, [one]))
            fits = access.may(env, definition, needed) and not rules.hidden(
                env, definition, (res_id,), needed
            )
            if fits:
                continue
            if not env.is19:
                check(env[definition.name].browse(res_id), needed)
            raise AccessError(refusal(env, mode, [one]))

    def _seen(self, domain: Any) -> Any:
        """The domain narrowed to messages the user may find: on readable models, own, or received."""
        env = self.env
        if env.su:
            return domain
        names = env.cr.execute("SELECT DISTINCT model FROM mail_message WHERE model IS NOT NULL").column()
        readable = [
            one for one in names if one in env.registry and access.may(env, env.registry[one], "read")
        ]
        me = env.user.partner_id.id
        own = ["|", "|", ("model", "in", readable), ("author_id", "=", me), ("partner_ids", "in", [me])]
        return [*own, *(list(domain) if isinstance(domain, list | tuple) else [domain])]

    @model
    @returns("ids")
    def search(self, domain: Any, offset: Any = 0, limit: Any = None, order: Any = None) -> Self:
        """The messages that fulfil a domain and may be seen."""
        return self._browse(search.ids(self, self._seen(domain), offset, limit, order))

    @model
    def search_count(self, domain: Any, limit: Any = None) -> int:
        """How many messages fulfil a domain and may be seen."""
        return super().search_count(self._seen(domain), limit)

    def _read_format(
        self, domain: Any, fields: Any, offset: Any, limit: Any, order: Any, load: Any = "_classic_read"
    ) -> list[dict[str, Any]]:
        return super()._read_format(self._seen(domain), fields, offset, limit, order, load)

    def read(self, fields: Any = None, load: Any = "_classic_read") -> list[dict[str, Any]]:
        """One dictionary per message."""
        self._check_documents("read")
        return super().read(fields, load)

    def write(self, vals: Any) -> bool:
        """Change messages: one's own, or those on records one may change."""
        if not self.env.su:
            if self.env.is19:
                # the audit trail of invoices looks at the entries first (scenario mail-messages)
                access.check_model(self.env, self.env.registry["account.move"], "read")
            self._check_documents("write")
        return super().write(vals)

    def unlink(self) -> bool:
        """Delete messages on records one may change."""
        self._check_documents("unlink")
        return super().unlink()

    # -- of the caller

    def toggle_message_starred(self) -> None:
        """Star messages, or take the star away."""
        me = self.env.user.partner_id
        for one in self.sudo():
            code = 3 if me in one["starred_partner_ids"] else 4
            one.write({"starred_partner_ids": [(code, me.id)]})

    def set_message_done(self) -> None:
        """Mark messages as read by the caller."""
        self._read_by_caller("mail_message_id = ANY(%s)", [list(self.ids)])

    @model
    def mark_all_as_read(self, domain: Any = None) -> list[int]:
        """Mark all messages of a domain as read by the caller, and give their ids."""
        found = self.search(domain or [])
        return self._read_by_caller("mail_message_id = ANY(%s)", [list(found.ids)])

    def _read_by_caller(self, condition: str, params: list[Any]) -> list[int]:
        ids = self.env.cr.execute(
            f"UPDATE mail_notification SET is_read = TRUE, read_date = %s WHERE res_partner_id = %s "
            f"AND is_read IS NOT TRUE AND {condition} RETURNING mail_message_id",
            [self.env.now, self.env.user.partner_id.id, *params],
        ).column()
        self.env.forget()
        return ids

    def _compute_preview(self) -> dict[int, Any]:
        from towpath.sandbox.odoo_server.models.mail_text import plain

        return {one.id: plain(one["body"] or "")[:190] for one in self}

    def _compute_needaction(self) -> dict[int, Any]:
        rows = self.env.cr.execute(
            "SELECT mail_message_id FROM mail_notification WHERE mail_message_id = ANY(%s) AND res_partner_id = %s "
            "AND is_read IS NOT TRUE",
            [list(self.ids), self.env.user.partner_id.id],
        ).column()
        return {one: one in set(rows) for one in self.ids}

    def _compute_starred(self) -> dict[int, Any]:
        me = self.env.user.partner_id
        return {one.id: me in one.sudo()["starred_partner_ids"] for one in self}

    def _compute_record_name(self) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for one in self.sudo():
            name = one["model"]
            record = (
                self.env.sudo()[name].browse(one["res_id"])
                if name in self.env.registry and one["res_id"]
                else None
            )
            found[one.id] = (record._display_names().get(record.id) if record else False) or False
        return found

    def _display_names(self) -> dict[int, Any]:
        if self.env.is19:
            return super()._display_names()
        return {one.id: one["record_name"] or f"{self._name},{one.id}" for one in self.exists()}
