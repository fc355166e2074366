"""Backups: everything Towpath keeps in one file, and back from it.

Here live the commands `backup` and `restore`. The master key is never part of a backup: who holds both could read
every secret in it.
"""

from __future__ import annotations

from towpath.plugins import Command, Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="backup",
    title="Backup",
    summary="Keep everything in one file, and start again from it.",
    order=90,
    commands={
        "backup": Command(
            target="towpath.features.backup.cli:backup",
            help="Put everything but the master key into one file.",
        ),
        "restore": Command(
            target="towpath.features.backup.cli:restore",
            help="Start from a backup, in an empty home or database.",
        ),
    },
)
