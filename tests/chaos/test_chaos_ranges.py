"""A read in ranges, killed at each point between two of its effects, one after the other; records change in between."""

from __future__ import annotations

import os
import signal
import subprocess

import orjson
import pytest
from tests import prepared_process
from tests.prepared_process import TOWPATH

from towpath.commit_point import ENVIRONMENT
from towpath.features.replicate.job import table_of

POINTS = (
    "range_planned",
    "range_claimed",
    "part_written",
    "part_noted",
    "range_done",
    "before_publish",
    "after_publish",
    "staging_cleared",
    "run_closing",
    "run_ended",
)


def run(harbour, stream, end_at: str = "") -> subprocess.CompletedProcess[str]:
    """One ``towpath sync run`` with small ranges, that kills itself when it comes to a point."""
    environment = os.environ | {
        "TOWPATH_HOME": str(harbour.home),
        "TOWPATH_PAGE_ROWS": "10",
        "TOWPATH_RANGE_ROWS": "20",
        "TOWPATH_LOG_LEVEL": "error",
        ENVIRONMENT: end_at,
    }
    return prepared_process.run(
        [*TOWPATH, "sync", "run", "--stream", stream.id, "--json"], env=environment, check=False
    )


@pytest.mark.slow
@pytest.mark.feature("S2.14", "S2.15", "S2.60")
def test_killed_at_each_point_of_a_read_in_ranges(harbour, odoo, mark):
    del odoo
    ids = harbour.odoo.create("res.partner", [{"name": f"{mark} {n}", "ref": mark} for n in range(90)])
    stream = harbour.add(mark, "FULL_TABLE")
    for number, point in enumerate(POINTS):
        # The run that was cut off may end before it comes to the point; then a new one does.
        for _ in range(2):
            ended = run(harbour, stream, point)
            if ended.returncode == -signal.SIGKILL:
                break
            assert ended.returncode == 0, ended.stdout
        assert ended.returncode == -signal.SIGKILL, f"it never came to {point}"
        harbour.odoo.write("res.partner", ids[number : number + 40], {"city": f"after {point}"})
        harbour.odoo.unlink("res.partner", [ids.pop(50)])
        ids += harbour.odoo.create("res.partner", [{"name": f"{mark} {point}", "ref": mark}])
        with harbour.hub() as hub:
            table = table_of(hub, stream)
            seen = [i for batch in (table.ids() if table.exists else ()) for i in batch.column(0).to_pylist()]
        assert len(seen) == len(set(seen)), point
    ended = run(harbour, stream)
    record = orjson.loads(ended.stdout.splitlines()[-1])
    assert record["state"] == "succeeded", record
    ended = run(harbour, stream)  # the one before may have been the rest of a run that was cut off
    assert orjson.loads(ended.stdout.splitlines()[-1])["state"] == "succeeded"
    harbour.check(stream, mark)


@pytest.mark.feature("S2.14")
@pytest.mark.parametrize("range_rows", [20, 100_000])
def test_what_was_staged_is_forgotten_after_a_death_right_behind_its_publication(
    harbour, odoo, mark, range_rows
):
    """No later run of an INCREMENTAL stream would read everything, and so stumble over it."""
    del odoo
    harbour.odoo.create("res.partner", [{"name": f"{mark} {n}", "ref": mark} for n in range(50)])
    stream = harbour.add(mark)
    process = harbour.start(stream, range_rows=range_rows, end_at="after_publish")
    process.communicate(timeout=90)
    assert process.returncode == -signal.SIGKILL
    assert harbour.finish(harbour.start(stream))["state"] == "succeeded"
    harbour.check(stream, mark)
