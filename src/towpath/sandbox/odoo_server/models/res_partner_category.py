"""Partner tags: their name is the whole path of names."""

from __future__ import annotations

from typing import Any

from towpath.sandbox.odoo_server.records import Records


class ResPartnerCategory(Records, model="res.partner.category"):
    """A tag of partners."""

    _odoo_class = "ResPartnerCategory"

    def _search_display_name(self, operator: str, value: Any) -> list[Any]:
        """On 17.0 only the last part of a path is looked for."""
        if not self.env.is19 and isinstance(value, str):
            value = value.split(" / ")[-1]
        return super()._search_display_name(operator, value)

    def _display_names(self) -> dict[int, Any]:
        names: dict[int, Any] = {}
        for one in self.sudo().exists():
            parts: list[str] = []
            here = one
            while here:
                parts.append(here.name or "")
                here = here.parent_id
            names[one.id] = " / ".join(reversed(parts))
        return names
