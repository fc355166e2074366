"""Delta tables by themselves: changed rows spread over a large table, and memory however large it is.

    python -m bench.scale delta_tables

Every step runs in a process of its own, which tells its own seconds and its peak of memory. ``upsert_s`` and
``upsert_peak_mb`` are 10,000 changed rows spread over 5,000,000; ``flat_memory_ratio`` is the peak of reading in
2,000,000 rows and changing 10,000 of them, over the peak of the same with 100,000.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table as Grid

from towpath.lake.table import Commit, Table

LARGE, MANY, FEW, CHANGED = 5_000_000, 2_000_000, 100_000, 10_000
_BATCH = 10_000  # rows that come at a time, as pages of Odoo do


def rows(ids: pa.Array, salt: int) -> pa.Table:
    """Rows as Odoo has them: 25 columns of numbers, texts, dates, decimals and a list; `salt` changes half of them."""
    wide = pc.add(ids, salt)
    text = wide.cast(pa.string())
    columns: dict[str, Any] = {"id": ids}
    for number in range(6):
        columns[f"text_{number}"] = pc.binary_join_element_wise(f"value {number}", text, " ")
    for number in range(6):
        columns[f"partner_{number}"] = pc.bit_wise_and(wide, 1023 << number)
        columns[f"partner_{number}__name"] = pc.binary_join_element_wise(
            "Partner", columns[f"partner_{number}"].cast(pa.string()), " "
        )
    for number in range(3):
        columns[f"amount_{number}"] = pc.divide(wide.cast(pa.float64()), number + 3.0)
    columns["total"] = pc.multiply(wide, 10).cast(pa.decimal128(23, 2))
    columns["active"] = pc.equal(pc.bit_wise_and(ids, 7), 0)
    columns["write_date"] = pc.multiply(ids, 1_000_000).cast(pa.timestamp("us", tz="UTC"))
    return pa.table(columns)


def numbers(first: int, count: int, step: int = 1) -> pa.Array:
    """`count` ids from `first` on."""
    return pa.array(range(first, first + count * step, step), pa.int64())


def fill(uri: str, count: int) -> dict[str, Any]:
    """Read `count` rows into a new table and make them visible."""

    def pages() -> Iterator[pa.Table]:
        for start in range(1, count + 1, _BATCH):
            yield rows(numbers(start, min(_BATCH, count + 1 - start)), 0)

    table = Table(uri)
    began = time.perf_counter()
    staged = table.stage(pages(), run_id="fill", at=datetime(2026, 1, 1, tzinfo=UTC))
    schema = rows(numbers(1, 1), 0).schema
    table.publish(staged, mode="replace", schema=schema, commit=Commit(app_id="b", sequence=1, run_id="fill"))
    return {"rows": table.count(), "seconds": round(time.perf_counter() - began, 3)}


def change(uri: str, count: int) -> dict[str, Any]:
    """Change `CHANGED` rows spread evenly over a table of `count`."""
    wanted = rows(numbers(1, CHANGED, count // CHANGED), 1)
    table = Table(uri)
    began = time.perf_counter()
    done = table.upsert(wanted, commit=Commit(app_id="b", sequence=2, run_id="change"))
    seconds = round(time.perf_counter() - began, 3)
    if done.updated != CHANGED:
        raise SystemExit(f"{done.updated} rows were changed, not {CHANGED}")
    return {"rows": done.updated, "seconds": seconds}


def both(uri: str, count: int) -> dict[str, Any]:
    """Fill, then change."""
    began = time.perf_counter()
    fill(uri, count)
    change(uri, count)
    return {"rows": count, "seconds": round(time.perf_counter() - began, 3)}


STEPS = {"fill": fill, "change": change, "both": both}


def step(name: str, uri: str, count: int) -> dict[str, Any]:
    """Run one step in a process of its own, with the allocator that `towpath` chooses when it comes first."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.lake", name, uri, str(count)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system"},
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def measure() -> dict[str, Any]:
    """Measure, print a table of the steps and return the figures: seconds and megabytes."""
    console = Console(stderr=True)
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="towpath-bench-") as folder:
        for title, name, count in (
            (f"read {LARGE:,} rows", "fill", LARGE),
            (f"change {CHANGED:,} of {LARGE:,}", "change", LARGE),
            (f"read {FEW:,}, change {CHANGED:,}", "both", FEW),
            (f"read {MANY:,}, change {CHANGED:,}", "both", MANY),
        ):
            console.print(f"  {title} ...")
            found[title] = step(name, f"{folder}/{count}", count)
    filled, changed, few, many = found.values()
    results = {
        "upsert_rows": CHANGED,
        "upsert_table_rows": LARGE,
        "upsert_s": changed["seconds"],
        "upsert_peak_mb": changed["peak_mb"],
        "few_peak_mb": few["peak_mb"],
        "many_peak_mb": many["peak_mb"],
        "fill_s": filled["seconds"],
        "fill_peak_mb": filled["peak_mb"],
        "flat_memory_ratio": round(many["peak_mb"] / few["peak_mb"], 3),
    }
    grid = Grid("what", "seconds", "peak MB", title="A Delta table of 25 columns")
    for column in grid.columns[1:]:
        column.justify = "right"
    for title, figures in found.items():
        grid.add_row(title, f"{figures['seconds']:.2f}", f"{figures['peak_mb']:.0f}")
    console.print(grid)
    return results


if __name__ == "__main__":
    told = STEPS[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    told["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale, 1)
    print(json.dumps(told))
