"""The command line ``towpath``: finds the commands of the features and runs one.

Imports click and the standard library only, so that ``towpath --help`` answers at once; a command's own
module is imported when that command is called. No command lives here but the entry itself.
"""

from __future__ import annotations

from towpath.cli.entry import main

__all__ = ["main"]
