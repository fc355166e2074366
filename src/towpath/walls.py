"""The clock on the wall: moments at which clocks of a time zone show a time, over all changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from towpath.errors import InputError

__all__ = ["instant", "zone"]

_MINUTE = timedelta(minutes=1)


@cache
def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name.

    :raises InputError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no name at all; a folder's name
        raise InputError(
            f"'{name}' is no time zone; give its IANA name, such as Africa/Lagos, Europe/Lisbon or UTC."
        ) from None


def instant(wall: datetime, here: ZoneInfo) -> datetime:
    """The moment at which clocks show this time, for the first time; the end of the gap where none ever does."""
    found = wall.replace(tzinfo=here).astimezone(UTC)
    if found.astimezone(here).replace(tzinfo=None) == wall:
        return found
    wall = wall.replace(second=0)
    while (found := wall.replace(tzinfo=here).astimezone(UTC)).astimezone(here).replace(tzinfo=None) != wall:
        wall += _MINUTE
    return found
