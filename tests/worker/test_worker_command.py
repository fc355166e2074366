"""The command: it starts, says so, calls what is to be called, and leaves in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from towpath.features.connections import service as connections
from towpath.features.replicate import service
from towpath.features.replicate.job import table_of
from towpath.hub import open_hub
from towpath.settings import Settings

WHEEL = """
import os
from towpath.errors import TowpathError
from towpath.plugins import Feature

names = ("steady", "broken", "refused")
ticks = tuple(f"ticking:{n}" for n in names)
FEATURE = Feature(name="ticking", title="Ticking", summary="Ticks.", ticks=ticks, slow_ticks=("ticking:seldom",))

def called(name, hub):
    with open(os.environ["CALLS"], "a") as file:
        file.write(f"{name} {hub.settings.jobs_at_once}\\n")

def steady(hub):
    called("steady", hub)

def seldom(hub):
    called("seldom", hub)

def broken(hub):
    called("broken", hub)
    raise ZeroDivisionError("nothing to divide")

def refused(hub):
    called("refused", hub)
    raise TowpathError("This feature can not start what is due; see its settings.")
"""


@pytest.mark.feature("S2.60")
def test_ticks_are_called_again_and_again_whatever_they_raise(tmp_path: Path):
    """The feature comes from another wheel, by its entry point."""
    wheel, calls = tmp_path / "wheel", tmp_path / "calls"
    info = wheel / "ticking-1.0.dist-info"
    info.mkdir(parents=True)
    (wheel / "ticking.py").write_text(WHEEL)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ticking\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[towpath.features]\nticking = ticking\n")
    calls.touch()
    paths = [str(wheel), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    worker = subprocess.Popen(
        [sys.executable, "-m", "towpath", "worker", "--jobs", "3"],
        env=os.environ
        | {"TOWPATH_HOME": str(tmp_path / "home"), "CALLS": str(calls), "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    wanted = ("steady 3", "broken 3", "refused 3")
    while min(calls.read_text().splitlines().count(name) for name in wanted) < 3:
        assert time.monotonic() < deadline
        assert worker.poll() is None
        time.sleep(0.05)
    worker.terminate()
    _, told = worker.communicate(timeout=90)
    assert worker.returncode == 0
    lines = calls.read_text().splitlines()
    assert 0 < lines.count("seldom 3") < lines.count("steady 3")
    said = [orjson.loads(line)["reason"] for line in told.splitlines()]
    assert sorted(said) == [
        "Something unexpected happened (ZeroDivisionError: nothing to divide).",
        "This feature can not start what is due; see its settings.",
    ], "each is told once, as a sentence"


@pytest.mark.feature("S2.14")
def test_it_leaves_when_it_is_told_to_and_the_next_one_finishes(odoo19, tmp_path: Path):
    """One home with its own PostgreSQL: who asks, the worker that is stopped, and the one after it."""
    home = tmp_path / "home"
    key = odoo19.users["admin"].key
    odoo19.faults.add("latency", seconds=1, method="search_read")
    environment = os.environ | {"TOWPATH_HOME": str(home), "TOWPATH_PAGE_ROWS": "10"}
    command = [sys.executable, "-m", "towpath", "worker", "--jobs", "2"]
    with open_hub(Settings(home=home), works=False) as hub:
        connections.add(hub, name="c", url=odoo19.url, database=odoo19.db, login="admin", secret=key)
        (stream,) = service.add(hub, "c", ["res.partner"], service.Choice(fields=["name"]))
        (run_id,) = service.start(hub, [stream])
        first = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert first.stdout is not None
        assert first.stdout.readline() == "Working on what is due, 2 jobs at a time. Ctrl-C stops.\n"
        deadline = time.monotonic() + 120
        while service.recent_runs(hub)[0][0].state != "running":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        first.send_signal(signal.SIGTERM)
        out, _ = first.communicate(timeout=90)
        assert (first.returncode, out) == (
            0,
            "Stopping; what is not done goes on in another worker or at the next start.\n",
        )
        assert service.recent_runs(hub)[0][0].state == "running"
        odoo19.faults.clear()
        second = subprocess.Popen([*command, "--json"], env=environment, stdout=subprocess.PIPE, text=True)
        result = hub.jobs().wait(run_id, timeout=60)
        second.send_signal(signal.SIGINT)
        lines = [orjson.loads(line) for line in second.communicate(timeout=90)[0].splitlines()]
        assert lines == [{"event": "started", "jobs": 2}, {"event": "stopping"}]
        assert (result["state"], result["attempts"]) == ("succeeded", 2)
        assert table_of(hub, stream).count() == result["rows_inserted"] > 0
