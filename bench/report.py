"""The page docs/benchmarks.md, written from the figures of the last run."""

from __future__ import annotations

import json
from pathlib import Path

from bench.peers import FIELDS, PAGE

HERE = Path(__file__).parent
PAGE_OF_DOCS = HERE.parent / "docs" / "benchmarks.md"


def write_page() -> None:
    """Write the page; the figures stand in ``bench/results``."""
    seen = json.loads((HERE / "results" / "replicate.json").read_text(encoding="utf-8"))
    rate = seen["rows_per_s"]
    lines = [
        "# Benchmarks",
        "",
        "`make bench` measures anew, prints a table and writes this page and `bench/results/*.json`. What stands here",
        f"was seen on: {seen['machine']}. Everything ran on that one machine: the sandbox Odoo, its PostgreSQL and the",
        "contender share its cores, so compare the figures of one run with each other, not with those of another.",
        "",
        "## From Odoo's API into a committed Delta table",
        "",
        f"`res.partner`, {seen['rows']:,} records, {len(FIELDS)} scalar fields, archived records included. The peers are plain",
        f"loops over their own `search_read`, by id, {PAGE:,} records a page, that append every page to a Delta",
        "table with `deltalake`. Each contender runs in a process of its own; its start is not counted.",
        "",
        "| contender | rows/s | Towpath is |",
        "|---|---|---|",
        f"| Towpath (JSON-2) | {rate:,} | |",
    ]
    for name, key in (("odooly", "odooly"), ("odoorpc", "odoorpc"), ("xmlrpc.client", "xmlrpc")):
        peer = seen[f"{key}_rows_per_s"]
        lines.append(f"| {name} | {peer:,} | {rate / peer:.1f} times as fast |")
    lines += [
        f"| an HTTP loop that throws the answers away | {seen['bare_rows_per_s']:,} | |",
        "",
        "The peers do less: they miss what is archived or deleted unless told, know no cursor, and start anew when cut off.",
        "",
        "## What Towpath adds to a bare HTTP loop",
        "",
        "| | share of the time |",
        "|---|---|",
        f"| at a real Odoo's pace (12,000 to 15,000 rows/s) | {seen['overhead']:.1%} |",
        f"| at the sandbox's full speed ({seen['bare_rows_per_s']:,} rows/s) | {seen['overhead_full_speed']:.1%} |",
        "",
        "Fetching, decoding and writing overlap, so as long as Odoo needs more time than we do, hardly anything is added.",
        "The real pace is played by the sandbox: 23 ms a call and 0.06 ms a row, as measured on a real Odoo 19.0 over JSON-2.",
        "",
        "## An incremental run",
        "",
        "1,000 records changed, spread over the whole table; the run reads them, looks for deletions and commits.",
        "",
        "| | time, of a full read |",
        "|---|---|",
        f"| at a real Odoo's pace | {seen['incremental_ratio']:.1%} |",
        f"| at the sandbox's full speed | {seen['incremental_ratio_full_speed']:.1%} |",
        "",
        "## Memory",
        "",
        f"Highest resident memory of the Towpath process in any of these runs: {seen['peak_mb']:.0f} MB, PostgreSQL and the",
        "sandbox not counted. Pages, parts and commits are bounded, so it does not grow with the table.",
    ]
    lines += scale_lines() + server_lines()
    PAGE_OF_DOCS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def scale_lines() -> list[str]:
    """What ``bench.scale`` has measured; each part only where its figures are there."""
    place = HERE / "results" / "scale.json"
    seen = json.loads(place.read_text(encoding="utf-8")) if place.exists() else {}
    lines: list[str] = []
    if "upsert_s" in seen:
        lines += [
            "",
            "## Upserts into large tables",
            "",
            f"{seen['upsert_rows']:,} changed rows spread over a table of {seen['upsert_table_rows']:,} rows of 25 columns:",
            f"{seen['upsert_s']:.1f} s, {seen['upsert_peak_mb']:.0f} MB at most. A read of 2,000,000 rows and",
            f"{seen['upsert_rows']:,} changes takes {seen['flat_memory_ratio']:.2f} times the memory that it takes with 100,000.",
        ]
    if "idle_poll_calls" in seen:
        lines += [
            "",
            "## Asking for changes when there are none",
            "",
            f"{seen['idle_poll_streams']} quiet streams of one connection: {seen['idle_poll_calls']} calls, {seen['idle_poll_s']:.2f} s",
            "([how](polling.md)).",
        ]
    if "speedup_4_workers" in seen:
        lines += [
            "",
            "## Workers side by side",
            "",
            f"A full read of {seen['speedup_rows']:,} partners, cut into ranges of 2,500, from a sandbox whose pages of 250 take",
            "200 ms each; every `towpath worker` does one job at a time.",
            "",
            "| workers | seconds | times as fast |",
            "|---|---|---|",
            f"| 1 | {seen['full_read_1_workers_s']:.1f} | |",
            f"| 2 | {seen['full_read_2_workers_s']:.1f} | {seen['speedup_2_workers']:.2f} |",
            f"| 4 | {seen['full_read_4_workers_s']:.1f} | {seen['speedup_4_workers']:.2f} |",
        ]
    return lines


def server_lines() -> list[str]:
    """What ``bench.server`` has measured."""
    place = HERE / "results" / "server.json"
    if not place.exists():
        return []
    seen = json.loads(place.read_text(encoding="utf-8"))
    return [
        "",
        "## The server under load",
        "",
        f"{seen['clients']} people whose pages ask every {seen['pause_s']:g} s and {seen['query_clients']} who run one query after the other, for",
        f"{seen['seconds']:.0f} s; the load itself shares the two cores. {seen['light_requests']:,} light requests: half within",
        f"{seen['light_p50_ms']:.0f} ms, 95 % within {seen['light_p95_ms']:.0f} ms. {seen['queries']:,} queries, 95 % within {seen['query_p95_s']:.1f} s. Errors: {seen['errors']}.",
    ]


if __name__ == "__main__":
    write_page()
