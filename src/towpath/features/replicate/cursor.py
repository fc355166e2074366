"""How far a stream has been read, on Odoo's own clock.

The cursor is stored in the same Delta commit as the rows it speaks of, so the two can not disagree
(design decision 5). Odoo stamps a row with the *start* of the writing transaction, so a long transaction
shows up behind the cursor (facts §0.1): every read reaches back by an overlap, and rows that did not
change in it are recognised and not written again. How far that clock was ahead of ours is kept too: when it
is set back, rows are stamped before the cursor, and everything has to be read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

__all__ = ["BLUR", "OWNER", "Cursor", "Totals", "Window", "odoo_time", "set_back"]

#: Odoo's answers are stamped with whole seconds by its web server; a second of it may still be filling.
MARGIN = timedelta(seconds=1)
#: Odoo's clock is read with a blur of up to a minute; a step back smaller than this is none.
BLUR = timedelta(seconds=90)


#: Under which name a commit says beside the cursor whose rows it brought (the connection's id).
OWNER = "connection"


def set_back(before: float | None, now: float | None, overlap: timedelta) -> bool:
    """Whether Odoo's clock was set back by more than the overlap makes good.

    :param before: seconds by which it was ahead of ours when the cursor was set; None where nobody looked.
    :param now: the same now.
    """
    if before is None or now is None:
        return False
    return before - now > max(overlap / 3, BLUR).total_seconds()


def odoo_time(moment: datetime) -> str:
    """A moment as Odoo's domains want it: UTC, whole seconds, no zone."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _dump(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _parse(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The numbers of a run so far; they travel with the cursor so that a resumed run goes on counting."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0

    def plus(self, **more: int) -> Self:
        """These totals with something added."""
        return replace(self, **{name: getattr(self, name) + count for name, count in more.items()})

    def to_json(self) -> dict[str, int]:
        """Plain numbers by name."""
        return {name: getattr(self, name) for name in ("read", "inserted", "updated", "unchanged", "deleted")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A read in progress, by id above ``last_id``: what was stamped at or after ``since``, or everything."""

    since: datetime
    #: What the cursor becomes when the window has been read to its end.
    until: datetime
    last_id: int = 0
    #: True when every record is read again, whatever its stamp.
    whole: bool = False
    #: Of a whole read: what was chosen to be read. A window of another choice can not be read on.
    sign: str = ""
    #: Seconds by which Odoo's clock was ahead of ours when the window was opened.
    ahead: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "since": _dump(self.since),
            "until": _dump(self.until),
            "last_id": self.last_id,
            "whole": self.whole,
            "sign": self.sign,
            "ahead": self.ahead,
        }


def _window(data: dict[str, Any]) -> Window:
    return Window(
        since=datetime.fromisoformat(data["since"]),
        until=datetime.fromisoformat(data["until"]),
        last_id=data["last_id"],
        whole=data["whole"],
        sign=data.get("sign", ""),
        ahead=data.get("ahead"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Position of a stream. ``through`` is None before the first complete read."""

    #: Every change Odoo stamped before this moment has been read.
    through: datetime | None = None
    window: Window | None = None
    #: Seconds by which Odoo's clock was ahead of ours when ``through`` was set.
    ahead: float | None = None
    #: How far a refresh of fields that are not stored has come: ``{"after": id, "began": time}``; None: none is open.
    refreshing: Mapping[str, Any] | None = None
    #: Run the totals belong to.
    run_id: str | None = None
    totals: Totals = field(default_factory=Totals)
    #: False in a commit whose own counts are not in the totals yet: they stand beside the cursor.
    counted: bool = True

    def with_counts(self, counts: Mapping[str, int]) -> Cursor:
        """The cursor with the counts of the commit it stands in."""
        if self.counted:
            return self
        return replace(self, totals=self.totals.plus(**counts), counted=True)

    def ended(self, run_id: str) -> bool:
        """Whether this run has made its last commit."""
        return self.run_id == run_id and self.window is None and self.through is not None

    def totals_of(self, run_id: str) -> Totals:
        """Totals of that run; zeros when the cursor was left by another."""
        return self.totals if self.run_id == run_id else Totals()

    def open_window(self, now: datetime, overlap: timedelta, *, ahead: float | None = None) -> Window:
        """The window to read next: the unfinished one, or from the overlap before the cursor up to ``now``.

        :param now: Odoo's clock. ``until`` stays a little behind it.
        :param ahead: seconds by which it is ahead of ours.
        :raises ValueError: before the first complete read.
        """
        if self.window is not None and not self.window.whole:
            return self.window
        if self.through is None:
            raise ValueError("a stream that was never read to its end has no window")
        until = max(now - MARGIN, self.through)
        # A clock that went back a little stamps rows before the cursor for a while.
        since = min(self.through, now) - overlap
        return Window(since=since, until=until.replace(microsecond=0), ahead=ahead)

    def open_whole(
        self, now: datetime, *, sign: str = "", ahead: float | None = None, anew: bool = False
    ) -> Window:
        """The window for reading every record again: the unfinished one, or a new one from the first id on.

        :param sign: what is to be read; an unfinished window of another choice is not read on.
        :param anew: begin with the first id in any case.
        """
        if not anew and self.window is not None and self.window.whole and self.window.sign == sign:
            return self.window
        moment = (now - MARGIN).replace(microsecond=0)
        return Window(since=moment, until=moment, whole=True, sign=sign, ahead=ahead)

    def set_back(self, now: float, overlap: timedelta) -> bool:
        """Whether Odoo's clock was set back since the position was set, or since the unfinished window was opened.

        Either would lie ahead of it then, and hide what is stamped until it has caught up.

        :param now: seconds by which it is ahead of ours now.
        """
        opened = self.window.ahead if self.window is not None else None
        return set_back(self.ahead, now, overlap) or set_back(opened, now, overlap)

    def after(self, window: Window) -> Cursor:
        """The cursor when a window has been read to its end and its rows are committed with what follows."""
        if self.through is not None and self.through >= window.until and not window.whole:
            # How far the clock was ahead belongs to the moment that stays: whether it was set back is seen by that.
            ahead = window.ahead if self.ahead is None else self.ahead
            return replace(self, ahead=ahead, window=None)
        return replace(self, through=window.until, ahead=window.ahead, window=None)

    def within(self, window: Window, *, run_id: str, totals: Totals) -> Cursor:
        """The cursor while a window is being read."""
        return replace(self, window=window, run_id=run_id, totals=totals)

    def closed(self, window: Window, *, run_id: str, totals: Totals) -> Cursor:
        """The cursor after a complete read of a window.

        It moves back only when everything was read again, by a clock that was set back.
        """
        return replace(self.after(window), run_id=run_id, totals=totals, counted=True)

    def to_json(self) -> dict[str, Any]:
        """The form that is kept in the commit."""
        found: dict[str, Any] = {
            "through": _dump(self.through),
            "run_id": self.run_id,
            "totals": self.totals.to_json(),
            "counted": self.counted,
        }
        if self.ahead is not None:
            found["ahead"] = self.ahead
        if self.window is not None:
            found["window"] = self.window.to_json()
        if self.refreshing is not None:
            found["refreshing"] = dict(self.refreshing)
        return found

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> Cursor:
        """The cursor a commit carries; an empty one for None."""
        if not data:
            return cls()
        window = data.get("window")
        return cls(
            through=_parse(data.get("through")),
            window=_window(window) if window else None,
            ahead=data.get("ahead"),
            refreshing=data.get("refreshing"),
            run_id=data.get("run_id"),
            totals=Totals(**data.get("totals", {})),
            counted=data.get("counted", True),
        )
