"""The cursor alone against a model of Odoo: transactions that commit late, stamps cut to seconds, clocks read behind.

The model knows what real Odoos do (facts §0.1, §0.2, §2.5): a record is stamped with the start of its transaction, in
microseconds, is seen from its commit on, and its stamp is told in whole seconds. A poll sees what is committed by
then, and may be cut off in the middle; the copy must equal Odoo after the last one, whatever the order of events.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from towpath.features.replicate.cursor import MARGIN, Cursor, Window
from towpath.features.replicate.idle import Sight, quiet
from towpath.features.replicate.probe import Figures

START = datetime(2026, 1, 1, tzinfo=UTC)
OVERLAP = timedelta(seconds=90)
#: Odoo's clock as we read it is up to so much behind, since an answer of a moment ago told it; and nearly a second
#: ahead, since the web server tells it and PostgreSQL stamps.
BEHIND, AHEAD = 30.0, 0.99


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
    #: Added to the clock; with the cursor's own margin here it is as if there were none.
    hurry: timedelta
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

    def poll(self, at: float, behind: float, *, cut_at: int = 0) -> None:
        """One run.

        :param cut_at: the last id it reads before it is cut off; 0: it is not.
        """
        now = moment(at - behind).replace(microsecond=0) + self.hurry
        seen, unfinished = self.look(at, now), self.cursor.window
        if unfinished is None and self.sight is not None and quiet(self.sight, seen, self.overlap):
            self.idle += 1
            return
        self.sight = None
        first = self.cursor.through is None
        window = self.cursor.open_whole(now) if first else self.cursor.open_window(now, self.overlap)
        if cut_at:
            self.read(window, at, up_to=cut_at)
            window = replace(window, last_id=max(window.last_id, cut_at))
            self.cursor = self.cursor.within(window, run_id="run", totals=self.cursor.totals)
            return
        self.read(window, at)
        if unfinished is None:
            self.sight = seen
        else:  # what changed behind the place where it was cut off
            self.cursor = self.cursor.after(window)
            window = self.cursor.open_window(now, self.overlap)
            self.read(window, at)
        self.cursor = self.cursor.closed(window, run_id="run", totals=self.cursor.totals)

    def read(self, window: Window, at: float, *, up_to: int | None = None) -> None:
        """Take the rows of a window, by id, to its end or to an id."""
        for change in self.visible(at).values():
            stamp = moment(change.begun)
            told = stamp.replace(microsecond=0) if self.whole_seconds else stamp
            within = change.id > window.last_id and (up_to is None or change.id <= up_to)
            if within and (window.whole or told >= window.since):
                self.rows[change.id] = change.value


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


#: When Odoo is polled, how far its clock is behind then, and the id after which the run is cut off.
Poll = tuple[float, float, int]


def copied(
    changes: list[Change],
    polls: list[Poll],
    overlap: timedelta = OVERLAP,
    *,
    whole: bool = True,
    hurry: timedelta = timedelta(),
) -> Copy:
    copy = Copy(changes, overlap, hurry, whole)
    for at, behind, cut_at in sorted(polls):
        copy.poll(at, behind, cut_at=cut_at)
    end = max(change.committed for change in changes) + 0.001
    end = max([end, *(at + BEHIND for at, _, _ in polls)])
    copy.poll(end, 0)
    assert copy.rows == {number: change.value for number, change in copy.visible(end).items()}
    return copy


@pytest.mark.feature("S1.7", "S1.17", "S1.23", "S2.14")
@given(
    changes=histories(),
    polls=st.lists(
        st.tuples(st.floats(0, 2500), st.floats(-AHEAD, BEHIND), st.sampled_from([0, 0, 1, 2, 3])),
        max_size=12,
    ),
    whole=st.booleans(),
)
@settings(max_examples=2500)
def test_no_transaction_shorter_than_the_overlap_is_missed(changes, polls, whole):
    copied(changes, polls, whole=whole)


LATE = [Change(1, 10.5, 60.0, 1), Change(2, 20.2, 21.0, 1)]


@pytest.mark.parametrize("whole", [True, False])
def test_without_the_overlap_it_would_be(whole):
    """The model can tell: a transaction of 50 seconds, and a quicker one that commits before it."""
    polls = [(5.0, 0.0, 0), (30.0, 0.0, 0)]
    copied(LATE, polls, whole=whole)
    with pytest.raises(AssertionError):
        copied(LATE, polls, timedelta(0), whole=whole)


@pytest.mark.parametrize("whole", [True, False])
def test_without_the_margin_it_would_be(whole):
    """A transaction nearly as long as the overlap, told by a web server whose clock is nearly a second ahead."""
    late = [Change(1, 10.7, 100.55, 1), Change(2, 99.0, 99.1, 1)]
    polls = [(5.0, 0.0, 0), (100.5, -0.9, 0)]
    copied(late, polls, whole=whole)
    with pytest.raises(AssertionError):
        copied(late, polls, whole=whole, hurry=MARGIN)


def test_what_changes_behind_the_place_where_a_run_was_cut_off_is_read():
    changes = [Change(1, 10.0, 10.1, 1), Change(2, 10.0, 10.1, 1), Change(1, 300.0, 300.1, 2)]
    copied(changes, [(20.0, 0.0, 1), (400.0, 0.0, 0)])


@pytest.mark.parametrize("whole", [True, False])
def test_a_look_does_not_hide_a_change_that_commits_behind_the_newest_stamp(whole):
    """Neither count nor newest stamp move when it commits: only the time since the newest stamp tells."""
    changes = [Change(1, 0.1, 0.2, 0), Change(1, 310.5, 360.0, 1), Change(2, 320.2, 321.0, 0)]
    assert copied(changes, [(5.0, 0.0, 0), (330.0, 0.0, 0), (400.0, 0.0, 0)], whole=whole).idle <= 1


def test_a_look_is_enough_only_when_all_was_quiet_for_the_overlap():
    quick = [Change(1, 10.5, 10.6, 1)]
    polls = [(float(at), 0.0, 0) for at in range(20, 1200, 20)]
    assert copied(quick, polls).idle > 40
    busy = [*quick, *(Change(2, at - 1, at - 0.5, at) for at in range(20, 1200, 20))]
    assert copied(busy, polls).idle == 0
