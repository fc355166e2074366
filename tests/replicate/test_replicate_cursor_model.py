"""The cursor alone against a model of Odoo: transactions that commit late, stamps cut to seconds, clocks read behind.

The model knows what real Odoos do (facts §0.1, §0.2, §2.5): a record is stamped with the start of its transaction, in
microseconds, is seen from its commit on, and its stamp is told in whole seconds. A poll sees what is committed by
then; the copy must equal Odoo after the last one, whatever the order of events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.idle import Sight, quiet
from towpath.features.replicate.probe import Figures

START = datetime(2026, 1, 1, tzinfo=UTC)
OVERLAP = timedelta(seconds=90)
#: Odoo's clock as we read it is up to so much behind.
BEHIND = 30.0


@dataclass(frozen=True)
class Change:
    """One transaction on one record; times in seconds from the beginning."""

    id: int
    begun: float
    committed: float
    value: int


@dataclass
class Copy:
    """Polls the model as a stream does."""

    changes: list[Change]
    overlap: timedelta
    #: 19.0 compares whole seconds, 17.0 what is stored (facts §0.2).
    whole_seconds: bool
    cursor: Cursor = field(default_factory=Cursor)
    rows: dict[int, int] = field(default_factory=dict)
    sight: Sight | None = None
    idle: int = 0

    def visible(self, at: float) -> dict[int, Change]:
        """The newest committed change of each record."""
        found: dict[int, Change] = {}
        for change in sorted(self.changes, key=lambda change: change.committed):
            if change.committed <= at:
                found[change.id] = change
        return found

    def look(self, at: float, now: datetime) -> Sight:
        seen = self.visible(at)
        stamps = [moment(change.begun).replace(microsecond=0) for change in seen.values()]
        figures = Figures(
            count=len(seen), id_sum=sum(seen), max_id=max(seen, default=0), newest=max(stamps, default=None)
        )
        return Sight(at=now, figures=figures, fields="same")

    def poll(self, at: float, behind: float) -> None:
        now = moment(at - behind).replace(microsecond=0)
        seen = self.look(at, now)
        if self.sight is not None and quiet(self.sight, seen, self.overlap):
            self.idle += 1
            return
        if self.cursor.through is None:
            window, since = self.cursor.open_whole(now), None
        else:
            window = self.cursor.open_window(now, self.overlap)
            since = window.since
        for change in self.visible(at).values():
            stamp = moment(change.begun)
            if since is None or (stamp.replace(microsecond=0) if self.whole_seconds else stamp) >= since:
                self.rows[change.id] = change.value
        self.cursor = self.cursor.closed(window, run_id="run", totals=self.cursor.totals)
        self.sight = seen


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """Transactions shorter than the overlap; those of one record follow each other, as its lock makes them."""
    changes = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        at = 0.0
        for value in range(draw(st.integers(1, 5))):
            begun = at + draw(st.floats(0, 400))
            committed = begun + draw(st.floats(0.001, 89.9))
            changes.append(Change(number, begun, committed, value))
            at = committed
    return changes


def copied(changes: list[Change], polls: list[tuple[float, float]], overlap: timedelta, whole: bool) -> Copy:
    copy = Copy(changes, overlap, whole)
    for at, behind in sorted(polls):
        copy.poll(at, behind)
    end = max(change.committed for change in changes) + 0.001
    end = max([end, *(at + BEHIND for at, _ in polls)])
    copy.poll(end, 0)
    assert copy.rows == {number: change.value for number, change in copy.visible(end).items()}
    return copy


@pytest.mark.feature("S1.7", "S1.17", "S1.23", "S2.14")
@given(
    changes=histories(),
    polls=st.lists(st.tuples(st.floats(0, 2500), st.floats(0, BEHIND)), max_size=12),
    whole=st.booleans(),
)
@settings(max_examples=1500)
def test_no_transaction_shorter_than_the_overlap_is_missed(changes, polls, whole):
    copied(changes, polls, OVERLAP, whole)


LATE = [Change(1, 10.5, 60.0, 1), Change(2, 20.2, 21.0, 1)]


def test_without_the_overlap_it_would_be():
    """The model can tell: a transaction of 50 seconds, and a quicker one that commits before it."""
    polls = [(5.0, 0.0), (30.0, 0.0)]
    copied(LATE, polls, OVERLAP, whole=True)
    with pytest.raises(AssertionError):
        copied(LATE, polls, timedelta(0), whole=True)


def test_a_look_is_enough_only_when_all_was_quiet_for_the_overlap():
    quick = [Change(1, 10.5, 10.6, 1)]
    polls = [(float(at), 0.0) for at in range(20, 1200, 20)]
    assert copied(quick, polls, OVERLAP, whole=True).idle > 40
    busy = [*quick, *(Change(2, at - 1, at - 0.5, at) for at in range(20, 1200, 20))]
    assert copied(busy, polls, OVERLAP, whole=True).idle == 0
