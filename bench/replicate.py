"""Rows per second from Odoo's API into a committed Delta table, beside what others do.

One sandbox Odoo with 200,000 partners; every contender copies the same twenty scalar fields, in a process of
its own, one after the other. ``bare`` is an HTTP loop that throws the answers away: nobody can be faster over one
connection, and ``overhead`` is what Towpath adds to it. The sandbox answers ten times as fast as a real Odoo, so
the overhead and the share of an incremental run are measured at a real one's pace (real-odoo §1: JSON-2, load='',
0.6 s for 10,000 rows and 23 ms a call); at the sandbox's own speed they are the figures ``..._full_speed``. Bare loops run before and after, and
the faster one counts.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.ours import TABLES
from bench.peers import DATABASE, KEY, MODEL
from bench.report import write_page
from towpath.cli.demo_odoo import DemoOdoo

RESULTS = Path(__file__).parent / "results" / "replicate.json"
CHANGED = 1_000


def run_module(module: str, *arguments: str, home: str | None = None) -> dict[str, Any]:
    """Run one contender and return the figures it prints."""
    environment = os.environ | ({"TOWPATH_HOME": home} if home else {})
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    lines = done.stdout.strip().splitlines()
    return json.loads(lines[-1]) if lines else {}


def call(url: str, model: str, method: str, **arguments: Any) -> Any:
    """One JSON-2 call."""
    request = urllib.request.Request(  # noqa: S310  # the sandbox on this machine
        f"{url}/json/2/{model}/{method}",
        data=json.dumps(arguments).encode(),
        headers={
            "Authorization": f"bearer {KEY}",
            "Content-Type": "application/json",
            "X-Odoo-Database": DATABASE,
        },
    )
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310  # as above
        return json.loads(answer.read())


def change_some(url: str) -> None:
    """Write to records spread over the whole table."""
    ids = call(url, MODEL, "search", domain=[], order="id", context={"active_test": False})
    chosen = ids[:: max(1, len(ids) // CHANGED)][:CHANGED]
    call(url, MODEL, "write", ids=chosen, vals={"function": f"changed {time.time():.0f}"})


def pace(url: str, *, on: bool) -> None:
    """Let the sandbox answer as slowly as a real Odoo, or at its own speed again."""
    wanted: list[dict[str, Any]] = [
        {"kind": "latency", "path": "/json/2/*", "seconds": 0.023},
        {"kind": "slow_page", "path": "/json/2/*", "per_row": 0.00006},
    ]
    for body in wanted if on else [None]:
        request = urllib.request.Request(  # noqa: S310  # the sandbox on this machine
            f"{url}/sandbox/faults",
            method="POST" if body else "DELETE",
            data=json.dumps(body).encode() if body else None,
        )
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310  # as above


def measure(console: Console) -> dict[str, Any]:
    """Run every contender and return the figures by name."""
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as folder:

        def contend(name: str, loop: str) -> None:
            console.print(f"  {name} ...")
            if loop in TABLES:
                figures[name] = run_module("bench.ours", odoo.url, loop, home=f"{folder}/home")
            else:
                figures[name] = run_module("bench.peers", loop, odoo.url, f"{folder}/{loop}")

        console.print("Building a sandbox Odoo with 200,000 partners ...")
        with DemoOdoo(Path(folder) / "sandbox", "19.0", data="large") as odoo:
            run_module("bench.ours", odoo.url, "prepare", home=f"{folder}/home")
            for loop in ("bare", "quick", "odoorpc", "odooly", "xmlrpc"):
                contend("towpath" if loop == "quick" else loop, loop)
            contend("bare again", "bare")
            change_some(odoo.url)
            contend("towpath, 1,000 changed", "quick")
            pace(odoo.url, on=True)
            contend("bare, real pace", "bare")
            contend("towpath, real pace", "paced")
            pace(odoo.url, on=False)
            change_some(odoo.url)
            pace(odoo.url, on=True)
            contend("towpath, 1,000 changed, real pace", "paced")
            contend("bare again, real pace", "bare")
            pace(odoo.url, on=False)
    return figures


def faster(figures: dict[str, Any], *names: str) -> float:
    """Seconds of the fastest of these."""
    return float(min(figures[name]["seconds"] for name in names))


def main() -> None:
    """Measure, print a table and write the figures."""
    console = Console(stderr=True)
    figures = measure(console)
    bare = faster(figures, "bare", "bare again")
    paced_bare = faster(figures, "bare, real pace", "bare again, real pace")
    full, changed = figures["towpath"], figures["towpath, 1,000 changed"]
    paced, paced_changed = figures["towpath, real pace"], figures["towpath, 1,000 changed, real pace"]

    def rate(name: str) -> int:
        return round(figures[name]["rows"] / figures[name]["seconds"])

    results = {
        "rows_per_s": rate("towpath"),
        "odoorpc_rows_per_s": rate("odoorpc"),
        "odooly_rows_per_s": rate("odooly"),
        "xmlrpc_rows_per_s": rate("xmlrpc"),
        "bare_rows_per_s": round(full["rows"] / bare),
        "overhead": round(1 - paced_bare / paced["seconds"], 3),
        "overhead_full_speed": round(1 - bare / full["seconds"], 3),
        "paced_rows_per_s": round(paced["rows"] / paced["seconds"]),
        "peak_mb": max(run["peak_mb"] for run in (full, changed, paced, paced_changed)),
        "incremental_ratio": round(paced_changed["seconds"] / paced["seconds"], 4),
        "incremental_ratio_full_speed": round(changed["seconds"] / full["seconds"], 4),
        "rows": full["rows"],
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    table = Table(
        "what", "rows", "seconds", "rows/s", "peak MB", title="res.partner, 20 fields, into a Delta table"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for name, figure in figures.items():
        per_second = f"{figure['rows'] / figure['seconds']:,.0f}"
        table.add_row(
            name, f"{figure['rows']:,}", f"{figure['seconds']:.2f}", per_second, f"{figure['peak_mb']:.0f}"
        )
    Console().print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    write_page()
    print(json.dumps(results))


if __name__ == "__main__":
    main()
