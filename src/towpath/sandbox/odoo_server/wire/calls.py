"""A call by name: which method, may it be called, do the arguments fit; with the errors each version gives.

`call_kw` is the manner of JSON-RPC, XML-RPC and the web client (ids are the first positional argument), `call_named`
that of JSON-2 (everything by name, 422 when it does not fit).
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from towpath.sandbox.odoo_server.exceptions import AccessError, UserError
from towpath.sandbox.odoo_server.wire.errors import HttpError
from towpath.sandbox.odoo_server.wire.values import is_records

__all__ = ["Method", "call_kw", "call_named", "find_method"]

# methods every model has from the web and mail modules print another class than BaseModel in Python's messages
_OWNERS = {
    "formatted_read_group": "Base",
    "formatted_read_grouping_sets": "Base",
    "onchange": "Base",
    "web_name_search": "Base",
    "web_read": "Base",
    "web_read_group": "Base",
    "web_save": "Base",
    "web_search_read": "Base",
}
_cache: dict[Callable[..., Any], Method] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A callable method: the function itself, whether it takes ids, its signature and an argument check."""

    func: Callable[..., Any]
    takes_ids: bool
    signature: inspect.Signature
    check: Callable[..., None]


def find_method(model: Any, name: str, version: str) -> Method:
    """The public method `name` of a model (an empty record set).

    Raises:
        AccessError: for a private method.
        AttributeError: when there is none, in the words of the version.
    """
    if version == "17.0":
        if name.startswith("_") or name == "init":
            raise AccessError(f"Private methods (such as {name}) cannot be called remotely.")
    elif name.startswith("_"):
        raise AccessError(_private(model, name))
    func = _function(model, name)
    if func is None:
        if version == "17.0":
            raise AttributeError(f"The method '{name}' does not exist on the model '{model._name}'")  # noqa: SLF001 - the ORM's own word
        raise AttributeError(f"The method '{model._name}.{name}' does not exist")  # noqa: SLF001 - the ORM's own word
    # the algebra of record sets (filtered, mapped, sorted) bears no mark of its own
    if version != "17.0" and (
        getattr(func, "is_private", False) or func.__qualname__.startswith("RecordSet.")
    ):
        raise AccessError(_private(model, name))
    method = _cache.get(func)
    if method is None:
        method = _describe(name, func)
        with _lock:
            _cache[func] = method
    return method


def call_kw(model: Any, name: str, args: Any, kwargs: Mapping[str, Any], version: str) -> Any:
    """Call a method with positional arguments as the older protocols do, and adapt what it gives.

    A record set becomes a list of ids on 19.0; 17.0 keeps it unless the method says otherwise. `create` of one
    record gives one id.

    Raises:
        TypeError: with Python's own message when the arguments do not fit.
        IndexError: when the ids are missing.
    """
    method = find_method(model, name, version)
    kwargs = dict(kwargs)
    records = model
    if method.takes_ids:
        ids, args = args[0], args[1:]
        records = model.browse(_ids(ids))
    context = kwargs.pop("context", None)
    if context:
        records = records.with_context(context)
    method.check(records, *args, **kwargs)
    result = method.func(records, *args, **kwargs)
    if name == "create" and is_records(result):
        given = args[0] if args else kwargs.get("vals_list")
        return result.ids[0] if isinstance(given, Mapping) else list(result.ids)
    return _adapt(method.func, result, version)


def call_named(env: Any, model_name: str, name: str, params: Mapping[str, Any], version: str) -> Any:
    """Call a method with named arguments as JSON-2 does; a record set becomes a list of ids.

    Raises:
        HttpError: 404 for an unknown model or method, 422 when arguments are missing, unknown, or ids are given in vain.
    """
    model = model_of(env, model_name)
    if model is None:
        raise HttpError("NotFound", 404, f"the model {model_name!r} does not exist")
    try:
        method = find_method(model, name, version)
    except AttributeError as problem:
        raise HttpError("NotFound", 404, str(problem)) from problem
    kwargs = dict(params)
    ids = kwargs.pop("ids", ())
    context = kwargs.pop("context", None)
    if not method.takes_ids and ids:
        raise HttpError("UnprocessableEntity", 422, f"cannot call {model_name}.{name} with ids")
    records = model.browse(_ids(ids)) if method.takes_ids else model
    if context:
        records = records.with_context(context)
    try:
        method.signature.bind(records, **kwargs)
    except TypeError as problem:
        raise HttpError("UnprocessableEntity", 422, str(problem)) from problem
    result = method.func(records, **kwargs)
    return list(result.ids) if is_records(result) else result


def model_of(env: Any, name: Any) -> Any:
    """The empty record set of a model, or None when there is no such model."""
    if not isinstance(name, str):
        return None
    try:
        return env[name]
    except (KeyError, UserError):
        return None


def _private(model: Any, name: str) -> str:
    return f"Private methods (such as '{model._name}.{name}') cannot be called remotely."  # noqa: SLF001 - the ORM's own word


def _function(model: Any, name: str) -> Callable[..., Any] | None:
    """The plain function behind a public method name, or None; attributes that are no methods do not count."""
    func = inspect.getattr_static(type(model), name, None)
    if (
        isinstance(func, classmethod | staticmethod | property)
        or not callable(func)
        or isinstance(func, type)
    ):
        return None
    versions = getattr(func, "versions", None)
    return None if versions is not None and model.env.version not in versions else func


def _ids(ids: Any) -> tuple[Any, ...]:
    """What `browse` takes: nothing, one id or several."""
    if not ids:
        return ()
    return (ids,) if type(ids) is int else tuple(ids)


def _adapt(func: Callable[..., Any], result: Any, version: str) -> Any:
    if not is_records(result):
        return result
    if version != "17.0":
        return list(result.ids)
    returns = getattr(func, "returns", None)
    if returns == "ids":
        return list(result.ids)
    if returns == "id":
        return result.ids[0] if result.ids else False
    return result


def _describe(name: str, func: Callable[..., Any]) -> Method:
    signature = inspect.signature(func)
    return Method(
        func=func,
        takes_ids=not getattr(func, "is_model", False),
        signature=signature,
        check=_checker(signature, f"{_owner(func, name)}.{name}"),
    )


def _owner(func: Callable[..., Any], name: str) -> str:
    """The class name Python would print for this method on a real server: behaviour classes bear the real names."""
    owner = func.__qualname__.partition(".")[0]
    return _OWNERS.get(name, "BaseModel") if owner in {"Records", name} else owner


def _checker(signature: inspect.Signature, label: str) -> Callable[..., None]:
    """An empty function of the same signature: calling it makes Python word the TypeError itself."""
    parts: list[str] = []
    star = False
    for parameter in signature.parameters.values():
        text = parameter.name
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        elif parameter.kind is parameter.VAR_POSITIONAL:
            text, star = f"*{text}", True
        elif parameter.kind is parameter.VAR_KEYWORD:
            text = f"**{text}"
        if parameter.default is not parameter.empty:
            text += "=None"
        parts.append(text)
    scope: dict[str, Any] = {}
    exec(f"def check({', '.join(parts)}): pass", scope)  # noqa: S102 - the text is made of our own parameter names
    check: Callable[..., None] = scope["check"]
    check.__qualname__ = label
    return check
