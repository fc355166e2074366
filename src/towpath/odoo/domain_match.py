"""Which records a domain lets pass, worked out here as Odoo 17 and Odoo 19 would (facts §0.2, real-odoo §6).

Up to 18 a comparison is SQL's: an empty text and no text differ, a number that was never set is not zero, a
negated inequality leaves empty values out, and moments compare with their microseconds. From 19 on every empty
value of a type is the same, a negation is the exact opposite, and moments compare by whole seconds.

Two things can not be seen from outside Odoo, and are taken so: a 0 that was read is a zero (give None for a
number known to be unset), and texts are ordered by their characters, not by the server's collation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from towpath.errors import InputError
from towpath.odoo.domain_compare import Test, compare
from towpath.odoo.domain_tree import And, Constant, Domain, Not, Or, Term
from towpath.odoo.schema import Field, Model

__all__ = ["Neighbours", "evaluate", "linked_ids", "matcher"]

Record = Mapping[str, Any]

#: What the negation of an operator is up to 18; the others are negated as SQL does.
_INVERSE = {
    "<": ">=", ">": "<=", "<=": ">", ">=": "<", "=": "!=", "in": "not in",
    "like": "not like", "ilike": "not ilike", "any": "not any",
}  # fmt: skip
_INVERSE |= {negative: positive for positive, negative in _INVERSE.items()}


class Neighbours(Protocol):
    """The other records that a domain may ask about, as far as its user may read them."""

    def model(self, name: str) -> Model:
        """The model of that name."""
        ...

    def related(self, model: str, ids: Sequence[int]) -> Sequence[Record]:
        """The records with these ids, with every field that the domain asks of them."""
        ...

    def named(self, model: str, operator: str, text: str) -> Collection[int]:
        """The ids that a search by name finds; the operator is '=' or one of the like family."""
        ...

    def tree(self, model: str, parent: str, ids: Collection[int], *, up: bool) -> Collection[int]:
        """The ids themselves with all that lie below them (``up``: above them) by the field ``parent``."""
        ...


def evaluate(
    domain: Domain, record: Record, model: Model, *, version: int, neighbours: Neighbours | None = None
) -> bool:
    """Whether the domain lets the record pass in that major version of Odoo; for many records use :func:`matcher`."""
    return matcher(domain, model, version=version, neighbours=neighbours)(record)


def matcher(
    domain: Domain, model: Model, *, version: int, neighbours: Neighbours | None = None
) -> Callable[[Record], bool]:
    """A test of records for the domain, made once for many records.

    A record maps the fields that the domain names to values as ``read`` gives them (many2one as an id or as
    ``[id, name]``). ``neighbours`` is needed for dotted paths, ``any``, ``child_of`` and names.
    Raises InputError for a field the model lacks, a field that is not in the record, a value that can not be
    compared, and for a domain that needs neighbours when there are none.
    """
    return _Maker(version, neighbours).make(domain, model)


class _Maker:
    def __init__(self, version: int, neighbours: Neighbours | None) -> None:
        self.version = version
        self.old = version < 19
        self.neighbours = neighbours

    def make(self, domain: Domain, model: Model) -> Test:
        if isinstance(domain, Constant):
            value = domain.value
            return lambda _: value
        if isinstance(domain, Not):
            return self.negated(domain.part, model)
        if isinstance(domain, (And, Or)):
            tests = [self.make(part, model) for part in domain.parts]
            return _all(tests) if isinstance(domain, And) else _any(tests)
        if isinstance(domain, Term):
            return self.term(domain, model)
        raise InputError(f"{domain!r} is not a domain.")

    def negated(self, domain: Domain, model: Model) -> Test:
        if isinstance(domain, Not):
            return self.make(domain.part, model)
        if isinstance(domain, (And, Or)):
            tests = [self.negated(part, model) for part in domain.parts]
            return _any(tests) if isinstance(domain, And) else _all(tests)
        if self.old and isinstance(domain, Term) and not self.exact(domain, model):
            if domain.operator in _INVERSE:
                return self.term(Term(domain.field, _INVERSE[domain.operator], domain.value), model)
            name = domain.field.split(".")[0]
            positive = self.term(domain, model)
            return lambda record: not positive(record) and not _is_null(record.get(name))
        test = self.make(domain, model)
        return lambda record: not test(record)

    def exact(self, term: Term, model: Model) -> bool:
        """Whether up to 18 too the negation of a term is its opposite: no column that may be empty is compared.

        A path is an ``any`` from 17 on, and a tree over the model itself becomes a condition on ``id``.
        """
        if "." in term.field:
            return self.version >= 17
        field = model.fields.get(term.field)
        return (
            term.operator in {"child_of", "parent_of"} and field is not None and field.relation == model.name
        )

    def term(self, term: Term, model: Model) -> Test:
        name, _, rest = term.field.partition(".")
        field = model.fields.get(name)
        if field is None:
            raise InputError(f"{model.missing(name)}")
        read = _reader(name)
        if rest:
            if not field.relational:
                raise InputError(
                    f"The path '{term.field}' can not be followed here: '{name}' leads to no record."
                )
            inner = self.make(
                Term(rest, term.operator, term.value), self.around(term).model(field.relation or "")
            )
            return self.exists(field, read, inner, term)
        if term.operator in {"any", "not any"}:
            return self.any(term, field, read)
        if term.operator in {"child_of", "parent_of"}:
            return self.tree(term, field, model, read)
        return compare(term, field, read, old=self.old, named=self.named(term, field))

    def any(self, term: Term, field: Field, read: Callable[[Record], Any]) -> Test:
        if not isinstance(term.value, Domain):
            raise InputError(f"'{term.operator}' takes a domain, not {term.value!r}.")
        inner = self.make(term.value, self.around(term).model(field.relation or ""))
        found = self.exists(field, read, inner, term)
        return found if term.operator == "any" else lambda record: not found(record)

    def exists(self, field: Field, read: Callable[[Record], Any], inner: Test, term: Term) -> Test:
        related, relation = self.around(term).related, field.relation or ""

        def test(record: Record) -> bool:
            ids = linked_ids(read(record))
            return bool(ids) and any(inner(other) for other in related(relation, ids))

        return test

    def tree(self, term: Term, field: Field, model: Model, read: Callable[[Record], Any]) -> Test:
        around = self.around(term)
        relation = model.name if field.name == "id" else field.relation or ""
        values = term.value if isinstance(term.value, tuple) else (term.value,)
        start: set[int] = set()
        for value in values:
            if isinstance(value, str):
                start.update(around.named(relation, "ilike", value))
            elif isinstance(value, int) and not isinstance(value, bool):
                start.add(value)
        # a field that leads to its own model is itself the tree; up to 18 not one with several values
        own = relation == model.name and field.name != "id" and not (self.old and field.to_many)
        found = around.tree(
            relation, field.name if own else "parent_id", start, up=term.operator == "parent_of"
        )
        ids = frozenset(found) if start else frozenset()
        if own and field.type == "many2one":
            return lambda record: record.get("id") in ids
        return lambda record: any(id_ in ids for id_ in linked_ids(read(record)))

    def named(self, term: Term, field: Field) -> Callable[[str, str], Collection[int]]:
        def find(operator: str, text: str) -> Collection[int]:
            return frozenset(self.around(term).named(field.relation or "", operator, text))

        return find

    def around(self, term: Term) -> Neighbours:
        if self.neighbours is None:
            raise InputError(
                f"The term ({term.field!r}, {term.operator!r}, ...) asks about other records, which are not at hand."
            )
        return self.neighbours


def _all(tests: Sequence[Test]) -> Test:
    return lambda record: all(test(record) for test in tests)


def _any(tests: Sequence[Test]) -> Test:
    return lambda record: any(test(record) for test in tests)


def _is_null(value: Any) -> bool:
    return value is None or value is False


def linked_ids(value: Any) -> list[int]:
    """The ids in a value of a relational field or of ``id``, in whichever form it was read."""
    if isinstance(value, (list, tuple)):
        return [value[0]] if len(value) == 2 and isinstance(value[1], str) else list(value)
    return [] if _is_null(value) else [value]


def _reader(name: str) -> Callable[[Record], Any]:
    def read(record: Record) -> Any:
        try:
            return record[name]
        except KeyError:
            raise InputError(f"The domain asks for '{name}', which was not read; read it too.") from None

    return read
