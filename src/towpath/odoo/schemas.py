"""The models of one database, each discovered when it is first asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict

from towpath.odoo.schema import FieldSource, Model, discover

__all__ = ["Schemas"]


class Schemas:
    """Models by name, remembered: what checking a domain over relations looks models up in. Safe in threads.

    ``limit`` models are remembered at most; the one asked for longest ago is forgotten first.
    """

    def __init__(self, odoo: FieldSource, *, limit: int = 200) -> None:
        self._odoo = odoo
        self._limit = limit
        self._known: OrderedDict[str, Model] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, name: str) -> Model | None:
        """The model, or None when the user may read nothing of it; raises what :func:`discover` raises."""
        model = self.model(name)
        return None if model.id_only and model.note else model

    def model(self, name: str) -> Model:
        """The model, of which only ``id`` may be known (S2.54); raises what :func:`discover` raises."""
        with self._lock:
            known = self._known.get(name)
            if known is not None:
                self._known.move_to_end(name)
                return known
        found = discover(self._odoo, name)
        with self._lock:
            self._known[name] = found
            while len(self._known) > self._limit:
                self._known.popitem(last=False)
        return found

    def forget(self) -> None:
        """Forget every model, so that new fields are seen."""
        with self._lock:
            self._known.clear()
