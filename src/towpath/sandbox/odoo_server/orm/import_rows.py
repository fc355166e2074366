"""The rows of an import taken apart: which cells make a record, and which following rows are its lines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["REFERENCES", "Extract", "check_paths", "extract"]

REFERENCES = frozenset({None, "id", ".id"})
"""The cells that say which record is meant: by name, by external id, by database id."""
Path = Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Extract:
    """A record as sent: cells by field (lists of records for relational fields) and the rows it came from."""

    cells: dict[str | None, Any]
    first: int
    last: int


def check_paths(env: Env, model: ModelDef, paths: Sequence[Path]) -> None:
    """Refuse unknown columns.

    Raises:
        KeyError (17.0), ValueError (19.0): naming the part that is unknown.
    """
    for path in paths:
        here = model
        for name in path:
            if name in REFERENCES or name is None:
                break
            field = here.fields.get(name)
            if field is None:
                raise ValueError(f"Invalid field name {name!r}") if env.is19 else KeyError(name)
            if field.type == "one2many" and field.relation in env.registry:
                here = env.registry[field.relation]


def _kind(model: ModelDef, name: str | None) -> str:
    field = model.fields.get(name or "")
    if name in REFERENCES or field is None:
        return "char"
    return field.type


def extract(
    env: Env, model: ModelDef, paths: Sequence[Path], data: Sequence[Any], limit: float = float("inf")
) -> Iterator[Extract]:
    """The records in some rows: a row with nothing but one2many cells goes on with the record before it."""
    kinds = [_kind(model, path[0]) for path in paths]
    lines = [place for place, kind in enumerate(kinds) if kind == "one2many"]
    others = [place for place, kind in enumerate(kinds) if kind != "one2many"]

    def goes_on(row: Sequence[Any]) -> bool:
        size = len(row)
        return any(row[one] for one in lines if one < size) and not any(
            row[one] for one in others if one < size
        )

    index = 0
    while index < len(data) and index < limit:
        row = data[index]
        cells: dict[str | None, Any] = {
            path[0]: value
            for path, kind, value in zip(paths, kinds, row, strict=False)
            if kind not in {"one2many", "many2many", "many2one"}
        }
        span = [row, *itertools.takewhile(goes_on, itertools.islice(data, index + 1, None))]
        relations = dict.fromkeys(
            path[0]
            for path, kind in zip(paths, kinds, strict=True)
            if kind in {"one2many", "many2many", "many2one"}
        )
        for name in relations:
            places = [place for place, path in enumerate(paths) if path[0] == name]
            below = [paths[place][1:] or (None,) for place in places]
            comodel = env.registry.models.get(model.fields[name or ""].relation, model)
            rows = [[one[place] if place < len(one) else "" for place in places] for one in span]
            filled = [one for one in rows if any(one)]
            cells[name] = [inner.cells for inner in extract(env, comodel, below, filled)]
        yield Extract(cells, index, index + len(span) - 1)
        index += len(span)


def references(cells: Mapping[str | None, Any]) -> dict[str | None, Any]:
    """The cells that say which record is meant."""
    return {name: value for name, value in cells.items() if name in REFERENCES}
