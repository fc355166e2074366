"""Meetings: duration from start and end, days of an all-day meeting, attendees."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self

from towpath.sandbox.odoo_server.exceptions import ValidationError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, constrains, model, returns


def _moment(value: Any) -> datetime | None:
    """A datetime of what a caller gave."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, str) and value:
        try:
            return datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            return None
    return None


class CalendarEvent(Records, model="calendar.event"):
    """A meeting."""

    _odoo_class = "CalendarEvent"
    _defaults = {"user_id": lambda records: records.env.uid}  # noqa: RUF012 - read by the registry

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make meetings; the maker attends unless attendees are named."""
        rows = vals_rows(vals_list)
        return super().create([self._prepared(vals) for vals in rows])

    def _prepared(self, vals: Any) -> Any:
        if not hasattr(vals, "get"):
            return vals
        one = dict(vals)
        for day, moment, hour in (("start_date", "start", 8), ("stop_date", "stop", 18)):
            if one.get("allday") and one.get(day) and not one.get(moment):
                found = _moment(one[day] if isinstance(one[day], str) else one[day].isoformat())
                one[moment] = found.replace(hour=hour) if found else False
        start = _moment(one.get("start"))
        if start and not one.get("stop"):
            one["stop"] = start + timedelta(hours=float(one.get("duration") or 1.0))
        if "partner_ids" not in one and "default_partner_ids" not in self.env.context:
            one["partner_ids"] = [(4, self.env.user.partner_id.id)]
        if one.get("res_model") and not one.get("res_model_id"):
            one["res_model_id"] = (
                self.env.sudo()["ir.model"].search([("model", "=", one["res_model"])], limit=1).id
            )
        return one

    def write(self, vals: Any) -> bool:
        """Change meetings; a new duration moves the end."""
        if hasattr(vals, "get") and "duration" in vals and "stop" not in vals:
            for event in self:
                start = _moment(vals.get("start")) or event.start
                super(CalendarEvent, event).write(
                    {**vals, "stop": start + timedelta(hours=float(vals["duration"] or 0))}
                )
            return True
        return super().write(vals)

    def _recompute(self, changed: set[str]) -> None:
        super()._recompute(changed)
        if changed & {"start", "stop", "allday", "duration"}:
            rows: dict[int, dict[str, Any]] = {}
            for event in self.sudo():
                seconds = (event.stop - event.start).total_seconds() if event.stop and event.start else 0.0
                rows[event.id] = {
                    "duration": round(seconds / 3600, 2),
                    "start_date": event.start.date() if event.allday and event.start else False,
                    "stop_date": event.stop.date() if event.allday and event.stop else False,
                }
            self._store(rows)
        if "partner_ids" in changed:
            self._attendees()

    def _attendees(self) -> None:
        """One attendee per partner; the maker has accepted."""
        attendees = self.env.sudo()["calendar.attendee"]
        for event in self.sudo().with_context(active_test=False):
            known = {one.partner_id.id: one for one in event.attendee_ids}
            wanted = event.partner_ids
            gone = [one.id for partner, one in known.items() if partner not in wanted.ids]
            attendees.browse(gone).unlink()
            for partner in wanted:
                if partner.id not in known:
                    own = partner.id == event.user_id.partner_id.id
                    attendees.create(
                        [
                            {
                                "event_id": event.id,
                                "partner_id": partner.id,
                                "state": "accepted" if own else "needsAction",
                                "common_name": partner.name,
                            }
                        ]
                    )

    @constrains("start", "stop")
    def _check_order(self) -> None:
        for event in self:
            if event.start and event.stop and event.stop < event.start:
                raise ValidationError(
                    "The ending date and time cannot be earlier than the starting date and time.\n"
                    f"Meeting “{event.name}” starts at {event.start} and ends at {event.stop}"
                )

    def _compute_display_time(self) -> dict[int, Any]:
        return {
            one.id: f"{one.start:%m/%d/%Y at %H:%M} To {one.stop:%H:%M}"
            for one in self
            if one.start and one.stop
        }

    def _compute_attendees_count(self) -> dict[int, Any]:
        return {one.id: len(one.partner_ids) for one in self}
