"""The names of linked records, looked up once for each distinct id.

Asking Odoo for names inside a page of records costs more than the page itself (real-odoo §1), so pages are
read with bare ids and their names come from here: a bounded memory in front of one call for many ids. Names
are an extra: when they can not be had, they are missing and it is said why, and the page goes on.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from towpath.errors import GiveUpError, InputError, RightMissingError, SkipRecordError
from towpath.odoo.schema import Model

__all__ = ["Names"]

Loader = Callable[[str, Sequence[int]], Mapping[int, str]]

#: The user may not read the model, or it is not installed: no use in asking for another of its records.
_CLOSED = (RightMissingError, InputError)
#: The name of one record raises: the others may have one.
_RAISES = (GiveUpError, SkipRecordError)
#: Further calls that are spent on finding the record whose name raises.
_EXTRA_CALLS = 24


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
        #: Models whose names could not be read, or not all of them, with Odoo's reason.
        self.problems: dict[str, str] = {}
        self._closed: set[str] = set()

    def of(self, model: str, ids: Iterable[int]) -> dict[int, str]:
        """The names of these records; ids without one are left out.

        Raises what the loader raises when the connection, not the model, is to blame.
        """
        found: dict[int, str | None] = {}
        missing: list[int] = []
        with self._lock:
            if model in self._closed:
                return {}
            for id_ in dict.fromkeys(ids):
                key = (model, id_)
                if key in self._known:
                    self._known.move_to_end(key)
                    found[id_] = self._known[key]
                else:
                    missing.append(id_)
        for start in range(0, len(missing), self._chunk):
            part = missing[start : start + self._chunk]
            fresh = self._load(model, part)
            found.update(fresh)
            with self._lock:
                for id_, name in fresh.items():
                    self._known[model, id_] = name
                while len(self._known) > self._limit:
                    self._known.popitem(last=False)
        return {id_: name for id_, name in found.items() if name is not None}

    def _load(self, model: str, ids: Sequence[int]) -> dict[int, str | None]:
        """The names of these records from the loader, None where there is none; halves what raises."""
        fresh: dict[int, str | None] = dict.fromkeys(ids)
        waiting = [ids]
        spare = _EXTRA_CALLS
        while waiting:
            part = waiting.pop()
            with self._lock:
                if model in self._closed:
                    break
                self.calls += 1
            try:
                fresh.update(self._loader(model, part))
            except _CLOSED as error:
                self._failed(model, error.message, closed=True)
            except _RAISES as error:
                self._failed(model, error.message, closed=False)
                middle = len(part) // 2
                if middle and spare > 1:
                    waiting += [part[middle:], part[:middle]]
                    spare -= 2
        return fresh

    def _failed(self, model: str, reason: str, *, closed: bool) -> None:
        with self._lock:
            self.problems.setdefault(model, reason.rstrip("."))
            if closed:
                self._closed.add(model)

    def sentences(self) -> list[str]:
        """One sentence for each model whose names are missing."""
        return [f"Names of {model} are missing: {reason}." for model, reason in self.problems.items()]

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
            self._closed.clear()
            self.problems.clear()
