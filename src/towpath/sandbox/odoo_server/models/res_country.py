# ruff: noqa: SLF001 - records call the protected methods of other records, as in Odoo
"""Countries and their states are found by their code before their name."""

from __future__ import annotations

from typing import Any

from towpath.sandbox.odoo_server.records import Records

__all__ = ["CodeFirst"]

NEGATIVE = ("!=", "not ")


class CodeFirst(Records, when=lambda one: one.name in {"res.country", "res.country.state"}):
    """Records with a short code that people type."""

    def _named(self, name: Any, domain: Any, operator: str, limit: Any) -> list[tuple[int, Any]]:
        """(id, name) of the records with such a code, then of those with such a name."""
        by_code = isinstance(name, str) and bool(name.strip()) and not operator.startswith(NEGATIVE)
        if self._name == "res.country" and not self.env.is19:
            by_code = by_code and len(name) == 2
        coded: Any = (
            self.search([("code", "=ilike", name), *(domain or [])], limit=limit) if by_code else self
        )
        left = limit - len(coded) if limit else limit
        shown = coded.sudo()._display_names()
        found = [(one, shown[one]) for one in coded.ids if one in shown]
        if limit and left <= 0:
            return found
        others = [("id", "not in", list(coded.ids)), *(domain or [])] if coded else domain
        return [*found, *super()._named(name, others, operator, left)]
