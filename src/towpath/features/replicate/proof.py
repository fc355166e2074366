"""The proof of completeness: after a run the table is compared with Odoo, and what differs is read again.

The quick proof compares how many records there are and what their ids add up to, with what the run asked anyway.
The deep proof reads id and ``write_date`` of whole ranges of ids and compares a checksum with the table's. A run proves
as many ranges as its budget of rows allows, those that were not proved for the longest time first, so that every
range comes round. Where something differs, just those records are read again; what Odoo does not show any more is
told apart as ever (``gone.py``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from towpath.commit_point import commit_point
from towpath.errors import InputError, ProtocolError, TowpathError
from towpath.features.replicate import gone, lost, proved
from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.held import newest
from towpath.features.replicate.pairs import DOUBLED, NO_STAMP, Compared, compare
from towpath.features.replicate.patience import patiently
from towpath.features.replicate.proof_plan import CALL, Range, ages, choose, due
from towpath.features.replicate.proof_summary import (
    Tally,
    lateness,
    ranges_of,
    seconds,
    settled_before,
    stamp_of,
    summarize,
)
from towpath.features.replicate.rounds import first_start
from towpath.features.replicate.work import CONTEXT, Work
from towpath.odoo import PageSize

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["follow_proof", "verify"]

#: A range that was proved a shorter time ago is not proved again by a run that wrote nothing.
REST = timedelta(hours=1)
#: Each range of a table that is too large to be proved at once comes round in this time.
TURN = timedelta(days=1)
#: Ids and stamps in one call (some 1 MB).
PAGE = 20_000
#: Records that are compared at a time: bounds memory where a table has lost most of its rows.
MOST = 4 * PAGE
#: Records that are read again in one call.
FETCH = 1_000
#: Ids of records that are asked for by name in one call.
NAMED = 5_000


def follow_proof(work: Work, cursor: Cursor) -> Cursor:
    """Prove what the budget allows, and record how the table compares.

    A table that fits into the budget is proved wholly, by a run that wrote nothing only once an hour. Of a larger one
    each range is proved once a day.
    """
    proof = _Proof(work=work, cursor=cursor)
    try:
        if work.proof_rows:
            _prove_some(work, proof)
        summarize(work, proof.cursor, proof.tally)
    except TowpathError as problem:
        if problem.details.get("cancelled"):
            raise
        work.check()
        # What the run read stands; it is no worse for not being proved.
        work.remarks.append(f"Whether the table is complete could not be proved this time: {problem.message}")
    return proof.cursor


def _prove_some(work: Work, proof: _Proof) -> None:
    totals, now, known = proof.cursor.totals_of(work.run_id), datetime.now(UTC), ranges_of(work)
    with work.store.begin() as db:
        before = proved.listed(db, work.stream.id)
    wrote = totals.inserted or totals.updated or totals.deleted
    small = sum(one.rows + CALL for one in known) <= work.proof_rows
    if small and (wrote or max(ages(known, before, now).values()) > REST.total_seconds()):
        turns = known
    elif small:
        return
    else:
        since = first_start(work, now)
        turns = due(known, before, now=now, since=since, turn=TURN, touched=work.touched)
    if not turns:
        return
    chosen = choose(turns, before, now=now, budget=work.proof_rows, touched=work.touched)
    for one in chosen:
        proof.prove(one)
    proof.tally.whole = len(chosen) == len(known)


def verify(work: Work, cursor: Cursor, *, repair: bool) -> Cursor:
    """Prove all of a table now.

    :raises InputError: the table was not read to its end yet.
    """
    if cursor.through is None or cursor.window is not None:
        raise InputError(
            f"{work.stream.table_name} was not read to its end yet; run it first: "
            f"towpath sync run --stream {work.stream.table_name}"
        )
    proof = _Proof(work=work, cursor=cursor, repair=repair, whole=True)
    known = ranges_of(work)
    work.expected = sum(one.rows for one in known)
    for one in known:
        proof.prove(one)
    proof.tally.whole = True
    patiently(work.store, lambda db: proved.forget_beyond(db, work.stream.id, known[-1].high))
    summarize(work, proof.cursor, proof.tally)
    return proof.cursor


@dataclass(slots=True, kw_only=True)
class _Proof:
    """The proof of one run."""

    work: Work
    cursor: Cursor
    repair: bool = True
    #: All of the table is proved, apart from any other run.
    whole: bool = False
    tally: Tally = field(default_factory=Tally)

    @property
    def _stamp(self) -> str | None:
        return stamp_of(self.work)

    @property
    def _before(self) -> int | None:
        return settled_before(self.work, self.cursor)

    # -- one range ---------------------------------------------------------------------------------

    def prove(self, one: Range) -> None:
        """Compare a range, read again what differs, and keep how it was."""
        low = one.low
        while low < one.high:
            low = self._prove_from(Range(low, one.high))
        self.tally.ranges += 1

    def _prove_from(self, one: Range) -> int:
        """Compare a range from its first id on, as far as memory allows; the first id behind what was compared."""
        self.work.report("proving", self.cursor.totals_of(self.work.run_id))
        theirs, end = self._theirs(one)
        one = Range(one.low, end)
        ours = self._ours(one)
        found = self._compared(theirs, ours)
        if not found.equal:
            # Anything may have happened between the two readings: only what differs twice does differ.
            again = self._named(found.suspects)
            for number in found.suspects:
                theirs.pop(number, None)
            theirs.update(again)
            found = self._compared(theirs, ours)
        fresh = self._fresh(found, theirs)
        differing = len(found.suspects) - len(fresh)
        if found.equal or not self.repair:
            self._keep(one, found, repaired=0)
            self.tally.left += differing
        else:
            if self._before is not None:
                self._learn(theirs[number] for number in {*found.missing, *found.stale}.difference(fresh))
            self._keep(one, found, repaired=differing)
            suspects = set(found.suspects)
            mended = self._mend(found)
            theirs = {number: stamp for number, stamp in theirs.items() if number not in suspects} | mended
            self._keep(one, found := self._compared(theirs, self._ours(one)), repaired=differing)
            self.tally.left += len(found.suspects)
        self.tally.late += len(fresh)
        self.tally.odoo_count += found.odoo_count
        self.tally.table_count += found.table_count
        return one.high

    def _fresh(self, found: Compared, theirs: dict[int, int]) -> set[int]:
        """Those of the records that differ without any fault: what happens while a run goes on.

        A record stamped within the overlap is read by the next run anyhow. One that a run's comparison of ids has
        just shown and that is gone now was deleted since.
        """
        fresh = set() if self.whole else set(found.extra)
        if self._before is not None:
            reach = self._before - self.work.overlap.total_seconds()
            fresh.update(number for number in (*found.missing, *found.stale) if theirs[number] >= reach)
        return fresh

    def _compared(self, theirs: dict[int, int], ours: dict[int, int]) -> Compared:
        if self._stamp:
            return compare(theirs, ours, self._before)
        if self._before is None:  # ids that came since the read can only be known by their place
            end = newest(self.work.table)
            theirs = {number: NO_STAMP for number in theirs if number <= end}
            return compare(theirs, ours)
        moved = {number for number, stamp in theirs.items() if stamp >= self._before}
        return compare(
            {number: NO_STAMP for number in theirs if number not in moved},
            {number: min(stamp, NO_STAMP) for number, stamp in ours.items() if number not in moved},
        )

    def _theirs(self, one: Range) -> tuple[dict[int, int], int]:
        """Odoo's side of a range, and the id it reaches to: where Odoo has a great many more, not to its end."""
        work, found = self.work, dict[int, int]()
        last, held = one.low - 1, work.table.count(one.low, one.high - 1)
        size = PageSize(start=PAGE, goal=PAGE)
        while True:
            work.check()
            domain = [*work.filter, ["id", ">", last], ["id", "<", one.high]]
            asked = size.rows
            try:
                rows = work.odoo.search_read(
                    work.model.name, domain, self._fields(), order="id", limit=asked, context=CONTEXT
                )
            except TowpathError as problem:
                if not size.failed(problem):
                    raise
                continue
            size.took(len(rows), work.odoo.last_seconds, work.odoo.last_size)
            found.update((row["id"], _second(row.get("write_date"))) for row in rows)
            # A short page is the end only when we know of no more: some models take from a page what is hidden.
            if not rows or (len(rows) < asked and len(found) >= held):
                return found, one.high
            if rows[-1]["id"] <= last:
                raise ProtocolError(
                    f"Odoo sent records of {work.model.name} in another order than by id, so they can not be compared."
                )
            last = rows[-1]["id"]
            if len(found) >= MOST:
                return found, last + 1

    def _named(self, ids: Sequence[int]) -> dict[int, int]:
        """Those of the records that belong to the stream now, with their stamps."""
        found: dict[int, int] = {}
        for start in range(0, len(ids), NAMED):
            domain = [*self.work.filter, ["id", "in", list(ids[start : start + NAMED])]]
            rows = self.work.odoo.search_read(
                self.work.model.name, domain, self._fields(), order="id", context=CONTEXT
            )
            found.update((row["id"], _second(row.get("write_date"))) for row in rows)
        return found

    def _fields(self) -> list[str]:
        return ["id", "write_date"] if self.work.model.has_write_date else ["id"]

    def _ours(self, one: Range) -> dict[int, int]:
        """The table's side of a range."""
        stamp = self._stamp
        found: dict[int, int] = {}
        if not self.work.table.exists:
            return found
        columns = ["id"] if stamp is None else ["id", stamp]
        rows = 0
        for batch in self.work.table.scan(columns, low=one.low, high=one.high - 1):
            ids = batch.column(0).to_pylist()
            rows += len(ids)
            found.update(
                zip(ids, [NO_STAMP] * len(ids) if stamp is None else seconds(batch.column(1)), strict=True)
            )
        if rows > len(found):
            found.update(dict.fromkeys(self._doubled(one), DOUBLED))
        return found

    def _doubled(self, one: Range) -> list[int]:
        """Ids that more than one row of the table has, which none should: looked for where rows are too many."""
        times: Counter[int] = Counter()
        for batch in self.work.table.scan(["id"], low=one.low, high=one.high - 1):
            times.update(batch.column(0).to_pylist())
        return [number for number, count in times.items() if count > 1]

    # -- repair ------------------------------------------------------------------------------------

    def _mend(self, found: Compared) -> dict[int, int]:
        """Read again what differs, and mark what is gone. The new stamps of what was read."""
        work, stamps = self.work, dict[int, int]()
        batches: list[pa.RecordBatch] = []
        rows_held = 0
        wanted = sorted([*found.missing, *found.stale])
        for start in range(0, len(wanted), FETCH):
            for rows in work.chosen(wanted[start : start + FETCH]):
                batches.append(work.to_batch(rows))
                rows_held += len(rows)
                stamps.update((row["id"], _second(row.get("write_date"))) for row in rows)
            if rows_held >= PAGE:
                self.cursor = lost.write(work, self.cursor, gone.Fates(), batches, operation="REPAIR")
                batches, rows_held = [], 0
        went = [number for number in found.stale if number not in stamps]
        fates = gone.tell(work, [*found.extra, *went])
        self.cursor = lost.write(work, self.cursor, fates, batches, operation="REPAIR")
        commit_point("repair_written")
        return stamps

    def _learn(self, stamps: Iterable[int]) -> None:
        """Learn from records that the reads before this one missed how late they must have been (facts §0.1)."""
        work = self.work
        with work.store.begin() as db:
            moments = [int(moment.timestamp()) for moment in proved.cursors(db, work.stream.id)]
        late = lateness(stamps, moments, overlap=int(work.overlap.total_seconds()))
        work.late = max(work.late, float(late))

    def _keep(self, one: Range, found: Compared, *, repaired: int) -> None:
        work = self.work
        work.hold()
        patiently(
            work.store,
            lambda db: proved.keep(db, work.stream.id, work.run_id, one, found, repaired=repaired),
        )
        commit_point("proof_range_stored")


def _second(stamp: Any) -> int:
    """The second of a stamp as Odoo gives it."""
    if not isinstance(stamp, str):
        return NO_STAMP
    try:
        return int(datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp())
    except ValueError:  # not as Odoo writes it; in the table it is empty then
        return NO_STAMP
