"""The order of a search: from Odoo's text to ORDER BY, with joins for many2one fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.orm.columns import expression

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["Sorting", "clause"]

TERM = re.compile(
    r"\s*(?P<name>[a-z0-9_]+)(?:\.(?P<rest>[a-z0-9_]+))?(?::(?P<part>[a-z_]+))?"
    r"(?:\s+(?P<direction>asc|desc))?(?:\s+nulls\s+(?P<nulls>first|last))?\s*$",
    re.IGNORECASE,
)
SORTED_AS: Mapping[tuple[str, str], str] = {("account.account", "code"): "code_store"}
"""Computed fields that have a column of their own to sort by."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a term applies: a model's table under an alias, turned round or not, and the models passed."""

    model: ModelDef
    alias: str
    flip: bool
    seen: frozenset[str]


@dataclass(slots=True)
class Sorting:
    """ORDER BY terms and the joins they need; ``terms`` is never empty once made by ``clause``.

    ``strict``: a term that cannot be sorted by is the caller's own, and an error on 19.0.
    """

    env: Env
    strict: bool
    joins: str = ""
    terms: str = ""
    found: list[str] = field(default_factory=list)

    def add(self, text: str, place: Place) -> None:
        """Add the terms of an order text."""
        parsed = []
        for part in text.split(","):
            if not part.strip() and not self.env.is19:
                raise IndexError("list index out of range")
            term = TERM.match(part)
            if term is None:
                raise UserError(
                    f'Invalid "order" specified ({text}). A valid "order" specification is a comma-separated list '
                    "of valid field names (optionally followed by asc/desc for the direction)"
                )
            parsed.append(term)
        for term in parsed:
            self._term(term, place)

    def _term(self, term: re.Match[str], place: Place) -> None:
        name, rest = term["name"], term["rest"]
        one = place.model.fields.get(name)
        if one is None:
            raise ValueError(f"Invalid field {name!r} on model {place.model.name!r}")
        if rest and rest != "id" and one.type != "properties":
            if self.env.is19:
                raise ValueError(f"Invalid field property {rest!r} on {one}")
            raise ValueError(f"Order a property ({rest!r}) on a non-properties field ({name!r})")
        word = " DESC" if ((term["direction"] or "").lower() == "desc") != place.flip else ""
        self._field(one, rest, word, (term["nulls"] or "").upper(), place)

    def _field(self, one: FieldDef, rest: str | None, word: str, nulls: str, place: Place) -> None:
        full = f"{word} NULLS {nulls}" if nulls else word
        alias = place.alias
        if one.name == "id":
            self.found.append(f'"{alias}"."id"{full}')
            return
        if one.sql_type is None or one.type == "binary":
            self._unstored(one, word, nulls, place)
            return
        column = expression(self.env, one, alias)
        if one.type == "properties" and rest:
            self.found.append(f"{column}->>'{rest}'{full}")
        elif one.type == "many2one" and rest != "id" and one.relation in self.env.registry:
            self._linked(one, column, word, nulls, place)
        elif one.type == "boolean":
            self.found.append(f"COALESCE({column}, false){full}")
        else:
            self.found.append(f"{column}{full}")

    def _linked(self, one: FieldDef, column: str, word: str, nulls: str, place: Place) -> None:
        """Sort by the order of the records a many2one leads to, unless that leads back."""
        comodel = self.env.registry[one.relation]
        key = f"{one.model}.{one.name}"
        if comodel.order.strip() == "id" or not comodel.stored or key in place.seen or len(place.seen) > 4:
            self.found.append(f"{column}{word}{f' NULLS {nulls}' if nulls else ''}")
            return
        own = self._join(comodel, column, f"{place.alias}__{one.name}")
        if nulls:
            self.found.append(f"{column} IS {'NOT ' if nulls == 'FIRST' else ''}NULL")
        strict, self.strict = self.strict, False  # the other model's order is not the caller's
        self.add(comodel.order, Place(comodel, own, bool(word), place.seen | {key}))
        self.strict = strict

    def _join(self, comodel: ModelDef, column: str, alias: str) -> str:
        own = alias[-60:]
        join = f' LEFT JOIN "{comodel.table}" AS "{own}" ON {column} = "{own}".id'
        if join not in self.joins:
            self.joins += join
        return own

    def _unstored(self, one: FieldDef, word: str, nulls: str, place: Place) -> None:
        """Sort by what stands for a field without a column, or complain as the version does."""
        instead = place.model.fields.get(SORTED_AS.get((one.model, one.name), ""))
        if instead is not None:
            self._field(instead, None, word, nulls, place)
        elif (
            one.related
            and one.type not in {"one2many", "many2many"}
            and self._related(one, word, nulls, place)
        ):
            return
        elif self.env.is19 and self.strict:
            raise ValueError(f"Cannot convert {one} to SQL because it is not stored")

    def _related(self, one: FieldDef, word: str, nulls: str, place: Place) -> bool:
        """Sort by the end of a path over stored many2one fields; False when the path is another one."""
        here, own = place.model, place.alias
        for step in one.related[:-1]:
            link = here.fields.get(step)
            if link is None or link.type != "many2one" or link.sql_type is None:
                return False
            column = expression(self.env, link, own)
            here = self.env.registry[link.relation]
            own = self._join(here, column, f"{own}__{step}")
        last = here.fields.get(one.related[-1])
        if last is None or (last.sql_type is None and not last.related):
            return False
        self._field(last, None, word, nulls, Place(here, own, place.flip, place.seen))
        return True


def clause(env: Env, model: ModelDef, order: str | None, alias: str) -> Sorting:
    """The sorting for an order text (the model's own when empty).

    Raises:
        UserError: for a text that is no order.
        ValueError: for an unknown field, or on 19.0 one that is not stored.
        IndexError: on 17.0 for an empty term.
    """
    sorting = Sorting(env=env, strict=bool(order))
    sorting.add(order or model.order, Place(model, alias, flip=False, seen=frozenset()))
    if not sorting.found:
        sorting.found.append(f'"{alias}"."id"')
    sorting.terms = ", ".join(sorting.found)
    return sorting
