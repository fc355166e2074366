"""Records at hand in memory, as the neighbours a domain may ask about: the twin of a connection."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from towpath.errors import InputError
from towpath.odoo.domain_match import linked_ids, matcher
from towpath.odoo.domain_parse import parse
from towpath.odoo.domain_tree import Domain, Term, any_of
from towpath.odoo.schema import Model

__all__ = ["MemoryRecords"]

Record = Mapping[str, Any]


class MemoryRecords:
    """Some models and all their records, searched as Odoo of that major version would search them.

    ``rows`` maps a model's name to its records, each with its ``id``. ``search_names`` maps a model to the
    fields that a search by name looks into, ``name`` where it is not given (Odoo's ``_rec_names_search``).
    """

    def __init__(
        self,
        models: Iterable[Model],
        rows: Mapping[str, Iterable[Record]],
        *,
        version: int,
        search_names: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._models = {model.name: model for model in models}
        self._rows = {name: {row["id"]: row for row in found} for name, found in rows.items()}
        self._names = dict(search_names or {})
        self.version = version

    def search(self, model: str, domain: Domain | Sequence[Any] | str) -> list[int]:
        """The ids of the records that the domain lets pass, in the order they were given."""
        test = matcher(parse(domain), self.model(model), version=self.version, neighbours=self)
        return [id_ for id_, row in self._rows.get(model, {}).items() if test(row)]

    def model(self, name: str) -> Model:
        """The model of that name. Raises InputError when it is not at hand."""
        if name not in self._models:
            raise InputError(f"The records of '{name}' are not at hand.")
        return self._models[name]

    def related(self, model: str, ids: Sequence[int]) -> Sequence[Record]:
        """The records with these ids that are at hand."""
        rows = self._rows.get(model, {})
        return [rows[id_] for id_ in ids if id_ in rows]

    def named(self, model: str, operator: str, text: str) -> Collection[int]:
        """The ids whose name, or another field that is searched by name, matches."""
        fields = self._names.get(model, ("name",))
        return frozenset(self.search(model, any_of(Term(name, operator, text) for name in fields)))

    def tree(self, model: str, parent: str, ids: Collection[int], *, up: bool) -> Collection[int]:
        """The ids with all records below or above them by the field ``parent``."""
        steps: dict[int, list[int]] = {}
        for id_, row in self._rows.get(model, {}).items():
            for over in linked_ids(row.get(parent)):
                first, second = (id_, over) if up else (over, id_)
                steps.setdefault(first, []).append(second)
        found = set(ids)
        queue = deque(ids)
        while queue:
            for id_ in steps.get(queue.popleft(), ()):
                if id_ not in found:
                    found.add(id_)
                    queue.append(id_)
        return found
