"""Is a domain good for a model? Every field, operator and value is looked at before Odoo is asked.

Odoo answers a wrong domain with what looks like a crash of the server (HTTP 500, real-odoo §3), so the problem
is found here and named: which term, what is wrong with it, what to write instead. Values that the versions of
Odoo silently understand in different ways (None for a boolean, say) are refused too.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from towpath.errors import InputError
from towpath.odoo.domain_literal import point
from towpath.odoo.domain_tree import And, Domain, Not, Or, Term, render
from towpath.odoo.domain_values import value_problem
from towpath.odoo.schema import Field, Model

__all__ = ["Problem", "problems", "validate"]

Lookup = Callable[[str], Model | None]

_EQUAL = frozenset({"=", "!=", "in", "not in", "=?"})
_ORDER = frozenset({"<", ">", "<=", ">="})
_LIKE = frozenset({"like", "ilike", "not like", "not ilike", "=like", "=ilike", "not =like", "not =ilike"})
_TREE = frozenset({"child_of", "parent_of"})
_ANY = frozenset({"any", "not any"})
_RELATION = _EQUAL | _LIKE | _TREE | _ANY

#: Operators by type of field. Types that are not listed here take all that compare a value.
_ALLOWED: dict[str, frozenset[str]] = {
    "char": _EQUAL | _ORDER | _LIKE,
    "text": _EQUAL | _ORDER | _LIKE,
    "html": _EQUAL | _LIKE,
    "selection": _EQUAL | _ORDER | _LIKE,
    "reference": _EQUAL | _LIKE,
    "boolean": _EQUAL,
    "integer": _EQUAL | _ORDER | _LIKE,
    "many2one_reference": _EQUAL | _ORDER,
    "float": _EQUAL | _ORDER | _LIKE,
    "monetary": _EQUAL | _ORDER | _LIKE,
    "date": _EQUAL | _ORDER,
    "datetime": _EQUAL | _ORDER,
    "many2one": _RELATION,
    "one2many": _RELATION,
    "many2many": _RELATION,
    "binary": frozenset({"=", "!="}),
    "json": _EQUAL,
    "properties": frozenset({"=", "!="}),
    "properties_definition": frozenset({"=", "!="}),
}
_SINCE = {"any": 17, "not any": 17, "not =like": 19, "not =ilike": 19}
#: Numbers taken out of a date by a path of two parts, from 19.0 on.
_DATE_PARTS = frozenset({
    "year_number", "quarter_number", "month_number", "iso_week_number", "day_of_year", "day_of_month", "day_of_week",
    "hour_number", "minute_number", "second_number",
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one term. ``index`` counts the terms from 1, left to right, those inside ``any`` too."""

    index: int
    term: Term
    sentence: str
    where: str


def validate(
    domain: Domain, model: Model, lookup: Lookup | None = None, *, version: int | None = None
) -> None:
    """Raise InputError for the first term that Odoo would refuse, misread or answer differently by version.

    ``lookup`` gives the model of a relation by name, None when the user may not read it; without ``lookup``
    paths are checked up to their first relation. ``version`` is Odoo's major version where known.
    The error's details hold ``term`` (its index), ``where`` (the domain with carets) and all ``problems``.
    """
    found = problems(domain, model, lookup, version=version)
    if found:
        first = found[0]
        details = {"term": first.index, "where": first.where, "problems": [p.sentence for p in found]}
        raise InputError(first.sentence, details=details)


def problems(
    domain: Domain, model: Model, lookup: Lookup | None = None, *, version: int | None = None
) -> list[Problem]:
    """Every term that is not good for the model, each with a sentence and the place; empty when all are."""
    text, spans = render(domain)
    found = []
    for number, (term, on) in enumerate(_placed(domain, model, lookup)):
        reason = _reason(term, on, lookup, version) if on is not None else None
        if reason is not None:
            start, end = spans[number]
            shown = text[start:end] if end - start <= 80 else text[start : start + 79] + "…"
            sentence = f"Term {number + 1}, {shown}: {reason}{'' if reason.endswith('?') else '.'}"
            found.append(
                Problem(index=number + 1, term=term, sentence=sentence, where=point(text, start, end))
            )
    return found


