"""Dates in the domains of 19.0: ISO text, and expressions such as ``today -1w`` or ``=monday``."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time, timedelta
from typing import Any

__all__ = ["to_date", "to_datetime"]

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TERM = re.compile(r"(?P<sign>[+\-=])(?P<number>\d+)(?P<unit>[dwmyHMS])$")
ISO = re.compile(r"\d{4}-")


def _shift_months(moment: datetime, months: int) -> datetime:
    index = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(index, 12)
    return moment.replace(
        year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1])
    )


def _weekday(moment: datetime, sign: str, day: int) -> datetime:
    distance = day - moment.weekday()
    if sign == "+" and distance <= 0:
        distance += 7
    if sign == "-" and distance >= 0:
        distance -= 7
    return moment + timedelta(days=distance)


def _apply(moment: datetime, sign: str, number: int, unit: str) -> datetime:
    if sign == "=":
        name = {"d": "day", "m": "month", "y": "year", "H": "hour", "M": "minute", "S": "second"}[unit]
        changes: dict[str, Any] = {name: number}
        smaller = {"H": ("minute", "second"), "M": ("second",)}.get(unit, ())
        changes.update(dict.fromkeys(smaller, 0))
        return moment.replace(**changes, microsecond=0)
    amount = number if sign == "+" else -number
    if unit in "my":
        return _shift_months(moment, amount * (12 if unit == "y" else 1))
    word = {"d": "days", "w": "weeks", "H": "hours", "M": "minutes", "S": "seconds"}[unit]
    return moment + timedelta(**{word: amount})


def _relative(text: str, now: datetime) -> datetime:
    """The moment an expression stands for.

    Raises:
        ValueError: naming the term that is not understood.
    """
    moment: datetime | None = None
    for term in text.split():
        if term == "now":
            moment = now
            continue
        if term == "today":
            moment = datetime.combine(now.date(), time())
            continue
        if moment is None:
            moment = (
                now if any(unit in text for unit in ("H", "M", "S")) else datetime.combine(now.date(), time())
            )
        found = TERM.match(term)
        if found:
            moment = _apply(moment, found["sign"], int(found["number"]), found["unit"])
        elif term[:1] in {"+", "-", "="} and term[1:] in DAYS:
            moment = _weekday(moment, term[0], DAYS.index(term[1:]))
        elif term == "=week_start":
            moment = _weekday(moment, "=", 0)
        else:
            raise ValueError(f"Invalid term {term!r} in expression date: {text!r}")
    if moment is None:
        raise ValueError(f"Invalid term {text!r} in expression date: {text!r}")
    return moment


def to_datetime(value: Any, now: datetime) -> tuple[datetime | None, bool]:
    """(the moment, whether only a date was given) for the value of a condition.

    Raises:
        ValueError: for text that is no date, a time zone, or another type.
    """
    if value is None or value is False:
        return None, False
    if isinstance(value, datetime):
        return value, False
    if isinstance(value, date):
        return datetime.combine(value, time()), True
    if isinstance(value, str):
        if ISO.match(value):
            if len(value) <= 10:
                return datetime.combine(date.fromisoformat(value), time()), True
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                raise ValueError(f"Datetime field expects a naive datetime: {moment}")
            return moment, False
        return _relative(value, now), False
    raise ValueError(f"Failed to cast {value!r} into a datetime")


def to_date(value: Any, now: datetime) -> date | None:
    """The day for the value of a condition.

    Raises:
        ValueError: for text that is no date, or another type.
    """
    if value is None or value is False:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return date.fromisoformat(value[:10]) if ISO.match(value) else _relative(value, now).date()
    raise ValueError(f"Failed to cast {value!r} into a date")
