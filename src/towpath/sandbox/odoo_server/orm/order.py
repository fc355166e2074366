"""The order of a search: from Odoo's text to ORDER BY, with joins for many2one fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.sandbox.odoo_server.exceptions import UserError
from towpath.sandbox.odoo_server.orm.columns import expression

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["Sorting", "clause"]

TERM = re.compile(
    r"\s*(?P<name>[a-z0-9_]+)(?:\.(?P<rest>[a-z0-9_]+))?(?::(?P<part>[a-z_]+))?"
    r"(?:\s+(?P<direction>asc|desc))?(?:\s+nulls\s+(?P<nulls>first|last))?\s*$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Sorting:
    """ORDER BY terms and the joins they need; ``terms`` is never empty."""

    joins: str = ""
    terms: str = ""
    found: list[str] = field(default_factory=list)


def clause(env: Env, model: ModelDef, order: str | None, alias: str) -> Sorting:
    """The sorting for an order text (the model's own when empty).

    Raises:
        UserError: for a text that is no order.
        ValueError: for an unknown field, or on 19.0 one that is not stored.
        IndexError: on 17.0 for an empty term.
    """
    sorting = Sorting()
    text = order or model.order
    _terms(env, model, text, alias, sorting, flip=False, seen=frozenset({model.name}))
    if not sorting.found:
        sorting.found.append(f'"{alias}"."id"')
    sorting.terms = ", ".join(sorting.found)
    return sorting


def _terms(
    env: Env, model: ModelDef, text: str, alias: str, sorting: Sorting, *, flip: bool, seen: frozenset[str]
) -> None:
    parsed = []
    for part in text.split(","):
        if not part.strip() and not env.is19:
            raise IndexError("list index out of range")
        term = TERM.match(part)
        if term is None:
            raise UserError(
                f'Invalid "order" specified ({text}). A valid "order" specification is a comma-separated list of '
                "valid field names (optionally followed by asc/desc for the direction)"
            )
        parsed.append(term)
    for term in parsed:
        _term(env, model, term, alias, sorting, flip=flip, seen=seen)


def _term(
    env: Env,
    model: ModelDef,
    term: re.Match[str],
    alias: str,
    sorting: Sorting,
    *,
    flip: bool,
    seen: frozenset[str],
) -> None:
    name, rest = term["name"], term["rest"]
    found = model.fields.get(name)
    if found is None:
        raise ValueError(f"Invalid field {name!r} on model {model.name!r}")
    if rest and rest != "id" and found.type != "properties":
        if env.is19:
            raise ValueError(f"Invalid field property {rest!r} on {found}")
        raise ValueError(f"Order a property ({rest!r}) on a non-properties field ({name!r})")
    descending = (term["direction"] or "").lower() == "desc"
    nulls = (term["nulls"] or "").upper()
    _field(env, model, found, rest, alias, sorting, descending=descending != flip, nulls=nulls, seen=seen)


def _field(
    env: Env,
    model: ModelDef,
    found: FieldDef,
    rest: str | None,
    alias: str,
    sorting: Sorting,
    *,
    descending: bool,
    nulls: str,
    seen: frozenset[str],
) -> None:
    word = " DESC" if descending else ""
    if nulls:
        word += f" NULLS {nulls}"
    if found.name == "id":
        sorting.found.append(f'"{alias}"."id"{word}')
        return
    if found.sql_type is None or found.type == "binary":
        if (
            found.related
            and found.type not in {"one2many", "many2many"}
            and _related(env, model, found, alias, sorting, descending=descending, nulls=nulls, seen=seen)
        ):
            return
        if env.is19:
            raise ValueError(f"Cannot convert {found} to SQL because it is not stored")
        return  # 17.0 passes over such a field
    column = expression(env, found, alias)
    if found.type == "properties" and rest:
        sorting.found.append(f"{column}->>'{rest}'{word}")
    elif found.type == "many2one" and rest != "id" and found.relation in env.registry:
        comodel = env.registry[found.relation]
        own = f"{alias}__{found.name}"[:60]
        if comodel.order.strip() == "id" or not comodel.stored:
            sorting.found.append(f"{column}{word}")
            return
        if found.relation in seen and len(seen) > 1 and found.name == comodel.parent_name:
            sorting.found.append(f"{column}{word}")
            return
        join = f' LEFT JOIN "{comodel.table}" AS "{own}" ON {column} = "{own}".id'
        if join not in sorting.joins:
            sorting.joins += join
        if nulls:
            sorting.found.append(f"{column} IS {'NOT ' if nulls == 'FIRST' else ''}NULL")
        if len(seen) > 3 or (found.relation in seen and found.relation != model.name):
            sorting.found.append(f'"{own}".id{word}')
            return
        _terms(
            env,
            comodel,
            comodel.order,
            own,
            sorting,
            flip=descending,
            seen=seen | {found.relation, found.name},
        )
    elif found.type == "boolean":
        sorting.found.append(f"COALESCE({column}, false){word}")
    else:
        sorting.found.append(f"{column}{word}")


def _related(
    env: Env,
    model: ModelDef,
    found: FieldDef,
    alias: str,
    sorting: Sorting,
    *,
    descending: bool,
    nulls: str,
    seen: frozenset[str],
) -> bool:
    """Sort by the field at the end of a path over stored many2one fields; False when the path is another one."""
    here, own = model, alias
    for step in found.related[:-1]:
        link = here.fields.get(step)
        if link is None or link.type != "many2one" or link.sql_type is None:
            return False
        column = expression(env, link, own)
        here, own = env.registry[link.relation], f"{own}__{step}"[:60]
        join = f' LEFT JOIN "{here.table}" AS "{own}" ON {column} = "{own}".id'
        if join not in sorting.joins:
            sorting.joins += join
    last = here.fields.get(found.related[-1])
    if last is None or (last.sql_type is None and not last.related):
        return False
    _field(env, here, last, None, own, sorting, descending=descending, nulls=nulls, seen=seen)
    return True
