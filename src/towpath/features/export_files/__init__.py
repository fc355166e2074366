"""Export to files: a table or the answer to a question as one Parquet, CSV or Excel file.

Here live the command `export` and the writing of such files. Which rows there are is ``features/explore``;
the Delta tables themselves, which most tools read as they are, are ``towpath.lake``.
"""

from __future__ import annotations

from towpath.plugins import Command, Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="export_files",
    title="Export to files",
    summary="Put a table or the answer to a question into a Parquet, CSV or Excel file.",
    order=35,
    routes="towpath.features.export_files.api:router",
    commands={
        "export": Command(
            target="towpath.features.export_files.cli:export",
            help="Put rows into a Parquet, CSV or Excel file.",
        ),
    },
)
