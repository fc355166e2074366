"""Runs that are cut off under a fast clock that is right again when they go on: the cursor must not stay ahead of Odoo.

A cursor that lies ahead of Odoo's clock is read from the present on, so that whatever changed in between is missed as
soon as two runs are further apart than the overlap. Here three quarters of an hour pass between them.
"""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta

import pytest

from towpath.features.replicate.cursor import BLUR

#: Seconds by which the clock is fast, and those between the last two runs: fewer than that, and more than the overlap.
FAST, BETWEEN = 5400.0, 2700.0


def cut_off(harbour, stream, *more: str, end_at: str, range_rows: int = 100_000) -> None:
    process = harbour.start(stream, *more, end_at=end_at, range_rows=range_rows)
    process.communicate(timeout=90)
    assert process.returncode == -signal.SIGKILL, f"it never came to {end_at}"


def missed_nothing(harbour, stream, mark: str, ids: list[int]) -> None:
    """The clock is right again; change something, let time pass, and look."""
    assert harbour.finish(harbour.start(stream))["state"] == "succeeded"
    cursor = harbour.runs(stream)[-1].cursor_after
    assert datetime.fromisoformat(cursor["through"]) <= datetime.now(UTC) + BLUR
    harbour.odoo.write("res.partner", ids[:5], {"city": "in between"})
    later = harbour.server.faults.add("clock_skew", seconds=BETWEEN)
    assert harbour.finish(harbour.start(stream))["state"] == "succeeded"
    harbour.check(stream, mark, ahead=timedelta(seconds=BETWEEN))
    harbour.server.faults.remove(later.id)


@pytest.mark.feature("S1.17", "S2.14")
@pytest.mark.parametrize("range_rows", [20, 100_000])
def test_a_first_read_that_was_cut_off_under_a_fast_clock(harbour, odoo, mark, range_rows):
    ids = harbour.odoo.create("res.partner", [{"name": f"{mark} {n}", "ref": mark} for n in range(60)])
    stream = harbour.add(mark)
    fast = odoo.faults.add("clock_skew", seconds=FAST)
    cut_off(harbour, stream, end_at="part_noted", range_rows=range_rows)
    odoo.faults.remove(fast.id)
    missed_nothing(harbour, stream, mark, ids)


@pytest.mark.feature("S1.17", "S2.14")
@pytest.mark.parametrize("more", [[], ["--full"]], ids=["changes", "full"])
def test_a_later_read_that_was_cut_off_under_a_fast_clock(harbour, odoo, mark, more):
    ids = harbour.odoo.create("res.partner", [{"name": f"{mark} {n}", "ref": mark} for n in range(100)])
    stream = harbour.add(mark)
    assert harbour.finish(harbour.start(stream))["state"] == "succeeded"
    fast = odoo.faults.add("clock_skew", seconds=FAST)
    harbour.odoo.write("res.partner", ids, {"city": "fast"})
    cut_off(
        harbour, stream, *more, end_at="commit_written:2"
    )  # the first chunk is committed, the second one is not
    odoo.faults.remove(fast.id)
    missed_nothing(harbour, stream, mark, ids)


@pytest.mark.feature("S1.17", "S2.14")
def test_a_window_much_longer_than_the_overlap_that_was_cut_off_is_read_to_its_end(
    harbour, odoo, mark, monkeypatch
):
    """No overlap makes good what a cursor that moved too early has passed over: an hour lies between."""
    monkeypatch.setenv("TOWPATH_PROOF_ROWS", "0")  # the proof would find it, and mend it
    ids = harbour.odoo.create("res.partner", [{"name": f"{mark} {n}", "ref": mark} for n in range(100)])
    stream = harbour.add(mark)
    for ahead in (0.0, 3600.0, 7200.0):
        odoo.faults.clear()
        odoo.faults.add("clock_skew", seconds=ahead)
        if ahead == 3600.0:
            harbour.odoo.write("res.partner", ids, {"city": "an hour ago"})
        else:
            end_at = "commit_written:2" if ahead else ""
            process = harbour.start(stream, end_at=end_at)
            process.communicate(timeout=90)
            assert process.returncode == (-signal.SIGKILL if ahead else 0)
    record = harbour.finish(harbour.start(stream))
    assert (record["state"], record["attempts"], record["rows_updated"]) == ("succeeded", 2, 100)
    harbour.check(stream, mark, ahead=timedelta(seconds=7200))
