"""Killed at each commit point: the place between two effects where a crash hurts most."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from tests.prepared_process import TOWPATH, run

from towpath.commit_point import ENVIRONMENT
from towpath.features.replicate import service
from towpath.features.replicate.job import table_of
from towpath.features.replicate.tables import streams
from towpath.lake import manifest
from towpath.sandbox.odoo_server.server import OdooServer

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"commit_point\(\"([a-z_]+)\"\)|^POINT = \"([a-z_]+)\"", re.MULTILINE)

#: Points that a run of changes comes to.
CHANGES = (
    "run_begun",
    "upsert_files_written",
    "commit_written",
    "proof_range_stored",
    "run_closing",
    "run_ended",
)
#: Points that upkeep comes to.
UPKEEP = ("upkeep_claimed", "after_compact")
TICK = """
from towpath.features.replicate import upkeep
from towpath.hub import open_hub
with open_hub() as hub:
    upkeep.tick(hub)
"""
#: Points that a run over many streams comes to, beside those of its runs.
MANY = ("before_manifest", "after_manifest")


def test_every_commit_point_is_tried_by_a_test():
    sources = (ROOT / "src" / "towpath").rglob("*.py")
    points = {
        name
        for path in sources
        for found in NAMED.findall(path.read_text(encoding="utf-8"))
        for name in found
        if name and path.name != "commit_point.py"
    }
    assert len(points) >= 12
    tests = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    untried = {name for name in points if not any(f'"{name}"' in text for text in tests)}
    assert not untried


@pytest.mark.feature("S1.7", "S1.17", "S1.23", "S2.14")
def test_killed_at_each_point_of_a_run_of_changes(harbour, odoo, mark):
    """One after the other, so that each process begins with what the one before left."""
    del odoo
    ids = harbour.odoo.create("res.partner", [{"name": f"{mark} {n}", "ref": mark} for n in range(60)])
    stream = harbour.add(mark)
    assert harbour.finish(harbour.start(stream))["state"] == "succeeded"
    for point in CHANGES:
        harbour.odoo.write("res.partner", ids[:15], {"city": point})
        harbour.odoo.unlink("res.partner", [ids.pop(20), ids.pop(20)])
        ids += harbour.odoo.create("res.partner", [{"name": f"{mark} {point}", "ref": mark}])
        for _ in range(2):  # the first may have only the rest of a run to do that was cut off
            process = harbour.start(stream, end_at=point)
            process.communicate(timeout=90)
            if process.returncode == -signal.SIGKILL:
                break
            harbour.odoo.write("res.partner", ids[10:18], {"city": f"before {point}"})
        assert process.returncode == -signal.SIGKILL, f"it never came to {point}"
        harbour.odoo.write("res.partner", ids[10:18], {"city": f"after {point}"})
    for _ in range(2):
        assert harbour.finish(harbour.start(stream))["state"] == "succeeded"
    harbour.check(stream, mark)


@pytest.mark.feature("S2.14", "S2.22")
@pytest.mark.parametrize("point", MANY)
def test_killed_at_the_end_of_a_run_over_many_streams(harbour, odoo, mark, point):
    del odoo
    harbour.odoo.create("res.partner", [{"name": mark, "ref": mark} for _ in range(12)])
    chosen = [harbour.add(mark, table=f"{mark}_{number}") for number in range(3)]
    command = [*TOWPATH, "sync", "run", "--json"]
    for stream in chosen:
        command += ["--stream", stream.id]
    env = os.environ | {"TOWPATH_HOME": str(harbour.home), "TOWPATH_LOG_LEVEL": "error"}
    first = run(command, env=env | {ENVIRONMENT: point}, check=False)
    assert first.returncode == -signal.SIGKILL, f"it never came to {point}"
    harbour.odoo.create("res.partner", [{"name": f"{mark} late", "ref": mark}])
    run(command, env=env)
    with harbour.hub() as hub:
        numbers = [
            b.number for b in service.recent_batches(hub) if set(b.stream_ids) == {s.id for s in chosen}
        ]
        deadline = time.monotonic() + 30
        hub.jobs()  # whoever is at work goes on with what the dead process left
        while {b.state for b in service.recent_batches(hub) if b.number in numbers} != {"published"}:
            assert time.monotonic() < deadline, "the manifest was never published"
            time.sleep(0.2)
        counts = []
        for number in sorted(numbers):
            left = manifest.read(hub.lake_root, str(number))
            versions = [left.tables[table_of(hub, stream).uri] for stream in chosen]
            tables = [table_of(hub, stream) for stream in chosen]
            counts.append(
                {
                    sum(batch.num_rows for batch in table.scan(["id"], version=version))
                    for table, version in zip(tables, versions, strict=True)
                }
            )
        assert counts == [{12}, {13}]
    for stream in chosen:
        harbour.check(stream, mark)


@pytest.mark.feature("S2.14", "S2.18")
@pytest.mark.parametrize("point", UPKEEP)
def test_killed_in_upkeep(harbour, odoo, mark, point):
    del odoo
    stream = harbour.add(mark)
    harbour.odoo.create("res.partner", [{"name": mark, "ref": mark}])
    assert harbour.finish(harbour.start(stream))["state"] == "succeeded"
    env = os.environ | {"TOWPATH_HOME": str(harbour.home), "TOWPATH_LOG_LEVEL": "error"}
    for end_at, code in ((point, -signal.SIGKILL), ("", 0)):
        with harbour.hub() as hub, hub.store.begin() as db:
            now = sa.func.now()
            db.execute(streams.update().values(kept_up_at=now))
            long_ago = {"kept_up_at": now - timedelta(days=2)}
            db.execute(streams.update().where(streams.c.id == stream.id).values(long_ago))
        ended = subprocess.run([sys.executable, "-c", TICK], env=env | {ENVIRONMENT: end_at}, check=False)
        assert ended.returncode == code, f"it never came to {point}"
    assert harbour.finish(harbour.start(stream))["state"] == "succeeded"
    harbour.check(stream, mark)


@pytest.mark.feature("S2.14", "S2.60")
def test_odoo_is_restarted_in_the_middle(make_harbour, odoo_home, mark):
    server = OdooServer(version="19.0", data="empty", home=odoo_home, keep=True)
    server.start()
    try:
        harbour = make_harbour(server, f"h_{mark}")
        harbour.odoo.create("res.partner", [{"name": f"{mark} {n}", "ref": mark} for n in range(90)])
        stream = harbour.add(mark)
        server.faults.add("latency", seconds=0.1, method="search_read")
        process = harbour.start(stream)
        assert process.stdout is not None
        for line in process.stdout:
            if orjson.loads(line).get("rows", 0) >= 20:
                break
        server.stop()
        time.sleep(1.5)
        server.start()
        assert harbour.finish(process)["state"] == "succeeded"
        harbour.check(stream, mark)
    finally:
        server.stop()
