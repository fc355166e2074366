"""How Towpath behaves when there is much to do: workers side by side.

    python -m bench.scale [NAME ...]

Each figure is a function that returns its keys; all are merged into ``bench/results/scale.json``, so that one can be
measured anew without the others.

``upsert_s``, ``upsert_peak_mb``, ``flat_memory_ratio``: 10,000 changed rows all over a table of 5,000,000, and memory
however large a table is (``bench.lake``).
``idle_poll_calls``, ``idle_poll_s``: polling fifty streams that have nothing new (``bench.idle``).
``speedup_4_workers``: one full read of 100,000 partners, cut into ranges, by 1, 2 and 4 worker processes of one job at
a time, from a sandbox whose pages take 200 ms each: the time of one over the time of four. The workers run before the
clock starts; it is PostgreSQL's, from the moment the run is asked for to its end.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.peers import DATABASE, FIELDS, KEY, LOGIN, MODEL
from towpath.cli.demo_odoo import DemoOdoo
from towpath.features.connections import service as connections
from towpath.features.replicate import service
from towpath.hub import Hub, open_hub
from towpath.settings import Settings

RESULTS = Path(__file__).parent / "results" / "scale.json"

#: Seconds a page takes, rows of a page, of a range and of the read, and the numbers of workers compared. The pages are
#: small so that waiting for Odoo is what takes the time, as with a real one, and not the cores that all share here.
PAGE_SECONDS, PAGE_ROWS, RANGE_ROWS, ROWS, WORKERS = 0.2, 250, 2_500, 100_000, (1, 2, 4)


def merge(figures: dict[str, Any]) -> dict[str, Any]:
    """Put figures into the file beside those that stand there, and return all."""
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    known |= figures
    known["machine"] = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    RESULTS.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return known


@contextmanager
def sandbox(folder: Path, data: str = "large") -> Iterator[str]:
    """The address of a sandbox Odoo; ``large`` has 200,000 partners."""
    Console(stderr=True).print(f"  building a sandbox Odoo with {data} data ...")
    with DemoOdoo(folder / "sandbox", "19.0", data=data) as odoo:
        yield odoo.url


def fault(url: str, **wanted: Any) -> None:
    """Switch a fault of the sandbox on; all off without arguments."""
    request = urllib.request.Request(  # noqa: S310  # the sandbox on this machine
        f"{url}/sandbox/faults",
        method="POST" if wanted else "DELETE",
        data=json.dumps(wanted).encode() if wanted else None,
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310  # as above


def connect(hub: Hub, url: str) -> None:
    """Make the connection ``bench`` to a sandbox."""
    connections.add(hub, name="bench", url=url, database=DATABASE, login=LOGIN, secret=KEY)


@contextmanager
def workers(home: Path, count: int, **settings: object) -> Iterator[None]:
    """Worker processes of one home, ready to work."""
    environment = os.environ | {"TOWPATH_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    environment |= {f"TOWPATH_{name.upper()}": str(value) for name, value in settings.items()}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "towpath", "worker", "--json"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        for process in running:
            assert process.stdout is not None  # noqa: S101  # it is piped
            process.stdout.readline()
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.communicate(timeout=60)


def speedup() -> dict[str, Any]:
    """The same full read by one, two and four workers."""
    seconds: dict[int, float] = {}
    rows = 0
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as name, sandbox(Path(name)) as url:
        home = Path(name) / "home"
        with open_hub(Settings(home=home), works=False) as hub:
            connect(hub, url)
            hub.jobs()
            fault(url, kind="latency", seconds=PAGE_SECONDS, method="search_read")
            for count in WORKERS:
                Console(stderr=True).print(f"  {count} worker{'s' if count > 1 else ''} ...")
                choice = service.Choice(
                    fields=FIELDS, table_name=f"by_{count}", filter=f"[('id', '<=', {ROWS})]"
                )
                (stream,) = service.add(hub, "bench", [MODEL], choice)
                with workers(home, count, jobs_at_once=1, page_rows=PAGE_ROWS, range_rows=RANGE_ROWS):
                    (run,) = service.sync(hub, [stream])
                if run.state != "succeeded" or run.ended_at is None:
                    raise SystemExit(f"the run by {count} workers {run.state}: {run.message}")
                seconds[count] = (run.ended_at - run.created_at).total_seconds()
                rows = run.rows_read
    return {
        "speedup_rows": rows,
        **{f"full_read_{count}_workers_s": round(taken, 2) for count, taken in seconds.items()},
        "speedup_2_workers": round(seconds[1] / seconds[2], 2),
        "speedup_4_workers": round(seconds[1] / seconds[4], 2),
    }


def idle_poll() -> dict[str, Any]:
    """Fifty quiet streams, see ``bench.idle``."""
    from bench import idle

    return idle.idle_poll()


def delta_tables() -> dict[str, Any]:
    """Upserts into large tables, see ``bench.lake``."""
    from bench import lake

    return lake.measure()


FIGURES: dict[str, Callable[[], dict[str, Any]]] = {
    "delta_tables": delta_tables,
    "idle_poll": idle_poll,
    "speedup": speedup,
}


def main(*names: str) -> None:
    """Measure the figures of these names, or all, and write them down as they come."""
    known: dict[str, Any] = {}
    for name in names or FIGURES:
        Console(stderr=True).print(f"{name} ...")
        known = merge(FIGURES[name]())
    grid = Table("figure", "value", title="Much to do")
    for key, value in known.items():
        grid.add_row(key, str(value))
    Console().print(grid)
    print(json.dumps(known))


if __name__ == "__main__":
    main(*sys.argv[1:])
