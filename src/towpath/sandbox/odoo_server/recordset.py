# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Recordsets: an ordered set of ids of one model, with Odoo's public methods.

Behaviour classes subclass ``Records`` with ``model="res.partner"`` (one model) or ``when=lambda model: ...`` (all
models of which that holds) and are found in ``models``. The classes of one model are stacked, then ``Records``
ends the line, so ``super().write(vals)`` always leads on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from towpath.sandbox.odoo_server.exceptions import MissingError
from towpath.sandbox.odoo_server.orm import values

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["RecordSet", "build_class", "constrains", "model", "private", "returns", "versions"]

Method = TypeVar("Method", bound=Callable[..., Any])
BEHAVIOURS: dict[str, list[type[RecordSet]]] = {}
WIDE: list[tuple[Callable[[ModelDef], bool], type[RecordSet]]] = []


def model(method: Method) -> Method:
    """Mark a method that takes no ids over RPC."""
    method.is_model = True  # type: ignore[attr-defined]  # a mark on a function
    return method


def private(method: Method) -> Method:
    """Mark a public-looking method that 19.0 refuses over RPC."""
    method.is_private = True  # type: ignore[attr-defined]  # a mark on a function
    return method


def returns(kind: str) -> Callable[[Method], Method]:
    """Say what 17.0 makes of a returned recordset: ``ids``, ``id``; without the mark its text leaves."""

    def mark(method: Method) -> Method:
        method.returns = kind  # type: ignore[attr-defined]  # a mark on a function
        return method

    return mark


def versions(*known: str, name: str | None = None) -> Callable[[Method], Method]:
    """Keep a method to some versions; with ``name`` it bears that name there."""

    def mark(method: Method) -> Method:
        method.versions = known  # type: ignore[attr-defined]  # a mark on a function
        if name:
            method.public_name = name  # type: ignore[attr-defined]  # a mark on a function
            method.__name__ = name
        return method

    return mark


def constrains(*fields: str) -> Callable[[Method], Method]:
    """Mark a check that runs after a create or a write of one of these fields."""

    def mark(method: Method) -> Method:
        method.constrained = fields  # type: ignore[attr-defined]  # a mark on a function
        return method

    return mark


Ahead = tuple[Any, ...] | Callable[[], tuple[Any, ...]]
"""The ids to fetch along with a record, or what finds them out when that is needed."""


