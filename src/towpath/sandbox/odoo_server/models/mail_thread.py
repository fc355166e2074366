# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Records with a chatter: a line when they are made, followers, messages, and a note of what was changed."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Self

from towpath.sandbox.odoo_server.exceptions import AccessError
from towpath.sandbox.odoo_server.models import mail_followers, mail_tracking
from towpath.sandbox.odoo_server.orm import access, rules
from towpath.sandbox.odoo_server.orm.write import check
from towpath.sandbox.odoo_server.records import Records, model, returns

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["MailThread"]

CREATED = {"crm.lead": "crm.mt_lead_create", "project.task": "project.mt_task_new"}
"""The subtype of the first message of models that have one of their own."""
EXTRAS = frozenset(
    {
        "email_add_signature", "email_layout_xmlid", "force_send", "mail_activity_type_id", "mail_auto_delete",
        "mail_server_id", "model_description", "notify_author", "notify_author_mention", "notify_skip_followers",
        "outgoing_email_to", "record_name", "reply_to", "reply_to_force_new", "scheduled_date", "tracking_value_ids",
        "force_email_lang", "subtitles", "incoming_email_to", "incoming_email_cc", "mail_headers", "rating_id",
        "rating_value", "skip_existing", "special_mentions", "canned_response_ids", "bounced_email", "is_internal",
    }
)  # fmt: skip
"""Further arguments that posting takes."""


def _threaded(definition: ModelDef) -> bool:
    field = definition.fields.get("message_follower_ids")
    return field is not None and not field.related


