"""The hours in which people work in an Odoo: fewer calls then, or no run that starts by itself.

They follow the clock on the wall of their time zone, on chosen days of the week. Hours that end at or before their
beginning end on the next day and belong to the day on which they begin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Any

from towpath.errors import InputError
from towpath.walls import instant, zone

__all__ = ["DAYS", "FASTEST", "SLOWEST", "WorkingHours", "from_json", "parse", "rate", "working_hours"]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Calls a second that a limit can be.
SLOWEST, FASTEST = 0.1, 1000.0

_TEXT = re.compile(
    r"(?P<days>[a-z,-]+) (?P<start>[0-9:]+)-(?P<end>[0-9:]+) (?P<tz>\S+)"
    r"(?: at (?P<rate>[0-9.]+) calls?/s)?(?P<held> without scheduled runs)?",
    re.IGNORECASE,
)
_EXAMPLE = "'mon-fri 08:00-18:00 Europe/Brussels at 2 calls/s'"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """When a database is to be spared, and how."""

    #: In the order of the week.
    days: tuple[str, ...]
    #: ``HH:MM``; the end may be ``24:00``.
    start: str
    end: str
    tz: str
    #: Calls a second at most in these hours; None for no other limit than outside of them.
    calls_per_second: float | None = None
    #: Whether runs start by themselves in these hours; where not, those that did before leave.
    scheduled_runs: bool = True

    def until(self, moment: datetime) -> datetime | None:
        """When the hours that hold at a moment are over; None outside of them."""
        here = zone(self.tz)
        today = moment.astimezone(here).date()
        for back in (0, 1):
            day = today - timedelta(days=back)
            if DAYS[day.weekday()] not in self.days:
                continue
            begins = instant(datetime.combine(day, time.fromisoformat(self.start)), here)
            last = day + timedelta(days=1 if self.end <= self.start or self.end == "24:00" else 0)
            end = time() if self.end == "24:00" else time.fromisoformat(self.end)
            ends = instant(datetime.combine(last, end), here)
            if begins <= moment < ends:
                return ends
        return None

    def over(self, moment: datetime) -> datetime | None:
        """When no such hours hold any more, though one day's may go over into the next's; None outside of them."""
        found = None
        for _ in range(9):
            following = self.until(found or moment)
            if following is None:
                break
            found = following
        return found

    def to_json(self) -> dict[str, Any]:
        """As stored and shown."""
        return asdict(self) | {"days": list(self.days)}

    def words(self) -> str:
        """``mon-fri 08:00-18:00 Europe/Brussels at 2 calls/s``: what :func:`parse` takes."""
        limit = "" if self.calls_per_second is None else f" at {self.calls_per_second:g} calls/s"
        held = "" if self.scheduled_runs else " without scheduled runs"
        return f"{_days_in_words(self.days)} {self.start}-{self.end} {self.tz}{limit}{held}"


def working_hours(
    *,
    days: Sequence[str],
    start: str,
    end: str,
    tz: str,
    calls_per_second: float | None = None,
    scheduled_runs: bool = True,
) -> WorkingHours:
    """Working hours, once they make sense.

    :raises InputError: a part of them is not valid, or they change nothing or let nothing run ever.
    """
    chosen = tuple(day for day in DAYS if day in days)
    if not chosen or set(days) - set(DAYS):
        raise _wrong("Give at least one day of working hours, from mon, tue, wed, thu, fri, sat and sun.")
    start, end = _time(start), _time(end, last=True)
    if start == end:
        raise _wrong("Working hours must end at another time than they begin.")
    try:
        zone(tz)
    except InputError as problem:
        raise _wrong(problem.message) from None
    if calls_per_second is None and scheduled_runs:
        raise _wrong(
            "Say what holds in working hours: how many calls a second, or that no scheduled run starts."
        )
    if not scheduled_runs and len(chosen) == 7 and (start, end) == ("00:00", "24:00"):
        raise _wrong("No scheduled run would ever start; leave some hours of the week free.")
    return WorkingHours(
        days=chosen,
        start=start,
        end=end,
        tz=tz,
        calls_per_second=None if calls_per_second is None else rate(calls_per_second, "working_hours"),
        scheduled_runs=scheduled_runs,
    )


def rate(value: float, setting: str) -> float:
    """Calls a second, as they can be a limit.

    :raises InputError: it is too low or too high.
    """
    if not SLOWEST <= value <= FASTEST:
        raise InputError(
            f"{value:g} calls a second can not be kept to; give {SLOWEST:g} to {FASTEST:g}.",
            details={"setting": setting},
        )
    return float(value)


def parse(text: str) -> WorkingHours:
    """The working hours of ``mon-fri 08:00-18:00 Europe/Brussels at 2 calls/s without scheduled runs``.

    :raises InputError: they are not written like that, or not valid.
    """
    found = _TEXT.fullmatch(" ".join(text.split()))
    if found is None:
        raise _wrong(
            f"'{text}' are no working hours; write them like {_EXAMPLE} or with 'without scheduled runs'."
        )
    days: set[str] = set()
    for part in found["days"].lower().split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise _wrong(f"'{part}' is no day; write days like mon-fri or mon,wed,sat.")
        begins, ends = DAYS.index(first), DAYS.index(last or first)
        days.update(DAYS[place % 7] for place in range(begins, ends + (8 if ends < begins else 1)))
    try:
        limit = float(found["rate"]) if found["rate"] else None
    except ValueError:
        raise _wrong(f"'{found['rate']}' is no number of calls a second; write it like 2 or 0.5.") from None
    return working_hours(
        days=sorted(days),
        start=found["start"],
        end=found["end"],
        tz=found["tz"],
        calls_per_second=limit,
        scheduled_runs=not found["held"],
    )


def from_json(stored: Mapping[str, Any] | None) -> WorkingHours | None:
    """The working hours that ``to_json`` gave."""
    return None if stored is None else WorkingHours(**{**stored, "days": tuple(stored["days"])})


def _time(text: str, *, last: bool = False) -> str:
    hour, colon, minute = text.strip().partition(":")
    if colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and len(hour) <= 2:
        if int(hour) < 24 and int(minute) < 60:
            return f"{int(hour):02}:{int(minute):02}"
        if last and (int(hour), int(minute)) == (24, 0):
            return "24:00"
    raise _wrong(f"'{text.strip()}' is no time of the day; write it like 08:00 or 18:30.")


def _wrong(sentence: str) -> InputError:
    return InputError(sentence, details={"setting": "working_hours"})


def _days_in_words(days: Sequence[str]) -> str:
    rows: list[list[str]] = []
    for day in days:
        if rows and DAYS.index(day) == DAYS.index(rows[-1][-1]) + 1:
            rows[-1].append(day)
        else:
            rows.append([day])
    return ",".join(f"{row[0]}-{row[-1]}" if len(row) > 2 else ",".join(row) for row in rows)
