"""The short programs of computed custom fields and server actions, run without Python's own ``exec``.

Understood: assignments to names, ``record['field']`` and ``record.field``, ``for``, ``if``, expressions, ``pass``;
and in expressions what ``orm.expressions`` knows. Anything else is refused, and a program has a limit of steps.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from towpath.sandbox.odoo_server.orm.expressions import evaluate

__all__ = ["LIMIT", "run"]

LIMIT = 100_000
"""How many statements a program may run through."""


@dataclass(slots=True)
class Program:
    """A program on its way: its names, what happens to an assigned field, how many steps are left."""

    names: dict[str, Any]
    assign: Callable[[Any, str, Any], None]
    left: int = LIMIT

    def body(self, statements: list[ast.stmt]) -> None:
        for one in statements:
            self.left -= 1
            if self.left < 0:
                raise ValueError("the code takes too many steps")
            self.statement(one)

    def statement(self, one: ast.stmt) -> None:
        if isinstance(one, ast.Assign):
            value = self.value(one.value)
            for target in one.targets:
                self.set(target, value)
        elif isinstance(one, ast.AugAssign):
            joined = ast.BinOp(left=_loaded(one.target), op=one.op, right=one.value)
            self.set(one.target, self.value(joined))
        elif isinstance(one, ast.For) and not one.orelse:
            for item in self.value(one.iter):
                self.set(one.target, item)
                self.body(one.body)
        elif isinstance(one, ast.If):
            self.body(one.body if self.value(one.test) else one.orelse)
        elif isinstance(one, ast.Expr):
            self.expression(one.value)
        elif not isinstance(one, ast.Pass):
            raise ValueError(f"{ast.unparse(one)!r} is not allowed here")

    def expression(self, one: ast.expr) -> None:
        """An expression for its effect: ``records.write({...})`` is the only one that has any."""
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "write":
            target = self.value(one.func.value)
            for name, value in self.value(one.args[0]).items():
                self.assign(target, name, value)
        elif not isinstance(one, ast.Constant):
            self.value(one)

    def value(self, one: ast.expr) -> Any:
        return evaluate(ast.unparse(one), self.names)

    def set(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Subscript):
            self.assign(self.value(target.value), str(self.value(target.slice)), value)
        elif isinstance(target, ast.Attribute):
            self.assign(self.value(target.value), target.attr, value)
        else:
            # several names at once are refused by the parse of the text they make
            self.names[ast.unparse(target)] = value


def _loaded(target: ast.expr) -> ast.expr:
    """The same place, to be read."""
    return ast.parse(ast.unparse(target), mode="eval").body


def run(text: str, names: dict[str, Any], assign: Callable[[Any, str, Any], None]) -> None:
    """Run a program; ``assign(records, field, value)`` is called for every field it sets.

    Raises:
        SyntaxError: when the text is no program.
        ValueError: when it uses something that is not allowed here.
        NameError: for an unknown name.
    """
    Program(dict(names), assign).body(ast.parse(text).body)
