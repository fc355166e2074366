"""Domains from what people and programs write: Odoo's list form, text, JSON, and URLs.

Text is read as plain literals, never evaluated: an expression such as ``context_today()`` is refused with a
sentence that says so. Sizes are limited, so that no text can exhaust memory or the stack.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote, unquote_plus

from towpath.errors import InputError
from towpath.odoo.domain_literal import read_literal
from towpath.odoo.domain_tree import (
    ALIASES,
    EVERYTHING,
    NOTHING,
    OPERATORS,
    And,
    Domain,
    Not,
    Or,
    Scalar,
    Term,
    Value,
)

__all__ = ["MAX_DEPTH", "MAX_TERMS", "MAX_TEXT", "parse"]

#: Characters of a text, terms of a domain, and levels of nesting that are accepted.
MAX_TEXT = 1_000_000
MAX_TERMS = 5_000
MAX_DEPTH = 50

_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*\Z")
_PARAMETER = re.compile(r"(?:^|[?&#])domain=")
_QUOTED = re.compile("%2[027]")
_INT64 = 2**63
_ARITY = {"&": 2, "|": 2, "!": 1}
_HINT = "a term is (field, operator, value), for instance ('name', '=', 'Ghent')"


def parse(source: Domain | Sequence[Any] | str | None) -> Domain:
    """The domain that ``source`` says: Odoo's list, its text or JSON, a URL with ``domain=``, or nothing.

    None and an empty text mean no filter. Raises InputError with one sentence that names the place and the
    fix; ``details['where']`` holds the text with a caret under the place when there is a text.
    """
    if isinstance(source, Domain):
        return source
    if source is None:
        return EVERYTHING
    if isinstance(source, str):
        return _from_text(source)
    if not isinstance(source, (list, tuple)):
        raise InputError(f"A domain is a list of terms, not {_shown(source)}; {_HINT}.")
    return _Builder().domain(source, 0)


def _from_text(text: str) -> Domain:
    if len(text) > MAX_TEXT:
        raise InputError(f"The domain has more than {MAX_TEXT:,} characters; filter by something shorter.")
    text = text.strip()
    if not text:
        return EVERYTHING
    if text[0] not in "[(":
        text = _from_url(text)
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise InputError(f"The domain is nested deeper than {MAX_DEPTH} levels; write it flatter.") from None
    except ValueError:
        value = read_literal(text, max_depth=MAX_DEPTH)
    if not isinstance(value, (list, tuple)):
        raise InputError(f"A domain is a list of terms in brackets, not {_shown(value)}; {_HINT}.")
    return _Builder().domain(value, 0)


def _from_url(text: str) -> str:
    """The domain in a URL: percent-encoded as programs write it, or with its brackets as people paste it."""
    if text[:3].lower() in {"%5b", "%28"}:
        return unquote(text).strip()
    found = _PARAMETER.search(text)
    if found is None:
        raise InputError(f"A domain is a list in brackets, but this text begins with {text[:20]!r}; {_HINT}.")
    rest = text[found.end() :]
    if rest[:1] not in {"[", "("}:
        return unquote_plus(re.split("[&#]", rest, maxsplit=1)[0]).strip() or "[]"
    pasted = rest[: max(rest.rfind("]"), rest.rfind(")")) + 1]
    return unquote(pasted) if _QUOTED.search(pasted) else pasted


def _no_constant(name: str) -> None:
    raise ValueError(name)


class _Builder:
    """Makes the tree of one list; counts terms over nested lists too."""

    def __init__(self) -> None:
        self.count = 0

    def domain(self, items: Sequence[Any], depth: int) -> Domain:
        """The tree of ``items``, read from the right so that a long chain needs no recursion."""
        if (
            len(items) == 3
            and isinstance(items[1], str)
            and _operator(items[1])
            and isinstance(items[0], str)
        ):
            raise InputError(
                f"The term {_shown(tuple(items))} stands alone; put it into one more pair of brackets."
            )
        stack: list[tuple[Domain, int]] = []
        for number in range(len(items), 0, -1):
            item = items[number - 1]
            if isinstance(item, (list, tuple)):
                self.count += 1
                if self.count > MAX_TERMS:
                    raise InputError(
                        f"The domain has more than {MAX_TERMS:,} terms; use 'in' with a list of values."
                    )
                stack.append((self.term(item, number, depth), depth))
            elif isinstance(item, str) and item in _ARITY:
                self._join(item, number, stack)
            elif isinstance(item, Domain):
                stack.append((item, depth))
            else:
                raise InputError(
                    f"Item {number} of the domain, {_shown(item)}, is neither a term nor '&', '|' or '!'; {_HINT}."
                )
            if stack[-1][1] > MAX_DEPTH:
                raise InputError(f"The domain is nested deeper than {MAX_DEPTH} levels; write it flatter.")
        parts = tuple(part for part, _ in reversed(stack))
        return And(parts) if len(parts) > 1 else next(iter(parts), EVERYTHING)

    def _join(self, operator: str, number: int, stack: list[tuple[Domain, int]]) -> None:
        arity = _ARITY[operator]
        if len(stack) < arity:
            wanted = "one condition" if arity == 1 else "two conditions"
            found = "none" if not stack else "one"
            raise InputError(
                f"The operator '{operator}' (item {number}) needs {wanted} after it, but there is {found}; "
                "add the condition or remove the operator."
            )
        first = stack.pop()
        if arity == 1:
            stack.append((Not(first[0]), first[1] + 1))
            return
        second = stack.pop()
        kind = And if operator == "&" else Or
        depth = max(level + (not isinstance(part, kind)) for part, level in (first, second))
        stack.append((kind((first[0], second[0])), depth))

    def term(self, item: Sequence[Any], number: int, depth: int) -> Domain:
        """One term, checked for its shape; ``number`` is its place in the list, from 1."""
        where = f"Term {number}, {_shown(tuple(item))},"
        if len(item) != 3:
            raise InputError(f"{where} has {len(item)} parts instead of three; {_HINT}.")
        field, operator, value = item
        if not isinstance(field, str):
            if operator == "=" and value == 1 and field in {0, 1} and not isinstance(field, bool):
                return EVERYTHING if field else NOTHING
            raise InputError(f"{where} must begin with the name of a field; {_HINT}.")
        if not _PATH.match(field):
            raise InputError(
                f"{where} begins with {field!r}, which can not be a field or a dotted path of fields."
            )
        known = _operator(operator)
        if known is None:
            raise InputError(
                f"{where} has the unknown operator {_shown(operator)}; use one of {_listed_operators()}."
            )
        if known in {"any", "not any"}:
            if isinstance(value, Domain):
                return Term(field, known, value)
            if not isinstance(value, (list, tuple)):
                raise InputError(f"{where} needs a domain in brackets after '{known}', not {_shown(value)}.")
            if depth >= MAX_DEPTH:
                raise InputError(f"The domain is nested deeper than {MAX_DEPTH} levels; write it flatter.")
            return Term(field, known, self.domain(value, depth + 1))
        return Term(field, known, _value(value, where))


def _operator(operator: Any) -> str | None:
    if not isinstance(operator, str):
        return None
    lowered = " ".join(operator.lower().split())
    lowered = ALIASES.get(lowered, lowered)
    return lowered if lowered in OPERATORS else None


def _value(value: Any, where: str) -> Value:
    if isinstance(value, (list, tuple)):
        return tuple(_scalar(entry, where) for entry in value)
    return _scalar(value, where)


def _scalar(value: Any, where: str) -> Scalar:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        moment = value if value.tzinfo is None else value.astimezone(UTC)
        return moment.replace(tzinfo=None).isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        if -_INT64 <= value < _INT64:
            return int(value)
        raise InputError(f"{where} holds a number of more than 64 bits; write a smaller one.")
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        raise InputError(f"{where} holds a number that is not finite; write an ordinary one.")
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise InputError(f"{where} holds half of a Unicode character; write the text anew.")
        return str(value)
    raise InputError(
        f"{where} has a value of the wrong kind, {_shown(value)}; write a text, a number, True, False or a list."
    )


def _listed_operators() -> str:
    return ", ".join(sorted(OPERATORS, key=lambda o: (o[0].isalpha(), o)))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
