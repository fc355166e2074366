"""How far a stream has been read, on Odoo's own clock.

The cursor is stored in the same Delta commit as the rows it speaks of, so the two can not disagree
(design decision 5). Odoo stamps a row with the *start* of the writing transaction, so a long transaction
shows up behind the cursor (facts §0.1): every read reaches back by an overlap, and rows that did not
change in it are recognised and not written again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

__all__ = ["Cursor", "Totals", "Window", "odoo_time"]

#: Odoo's answers are stamped with whole seconds by its web server; a second of it may still be filling.
MARGIN = timedelta(seconds=1)


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


def _window(data: dict[str, Any]) -> Window:
    return Window(
        since=datetime.fromisoformat(data["since"]),
        until=datetime.fromisoformat(data["until"]),
        last_id=data["last_id"],
        whole=data["whole"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Position of a stream. ``through`` is None before the first complete read."""

    #: Every change Odoo stamped before this moment has been read.
    through: datetime | None = None
    window: Window | None = None
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

    def open_window(self, now: datetime, overlap: timedelta) -> Window:
        """The window to read next: the unfinished one, or from the overlap before the cursor up to ``now``.

        :param now: Odoo's clock. ``until`` stays a little behind it.
        :raises ValueError: before the first complete read.
        """
        if self.window is not None and not self.window.whole:
            return self.window
        if self.through is None:
            raise ValueError("a stream that was never read to its end has no window")
        until = max(now - MARGIN, self.through)
        return Window(since=self.through - overlap, until=until.replace(microsecond=0))

    def open_whole(self, now: datetime) -> Window:
        """The window for reading every record again: the unfinished one, or a new one from the first id on."""
        if self.window is not None and self.window.whole:
            return self.window
        moment = (now - MARGIN).replace(microsecond=0)
        return Window(since=moment, until=moment, whole=True)

    def within(self, window: Window, *, run_id: str, totals: Totals) -> Cursor:
        """The cursor while a window is being read."""
        return replace(self, window=window, run_id=run_id, totals=totals)

    def closed(self, through: datetime, *, run_id: str, totals: Totals) -> Cursor:
        """The cursor after a complete read up to ``through``. It never moves back."""
        moved = through if self.through is None else max(self.through, through)
        return Cursor(through=moved, run_id=run_id, totals=totals)

    def to_json(self) -> dict[str, Any]:
        """The form that is kept in the commit."""
        found: dict[str, Any] = {
            "through": _dump(self.through),
            "run_id": self.run_id,
            "totals": self.totals.to_json(),
            "counted": self.counted,
        }
        if self.window is not None:
            found["window"] = {
                "since": _dump(self.window.since),
                "until": _dump(self.window.until),
                "last_id": self.window.last_id,
                "whole": self.window.whole,
            }
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
            run_id=data.get("run_id"),
            totals=Totals(**data.get("totals", {})),
            counted=data.get("counted", True),
        )
