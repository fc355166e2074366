"""The names of linked records, looked up once for each distinct id.

Asking Odoo for names inside a page of records costs more than the page itself (real-odoo §1), so pages are
read with bare ids and their names come from here: a bounded memory in front of one call for many ids.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from towpath.odoo.schema import Model

__all__ = ["Names"]

Loader = Callable[[str, Sequence[int]], Mapping[int, str]]


class Names:
    """Names of records by model and id, from ``loader(model, ids)``; at most ``limit`` are remembered.

    The loader gets ids it has not been asked for, at most ``chunk`` at a time, and may leave some out (deleted
    or not readable): those have no name, and are not asked for again while remembered. Safe in threads.
    """

    def __init__(self, loader: Loader, *, limit: int = 200_000, chunk: int = 2_000) -> None:
        self._loader = loader
        self._limit = limit
        self._chunk = chunk
        self._known: OrderedDict[tuple[str, int], str | None] = OrderedDict()
        self._lock = threading.Lock()
        #: How many times the loader was called.
        self.calls = 0

    def of(self, model: str, ids: Iterable[int]) -> dict[int, str]:
        """The names of these records; ids without one are left out. Raises what the loader raises."""
        found: dict[int, str | None] = {}
        missing: list[int] = []
        with self._lock:
            for id_ in dict.fromkeys(ids):
                key = (model, id_)
                if key in self._known:
                    self._known.move_to_end(key)
                    found[id_] = self._known[key]
                else:
                    missing.append(id_)
        for start in range(0, len(missing), self._chunk):
            part = missing[start : start + self._chunk]
            loaded = self._loader(model, part)
            fresh = {id_: loaded.get(id_) for id_ in part}
            found.update(fresh)
            with self._lock:
                self.calls += 1
                for id_, name in fresh.items():
                    self._known[model, id_] = name
                while len(self._known) > self._limit:
                    self._known.popitem(last=False)
        return {id_: name for id_, name in found.items() if name is not None}

    def gather(
        self, rows: Sequence[Mapping[str, Any]], model: Model, fields: Iterable[str]
    ) -> dict[str, dict[int, str]]:
        """The names of all many2one values of these rows, by model and id: what ``to_batch`` takes.

        Two fields to the same model share one look-up.
        """
        wanted: dict[str, set[int]] = {}
        for name in fields:
            field = model.fields.get(name)
            if field is None or field.type != "many2one" or not field.relation:
                continue
            ids = wanted.setdefault(field.relation, set())
            for row in rows:
                value = row.get(name)
                if type(value) is int:
                    ids.add(value)
        return {relation: self.of(relation, sorted(ids)) for relation, ids in wanted.items() if ids}

    def forget(self) -> None:
        """Forget every name, so that renamed records are seen; done at the start of a run."""
        with self._lock:
            self._known.clear()
