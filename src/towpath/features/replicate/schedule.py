"""When a stream runs by itself: every so often, at times of the day, or by a cron text; in a time zone (S2.17).

A schedule answers one question: which moment comes next after this one. Moments are in UTC. Times of the day keep
to the clock on the wall when it is changed: a time that the change skips runs right after it, one that comes twice
runs the first time. A cron text with ``*`` in its minutes or hours means "so often" and runs both times, as with
Debian's cron, whose rules these are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from towpath.errors import InputError
from towpath.lake.retention import retention
from towpath.walls import instant, zone

__all__ = [
    "WEEKDAYS",
    "Cron",
    "Daily",
    "Every",
    "Schedule",
    "cron",
    "daily",
    "every",
    "from_json",
    "length",
    "zone",
]

#: More often than this would only wait for itself.
LEAST_SECONDS = 10
_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """Again and again after so many seconds, counted from the anchor so that it does not drift.

    Whole days are days of the calendar: they keep the time of the day when the clock is changed.
    """

    seconds: int
    #: The first time.
    anchor: datetime
    tz: str = "UTC"

    def next_after(self, moment: datetime) -> datetime:
        """The first time after a moment."""
        if moment < self.anchor:
            return self.anchor
        if self.seconds % _DAY:
            step = timedelta(seconds=self.seconds)
            return self.anchor + ((moment - self.anchor) // step + 1) * step
        days, here = self.seconds // _DAY, zone(self.tz)
        first = self.anchor.astimezone(here).replace(tzinfo=None, fold=0)
        number = max(1, (moment.astimezone(here).date() - first.date()).days // days)
        while (found := instant(first + number * timedelta(days=days), here)) <= moment:
            number += 1
        return found

    def to_json(self) -> dict[str, Any]:
        """As stored."""
        return {
            "kind": "every",
            "seconds": self.seconds,
            "anchor": self.anchor.astimezone(UTC).isoformat(),
            "tz": self.tz,
        }

    def words(self) -> str:
        """``every 15 minutes``, ``every day at 14:05 Africa/Lagos``, ``every week on Friday at 14:05 UTC``.

        Which days ``every 3 days`` are, only its next time tells.
        """
        if self.seconds % _DAY:
            return f"every {length(self.seconds, once=False)}"
        at = self.anchor.astimezone(zone(self.tz))
        day = "" if self.seconds % (7 * _DAY) else f" on {WEEKDAYS[at.weekday()]}"
        return f"every {length(self.seconds, once=False)}{day} at {at:%H:%M} {self.tz}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """Each day at these times, as ``HH:MM`` in order."""

    times: tuple[str, ...]
    tz: str = "UTC"

    def next_after(self, moment: datetime) -> datetime:
        """The first time after a moment."""
        here = zone(self.tz)
        today = moment.astimezone(here).date()
        # Yesterday too: where a change of the clock skips midnight, its last time comes today.
        return min(
            found
            for day in range(-1, 3)
            for at in self.times
            if (found := instant(datetime.combine(today + timedelta(days=day), time.fromisoformat(at)), here))
            > moment
        )

    def to_json(self) -> dict[str, Any]:
        """As stored."""
        return {"kind": "daily", "times": list(self.times), "tz": self.tz}

    def words(self) -> str:
        """``every day at 06:00 and 18:30 Africa/Lagos``."""
        return f"every day at {_listed(self.times)} {self.tz}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """By a cron text of five fields."""

    text: str
    tz: str = "UTC"

    def next_after(self, moment: datetime) -> datetime:
        """The first time after a moment.

        :raises InputError: the text is no cron text, or its time never comes.
        """
        from cronsim import CronSim, CronSimError

        try:
            for found in CronSim(self.text, moment.astimezone(zone(self.tz))):
                # In an hour that comes twice the first answer may lie in the first of the two, behind us.
                if (following := found.astimezone(UTC)) > moment:
                    return following
        except CronSimError as problem:
            raise InputError(
                f"'{self.text}' is no cron text ({str(problem).lower()}); write minute, hour, day, month and "
                "weekday, such as '0 6 * * 1-5'."
            ) from None
        raise InputError(f"The time of '{self.text}' never comes; correct its day or month.")

    def to_json(self) -> dict[str, Any]:
        """As stored."""
        return {"kind": "cron", "text": self.text, "tz": self.tz}

    def words(self) -> str:
        """``weekdays at 06:00 Africa/Lagos``; the longer it is, the closer to the text."""
        minute, hour, day, month, weekday = self.text.split()
        plain = day == month == "*" and minute.isdigit() and all(part.isdigit() for part in hour.split(","))
        if plain and weekday in _DAYS:
            times = [f"{int(part):02}:{int(minute):02}" for part in hour.split(",")]
            return f"{_DAYS[weekday]} at {_listed(times)} {self.tz}"
        if minute.startswith("*/") and hour == day == month == weekday == "*":
            return f"every {length(int(minute[2:]) * 60, once=False)} of the hour"
        from cronsim.explain import explain

        told = explain(self.text)
        return f"{told[0].lower()}{told[1:]} {self.tz}"


Schedule = Every | Daily | Cron

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS = {
    "*": "every day", "1-5": "weekdays", "MON-FRI": "weekdays", "0,6": "Saturdays and Sundays",
    "6,0": "Saturdays and Sundays", "0": "Sundays", "1": "Mondays", "2": "Tuesdays", "3": "Wednesdays",
    "4": "Thursdays", "5": "Fridays", "6": "Saturdays", "7": "Sundays",
}  # fmt: skip


def every(text: str, *, anchor: datetime, tz: str = "UTC") -> Every:
    """The schedule of ``15m``, ``2 hours``, ``1d``.

    :raises InputError: it is no length of time, or too short.
    """
    seconds = retention(text)
    if seconds < LEAST_SECONDS or seconds != int(seconds):
        raise InputError(f"'{text}' is too short; a stream can run every {LEAST_SECONDS} seconds at most.")
    zone(tz)
    return Every(seconds=int(seconds), anchor=anchor.astimezone(UTC).replace(microsecond=0), tz=tz)


def daily(text: str, *, tz: str = "UTC") -> Daily:
    """The schedule of ``06:00,18:30``.

    :raises InputError: a part is no time of the day, or the time zone is none.
    """
    times = set()
    for part in text.split(","):
        hour, colon, minute = part.strip().partition(":")
        if not (colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2 and len(hour) <= 2
                and int(hour) < 24 and int(minute) < 60):  # fmt: skip
            raise InputError(f"'{part.strip()}' is no time of the day; write it like 06:00 or 18:30.")
        times.add(f"{int(hour):02}:{int(minute):02}")
    zone(tz)
    return Daily(times=tuple(sorted(times)), tz=tz)


def cron(text: str, *, tz: str = "UTC") -> Cron:
    """The schedule of a cron text such as ``0 6 * * 1-5``.

    :raises InputError: it is none, its time never comes, or the time zone is none.
    """
    parts = text.upper().split()
    if len(parts) != 5:
        raise InputError(
            f"'{text}' is no cron text; write its five fields minute, hour, day, month and weekday, "
            "such as '0 6 * * 1-5'."
        )
    found = Cron(text=" ".join(parts), tz=tz)
    found.next_after(datetime.now(UTC))
    return found


def from_json(stored: Mapping[str, Any] | None) -> Schedule | None:
    """The schedule that ``to_json`` gave."""
    if stored is None:
        return None
    kind, tz = stored["kind"], stored["tz"]
    if kind == "every":
        return Every(seconds=stored["seconds"], anchor=datetime.fromisoformat(stored["anchor"]), tz=tz)
    if kind == "daily":
        return Daily(times=tuple(stored["times"]), tz=tz)
    return Cron(text=stored["text"], tz=tz)


def length(seconds: float, *, once: bool = True) -> str:
    """A length of time in plain words, by its largest unit that fits: ``15 minutes``, ``2 hours``, ``36 hours``.

    :param once: say ``1 hour``, where ``every`` before it wants ``hour``.
    """
    for name, size in (("week", 7 * _DAY), ("day", _DAY), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= size and seconds % size == 0:
            number = int(seconds // size)
            return f"{number:,} {name}s" if number > 1 else f"1 {name}" if once else name
    return f"{seconds:g} seconds"


def _listed(words: tuple[str, ...] | list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
