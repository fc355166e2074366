# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Activities: things to do about a record, and how the record shows them.

Done activities are deleted on 17.0 and kept archived on 19.0 (real-odoo.md §6).
"""

from __future__ import annotations

from datetime import date, timedelta
from html import escape
from typing import Any, Self
from zoneinfo import ZoneInfo

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, model, private, returns

FIRST = "date_deadline ASC, id ASC"


def today_of(user: Any) -> date:
    """Today where a user is."""
    zone = ZoneInfo(user.sudo().tz or "UTC") if user else ZoneInfo("UTC")
    now: date = user.env.now.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date()
    return now


def state_of(activity: Any) -> str:
    """overdue, today or planned; done when archived."""
    if not activity.active and activity.env.is19 and activity.date_done:
        return "done"
    left = (activity.date_deadline - today_of(activity.user_id)).days
    return "today" if left == 0 else "overdue" if left < 0 else "planned"


class MailActivity(Records, model="mail.activity"):
    """Something to do until a day."""

    _odoo_class = "MailActivity"
    _defaults = {"user_id": lambda records: records.env.uid}  # noqa: RUF012 - read by the registry

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make activities; the record they are about must be there and writable."""
        rows = vals_rows(vals_list)
        return super().create([self._prepared(vals) for vals in rows])

    def _prepared(self, vals: Any) -> Any:
        if not hasattr(vals, "get"):
            return vals
        one, env = dict(vals), self.env
        models = env.sudo()["ir.model"]
        if not one.get("res_model_id") and one.get("res_model"):
            one["res_model_id"] = models.search([("model", "=", one["res_model"])], limit=1).id
        if one.get("res_model_id"):
            one["res_model"] = models.browse(one["res_model_id"]).model
        name = str(one.get("res_model") or "")
        if name in env and one.get("res_id"):
            record = env[name].browse(one["res_id"])
            gone = record - record.exists()
            if gone:
                raise record._missing(gone.ids)
            one["res_name"] = record.sudo()._display_names().get(record.id)
        kind = env.sudo()["mail.activity.type"].browse(one.get("activity_type_id") or ()).exists()
        if not kind and "activity_type_id" not in one:
            kind = env.sudo()["mail.activity.type"].search([], limit=1)
            one["activity_type_id"] = kind.id
        if not one.get("date_deadline"):
            one["date_deadline"] = env.now.date() + deadline_delay(kind)
        if "summary" not in one and kind.summary:
            one["summary"] = kind.summary
        if "note" not in one and kind.default_note:
            one["note"] = kind.default_note
        one.setdefault("automated", False)
        return one

    def unlink(self) -> bool:
        """Delete activities."""
        return super().unlink()

    def _compute_state(self) -> dict[int, Any]:
        return {one.id: state_of(one) for one in self}

    def _compute_res_name(self) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for one in self:
            known = one.res_model in self.env and one.res_id
            found[one.id] = (
                self.env.sudo()[one.res_model].browse(one.res_id)._display_names().get(one.res_id)
                if known
                else False
            )
        return found

    def _compute_icon(self) -> dict[int, Any]:
        return {one.id: one.activity_type_id.icon for one in self}

    def _compute_can_write(self) -> dict[int, Any]:
        return dict.fromkeys(self.ids, True)

    def _compute_active(self) -> dict[int, Any]:
        return dict.fromkeys(self.ids, True)

    def _display_names(self) -> dict[int, Any]:
        return {one.id: one.summary or one.activity_type_id.display_name for one in self.sudo().exists()}

    # -- done

    def action_feedback(self, feedback: Any = False, attachment_ids: Any = None) -> Any:
        """Finish activities with a few words; the id of the last message."""
        messages = self._finish(feedback, attachment_ids)
        return messages[0] if messages else False

    def action_done(self) -> Any:
        """Finish activities."""
        return self.action_feedback()

    def action_feedback_schedule_next(self, feedback: Any = False, attachment_ids: Any = None) -> Any:
        """Finish activities and say what to plan next (nothing here)."""
        self._finish(feedback, attachment_ids)
        return False

    def action_done_schedule_next(self) -> Any:
        """Finish activities and say what to plan next (nothing here)."""
        return self.action_feedback_schedule_next()

    @private
    def _finish(self, feedback: Any, attachment_ids: Any) -> list[int]:
        """Leave a message on each record, then delete or archive the activities."""
        gone = self - self.exists()
        if gone:
            raise self._missing(gone.ids)
        env = self.env
        subtype = env.ref("mail.mt_activities")
        messages: list[int] = []
        for one in self:
            kind = one.activity_type_id.name or "To-Do"
            text = f"<p><b>{escape(kind)}</b> done</p>"
            if one.summary:
                text = f"<p><b>{escape(kind)}</b> done: {escape(one.summary)}</p>"
            if feedback:
                text += f"<p>{escape(str(feedback))}</p>"
            vals = {
                "model": one.res_model,
                "res_id": one.res_id,
                "body": text,
                "message_type": "notification",
                "subtype_id": subtype.id,
                "author_id": env.user.partner_id.id,
                "date": env.now.replace(microsecond=0),
                "mail_activity_type_id": one.activity_type_id.id,
            }
            if attachment_ids:
                vals["attachment_ids"] = [(4, found) for found in attachment_ids]
            messages.append(env.sudo()["mail.message"].create([vals]).id)
        if env.is19:
            values: dict[str, Any] = {"active": False, "date_done": env.now.date()}
            if feedback:
                values["feedback"] = feedback
            self.write(values)
        else:
            self.sudo().unlink()
        return messages

    def action_cancel(self) -> Any:
        """Drop activities."""
        return self.unlink()


