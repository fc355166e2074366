"""Explore: the catalog of tables and read-only SQL over them.

Here live the locked-down DuckDB, the check of what people type, the ready queries and the printed forms.
How tables come about is ``features/replicate``; how their files are kept is ``towpath.lake``.
"""

from __future__ import annotations

from towpath.plugins import Command, Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="explore",
    title="Explore",
    summary="See which tables there are and ask them anything in SQL.",
    order=30,
    routes="towpath.features.explore.api:router",
    measures="towpath.features.explore.measures:measures",
    person_deleted="towpath.features.explore.saved:forget",
    commands={
        "catalog": Command(
            target="towpath.features.explore.cli:catalog", help="List tables and their columns."
        ),
        "query": Command(
            target="towpath.features.explore.cli_query:query", help="Save, share and run queries."
        ),
        "sql": Command(target="towpath.features.explore.cli:sql", help="Ask the tables in SQL."),
    },
)
