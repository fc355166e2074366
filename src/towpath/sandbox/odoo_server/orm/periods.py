"""Periods that dates are grouped by: their start in SQL, their end, their label, and parts such as the month's number.

Labels are those of a server whose language is English, as recorded (``January 2031``, ``W2 2031``, ``Q1 2031``);
weeks begin on the day that the language says.
"""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env

__all__ = [
    "NUMBERS",
    "SPANS",
    "Moment",
    "end_of",
    "label",
    "part_sql",
    "start_sql",
    "text",
    "utc",
    "week_start",
    "zone",
]

Moment = date | datetime
SPANS = ("hour", "day", "week", "month", "quarter", "year")
"""The granularities that make periods, the finest first."""
NUMBERS = {
    "year_number": "year",
    "quarter_number": "quarter",
    "month_number": "month",
    "iso_week_number": "week",
    "day_of_year": "doy",
    "day_of_month": "day",
    "day_of_week": "dow",
    "hour_number": "hour",
    "minute_number": "minute",
    "second_number": "second",
}
"""The granularities of 19.0 that are numbers, with PostgreSQL's word for each."""
MONTHS = {"month": 1, "quarter": 3, "year": 12}
SUNDAY = 7


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone(env: Env) -> str | None:
    """The time zone of the context; None (UTC) when it names none that exists."""
    asked = env.context.get("tz")
    return asked if isinstance(asked, str) and asked in _zones() else None


def week_start(env: Env) -> int:
    """The first day of the week in the language of the environment: 1 is Monday, 7 Sunday."""
    memory = env.transaction.memory
    key = ("week_start", env.lang)
    if key not in memory:
        found = env.cr.execute("SELECT week_start FROM res_lang WHERE code = %s", [env.lang]).column()
        memory[key] = int(found[0]) if found and found[0] else SUNDAY
    return int(memory[key])


def start_sql(env: Env, value: str, span: str, *, is_date: bool) -> str:
    """SQL for the start of the period a value falls into, in the user's time zone for datetimes."""
    moment = value if is_date else local_sql(env, value)
    if span == "week":
        first = week_start(env) - 1
        offset = 7 - first if first else 0
        moment = (
            f"(date_trunc('week', {moment}::timestamp - interval '-{offset} day') + interval '-{offset} day')"
        )
    else:
        moment = f"date_trunc('{span}', {moment}::timestamp)"
    return f"{moment}::date" if is_date else moment


def local_sql(env: Env, value: str) -> str:
    """SQL for a naive UTC moment in the user's time zone."""
    name = zone(env)
    return f"timezone('{name}', timezone('UTC', {value}))" if name else value


def part_sql(env: Env, value: str, number: str, *, is_date: bool) -> str:
    """SQL for a part of a date; the day of the week counts from 0, the language's first day."""
    moment = value if is_date else local_sql(env, value)
    if number == "day_of_week":
        return f"mod(7 - {week_start(env)} + date_part('dow', {moment})::int, 7)::float8"
    return f"date_part('{NUMBERS[number]}', {moment})"


def end_of(start: Moment, span: str, count: int = 1) -> Moment:
    """The start of the next period, or of the one ``count`` periods away."""
    if span in MONTHS:
        index = start.year * 12 + start.month - 1 + MONTHS[span] * count
        year, month = divmod(index, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return start.replace(year=year, month=month + 1, day=min(start.day, last))
    return (
        start
        + {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}[span] * count
    )


def utc(moment: Moment, name: str | None) -> Moment:
    """A naive local moment as naive UTC; dates are left alone."""
    if name is None or not isinstance(moment, datetime):
        return moment
    return moment.replace(tzinfo=ZoneInfo(name)).astimezone(UTC).replace(tzinfo=None)


def text(moment: Moment) -> str:
    """A bound in the server's format."""
    return moment.strftime("%Y-%m-%d %H:%M:%S" if isinstance(moment, datetime) else "%Y-%m-%d")


def label(env: Env, start: Moment, span: str) -> str:
    """What people read for a period, from its local start."""
    moment = start if isinstance(start, datetime) else datetime.combine(start, time())
    if span == "hour":
        return moment.strftime("%I:00 %d %b")
    if span == "day":
        return moment.strftime("%d %b %Y")
    if span == "week":
        year, week = _week(env, moment.date())
        return f"W{week} {year:04}"
    if span == "month":
        return moment.strftime("%B %Y")
    if span == "quarter":
        return f"Q{(moment.month - 1) // 3 + 1} {moment.year:04}"
    return f"{moment.year:04}"


def _week(env: Env, day: date) -> tuple[int, int]:
    """(year, number) of a week: ISO where weeks begin on Monday, else the week of 1 January is the first.

    17.0 counts the last days of a year on in the old year (recorded: W53 2031 for 28 December).
    """
    if week_start(env) == 1:
        year, week, _day = day.isocalendar()
        return year, week
    first = (week_start(env) - 1) % 7
    for year in (day.year + 1, day.year) if env.is19 else (day.year,):
        new_year = date(year, 1, 1)
        begin = new_year - timedelta(days=(new_year.weekday() - first) % 7)
        if day >= begin:
            return year, (day - begin).days // 7 + 1
    raise AssertionError("unreachable")