def deadline_delay(kind: Any) -> timedelta:
    """How far ahead activities of a type are planned."""
    count = int(kind.delay_count or 0) if kind else 0
    unit = kind.delay_unit if kind else "days"
    return timedelta(days=count * {"weeks": 7, "months": 30}.get(unit or "days", 1))


class ActivityMixin(
    Records,
    when=lambda definition: "activity_ids" in definition.fields and definition.name != "mail.activity",
):
    """What a record shows of its activities."""

    def _activities(self) -> dict[int, Any]:
        """The open activities of each record, the most urgent first."""
        found = self.env.sudo()["mail.activity"].search(
            [("res_model", "=", self._name), ("res_id", "in", list(self.ids))], order=FIRST
        )
        grouped: dict[int, list[int]] = {}
        for one in found:
            grouped.setdefault(one.res_id, []).append(one.id)
        return {record: found.browse(ids) for record, ids in grouped.items()}

    def _compute_activity_state(self) -> dict[int, Any]:
        order = ("overdue", "today", "planned")
        found = {}
        for record, activities in self._activities().items():
            states = {state_of(one) for one in activities}
            found[record] = next((one for one in order if one in states), False)
        return found

    def _compute_activity_date_deadline(self) -> dict[int, Any]:
        return {record: found[:1].date_deadline for record, found in self._activities().items()}

    def _compute_activity_summary(self) -> dict[int, Any]:
        return {record: found[:1].summary for record, found in self._activities().items()}

    def _compute_activity_user_id(self) -> dict[int, Any]:
        return {record: found[:1].user_id for record, found in self._activities().items()}

    def _compute_activity_type_id(self) -> dict[int, Any]:
        return {record: found[:1].activity_type_id for record, found in self._activities().items()}

    def _compute_activity_type_icon(self) -> dict[int, Any]:
        return {record: found[:1].activity_type_id.icon for record, found in self._activities().items()}

    def _compute_my_activity_date_deadline(self) -> dict[int, Any]:
        uid = self.env.uid
        found = {}
        for record, activities in self._activities().items():
            own = activities.filtered(lambda one: one.user_id.id == uid)
            found[record] = own[:1].date_deadline
        return found

    def _search_activity_state(self, operator: str, value: Any) -> list[Any]:
        wanted = {value} if isinstance(value, str) or value is False or value is None else set(value)
        uid_day = self.env.now.date()
        activities = self.env.sudo()["mail.activity"].search([("res_model", "=", self._name)])
        by_record: dict[int, set[str]] = {}
        for one in activities:
            left = (one.date_deadline - (today_of(one.user_id) if one.user_id else uid_day)).days
            by_record.setdefault(one.res_id, set()).add(
                "today" if left == 0 else "overdue" if left < 0 else "planned"
            )
        order = ("overdue", "today", "planned")
        states = {record: next(one for one in order if one in found) for record, found in by_record.items()}
        hits = [record for record, state in states.items() if state in wanted]
        positive = operator in {"=", "in"}
        if False in wanted or None in wanted:
            others = [record for record in states if record not in hits]
            return [("id", "not in" if positive else "in", others)]
        return [("id", "in" if positive else "not in", hits)]

    def _search_by(self, field: str, operator: str, value: Any) -> list[Any]:
        """Records with an activity of which a condition holds; without any when that is asked."""
        if value is False and operator in {"=", "in"}:
            return [("activity_ids", "=", False)]
        return [(f"activity_ids.{field}", operator, value)]

    def _search_activity_date_deadline(self, operator: str, value: Any) -> list[Any]:
        return self._search_by("date_deadline", operator, value)

    def _search_my_activity_date_deadline(self, operator: str, value: Any) -> list[Any]:
        return [
            "&",
            ("activity_ids.user_id", "=", self.env.uid),
            *self._search_by("date_deadline", operator, value),
        ]

    # -- planning

    def activity_schedule(
        self,
        act_type_xmlid: str = "",
        date_deadline: Any = None,
        summary: str = "",
        note: str = "",
        **act_values: Any,
    ) -> Any:
        """Plan an activity on each record."""
        env = self.env
        kind = env.ref(act_type_xmlid, raise_if_not_found=False) if act_type_xmlid else None
        if act_type_xmlid and kind is None:
            raise ValueError(f"External ID not found in the system: {act_type_xmlid}")
        chosen = act_values.pop("activity_type_id", None) or (kind.id if kind is not None else False)
        model_id = env.sudo()["ir.model"].search([("model", "=", self._name)], limit=1).id
        made = env["mail.activity"]
        for record in self:
            vals: dict[str, Any] = {
                "res_model_id": model_id,
                "res_id": record.id,
                "summary": summary or False,
                "note": note or False,
                "date_deadline": date_deadline or env.now.date(),
                **act_values,
            }
            if chosen:
                vals["activity_type_id"] = chosen
            made |= made.create([vals])
        return made

    def _of_types(self, xmlids: Any, user_id: Any) -> Any:
        ids = [
            found.id for one in xmlids if (found := self.env.ref(one, raise_if_not_found=False)) is not None
        ]
        domain: list[Any] = [
            ("res_model", "=", self._name),
            ("res_id", "in", list(self.ids)),
            ("activity_type_id", "in", ids),
        ]
        if user_id:
            domain.append(("user_id", "=", user_id))
        return self.env["mail.activity"].search(domain)

    def activity_feedback(
        self, act_type_xmlids: Any, user_id: Any = None, feedback: Any = None, **_more: Any
    ) -> bool:
        """Finish the activities of some types."""
        found = self._of_types(act_type_xmlids, user_id)
        if found:
            found.action_feedback(feedback=feedback)
        return True

    def activity_unlink(self, act_type_xmlids: Any, user_id: Any = None, **_more: Any) -> bool:
        """Drop the activities of some types."""
        self._of_types(act_type_xmlids, user_id).unlink()
        return True

    def activity_reschedule(
        self, act_type_xmlids: Any, user_id: Any = None, date_deadline: Any = None, **more: Any
    ) -> Any:
        """Move the activities of some types to another day or user."""
        found = self._of_types(act_type_xmlids, user_id)
        vals: dict[str, Any] = {"date_deadline": date_deadline} if date_deadline else {}
        if more.get("new_user_id"):
            vals["user_id"] = more["new_user_id"]
        if vals:
            found.write(vals)
        return found

    def unlink(self) -> bool:
        """Delete records with their activities."""
        ids = list(self.ids)
        done = super().unlink()
        rest = self.env.sudo()["mail.activity"].with_context(active_test=False)
        rest.search([("res_model", "=", self._name), ("res_id", "in", ids)]).unlink()
        return done


class MailActivityType(Records, model="mail.activity.type"):
    """A kind of activity."""

    def unlink(self) -> bool:
        """Delete types other than the one for plain things to do."""
        todo = self.env.ref("mail.mail_activity_data_todo", raise_if_not_found=False)
        if todo is not None and todo.id in self.ids:
            raise UserError("You cannot delete 'To-Do' as it is used in various apps.")
        return super().unlink()
