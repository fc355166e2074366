"""What changed in a model's fields between two discoveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from towpath.odoo.schema import Field, Model

__all__ = ["Drift", "drift"]

_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Fields that came, went, or became something else. ``retyped`` maps a field to (before, after).

    A type is Odoo's, with the model a relation leads to: ``char``, ``many2one to res.partner``.
    ``reselected`` maps a selection field to the keys that came and went; the columns stay as they are.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    retyped: Mapping[str, tuple[str, str]]
    reselected: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]

    def __bool__(self) -> bool:
        """Whether the table's columns are concerned."""
        return bool(self.added or self.removed or self.retyped)

    def sentences(self) -> list[str]:
        """What a person should know, one sentence each; an empty list when nothing changed."""
        said = []
        for verb, names in (
            ("New fields", self.added),
            ("Fields that are gone or no longer readable", self.removed),
        ):
            if names:
                more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
                said.append(f"{verb}: {', '.join(names[:_SHOWN])}{more}.")
        said += [
            f"The field '{name}' was {old} and is now {new}." for name, (old, new) in self.retyped.items()
        ]
        for name, (came, went) in self.reselected.items():
            parts = [f"{len(keys)} {word}" for keys, word in ((came, "came"), (went, "went")) if keys]
            said.append(f"The choices of '{name}' changed: {' and '.join(parts)}.")
        return said

    def to_json(self) -> dict[str, Any]:
        """A form for a run's record."""
        return {
            "added": list(self.added),
            "removed": list(self.removed),
            "retyped": {name: list(pair) for name, pair in self.retyped.items()},
            "reselected": {name: [list(keys) for keys in pair] for name, pair in self.reselected.items()},
        }


def drift(before: Model, after: Model) -> Drift:
    """How ``after`` differs from ``before``; a field that now raises counts as removed."""
    old, new = before.fields, after.fields
    both = [name for name in old if name in new]
    return Drift(
        added=after.ordered(set(new) - set(old)),
        removed=before.ordered(set(old) - set(new)),
        retyped={n: (_type(old[n]), _type(new[n])) for n in both if _type(old[n]) != _type(new[n])},
        reselected={n: keys for n in both if any(keys := _keys(old[n], new[n]))},
    )


def _type(field: Field) -> str:
    return f"{field.type} to {field.relation}" if field.relation else field.type


def _keys(old: Field, new: Field) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if old.type != "selection" or new.type != "selection":
        return (), ()
    before, after = [key for key, _ in old.selection], [key for key, _ in new.selection]
    return tuple(k for k in after if k not in before), tuple(k for k in before if k not in after)
