"""What it costs to ask a quiet Odoo for changes: fifty streams of one connection.

``idle_poll_calls`` are all requests the sandbox answered during the poll, ``idle_poll_s`` its seconds; the best of
three, since the machine is shared. The database is quiet as real ones are: nothing was stamped within the overlap.
"""

from __future__ import annotations

import json
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench.scale import connect, fault, sandbox
from towpath.features.replicate import service
from towpath.hub import open_hub
from towpath.settings import Settings

__all__ = ["idle_poll"]

STREAMS = 50


def _requests(url: str, method: str) -> int:
    """Requests the sandbox has answered since they were last forgotten; DELETE forgets them."""
    request = urllib.request.Request(f"{url}/sandbox/calls", method=method)  # noqa: S310  # the sandbox on this machine
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
        told = json.loads(answer.read() or b"{}")
    counted: dict[str, int] = told.get("calls", {})
    return sum(counted.values())


def idle_poll() -> dict[str, Any]:
    """Poll fifty streams that have nothing new."""
    calls, seconds = [], []
    with (
        tempfile.TemporaryDirectory(prefix="towpath-bench-") as name,
        sandbox(Path(name), "demo") as url,
        open_hub(Settings(home=Path(name) / "home")) as hub,
    ):
        connect(hub, url)
        offers = service.offers(hub, "bench")
        models = [offer.model for offer in offers if not offer.model.startswith(("ir.", "bus."))]
        chosen = service.add(hub, "bench", models[:STREAMS], service.Choice())
        list(service.sync(hub, chosen))
        # An hour later nobody has changed anything, and one more run has seen it.
        fault(url, kind="clock_skew", seconds=3600)
        list(service.sync(hub, service.choose(hub, connection="bench")))
        for _ in range(3):
            chosen = service.choose(hub, connection="bench")
            _requests(url, "DELETE")
            began = time.perf_counter()
            ended = list(service.sync(hub, chosen))
            seconds.append(time.perf_counter() - began)
            calls.append(_requests(url, "GET"))
            quiet = sum(run.kind == "idle" for run in ended)
            if quiet != STREAMS:
                raise SystemExit(f"only {quiet} of {len(ended)} streams were found quiet")
    return {
        "idle_poll_streams": STREAMS,
        "idle_poll_calls": min(calls),
        "idle_poll_s": round(min(seconds), 3),
    }
