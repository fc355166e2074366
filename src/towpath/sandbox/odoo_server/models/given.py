"""What callers give: one dict or several, an id in any of the forms a many2one takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["one_id", "vals_rows"]


def vals_rows(vals_list: Any) -> list[Any]:
    """The dicts of a `create`, which takes one or a list."""
    return [vals_list] if isinstance(vals_list, Mapping) else list(vals_list)


def one_id(value: Any) -> Any:
    """The id in a record, an `[id, label]` pair, or the value itself."""
    if hasattr(value, "ids"):
        return value.id
    return value[0] if isinstance(value, list | tuple) and value else value
