"""Domains: from the list a caller sends to a tree, with the complaints of each version (real-odoo §3, §6).

A tree is a ``Node``: ``Leaf``, ``Both`` ("&" or "|" over several), ``Not`` or ``Constant``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "FALSE",
    "TRUE",
    "Both",
    "Constant",
    "Leaf",
    "Node",
    "Not",
    "conjunction",
    "listed",
    "parse",
    "push_not",
]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition: a field path, an operator and a value."""

    left: str
    operator: str
    right: Any


@dataclass(frozen=True, slots=True)
class Both:
    """Several conditions under ``&`` or ``|``."""

    operator: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a condition."""

    part: Node


@dataclass(frozen=True, slots=True)
class Constant:
    """A condition that always or never holds."""

    value: bool


Node = Leaf | Both | Not | Constant
TRUE, FALSE = Constant(value=True), Constant(value=False)
_BASIC = ("=", "!=", "<=", "<", ">", ">=", "=?", "=like", "=ilike", "like", "not like", "ilike", "not ilike")
_SETS = ("in", "not in", "child_of", "parent_of", "any", "not any", "<>")
OPERATORS_17 = frozenset((*_BASIC, *_SETS))
OPERATORS_19 = frozenset((*_BASIC, *_SETS, "==", "not =like", "not =ilike", "any!", "not any!"))
INTERNAL = ("any!", "not any!")
"""Operators that pass by record rules; a list that a caller sends may not hold them."""
ARITY = {"!": 1, "&": 2, "|": 2}
NEGATION = {
    "=": "!=",
    "!=": "=",
    "in": "not in",
    "not in": "in",
    "like": "not like",
    "not like": "like",
    "ilike": "not ilike",
    "not ilike": "ilike",
    "any": "not any",
    "not any": "any",
    "any!": "not any!",
    "not any!": "any!",
    "=like": "not =like",
    "not =like": "=like",
    "=ilike": "not =ilike",
    "not =ilike": "=ilike",
}
INVERSE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def conjunction(parts: Iterable[Node]) -> Node:
    """All parts together, without needless layers."""
    found = [part for part in parts if part is not TRUE]
    if not found:
        return TRUE
    return found[0] if len(found) == 1 else Both("&", tuple(found))


def parse(domain: Any, *, is19: bool) -> Node:
    """The tree of a domain.

    Raises:
        ValueError, TypeError, IndexError, AssertionError, AttributeError: as the version words it.
    """
    return _parse19(domain) if is19 else _parse17(domain)


def _tree(tokens: list[Any]) -> Node:
    """The tree of well-formed tokens in prefix order, with an implicit ``&`` between terms."""
    stack: list[Node] = []
    for token in reversed(tokens):
        if token == "!":  # noqa: S105 - an operator
            stack.append(Not(stack.pop()))
        elif isinstance(token, str):
            left, right = stack.pop(), stack.pop()
            stack.append(Both(token, (left, right)))
        else:
            stack.append(token)
    stack.reverse()
    return conjunction(stack)


def _operator(token: Any) -> bool:
    return isinstance(token, str) and token in ARITY


def _parse17(domain: Any) -> Node:
    if not isinstance(domain, list | tuple):
        raise AssertionError(  # noqa: TRY004 - Odoo asserts
            "Domains to normalize must have a 'domain' form: a list or tuple of domain components"
        )
    expected, tokens = 1, list(domain)
    for token in domain:
        if expected == 0:
            expected = 1
        expected += ARITY[token] - 1 if _operator(token) else -1
    if expected and domain:
        raise ValueError(f"Domain {list(domain)!r} is syntactically not correct.")
    terms = [tuple(one) if isinstance(one, list) else one for one in tokens if not _operator(one)]
    for term in terms:
        _ = term[0]  # the active filter looks at the first item of every term
    for term in terms:
        _ = term[1]
    ready: list[Any] = []
    for token in tokens:
        if _operator(token):
            ready.append(token)
            continue
        left, operator, right = token
        ready.append(_leaf17(left, operator, right))
    return _tree(ready)


def _leaf17(left: Any, operator: Any, right: Any) -> Node:
    if (left, operator, right) == (1, "=", 1):
        return TRUE
    if (left, operator, right) == (0, "=", 1):
        return FALSE
    if not isinstance(left, str):
        raise AttributeError(  # noqa: TRY004 - Odoo's class
            f"'{type(left).__name__}' object has no attribute 'split'"
        )
    if operator not in OPERATORS_17:
        raise ValueError(f"Invalid leaf {(left, operator, right)!r}")
    if operator == "<>":
        operator = "!="
    if isinstance(right, list | tuple) and operator in {"=", "!="}:
        operator = "in" if operator == "=" else "not in"
    if operator in {"any", "not any"} and isinstance(right, list | tuple):
        return Leaf(left, operator, _parse17(right))
    return Leaf(left, operator, right)


def _parse19(domain: Any) -> Node:
    if isinstance(domain, bool):
        # False as a whole domain finds what the empty list would not: nothing
        return TRUE if domain else FALSE
    if not isinstance(domain, list | tuple):
        raise TypeError(f"Domain() invalid argument type for domain: {domain!r}")
    tokens: list[Any] = []
    for item in reversed(domain):  # the last fault is the one that is reported
        if _operator(item):
            tokens.append(item)
        elif isinstance(item, list | tuple) and len(item) == 3 and item[1] not in INTERNAL:
            tokens.append(_leaf19(*item))
        else:
            raise ValueError(f"Domain() invalid item in domain: {item!r}")
    tokens.reverse()
    depth = 0
    for token in reversed(tokens):
        if isinstance(token, str):
            if depth < ARITY[token]:
                raise ValueError(f"Domain() malformed domain {list(domain)!r}")
            depth -= ARITY[token] - 1
        else:
            depth += 1
    return _tree(tokens)


def _leaf19(left: Any, operator: Any, right: Any) -> Node:
    if isinstance(left, int) and not isinstance(left, bool):
        if (left, operator, right) == (1, "=", 1):
            return TRUE
        if (left, operator, right) == (0, "=", 1):
            return FALSE
        raise TypeError(f"Domain() invalid arguments: {(left, operator, right)!r}")
    if not isinstance(left, str) or not isinstance(operator, str):
        raise TypeError(f"Domain() invalid arguments: {(left, operator, right)!r}")
    shown = (left, operator, right)
    operator = operator.lower()
    if operator not in OPERATORS_19:
        raise ValueError(f"Invalid operator in condition {shown!r}")
    if not left:
        raise TypeError(f"Empty field name in condition {shown!r}")
    operator = {"<>": "!=", "==": "="}.get(operator, operator)
    if isinstance(right, Mapping) and operator not in {"any", "not any", "any!", "not any!"}:
        raise TypeError(f"unhashable type: '{type(right).__name__}'")
    if isinstance(right, list | tuple) and operator in {"=", "!="}:
        operator = "in" if operator == "=" else "not in"
    if operator in {"any", "not any", "any!", "not any!"}:
        return Leaf(left, operator, _parse19(right))
    return Leaf(left, operator, right)


def listed(node: Node) -> list[Any]:
    """A tree as the list a caller might have sent, for messages."""
    if isinstance(node, Leaf):
        return [(node.left, node.operator, node.right)]
    if isinstance(node, Not):
        return ["!", *listed(node.part)]
    if isinstance(node, Constant):
        return [(1 if node.value else 0, "=", 1)]
    return [
        *[node.operator] * (len(node.parts) - 1),
        *(one for part in node.parts for one in listed(part)),
    ]


def push_not(node: Node, *, negate: bool = False) -> Node:
    """The same tree with negations moved down to the leaves; ``Not`` stays where no contrary operator exists."""
    if isinstance(node, Constant):
        return Constant(value=node.value != negate)
    if isinstance(node, Not):
        return push_not(node.part, negate=not negate)
    if isinstance(node, Both):
        operator = node.operator if not negate else {"&": "|", "|": "&"}[node.operator]
        return Both(operator, tuple(push_not(part, negate=negate) for part in node.parts))
    if not negate:
        return node
    if "." not in node.left and node.operator in NEGATION:
        return Leaf(node.left, NEGATION[node.operator], node.right)
    return Not(node)
