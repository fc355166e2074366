"""Towpath's own run of the same copy, in a process of its own.

    TOWPATH_HOME=FOLDER python -m bench.ours URL prepare
    TOWPATH_HOME=FOLDER python -m bench.ours URL TABLE

``prepare`` adds the connection and the streams; a table's name runs its stream and prints one JSON object: rows,
seconds (from the start of the run to its committed table), calls, peak_mb of the process.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from bench.peers import DATABASE, FIELDS, KEY, LOGIN, MODEL
from towpath.features.connections import service as connections
from towpath.features.replicate import service
from towpath.hub import open_hub
from towpath.settings import load

#: Each is one copy of the same model.
TABLES = ("quick", "paced")


def main(url: str, step: str) -> None:
    """Prepare, or run once."""
    # One connection, as the peers have: `bench.scale` shows what several bring.
    with open_hub(load(range_rows=10_000_000)) as hub:
        if step == "prepare":
            connections.add(hub, name="bench", url=url, database=DATABASE, login=LOGIN, secret=KEY)
            for table in TABLES:
                service.add(hub, "bench", [MODEL], service.Choice(fields=FIELDS, table_name=table))
            return
        hub.jobs()  # its start is paid once by a server, not by every run
        chosen = service.choose(hub, [step])
        started = time.perf_counter()
        (run,) = list(service.sync(hub, chosen))
        seconds = time.perf_counter() - started
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    figures = {
        "state": run.state,
        "rows": run.rows_read,
        "updated": run.rows_updated,
        "seconds": round(seconds, 3),
        "calls": run.calls,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:3])
