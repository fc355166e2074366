"""Domains put together again as lists, the way each version writes them into the replies of grouped reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from towpath.sandbox.odoo_server.orm.domain import (
    TRUE,
    Both,
    Constant,
    Leaf,
    Node,
    Not,
    conjunction,
    parse,
    push_not,
)

__all__ = ["both", "printed"]

TRUE_LIST: list[Any] = [[1, "=", 1]]
ARITY = {"!": 0, "&": 1, "|": 1}


def printed(node: Node) -> list[Any]:
    """The list of a tree in prefix notation; equal operators in a row stand together, as 19.0 prints them."""
    if isinstance(node, Constant):
        return [[1, "=", 1]] if node.value else [[0, "=", 1]]
    if isinstance(node, Not):
        return ["!", *printed(node.part)]
    if isinstance(node, Both):
        parts = _flat(node)
        return [*[node.operator] * (len(parts) - 1), *(one for part in parts for one in printed(part))]
    right = node.right
    if isinstance(right, Leaf | Both | Not | Constant):
        right = [] if right is TRUE else printed(right)
    elif isinstance(right, set | frozenset | tuple):
        right = list(right)
    return [[node.left, node.operator, right]]


def _flat(node: Both) -> list[Node]:
    found: list[Node] = []
    for part in node.parts:
        if isinstance(part, Both) and part.operator == node.operator:
            found += _flat(part)
        else:
            found.append(part)
    return found


def both(domains: Sequence[Any], *, is19: bool) -> list[Any]:
    """All of these domains together; an empty one says nothing."""
    if is19:
        nodes = [
            one if isinstance(one, Leaf | Both | Not | Constant) else push_not(parse(one, is19=True))
            for one in domains
        ]
        if any(isinstance(one, Constant) and not one.value for one in nodes):
            return [[0, "=", 1]]
        return printed(conjunction([one for one in nodes if not isinstance(one, Constant)]))
    found = [normal(one) for one in domains if one and not _true(one)]
    return [*["&"] * (len(found) - 1), *(token for one in found for token in one)] or [*TRUE_LIST]


def _true(domain: Any) -> bool:
    return len(domain) == 1 and not isinstance(domain[0], str) and list(domain[0]) == [1, "=", 1]


def normal(domain: Sequence[Any]) -> list[Any]:
    """A domain with its implicit ``&`` written out."""
    result: list[Any] = []
    expected = 1
    for token in domain:
        if expected == 0:
            result.insert(0, "&")
            expected = 1
        if isinstance(token, str):
            expected += ARITY.get(token, 0)
            result.append(token)
        else:
            expected -= 1
            result.append(list(token))
    return result
