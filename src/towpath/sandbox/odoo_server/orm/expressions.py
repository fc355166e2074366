"""The Python expressions of record rules and default values, evaluated without Python's ``eval``."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

__all__ = ["evaluate"]

OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
CALLS: dict[str, Callable[..., Any]] = {
    "datetime.timedelta": timedelta,
    "timedelta": timedelta,
    "datetime.date": date,
    "datetime.datetime": datetime,
    "list": list,
    "tuple": tuple,
    "len": len,
    "int": int,
    "str": str,
}


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """The value of an expression over some names; attributes of records are their fields.

    Raises:
        SyntaxError: when the text is no expression.
        ValueError: when it uses something that is not allowed here.
        NameError: for an unknown name.
    """
    return _node(
        ast.parse(text.strip(), mode="eval").body, {"true": True, "false": False, "None": None, **names}
    )


def _node(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        if node.id not in names:
            raise NameError(f"name {node.id!r} is not defined")
        return names[node.id]
    if isinstance(node, ast.List):
        return [_node(one, names) for one in node.elts]
    if isinstance(node, ast.Tuple):
        return tuple(_node(one, names) for one in node.elts)
    if isinstance(node, ast.Set):
        return {_node(one, names) for one in node.elts}
    if isinstance(node, ast.Dict):
        return {
            _node(key, names): _node(value, names)
            for key, value in zip(node.keys, node.values, strict=True)
            if key
        }
    if isinstance(node, ast.Attribute):
        return _attribute(_node(node.value, names), node.attr)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_node(node.left, names), _node(node.right, names))
    if isinstance(node, ast.UnaryOp):
        value = _node(node.operand, names)
        return not value if isinstance(node.op, ast.Not) else -value
    if isinstance(node, ast.BoolOp):
        return _boolean(node, names)
    if isinstance(node, ast.IfExp):
        return _node(node.body if _node(node.test, names) else node.orelse, names)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return OPERATORS[type(node.ops[0])](_node(node.left, names), _node(node.comparators[0], names))
    if isinstance(node, ast.Subscript):
        return _node(node.value, names)[_node(node.slice, names)]
    if isinstance(node, ast.ListComp) and len(node.generators) == 1:
        return _comprehension(node, names)
    if isinstance(node, ast.Call):
        return _call(node, names)
    raise ValueError(f"{ast.unparse(node)!r} is not allowed here")


def _boolean(node: ast.BoolOp, names: Mapping[str, Any]) -> Any:
    value: Any = None
    for part in node.values:
        value = _node(part, names)
        if bool(value) != isinstance(node.op, ast.And):
            return value
    return value


def _comprehension(node: ast.ListComp, names: Mapping[str, Any]) -> list[Any]:
    part = node.generators[0]
    if not isinstance(part.target, ast.Name):
        raise ValueError(f"{ast.unparse(node)!r} is not allowed here")  # noqa: TRY004 - one class for all refusals
    found = []
    for one in _node(part.iter, names):
        scope = {**names, part.target.id: one}
        if all(_node(test, scope) for test in part.ifs):
            found.append(_node(node.elt, scope))
    return found


def _attribute(value: Any, name: str) -> Any:
    if name.startswith("_"):
        raise ValueError(f"attribute {name!r} is not allowed here")
    if hasattr(value, "env"):
        if name == "ids":
            return list(value.ids)
        return value[name]
    if isinstance(value, date | datetime | timedelta):
        return getattr(value, name)
    raise ValueError(f"attribute {name!r} is not allowed here")


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    called = ast.unparse(node.func)
    arguments = [_node(one, names) for one in node.args]
    keywords = {one.arg: _node(one.value, names) for one in node.keywords if one.arg}
    if called in CALLS:
        return CALLS[called](*arguments, **keywords)
    now = names.get("now")
    if called in {"datetime.datetime.now", "context_today", "datetime.datetime.today", "datetime.date.today"}:
        return now
    if called == "time.strftime" and now is not None:
        return now.strftime(*arguments)
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"strftime", "isoformat"}:
        return getattr(_node(node.func.value, names), node.func.attr)(*arguments)
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"has_group", "mapped", "get"}:
        return getattr(_node(node.func.value, names), node.func.attr)(*arguments)
    raise ValueError(f"{called!r} is not allowed here")
