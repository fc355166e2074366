"""Which addresses are for programs, and which show the workspace."""

from __future__ import annotations

__all__ = ["API", "SI", "is_api"]

#: The REST API, and the interface of system integrations, whose addresses are agreed with others (features S4).
API, SI = "/api/v1", "/si"


def is_api(path: str) -> bool:
    """Whether programs are answered there, within the limits and by the rules for them."""
    return path.startswith(("/api/", f"{SI}/"))