class RecordSet:
    """The algebra of recordsets and the reading of values as attributes; no public method of Odoo's API."""

    _name: ClassVar[str] = ""
    _model: ClassVar[ModelDef]
    _inherits: ClassVar[dict[str, str]] = {}
    _order: ClassVar[str] = ""
    _rec_name: ClassVar[str] = ""
    _rec_names_search: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}
    _field_overrides: ClassVar[dict[str, dict[str, Any]]] = {}
    _constraints: ClassVar[tuple[tuple[tuple[str, ...], str], ...]] = ()
    _computes: ClassVar[frozenset[str]] = frozenset()

    __slots__ = ("_ahead", "env", "ids")

    def __init_subclass__(
        cls, model: str | None = None, when: Callable[[ModelDef], bool] | None = None, **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if model:
            BEHAVIOURS.setdefault(model, []).append(cls)
            cls._name = model
        if when:
            WIDE.append((when, cls))

    def __init__(self, env: Env, ids: tuple[Any, ...], prefetch: Ahead | None = None) -> None:
        self.env = env
        self.ids = ids
        self._ahead: Ahead = ids if prefetch is None else prefetch

    # -- making recordsets

    def _browse(self, ids: Any, prefetch: Ahead | None = None) -> Self:
        if ids is None or ids is False:
            found: tuple[int, ...] = ()
        elif isinstance(ids, int | str):
            found = (ids,) if ids else ()  # type: ignore[assignment]  # a caller may give any text; it is simply not found
        else:
            found = tuple(ids)
        return type(self)(self.env, found, prefetch)

    @property
    def _prefetch(self) -> tuple[Any, ...]:
        """Ids of the records whose values are fetched together with these."""
        if callable(self._ahead):
            self._ahead = self._ahead() or self.ids
        return self._ahead

    def _with_env(self, env: Env) -> Self:
        return type(self)(env, self.ids, self._ahead)

    @property
    def id(self) -> Any:
        """The id of the only record, False when there is none."""
        if len(self.ids) > 1:
            self._one()
        return self.ids[0] if self.ids else False

    def _one(self) -> Self:
        if len(self.ids) != 1:
            raise ValueError(f"Expected singleton: {self!r}")
        return self

    # -- as a set

    def __iter__(self) -> Iterator[Self]:
        prefetch = self._ahead
        for one in self.ids:
            yield type(self)(self.env, (one,), prefetch)

    def __len__(self) -> int:
        return len(self.ids)

    def __bool__(self) -> bool:
        return bool(self.ids)

    def __contains__(self, other: object) -> bool:
        if isinstance(other, RecordSet):
            return other._name == self._name and set(other.ids) <= set(self.ids)
        return isinstance(other, str) and other in self._model.fields

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RecordSet):
            return NotImplemented
        return self._name == other._name and set(self.ids) == set(other.ids)

    def __hash__(self) -> int:
        return hash((self._name, frozenset(self.ids)))

    def __or__(self, other: Self) -> Self:
        return self._browse(dict.fromkeys(self.ids + other.ids))

    def __add__(self, other: Self) -> Self:
        return self._browse(self.ids + other.ids)

    def __sub__(self, other: Self) -> Self:
        gone = set(other.ids)
        return self._browse([one for one in self.ids if one not in gone])

    def __and__(self, other: Self) -> Self:
        kept = set(other.ids)
        return self._browse([one for one in self.ids if one in kept])

    def __repr__(self) -> str:
        return f"{self._name}({', '.join(map(str, self.ids))}{',' if len(self.ids) == 1 else ''})"

    # -- values

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self._value(key)
        found = self.ids[key]
        return self._browse(found if isinstance(found, tuple) else (found,), self._ahead)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self._model.fields:
            raise AttributeError(f"'{self._name}' object has no attribute '{name}'")
        return self._value(name)

    def _value(self, name: str) -> Any:
        """The value of a field: Python's own type, a recordset, or False / 0 / "" for empty."""
        from towpath.sandbox.odoo_server.orm import cache

        field = self._model.fields[name]
        if name == "id":
            return self.id
        if not self.ids:
            return self._empty(field)
        if len(self.ids) > 1:
            if field.relational:
                return self._related(field)
            self._one()
        found = cache.value(self, field, self.ids[0])
        if field.relational:
            return self.env[field.relation]._browse(found, partial(cache.neighbours, self, field))
        return found

    def _related(self, field: FieldDef) -> Any:
        """The union of what several records point to."""
        from towpath.sandbox.odoo_server.orm import cache

        found: dict[int, None] = {}
        for one in self.ids:
            linked = cache.value(self, field, one)
            found.update(dict.fromkeys(linked if isinstance(linked, tuple) else (linked,) if linked else ()))
        return self.env[field.relation]._browse(found)

    def _empty(self, field: FieldDef) -> Any:
        if field.relational:
            return self.env[field.relation]
        return values.EMPTY.get(field.type, False)

    @private
    def filtered(self, test: Callable[[Self], Any] | str) -> Self:
        """The records for which a function, or a dotted field path, is true."""
        check = test if callable(test) else lambda one: any(one.mapped(test)) if "." in test else one[test]
        return self._browse([one.ids[0] for one in self if check(one)], self._ahead)

    @private
    def mapped(self, what: Callable[[Self], Any] | str) -> Any:
        """The values of a function or a dotted path: a recordset for relations, else a list."""
        if callable(what):
            found = [what(one) for one in self]
            if found and isinstance(found[0], RecordSet):
                return found[0]._browse(dict.fromkeys(one for part in found for one in part.ids))
            return found
        here: Any = self
        for part in what.split("."):
            field = here._model.fields[part]
            here = here._value(part) if field.relational else [one._value(part) for one in here]
        return here

    @private
    def sorted(self, key: Callable[[Self], Any] | str | None = None, reverse: bool = False) -> Self:
        """The records in the order of a key; by the model's order without one."""
        if key is None:
            from towpath.sandbox.odoo_server.orm import search

            return self._browse(search.in_order(self))
        chosen: Callable[[Any], Any] = key if callable(key) else lambda one: one[key]
        return self._browse([one.ids[0] for one in sorted(self, key=chosen, reverse=reverse)])

    def _missing(self, ids: Iterable[int]) -> MissingError:
        """The refusal for a record that is gone."""
        gone = "".join(f"{self._name}({one},)" for one in list(ids)[:1])
        return MissingError(
            f"Record does not exist or has been deleted.\n(Record: {gone}, User: {self.env.uid})"
        )

    # -- hooks of behaviour classes

    def _recompute(self, changed: set[str]) -> None:
        """Refresh stored computed fields after a create or write; ``changed`` names the fields that were set."""

    def _put(self, vals: Mapping[str, Any], *, touch: bool = True) -> None:
        """Set stored columns of these records without checks and hooks; ``touch`` moves the stamp."""
        from towpath.sandbox.odoo_server.orm import write

        write.put(self, dict(vals), touch=touch)

    def _store(self, rows: Mapping[int, Mapping[str, Any]], *, touch: bool = True) -> None:
        """``_put`` with values of its own for each id, skipping values that are already there."""
        from towpath.sandbox.odoo_server.orm import write

        write.store(self, rows, touch=touch)


