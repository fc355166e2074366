"""A wheel without the workspace's pages is no Towpath: refuse to build one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WorkspaceHook(BuildHookInterface[Any]):
    """Look for the built pages. An editable installation does without them until `make ui`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a build; ``version`` is "editable" or "standard"."""
        del build_data
        index = Path(self.root) / "src" / "towpath" / "server" / "static" / "index.html"
        if version != "editable" and self.target_name == "wheel" and not index.is_file():
            raise RuntimeError("The workspace is not built; run `make ui` before the wheel is made.")
