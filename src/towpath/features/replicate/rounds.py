"""Rounds: what is done to a stream only now and then, each with an interval and the time it was last done.

Whatever a run reads is as old as that run, so a stream that has no such time yet counts from the start of its first
run: a name, a link or a computed value in its table can not be older.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from towpath.features.replicate.patience import patiently
from towpath.features.replicate.streams import FULL_TABLE, Stream
from towpath.features.replicate.tables import runs, streams
from towpath.features.replicate.work import Work

__all__ = ["LINKS", "NAMES", "REFRESH", "Round", "first_start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One such thing: the columns of `streams` that hold its interval and its time."""

    #: Column with the interval in seconds; 0 there means never.
    seconds: str
    #: Column with the time, on Odoo's clock.
    at: str
    #: Seconds where the stream does not say; 0 means never.
    usual: int

    def every(self, stream: Stream) -> timedelta | None:
        """The interval; None where it is never done.

        A FULL_TABLE stream reads everything at every run: there is nothing left to do.
        """
        own: int | None = getattr(stream, self.seconds)
        seconds = self.usual if own is None else own
        return timedelta(seconds=seconds) if seconds > 0 and stream.sync_type != FULL_TABLE else None

    def is_due(self, stream: Stream, now: datetime) -> bool:
        """Whether it is to be done by now, as far as the stream's record tells; the first run sets the time."""
        every, last = self.every(stream), self._last(stream)
        return every is not None and (last is None or _passed(last, now, every))

    def begin(self, work: Work) -> datetime | None:
        """When it was last done, if it is to be done now; else None.

        The time of a stream that has none yet is set to the start of its first run.
        """
        every = self.every(work.stream)
        if every is None:
            return None
        last, now = self._last(work.stream), work.clock()
        known = last is not None
        last = last or first_start(work, now)
        if _passed(last, now, every):
            return min(last, now)
        if not known:
            self.done(work, last)
        return None

    def done(self, work: Work, at: datetime) -> None:
        """Keep when it was done."""
        column, before = streams.c[self.at], self._last(work.stream)
        # The rival is an edit of the stream that wants it done anew: it has changed the time since, and wins.
        change = (
            streams.update()
            .where(streams.c.id == work.stream.id, column.is_not_distinct_from(before))
            .values({self.at: at})
        )
        patiently(work.store, lambda db: db.execute(change))

    def _last(self, stream: Stream) -> datetime | None:
        found: datetime | None = getattr(stream, self.at)
        return found


def _passed(last: datetime, now: datetime, every: timedelta) -> bool:
    """Whether the interval is over; a time that lies ahead was set by a clock that has been put back since."""
    return not timedelta() <= now - last < every


def first_start(work: Work, now: datetime) -> datetime:
    """When the stream's first run began, on Odoo's clock."""
    first = sa.select(sa.func.min(runs.c.started_at)).where(runs.c.stream_id == work.stream.id)
    found: datetime | None = patiently(work.store, lambda db: db.execute(first).scalar_one_or_none())
    return now if found is None else (found + timedelta(seconds=work.ahead())).astimezone(UTC)


#: How often names of linked records are looked at: every 6 hours unless the stream says otherwise.
NAMES = Round(seconds="names_seconds", at="named_at", usual=6 * 3600)
#: How often links are compared.
LINKS = Round(seconds="links_seconds", at="linked_at", usual=6 * 3600)
#: How often fields that are not stored are read again: only where the stream says so.
REFRESH = Round(seconds="refresh_seconds", at="refreshed_at", usual=0)
