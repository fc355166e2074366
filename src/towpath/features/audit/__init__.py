"""The audit for people: see who did what, check that nothing was changed, export it, remove what is old.

Here live filters, checkpoints by the clock, retention, export, commands, routes and the page of logs. How rows are
written and chained is ``towpath.store.audit``.
"""

from __future__ import annotations

from towpath.plugins import Command, Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="audit",
    title="Logs",
    summary="See who did what, and that the record was not changed.",
    order=70,
    commands={
        "audit": Command(
            target="towpath.features.audit.cli:audit", help="See, check, export and prune the audit."
        ),
    },
    routes="towpath.features.audit.api:router",
    slow_ticks=("towpath.features.audit.clock:tick",),
)
