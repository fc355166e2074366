"""Methods of every record set that 17.0 lets anybody call and 19.0 keeps to itself."""

from __future__ import annotations

from typing import Any, Self

from towpath.sandbox.odoo_server.records import Records, private, versions

__all__ = ["BaseModel"]


class BaseModel(Records, when=lambda _model: True):
    """What Odoo's own base class offers to its own code."""

    @private
    def filtered_domain(self, domain: Any) -> Self:
        """Those of the records that fulfil a domain."""
        found: Any = self.sudo().with_context(active_test=False)
        kept = set(found.search([("id", "in", list(self.ids)), *(domain or [])]).ids)
        return self.browse([one for one in self.ids if one in kept])

    @private
    def concat(self, *args: Any) -> Self:
        """The records, then those of other sets."""
        return self.browse([*self.ids, *(one for other in args for one in other.ids)])

    @private
    def union(self, *args: Any) -> Self:
        """The records of all sets, each once."""
        return self.browse(dict.fromkeys(self.concat(*args).ids))

    @private
    def fetch(self, field_names: Any) -> None:
        """Fill the cache, which is the server's own affair."""
        self.read(list(field_names))

    @private
    def update(self, values: Any) -> None:
        """Set fields."""
        self.write(values)

    @private
    def modified(self, fnames: Any, create: bool = False, before: bool = False) -> None:
        """Say that fields were changed."""

    @private
    def flush_model(self, fnames: Any = None) -> None:
        """Write what waits, which is nothing here."""

    @private
    def flush_recordset(self, fnames: Any = None) -> None:
        """Write what waits, which is nothing here."""

    @private
    def invalidate_model(self, fnames: Any = None, flush: bool = True) -> None:
        """Forget what was read."""

    @private
    def invalidate_recordset(self, fnames: Any = None, flush: bool = True) -> None:
        """Forget what was read."""

    @private
    @versions("19.0")
    def init(self) -> None:
        """Nothing to prepare."""
