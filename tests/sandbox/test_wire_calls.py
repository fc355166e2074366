"""Binding of arguments and the errors of bad calls, on a model made for it."""

from types import SimpleNamespace
from typing import Any, Self

import pytest

from towpath.sandbox.odoo_server.exceptions import AccessError
from towpath.sandbox.odoo_server.wire.calls import call_kw, call_named
from towpath.sandbox.odoo_server.wire.errors import HttpError, describe
from towpath.sandbox.odoo_server.wire.passwords import hash_password, key_columns, new_key, verify_password


def model_method(function: Any) -> Any:
    function.is_model = True
    return function


class Records:
    """Looks like a record set."""

    _name = "thing"

    def __init__(self, env: Any, ids: tuple[Any, ...] = (), context: dict[str, Any] | None = None) -> None:
        self.env, self.ids, self.context = env, ids, context or {}

    def browse(self, ids: Any) -> Self:
        return type(self)(self.env, tuple(ids))

    def with_context(self, context: dict[str, Any]) -> Self:
        return type(self)(self.env, self.ids, context)

    @model_method
    def search(self, domain: Any, offset: int = 0, limit: Any = None, order: Any = None) -> Self:
        return type(self)(self.env, (1, 2, len(domain) + offset + (limit or 0) + (order or 0)))

    def read(self, fields: Any = None, load: str = "_classic_read") -> Any:
        return [self.ids, fields, load, self.context]

    def _hidden(self) -> None: ...

    def forbidden(self) -> None: ...

    forbidden.is_private = True  # type: ignore[attr-defined]

    number = 5


class Thing(Records):
    @model_method
    def create(self, vals_list: Any) -> Self:
        return type(self)(self.env, tuple(range(1 if isinstance(vals_list, dict) else len(vals_list))))

    def write(self, vals: Any, *, deep: bool = False, **more: Any) -> Any:
        return [vals, deep, more]


def thing(version: str = "19.0") -> Thing:
    return Thing(SimpleNamespace(version=version))


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "message"),
    [
        ("search", [], {}, "BaseModel.search() missing 1 required positional argument: 'domain'"),
        (
            "search",
            [[]] * 6,
            {},
            "BaseModel.search() takes from 2 to 5 positional arguments but 7 were given",
        ),
        ("search", [[]], {"nope": 1}, "BaseModel.search() got an unexpected keyword argument 'nope'"),
        ("search", [[]], {"domain": []}, "BaseModel.search() got multiple values for argument 'domain'"),
        ("write", [[1]], {}, "Thing.write() missing 1 required positional argument: 'vals'"),
        ("write", [[1], {}, 2], {}, "Thing.write() takes 2 positional arguments but 3 were given"),
        ("create", [{}, {}], {}, "Thing.create() takes 2 positional arguments but 3 were given"),
    ],
)
def test_arguments_that_do_not_fit(name: str, args: list[Any], kwargs: dict[str, Any], message: str):
    with pytest.raises(TypeError) as caught:
        call_kw(thing(), name, args, kwargs, "19.0")
    assert str(caught.value) == message


def test_ids_and_context_are_taken_out():
    assert call_kw(thing(), "read", [[7, 8], ["x"]], {"context": {"lang": "fr_BE"}}, "19.0") == [
        (7, 8),
        ["x"],
        "_classic_read",
        {"lang": "fr_BE"},
    ]
    assert call_kw(thing(), "read", [7], {"load": ""}, "17.0") == [(7,), None, "", {}]
    with pytest.raises(IndexError):
        call_kw(thing(), "read", [], {}, "19.0")


def test_record_sets_become_ids_on_19_only():
    assert call_kw(thing(), "search", [[]], {"limit": 5}, "19.0") == [1, 2, 5]
    assert isinstance(call_kw(thing("17.0"), "search", [[]], {}, "17.0"), Thing)
    assert call_kw(thing(), "create", [{}], {}, "19.0") == 0
    assert call_kw(thing(), "create", [[{}, {}]], {}, "17.0") == [0, 1]


@pytest.mark.parametrize(
    ("version", "name", "message"),
    [
        ("17.0", "_hidden", "Private methods (such as _hidden) cannot be called remotely."),
        ("17.0", "init", "Private methods (such as init) cannot be called remotely."),
        ("19.0", "_nothing", "Private methods (such as 'thing._nothing') cannot be called remotely."),
        ("19.0", "forbidden", "Private methods (such as 'thing.forbidden') cannot be called remotely."),
    ],
)
def test_private_methods(version: str, name: str, message: str):
    with pytest.raises(AccessError) as caught:
        call_kw(thing(version), name, [[]], {}, version)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["nothing", "number"])
def test_unknown_methods(name: str):
    with pytest.raises(AttributeError, match=f"The method '{name}' does not exist on the model 'thing'"):
        call_kw(thing("17.0"), name, [[]], {}, "17.0")
    with pytest.raises(AttributeError, match=rf"The method 'thing\.{name}' does not exist"):
        call_kw(thing(), name, [[]], {}, "19.0")


@pytest.mark.parametrize(
    ("model", "name", "params", "status", "message"),
    [
        ("other", "search", {}, 404, "the model 'other' does not exist"),
        ("thing", "nothing", {}, 404, "The method 'thing.nothing' does not exist"),
        ("thing", "search", {}, 422, "missing a required argument: 'domain'"),
        ("thing", "search", {"domain": [], "a": 1}, 422, "got an unexpected keyword argument 'a'"),
        ("thing", "search", {"domain": [], "ids": [1]}, 422, "cannot call thing.search with ids"),
    ],
)
def test_named_calls_that_do_not_fit(
    model: str, name: str, params: dict[str, Any], status: int, message: str
):
    with pytest.raises(HttpError) as caught:
        call_named({"thing": thing()}, model, name, params, "19.0")
    assert (caught.value.status, caught.value.message) == (status, message)


def test_named_calls():
    env = {"thing": thing()}
    assert call_named(env, "thing", "search", {"domain": [], "order": 9}, "19.0") == [1, 2, 9]
    assert call_named(env, "thing", "read", {}, "19.0") == [(), None, "_classic_read", {}]
    assert call_named(env, "thing", "read", {"ids": 3, "context": {"a": 1}}, "19.0")[::3] == [(3,), {"a": 1}]
    assert call_named(env, "thing", "write", {"vals": {}, "more": 1}, "19.0") == [{}, False, {"more": 1}]


def test_tracebacks_end_as_pythons_do():
    def fail(exc: Exception) -> str:
        with pytest.raises(type(exc)) as caught:
            raise exc
        return describe(caught.value).debug

    assert fail(KeyError("x")).endswith("\nKeyError: 'x'\n")
    assert fail(ValueError("a\nb")).endswith("\nValueError: a\nb\n")
    assert fail(AssertionError()).endswith("\nAssertionError\n")
    assert fail(AccessError("no")).endswith("\nodoo.exceptions.AccessError: no\n")
    assert fail(ValueError("x")).startswith("Traceback (most recent call last):\n  File ")


def test_passwords_and_keys():
    stored = hash_password("secret")
    assert stored != hash_password("secret")
    assert "secret" not in stored
    assert verify_password("secret", stored)
    assert not verify_password("Secret", stored)
    assert not verify_password("", stored)
    assert not verify_password("secret", "secret")
    assert not verify_password("secret", None)
    key = new_key()
    assert len(key) == 40
    assert key_columns(key)[0] == key[:8]
    assert key_columns(key) == key_columns(key)
