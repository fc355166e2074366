"""Texts and ids as routes take them: what PostgreSQL could not store is refused before anybody asks for it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import StringConstraints

__all__ = ["Id", "Text"]

#: Any text without the NUL character, which PostgreSQL can not hold.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=4000)]

#: An id of ours in a path.
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{1,32}$", description="The id.", examples=["3f1c2a9b0d4e"])]