VERSIONED: dict[tuple[type[Any], str], type[Any]] = {}


def _for_version(top: type[Any], version: str) -> type[Any]:
    """``Records`` with the variants of its methods that belong to a version."""
    key = (top, version)
    if key not in VERSIONED:
        VERSIONED[key] = type("Records", (top,), {"__slots__": (), **_variants([top], version)})
    return VERSIONED[key]


def _variants(bases: Iterable[type], version: str) -> dict[str, Any]:
    """Methods by public name as a version has them, for all names of which some class has variants.

    A name without a definition for the version is None, which hides it.
    """
    line = [base for base in bases if base is not object]
    named: dict[str, None] = {}
    for base in line:
        for value in vars(base).values():
            if callable(value) and hasattr(value, "versions"):
                named.setdefault(getattr(value, "public_name", value.__name__))
    found: dict[str, Any] = {}
    for name in named:
        found[name] = None
        for base in line:
            fitting = [
                value
                for key, value in vars(base).items()
                if callable(value)
                and getattr(value, "public_name", key) == name
                and version in getattr(value, "versions", (version,))
            ]
            if fitting:
                found[name] = fitting[0]
                break
    return found


def build_class(definition: ModelDef, version: str) -> type[Any]:
    """The recordset class of a model for a version: its behaviours, the wide ones, then ``Records``."""
    from towpath.sandbox.odoo_server.records import Records
    from towpath.sandbox.odoo_server.registry import camel

    last = _for_version(Records, version)
    own = list(reversed(BEHAVIOURS.get(definition.name, [])))
    wide = [cls for test, cls in reversed(WIDE) if test(definition)]
    bases = tuple(dict.fromkeys([*own, *wide]))
    bases = tuple(
        one for one in bases if not any(other is not one and issubclass(other, one) for other in bases)
    )
    namespace: dict[str, Any] = {"_name": definition.name, "_model": definition, "__slots__": ()}
    probe = type(camel(definition.name), (*bases, last), dict(namespace))
    line = [base for base in probe.__mro__[1:] if base is not object]
    before = line[: line.index(last)]
    namespace |= {
        name: method
        for name, method in _variants(before, version).items()
        if method is not None or not hasattr(last, name)
    }
    namespace |= {
        merged: {key: value for base in reversed(line) for key, value in vars(base).get(merged, {}).items()}
        for merged in ("_defaults", "_field_overrides")
    }
    members = [(name, value) for base in reversed(line) for name, value in vars(base).items()]
    checks = {name: value.constrained for name, value in members if hasattr(value, "constrained")}
    computes = {name.removeprefix("_compute_") for name, _value in members if name.startswith("_compute_")}
    namespace["_constraints"] = tuple((fields, name) for name, fields in checks.items())
    namespace["_computes"] = frozenset(computes)
    return type(camel(definition.name), (*bases, last), namespace)
