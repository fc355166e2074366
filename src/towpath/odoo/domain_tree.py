"""A domain (Odoo's name for a filter) as an immutable tree, and the ways to print it.

``And`` and ``Or`` hold two or more parts and never one of their own kind (such parts are merged), so every
domain has one tree and one printed form. Two trees are equal when they print the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

__all__ = [
    "ALIASES",
    "EVERYTHING",
    "NOTHING",
    "OPERATORS",
    "And",
    "Constant",
    "Domain",
    "Not",
    "Or",
    "Scalar",
    "Term",
    "Value",
    "all_of",
    "any_of",
    "render",
]

Scalar = str | int | float | bool | None

#: Every operator of a term (real-odoo §3); ``any`` came with 17.0, ``not =like`` with 19.0.
OPERATORS = frozenset({
    "=", "!=", "<", ">", "<=", ">=", "=?", "in", "not in", "like", "not like", "ilike", "not ilike",
    "=like", "not =like", "=ilike", "not =ilike", "child_of", "parent_of", "any", "not any",
})  # fmt: skip
#: Other spellings that some version accepts.
ALIASES = {"<>": "!=", "==": "="}


class Domain:
    """A filter on the records of a model. Made by ``parse``, by ``&``, ``|`` and ``~``, or from the parts."""

    __slots__ = ()

    def to_list(self) -> list[Any]:
        """Odoo's list form: prefix operators and three-part terms, the top conjunction implicit.

        >>> (Term("a", "=", 1) & (Term("b", "in", (2, 3)) | Term("c", "=", False))).to_list()
        [('a', '=', 1), '|', ('b', 'in', [2, 3]), ('c', '=', False)]
        """
        if self == EVERYTHING:
            return []
        parts = self.parts if isinstance(self, And) else (self,)
        return [item for part in parts for item in _prefix(part)]

    def to_json(self) -> str:
        """The list form as JSON text, in ASCII."""
        return json.dumps(self.to_list(), separators=(",", ":"))

    def to_url(self) -> str:
        """The domain as one parameter of a URL: ``domain=...``, percent-encoded."""
        return "domain=" + quote(self.to_json(), safe="")

    def terms(self) -> Iterator[Term]:
        """Every term from left to right; those inside ``any`` come after the term that holds them."""
        stack: list[Domain] = [self]
        while stack:
            part = stack.pop()
            if isinstance(part, (And, Or)):
                stack.extend(reversed(part.parts))
            elif isinstance(part, Not):
                stack.append(part.part)
            elif isinstance(part, Term):
                yield part
                if isinstance(part.value, Domain):
                    stack.append(part.value)

    def names(self) -> frozenset[str]:
        """The fields of a record that the domain looks at; of a path that is the first field."""
        found: set[str] = set()
        stack: list[Domain] = [self]
        while stack:
            part = stack.pop()
            if isinstance(part, (And, Or)):
                stack.extend(part.parts)
            elif isinstance(part, Not):
                stack.append(part.part)
            elif isinstance(part, Term):
                found.add(part.field.partition(".")[0])
        return frozenset(found)

    def __str__(self) -> str:
        return render(self)[0]

    def __and__(self, other: Domain) -> Domain:
        return all_of([self, other])

    def __or__(self, other: Domain) -> Domain:
        return any_of([self, other])

    def __invert__(self) -> Domain:
        return Not(self)


Value = Scalar | tuple[Scalar, ...] | Domain


@dataclass(frozen=True, slots=True)
class Constant(Domain):
    """A filter that lets every record pass, or none: Odoo's (1, '=', 1) and (0, '=', 1)."""

    value: bool

    __str__ = Domain.__str__


EVERYTHING = Constant(True)
NOTHING = Constant(False)


@dataclass(frozen=True, slots=True, eq=False)
class Term(Domain):
    """One condition: a field or dotted path, an operator, a value (a scalar, a tuple of them, or a Domain)."""

    field: str
    operator: str
    value: Value

    __str__ = Domain.__str__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Term) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[str, str, str]:
        # repr tells True from 1 and 1 from 1.0, which Python holds to be equal
        return (self.field, self.operator, repr(self.value))


@dataclass(frozen=True, slots=True)
class Not(Domain):
    """The records that the part does not let pass."""

    part: Domain

    __str__ = Domain.__str__


@dataclass(frozen=True, slots=True)
class And(Domain):
    """The records that all parts let pass; at least two parts."""

    parts: tuple[Domain, ...]

    __str__ = Domain.__str__

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", _merged(And, self.parts))


@dataclass(frozen=True, slots=True)
class Or(Domain):
    """The records that at least one part lets pass; at least two parts."""

    parts: tuple[Domain, ...]

    __str__ = Domain.__str__

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", _merged(Or, self.parts))


def all_of(parts: Iterable[Domain]) -> Domain:
    """The conjunction; of no parts it is EVERYTHING, and parts that are EVERYTHING fall away."""
    kept = tuple(part for part in parts if part != EVERYTHING)
    return And(kept) if len(kept) > 1 else next(iter(kept), EVERYTHING)


def any_of(parts: Iterable[Domain]) -> Domain:
    """The disjunction; of no parts it is NOTHING, and parts that are NOTHING fall away."""
    kept = tuple(part for part in parts if part != NOTHING)
    return Or(kept) if len(kept) > 1 else next(iter(kept), NOTHING)


def _merged(kind: type[And | Or], parts: tuple[Domain, ...]) -> tuple[Domain, ...]:
    flat: list[Domain] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    if len(flat) < 2:
        raise ValueError(f"{kind.__name__} joins at least two parts")
    return tuple(flat)


def _prefix(domain: Domain) -> Iterator[Any]:
    if isinstance(domain, Constant):
        yield (1 if domain.value else 0, "=", 1)
    elif isinstance(domain, Term):
        yield (domain.field, domain.operator, _listed(domain.value))
    elif isinstance(domain, Not):
        yield "!"
        yield from _prefix(domain.part)
    elif isinstance(domain, (And, Or)):
        yield from ("&" if isinstance(domain, And) else "|",) * (len(domain.parts) - 1)
        for part in domain.parts:
            yield from _prefix(part)


def _listed(value: Value) -> Any:
    if isinstance(value, Domain):
        return value.to_list()
    return list(value) if isinstance(value, tuple) else value


def render(domain: Domain) -> tuple[str, list[tuple[int, int]]]:
    """The text as a person writes it in Odoo, and where in it each term of ``domain.terms()`` stands."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0

    def put(text: str) -> None:
        nonlocal at
        pieces.append(text)
        at += len(text)

    def put_items(items: list[Any]) -> None:
        put("[")
        for position, item in enumerate(items):
            put(", " if position else "")
            if isinstance(item, str) or not isinstance(item[0], str):
                put(repr(item))
                continue
            field, operator, value = item
            number, start = len(spans), at
            spans.append((at, at))
            put(f"({field!r}, {operator!r}, ")
            if operator in {"any", "not any"}:
                put_items(value)
            else:
                put(repr(value))
            put(")")
            spans[number] = (start, at)
        put("]")

    put_items(domain.to_list())
    return "".join(pieces), spans
