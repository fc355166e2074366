# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Meetings that repeat: a recurrence is kept beside the first, and the others are made at once."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.models.given import vals_rows
from towpath.sandbox.odoo_server.records import Records, model, returns

__all__ = ["CalendarRecurrence", "RepeatedEvents"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RULE = ("rrule_type", "interval", "event_tz", "count", "end_type", "until", "month_by", "day", "weekday", "byday", *DAYS)  # fmt: skip
UNITS = {"daily": "Days", "weekly": "Weeks", "monthly": "Months", "yearly": "Years"}
PLACES = {"1": "First", "2": "Second", "3": "Third", "4": "Fourth", "-1": "Last"}
MOST = 720
"""How many meetings a recurrence makes at most."""


class CalendarRecurrence(Records, model="calendar.recurrence"):
    """How a meeting repeats."""

    _odoo_class = "CalendarRecurrence"

    def _label(self) -> str:
        """``Every 1 Days for 3 events``."""
        kind, number = self.rrule_type, self.interval
        text = f"Every {number} {UNITS[kind]}"
        if kind == "weekly":
            text += " on " + ", ".join(calendar.day_name[place] for place in self._weekdays())
        elif kind == "monthly" and self.month_by == "date":
            text += f" day {self.day}"
        elif kind == "monthly":
            place = [name.upper() for name in DAYS].index(self.weekday or "MON")
            text += f" on the {PLACES.get(self.byday, 'First')} {calendar.day_name[place]}"
        if self.end_type == "count":
            return f"{text} for {self.count} events"
        return f"{text} until {self.until}" if self.end_type == "end_date" else text

    def _weekdays(self) -> list[int]:
        return [place for place, name in enumerate(DAYS) if self[name]]

    def _check_rule(self) -> None:
        if self.interval <= 0:
            raise UserError("The interval cannot be negative.")
        if self.end_type == "count" and self.count <= 0:
            raise UserError("The number of repetitions cannot be negative.")
        if self.rrule_type == "weekly" and not self._weekdays():
            raise UserError("You have to choose at least one day in the week")

    def _rule(self) -> str:
        """The rule as calendars exchange it."""
        parts = [f"FREQ={self.rrule_type.upper()}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.end_type == "end_date" and self.until:
            parts.append(f"UNTIL={self.until:%Y%m%d}T235959")
        else:
            parts.append(f"COUNT={self.count if self.end_type == 'count' else MOST}")
        if self.rrule_type == "weekly":
            parts.append("BYDAY=" + ",".join(DAYS[place][:2].upper() for place in self._weekdays()))
        elif self.rrule_type == "monthly":
            by_day = f"BYDAY={int(self.byday or 1):+d}{(self.weekday or 'MON')[:2]}"
            parts.append(by_day if self.month_by == "day" else f"BYMONTHDAY={self.day}")
        return f"DTSTART:{self.env.now:%Y%m%dT%H%M%S}\nRRULE:{';'.join(parts)}"

    def _dates(self, first: date) -> Iterator[date]:
        """The days of the meetings, from the day of the first on, without end."""
        step, day = self.interval, first
        if self.rrule_type == "daily":
            while True:
                yield day
                day += timedelta(days=step)
        if self.rrule_type == "weekly":
            week = day - timedelta(days=(day.weekday() + 1) % 7)  # weeks begin on Sunday
            places = sorted((place + 1) % 7 for place in self._weekdays())
            while True:
                yield from (one for place in places if (one := week + timedelta(days=place)) >= first)
                week += timedelta(weeks=step)
        months = step if self.rrule_type == "monthly" else 12 * step
        year, month = day.year, day.month
        while year < date.max.year:
            found = self._day_of(year, month, first)
            if found is not None and found >= first:
                yield found
            year, month = divmod(year * 12 + month - 1 + months, 12)
            month += 1

    def _day_of(self, year: int, month: int, first: date) -> date | None:
        """The day of a month the rule means; None when the month has none."""
        last = calendar.monthrange(year, month)[1]
        if self.rrule_type == "monthly" and self.month_by == "day":
            place = [name.upper() for name in DAYS].index(self.weekday or "MON")
            fitting = [n for n in range(1, last + 1) if date(year, month, n).weekday() == place]
            wanted = int(self.byday or 1)
            return (
                date(year, month, fitting[wanted - 1 if wanted > 0 else -1])
                if wanted <= len(fitting)
                else None
            )
        number = self.day if self.rrule_type == "monthly" and self.day else first.day
        return date(year, month, number) if number <= last else None

    def _starts(self, start: datetime) -> list[datetime]:
        """The starts of all meetings (UTC): the hour on the clock of the meeting's time zone stays."""
        zone = ZoneInfo(self.event_tz or "UTC")
        local = start.replace(tzinfo=UTC).astimezone(zone)
        most = min(self.count, MOST) if self.end_type == "count" else MOST
        found: list[datetime] = []
        for day in self._dates(local.date()):
            if len(found) >= most or (self.end_type == "end_date" and self.until and day > self.until):
                break
            moment = datetime.combine(day, local.time()).replace(tzinfo=zone)
            found.append(moment.astimezone(UTC).replace(tzinfo=None))
        return found


class RepeatedEvents(Records, model="calendar.event"):
    """Meetings that repeat."""

    @model
    @returns("ids")
    def create(self, vals_list: Any) -> Self:
        """Make meetings, and all that repeat them."""
        rows = vals_rows(vals_list)
        events = super().create(vals_list if isinstance(vals_list, Mapping) else rows)
        for event, vals in zip(events, rows, strict=True):
            if vals.get("recurrency") and not vals.get("recurrence_id"):
                event._repeat({name: vals[name] for name in RULE if name in vals})
        return events

    def _repeat(self, rule: Mapping[str, Any]) -> None:
        """Keep the rule, and make the meetings that follow from it."""
        zone = rule.get("event_tz") or self.env.context.get("tz") or self.env.user.tz or "UTC"
        recurrence: Any = self.env.sudo()["calendar.recurrence"].create(
            [{"interval": 1, "count": 1, "end_type": "count", "rrule_type": "weekly", "month_by": "date",
              **rule, "event_tz": zone, "base_event_id": self.id}]
        )  # fmt: skip
        recurrence._check_rule()
        recurrence._store(
            {recurrence.id: {"name": recurrence._label(), "rrule": recurrence._rule()}}, touch=False
        )
        link = {"recurrence_id": recurrence.id, "recurrency": True, "follow_recurrence": True}
        length, starts = self.stop - self.start, recurrence._starts(self.start)
        others = [
            {**row, **link, "start": one, "stop": one + length}
            for one in starts
            if one != self.start
            for row in self.copy_data()
        ]
        if self.start in starts:
            self.write(link)
        elif starts:
            self.write({"active": False})
        if others:
            super().create(others)

    def _of_rule(self, name: str, empty: Any) -> dict[int, Any]:
        return {
            one.id: one.recurrence_id[name] if one.recurrence_id else empty
            for one in self.sudo()
        }  # fmt: skip


def _rule_value(name: str) -> Any:
    """The compute of a field that shows a part of the rule."""
    empty = {"interval": 0, "count": 0, "day": 0}.get(name, False)

    def compute(self: RepeatedEvents) -> dict[int, Any]:
        return self._of_rule(name, empty)

    return compute


for _name in ("rrule", *RULE):
    setattr(RepeatedEvents, f"_compute_{_name}", _rule_value(_name))
