"""Nobody reads how a run gets on: the run does not mind."""

from __future__ import annotations

import os

import pytest

from towpath.features.replicate import service
from towpath.features.replicate.progress import JsonLines


@pytest.mark.feature("S2.21")
def test_a_run_goes_on_when_its_reader_goes_away(town):
    stream = town.add("res.country", fields=["name"])
    reading, writing = os.pipe()
    os.close(reading)
    out = os.fdopen(writing, "w")
    try:
        (run,) = service.sync(town.hub, [stream], on_progress=JsonLines(out))
    finally:
        out_descriptor = os.open(os.devnull, os.O_WRONLY)
        os.dup2(out_descriptor, out.fileno())
        os.close(out_descriptor)
        out.close()
    assert run.state == "succeeded"
    assert set(town.rows(stream)) == town.ids("res.country")
