"""Moments as routes take them: PostgreSQL and people could do nothing with others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator

__all__ = ["Moment"]


def _instant(moment: datetime) -> datetime:
    """In UTC; what has no zone is UTC already."""
    if not 2000 <= moment.year <= 2200:
        raise ValueError("is not within the years 2000 to 2200")
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


#: A moment of our time, in UTC.
Moment = Annotated[datetime, AfterValidator(_instant)]
