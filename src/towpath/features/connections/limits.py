"""How much a person lets Towpath ask of an Odoo, and what of it holds at a moment.

Limits are set on connections and hold for the database: of several connections to one database the lowest counts.
The settings of the installation, or the rule of Odoo's own cloud (one call a second and one at a time, facts §2.3),
are the ceiling of all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from towpath.errors import InputError
from towpath.features.connections.hours import WorkingHours, from_json, rate
from towpath.features.connections.tables import connections
from towpath.odoo import Access
from towpath.settings import Settings
from towpath.walls import zone

__all__ = [
    "LIMITS",
    "MOST_AT_ONCE",
    "Allowed",
    "Because",
    "Limits",
    "allowed",
    "checked",
    "limits_of",
    "limits_of_all",
    "place_of",
]

Because = Literal["installation", "odoo.com", "connection", "working hours"]

#: The settings of a connection that limit it.
LIMITS = ("calls_per_second", "calls_at_once", "working_hours")
MOST_AT_ONCE = 64
#: Calls at a time up to which a process tries what is fastest, where nothing else is said.
_TRIED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is set on one connection; None for no limit of its own."""

    calls_per_second: float | None = None
    calls_at_once: int | None = None
    working_hours: WorkingHours | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What holds against a database at a moment, over all its connections."""

    #: Calls a second at most, over all processes; None for no limit.
    per_second: float | None
    #: What that limit comes from.
    because: Because | None
    #: Calls at a time at most, over all processes; None where only each process bounds its own.
    at_once: int | None
    #: Calls at a time at most in one process.
    in_process: int
    #: When the working hours that hold now are over.
    hours_until: datetime | None = None
    #: No run starts by itself before.
    held_until: datetime | None = None


def place_of(access: Access) -> tuple[str, str]:
    """What tells a database from others: host and name."""
    return access.host, access.database or ""


def limits_of_all(db: sa.Connection) -> dict[tuple[str, str], list[Limits]]:
    """The limits of all connections, by host and database."""
    table = connections.c
    query = sa.select(table.url, table.database, *(table[name] for name in LIMITS)).where(
        sa.or_(*(table[name].is_not(None) for name in LIMITS))
    )
    found: dict[tuple[str, str], list[Limits]] = {}
    for row in db.execute(query):
        limits = Limits(
            calls_per_second=row.calls_per_second,
            calls_at_once=row.calls_at_once,
            working_hours=_known_hours(row.working_hours),
        )
        found.setdefault(place_of(Access(url=row.url, database=row.database)), []).append(limits)
    return found


def _known_hours(stored: Mapping[str, Any] | None) -> WorkingHours | None:
    """Working hours whose time zone this machine knows; it was there when they were set."""
    hours = from_json(stored)
    if hours is not None:
        try:
            zone(hours.tz)
        except InputError:
            return None
    return hours


def limits_of(db: sa.Connection, access: Access) -> Sequence[Limits]:
    """The limits of all connections to a database."""
    return limits_of_all(db).get(place_of(access), ())


def allowed(settings: Settings, access: Access, limits: Sequence[Limits], moment: datetime) -> Allowed:
    """What holds against a database at a moment."""
    per_second, at_once = _ceiling(settings, access)
    because: Because | None = None
    if per_second is not None:
        because = "installation" if settings.calls_per_second else "odoo.com"
    hours_until = held_until = None
    for one in limits:
        if one.calls_per_second is not None and (per_second is None or one.calls_per_second < per_second):
            per_second, because = one.calls_per_second, "connection"
        if one.calls_at_once is not None:
            at_once = min(at_once or one.calls_at_once, one.calls_at_once)
    for hours in (one.working_hours for one in limits):
        if hours is None or (ends := hours.until(moment)) is None:
            continue
        hours_until = max(hours_until or ends, ends)
        slower = hours.calls_per_second
        if slower is not None and (per_second is None or slower < per_second):
            per_second, because = slower, "working hours"
        if not hours.scheduled_runs:
            held_until = max(held_until or ends, hours.over(moment) or ends)
    return Allowed(
        per_second=per_second,
        because=because,
        at_once=at_once,
        in_process=min(settings.calls_at_once or at_once or _TRIED, at_once or MOST_AT_ONCE),
        hours_until=hours_until,
        held_until=held_until,
    )


def _ceiling(settings: Settings, access: Access) -> tuple[float | None, int | None]:
    """Calls a second, and calls at a time over all processes, that no connection may go beyond."""
    cloud = access.on_odoo_com
    per_second = settings.calls_per_second or (1.0 if cloud else None)
    return per_second, 1 if cloud and not settings.calls_at_once else None


def checked(settings: Settings, access: Access, given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of limits that a person gives, by the names of ``LIMITS``; None takes one away.

    :raises InputError: one of them is not valid, or lies above the ceiling and so would do nothing.
    """
    most, at_once = _ceiling(settings, access)
    columns: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, WorkingHours):
            if value.calls_per_second is not None:
                _below(most, value.calls_per_second, name, access)
            columns[name] = value.to_json()
        elif value is None:
            columns[name] = None
        elif name == "calls_per_second":
            _below(most, rate(value, name), name, access)
            columns[name] = float(value)
        elif not 1 <= value <= MOST_AT_ONCE:
            raise InputError(
                f"{value} calls at the same time can not be kept to; give 1 to {MOST_AT_ONCE}.",
                details={"setting": name},
            )
        elif at_once is not None and value > at_once:
            raise InputError(
                "Odoo's own cloud takes one call at a time; give 1, or nothing.", details={"setting": name}
            )
        else:
            columns[name] = value
    return columns


def _below(most: float | None, value: float, setting: str, access: Access) -> None:
    if most is None or value <= most:
        return
    cloud = access.on_odoo_com and most == 1
    raise InputError(
        "Odoo's own cloud takes one call a second; give 1 or less."
        if cloud
        else f"This installation allows {most:g} calls a second; give no more than that.",
        details={"setting": setting},
    )