class MailThread(Records, when=_threaded):
    """A record people can follow and write to."""

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make records; who makes them follows them, and the chatter says so."""
        found = super().create(vals_list)
        context = self.env.context
        if found and not context.get("tracking_disable"):
            partner = self.env.user.partner_id
            if not context.get("mail_create_nosubscribe") and self.env.user.active and partner.active:
                mail_followers.follow(self.env, self._name, found.ids, partner.ids)
            if not context.get("mail_create_nolog"):
                found._tell_created()
        return found

    def _tell_created(self) -> None:
        """The first line of the chatter of new records."""
        own = CREATED.get(self._name)
        subtype = self.env.ref(own, raise_if_not_found=False) if own else None
        if subtype:
            for one in self.sudo():
                one.message_post(subtype_id=subtype.id)
            return
        self._log_notes(dict.fromkeys(self.ids, f"<p>{escape(self._model.description)} created</p>"))

    def _log_notes(self, bodies: Mapping[int, str]) -> dict[int, int]:
        """Write notes without telling anybody; gives the message's id by record id."""
        env = self.env
        if not bodies:
            return {}
        note = env.ref("mail.mt_note", raise_if_not_found=False)
        base = {
            "message_type": "notification",
            "model": self._name,
            "subtype_id": note.id if note else None,
            "is_internal": True,
            "author_id": env.user.partner_id.id or None,
            "email_from": env.user.partner_id.email_formatted or None,
            "date": env.now.replace(microsecond=0),
            "email_add_signature": True,
            "create_uid": env.uid,
            "create_date": env.now,
            "write_uid": env.uid,
            "write_date": env.now,
        }
        names = ", ".join(f'"{name}"' for name in base)
        marks = ", ".join(["%s"] * len(base))
        rows = env.cr.execute(
            f"INSERT INTO mail_message ({names}, res_id, body, message_id) "
            f"SELECT {marks}, one.id, one.body, one.mark FROM unnest(%s::int4[], %s::text[], %s::text[]) "
            "AS one(id, body, mark) RETURNING res_id, id",
            [
                *base.values(),
                list(bodies),
                list(bodies.values()),
                [_message_id(self._name, one) for one in bodies],
            ],
        ).fetchall()
        env.forget()
        return dict(rows)

    def write(self, vals: Any) -> bool:
        """Change records; what is tracked is noted in the chatter."""
        context = self.env.context
        tracked = mail_tracking.fields(self, vals)
        if not tracked or context.get("tracking_disable") or context.get("mail_notrack"):
            return super().write(vals)
        known = self.sudo().exists()
        before = mail_tracking.values(known, tracked)
        done = super().write(vals)
        mail_tracking.note(known, tracked, before)
        return done

    # -- posting

    @returns("id")
    def message_post(
        self,
        *,
        body: Any = "",
        subject: Any = None,
        message_type: str = "notification",
        email_from: Any = None,
        author_id: Any = None,
        parent_id: Any = False,
        subtype_xmlid: Any = None,
        subtype_id: Any = False,
        partner_ids: Any = None,
        attachments: Any = None,
        attachment_ids: Any = None,
        body_is_html: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Write a message on the record and tell its followers; gives the message.

        Raises:
            ValueError: for anything but one record, an unknown argument or bad recipients.
            AccessError: when the user may not write on the record.
        """
        self._one()
        strange = sorted(set(kwargs) - EXTRAS)
        if strange:
            raise ValueError(
                f"Those values are not supported when posting or notifying: {', '.join(strange)}"
            )
        recipients = list(partner_ids or ())
        if any(not isinstance(one, int) or isinstance(one, bool) for one in recipients):
            raise ValueError(
                f"Posting a message should receive partners as a list of IDs (received {recipients!r})"
            )
        if not self.exists():
            raise self._missing(self.ids)
        self._check_posting()
        env = self.env
        subtype = env.ref(subtype_xmlid, raise_if_not_found=False) if subtype_xmlid else None
        if subtype is None:
            subtype = (
                env["mail.message.subtype"].browse(subtype_id) if subtype_id else env.ref("mail.mt_note")
            )
        author = env["res.partner"].sudo().browse(author_id) if author_id else env.user.partner_id
        first = env.cr.execute(
            "SELECT id FROM mail_message WHERE model = %s AND res_id = %s AND message_type <> 'user_notification' "
            "ORDER BY id LIMIT 1",
            [self._name, self.id],
        ).fetchone()
        values: dict[str, Any] = {
            "model": self._name,
            "res_id": self.id,
            "body": (body if body_is_html else escape(str(body or ""), quote=False)) or "",
            "subject": subject or False,
            "message_type": message_type,
            "author_id": author.id,
            "email_from": email_from or author.email_formatted or False,
            "parent_id": parent_id or (first[0] if first else False),
            "subtype_id": subtype.id,
            "is_internal": bool(subtype.sudo()["internal"]),
            "partner_ids": [(6, 0, recipients)],
        }
        fields = env.registry["mail.message"].fields
        values |= {name: value for name, value in kwargs.items() if name in fields}
        if "record_name" in fields and fields["record_name"].sql_type:
            values["record_name"] = self.sudo()._display_names().get(self.id)
        files = [*self._attach_files(attachments), *(attachment_ids or ())]
        if files:
            values["attachment_ids"] = [(6, 0, files)]
        message = env["mail.message"].sudo().create(values)
        mail_followers.notify(message, recipients, author, subtype)
        if author and message_type == "comment" and not env.context.get("mail_create_nosubscribe"):
            mail_followers.follow(env, self._name, self.ids, author.ids)
        return message._with_env(env)

    def _check_posting(self) -> None:
        """Refuse a post of somebody who may not change the record.

        Raises:
            AccessError: in each version's words.
        """
        env = self.env
        if env.su:
            return
        allowed = access.may(env, self._model, "write") and not rules.hidden(
            env, self._model, self.ids, "write"
        )
        if allowed:
            return
        if not env.is19:
            check(self, "write")
        row = env.cr.execute("SELECT COALESCE(max(id), 0) + 1 FROM mail_message").fetchone()
        raise AccessError(refusal(env, "create", [row[0] if row else 1]))

    def _attach_files(self, attachments: Any) -> list[int]:
        """Ids of new attachments for (name, content) pairs."""
        found: list[int] = []
        for one in attachments or ():
            name, content = one[0], one[1]
            raw = content.encode() if isinstance(content, str) else bytes(getattr(content, "data", content))
            made = (
                self.env["ir.attachment"]
                .sudo()
                .create(
                    {
                        "name": name,
                        "datas": base64.b64encode(raw).decode(),
                        "type": "binary",
                        "res_model": self._name,
                        "res_id": self.id,
                    }
                )
            )
            found.append(made.id)
        return found

    def message_notify(
        self, *, body: Any = "", subject: Any = False, partner_ids: Any = False, **kwargs: Any
    ) -> Any:
        """Tell some people something about the record without showing it in the chatter."""
        kwargs.pop("model", None)
        kwargs.pop("res_id", None)
        author = self.env.user.partner_id
        message = (
            self.env["mail.message"]
            .sudo()
            .create(
                {
                    "model": self._name if self.ids else False,
                    "res_id": self.id or False,
                    "body": escape(str(body or ""), quote=False),
                    "subject": subject,
                    "message_type": "user_notification",
                    "author_id": author.id,
                    "subtype_id": self.env.ref("mail.mt_note").id,
                    "partner_ids": [(6, 0, list(partner_ids or ()))],
                }
            )
        )
        mail_followers.notify(message, list(partner_ids or ()), author, None)
        return message._with_env(self.env)

    # -- followers

    def message_subscribe(self, partner_ids: Any = None, subtype_ids: Any = None) -> bool:
        """Let partners follow the records, to some kinds of messages or the usual ones."""
        wanted = list(partner_ids or ())
        if not wanted:
            return True
        only_self = set(wanted) == set(self.env.user.partner_id.ids)
        check(self, "read" if only_self else "write")
        mail_followers.follow(self.env, self._name, self.ids, wanted, subtype_ids)
        return True

    def message_unsubscribe(self, partner_ids: Any = None) -> None:
        """Let partners no longer follow the records."""
        wanted = list(partner_ids or ())
        if not wanted:
            return
        only_self = set(wanted) == set(self.env.user.partner_id.ids)
        check(self, "read" if only_self else "write")
        mail_followers.unfollow(self.env, self._name, self.ids, wanted)

    def _compute_message_is_follower(self) -> dict[int, Any]:
        mine = mail_followers.partners(self.env, self._name, self.ids, self.env.user.partner_id.ids)
        return {one: bool(mine.get(one)) for one in self.ids}

    def _search_message_is_follower(self, operator: str, value: Any) -> list[Any]:
        ids = mail_followers.followed(self.env, self._name, self.env.user.partner_id.ids)
        wanted = bool(value[0] if isinstance(value, list | tuple) and value else value)
        positive = (operator in {"=", "in"}) == wanted
        return [("id", "in" if positive else "not in", ids)]

    def _compute_message_partner_ids(self) -> dict[int, Any]:
        found = mail_followers.partners(self.env, self._name, self.ids)
        return {one: found.get(one, []) for one in self.ids}

    def _search_message_partner_ids(self, operator: str, value: Any) -> list[Any]:
        if operator in {"=", "!=", "in", "not in"} and not isinstance(value, str):
            wanted = value if isinstance(value, list | tuple) else [value]
            partners = [one for one in wanted if one]
        else:
            partners = list(self.env["res.partner"].sudo().search([("id", operator, value)]).ids)
        ids = mail_followers.followed(self.env, self._name, partners)
        return [("id", "not in" if operator in {"!=", "not in"} else "in", ids)]

    def _inverse_message_partner_ids(self, value: Any) -> None:
        """Follow commands such as (4, id) and (6, 0, ids) on the followers."""
        for command in value or ():
            if isinstance(command, int):
                command = (4, command)  # noqa: PLW2901 - an id stands for the command that links it
            code = command[0]
            if code == 4:
                mail_followers.follow(self.env, self._name, self.ids, [command[1]])
            elif code in {2, 3}:
                mail_followers.unfollow(self.env, self._name, self.ids, [command[1]])
            elif code in {5, 6}:
                kept = list(command[2]) if code == 6 else []
                for one, known in mail_followers.partners(self.env, self._name, self.ids).items():
                    mail_followers.unfollow(self.env, self._name, [one], [p for p in known if p not in kept])
                mail_followers.follow(self.env, self._name, self.ids, kept)

    # -- counters

    def _count_messages(self, condition: str, params: Sequence[Any] = ()) -> dict[int, int]:
        rows = self.env.cr.execute(
            f"SELECT m.res_id, count(*) FROM mail_message m {condition} m.model = %s AND m.res_id = ANY(%s) "
            "GROUP BY m.res_id",
            [*params, self._name, list(self.ids)],
        ).fetchall()
        return {**dict.fromkeys(self.ids, 0), **dict(rows)}

    def _compute_has_message(self) -> dict[int, Any]:
        return {one: bool(count) for one, count in self._count_messages("WHERE").items()}

    def _compute_message_needaction_counter(self) -> dict[int, Any]:
        condition = (
            "JOIN mail_notification n ON n.mail_message_id = m.id AND n.res_partner_id = %s "
            "AND n.is_read IS NOT TRUE WHERE"
        )
        return dict(self._count_messages(condition, [self.env.user.partner_id.id]))

    def _compute_message_needaction(self) -> dict[int, Any]:
        return {one: bool(count) for one, count in self._compute_message_needaction_counter().items()}

    def _compute_message_attachment_count(self) -> dict[int, Any]:
        rows = self.env.cr.execute(
            "SELECT res_id, count(*) FROM ir_attachment WHERE res_model = %s AND res_id = ANY(%s) GROUP BY res_id",
            [self._name, list(self.ids)],
        ).fetchall()
        return {**dict.fromkeys(self.ids, 0), **dict(rows)}


def _message_id(model_name: str, one: int) -> str:
    return f"<{secrets.randbits(52)}.{one}-{model_name}@sandbox>"


def refusal(env: Any, operation: str, ids: Sequence[int]) -> str:
    """The sentence about messages somebody may not touch."""
    shown = ", ".join(map(str, ids[:6]))
    return (
        "The requested operation cannot be completed due to security restrictions. "
        "Please contact your system administrator.\n\n"
        f"(Document type: Message, Operation: {operation})\n\nRecords: {shown}, User: {env.uid}"
    )
