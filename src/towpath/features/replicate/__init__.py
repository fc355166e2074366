"""Replication: models of an Odoo database copied into Delta tables and kept up to date.

Here live streams, their runs, the safe cursor, full and incremental reading and the search for deleted
records. How Odoo is spoken to is ``towpath.odoo``; how a table is written is ``towpath.lake``.
"""

from __future__ import annotations

from towpath.plugins import Command, Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="replicate",
    title="Replication",
    summary="Copy Odoo models into Delta tables and keep them up to date.",
    order=20,
    routes="towpath.features.replicate.api:router",
    commands={
        "stream": Command(
            target="towpath.features.replicate.cli_stream:stream", help="Choose what is replicated, and how."
        ),
        "sync": Command(
            target="towpath.features.replicate.cli_sync:sync", help="Run streams and see their runs."
        ),
    },
    jobs={
        "replicate": "towpath.features.replicate.job:replicate",
        "read_range": "towpath.features.replicate.range_job:read_range",
        "batch": "towpath.features.replicate.batches:batch",
    },
    # Two runs of one connection, so that one computes while the other waits.
    queues={"replicate": 2, "ranges": "ranges_at_once", "ranges_one_by_one": 1},
    ticks=("towpath.features.replicate.due:tick", "towpath.features.replicate.upkeep:tick"),
    tables="towpath.features.replicate.service:tables",
)