def _placed(
    domain: Domain, model: Model | None, lookup: Lookup | None
) -> Iterator[tuple[Term, Model | None]]:
    """Every term in the order of ``Domain.terms`` with the model it filters; None where that is not known."""
    if isinstance(domain, (And, Or)):
        for part in domain.parts:
            yield from _placed(part, model, lookup)
    elif isinstance(domain, Not):
        yield from _placed(domain.part, model, lookup)
    elif isinstance(domain, Term):
        yield domain, model
        if isinstance(domain.value, Domain):
            field = None if model is None else _walk(domain.field, model, lookup)
            inner = lookup(field.relation) if lookup and isinstance(field, Field) and field.relation else None
            yield from _placed(domain.value, inner, lookup)


def _walk(path: str, model: Model, lookup: Lookup | None) -> Field | str | None:
    """The last field of a path; a sentence when there is none; None when it can not be known here."""
    names = path.split(".")
    on = model
    for position, name in enumerate(names):
        field = on.fields.get(name)
        if field is None:
            return _no_field(on, name)
        rest = names[position + 1 :]
        if not rest:
            return field
        if field.type in {"date", "datetime"} and len(rest) == 1 and rest[0] in _DATE_PARTS:
            return Field(name=path, type="integer", label=field.label)
        if field.type == "properties" and len(rest) == 1:
            return None
        if not field.relational:
            return (
                f"the field '{name}' of {on.name} is of the type {field.type} and leads nowhere; "
                f"end the path there ('{'.'.join(names[: position + 1])}')"
            )
        if lookup is None:
            return None
        following = lookup(field.relation or "")
        if following is None:
            return f"'{name}' leads to {field.relation}, which this user may not read; choose another field"
        if following.id_only and rest[0] != "id":
            return None
        on = following
    return None


def _no_field(model: Model, name: str) -> str:
    if name in model.dropped:
        return f"the field '{name}' of {model.name} can not be read; choose another"
    near = difflib.get_close_matches(name, list(model.fields), n=1)
    advice = f"did you mean '{near[0]}'?" if near else "check its spelling and the user's rights"
    return f"{model.name} has no field '{name}' that this user may read; {advice}"


def _reason(term: Term, model: Model, lookup: Lookup | None, version: int | None) -> str | None:
    operator = term.operator
    since = _SINCE.get(operator)
    if since and version is not None and version < since:
        advice = "negate the term with '!'" if operator.startswith("not =") else "use a dotted path"
        return f"the operator '{operator}' is known from Odoo {since} on and this is {version}; {advice}"
    if model.id_only and term.field.split(".")[0] != "id":
        return None
    field = _walk(term.field, model, lookup)
    if field is None:
        return None
    if isinstance(field, str):
        return field
    if "." in term.field and field.name == term.field and version is not None and version < 19:
        return f"parts of a date can be filtered from Odoo 19 on and this is {version}; compare with dates"
    if not field.searchable and not field.store:
        return f"'{field.name}' is worked out when read and can not be searched; filter by a stored field"
    allowed = _ALLOWED.get(field.type, _EQUAL | _ORDER | _LIKE)
    if field.name == "id":
        allowed = _EQUAL | _ORDER | _TREE | _ANY
    if operator not in allowed:
        return _wrong_operator(field, operator)
    return value_problem(term, field)


def _wrong_operator(field: Field, operator: str) -> str:
    what = f"'{operator}' does not work on '{field.name}', which is of the type {field.type}"
    if field.type in {"date", "datetime"} and operator in _LIKE:
        return f"{what}; use '>=' and '<' with two dates"
    if field.type in {"binary", "properties", "properties_definition"}:
        return f"{what}; only '=' and '!=' with False do"
    if operator in _TREE | _ANY:
        return f"{what}; it needs a field that leads to other records"
    if field.relational:
        return f"{what}; compare a field of the other record, as in '{field.name}.id'"
    return f"{what}; use '=', '!=', 'in' or 'not in'"
