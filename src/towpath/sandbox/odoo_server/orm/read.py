# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Reading records into the dictionaries that replies carry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import (
    access,
    cache,
    field_access,
    links,
    properties,
    rules,
    search,
    where,
)
from towpath.sandbox.odoo_server.orm.columns import json_ready
from towpath.sandbox.odoo_server.orm.compare17 import Sql
from towpath.sandbox.odoo_server.orm.values import to_reply

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.recordset import RecordSet
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["checked_names", "field_allowed", "labels", "read", "search_read"]

EVERY: Sql = ("TRUE", [])
field_allowed = field_access.allowed
SLOW = frozenset({"binary", "properties", "properties_definition"})


def checked_names(records: RecordSet, fields: Any) -> list[str]:
    """The fields to read: those asked for, or all the user may read.

    Raises:
        ValueError: for an unknown field.
        AccessError: for a field the user may not read.
    """
    model, env = records._model, records.env
    if not fields:
        return [name for name, one in model.fields.items() if field_access.allowed(env, one)]
    names = list(dict.fromkeys(fields))
    for name in names:
        field = model.fields.get(name) if isinstance(name, str) else None
        if field is None:
            where_ = f"{model.name!r}" if env.is19 else f"model {model.name!r}"
            raise ValueError(f"Invalid field {name!r} on {where_}")
    field_access.check(env, model, names, "read")
    return names


def read(records: RecordSet, fields: Any, load: Any) -> list[dict[str, Any]]:
    """One dictionary per record that exists, in the order of the ids, duplicates kept.

    Raises:
        AccessError: when the user may not read the model, a field, or one of the records.
        ValueError: for an unknown field.
    """
    env, model = records.env, records._model
    if not env.su:
        access.check_model(env, model, "read")
    names = checked_names(records, fields)
    if fields:
        _check_links(env, model, names)
    if names == ["id"]:
        return [{"id": one} for one in records.ids]
    if not model.stored:
        rows = _unstored(records, names)
        return _finished(records, names, rows, load)
    columns, slow = _split(model, names)
    expressions = ", ".join(["t.id", *(json_ready(env, model.fields[name], "t") for name in columns)])
    sql, params = EVERY
    if not env.su:
        rule = rules.domain(env, model, "read")
        sql, params = where.condition(env.sudo(), model, "t", rule)
    ids = [one for one in records.ids if isinstance(one, int)]
    query = f'SELECT {expressions} FROM "{model.table}" AS t WHERE t.id = ANY(%s) AND {sql}'
    keys = ["id", *columns]
    unique = list(dict.fromkeys(ids))
    found = {row["id"]: row for row in _rows(env.cr.execute(query, [unique, *params]).fetchall(), keys)}
    if not env.su and len(found) < len(unique):
        rules.check(env, model, _existing(env, model, unique), "read")
    kept = [one for one in ids if one in found]
    if not slow:
        result = (
            [found[one] if ids.count(one) == 1 else dict(found[one]) for one in kept]
            if len(kept) != len(unique)
            else [found[one] for one in kept]
        )
        return _finished(records._browse(kept), names, result, load)
    result = [dict(found[one]) for one in kept]
    _slow(records._browse(kept), slow, result)
    return _finished(records._browse(kept), names, result, load)


def search_read(
    records: RecordSet, domain: Any, fields: Any, offset: Any, limit: Any, sorting: str | None, load: Any
) -> list[dict[str, Any]]:
    """Search and read with a single statement for everything that is a column."""
    env, model = records.env, records._model
    if not env.su:
        access.check_model(env, model, "read")
    if not model.stored:
        return []
    names = checked_names(records, fields)
    if fields:
        _check_links(env, model, names)
    columns, slow = _split(model, names)
    expressions = ", ".join(["t.id", *(json_ready(env, model.fields[name], "t") for name in columns)])
    sql, params = search.select(records, expressions, domain, offset, limit, sorting)
    result = _rows(env.cr.execute(sql, params).fetchall(), ["id", *columns])
    found = records._browse([row["id"] for row in result])
    if slow:
        _slow(found, slow, result)
    return _finished(found, names, result, load)


def _check_links(env: Env, model: ModelDef, names: Iterable[str]) -> None:
    """Refuse lines and tags that were asked for by name and are of a model the user may not read."""
    if not env.su:
        for name in names:
            if model.fields[name].multiple:
                links.check(env, model.fields[name])


def _split(model: ModelDef, names: Iterable[str]) -> tuple[list[str], list[str]]:
    """(fields that come from the row itself, fields that have to be worked out)."""
    columns: list[str] = []
    slow: list[str] = []
    for name in names:
        field = model.fields[name]
        if name == "id":
            continue
        (columns if field.sql_type is not None and field.type not in SLOW else slow).append(name)
    overridden = model.cls._computes if model.cls is not None else frozenset()
    moved = [name for name in columns if name in overridden and not model.fields[name].store]
    return [name for name in columns if name not in moved], slow + moved


def _rows(rows: list[tuple[Any, ...]], keys: list[str]) -> list[dict[str, Any]]:
    return [
        dict(zip(keys, row, strict=True))
        if None not in row
        else dict(zip(keys, [False if one is None else one for one in row], strict=True))
        for row in rows
    ]


def _existing(env: Env, model: ModelDef, ids: list[int]) -> tuple[int, ...]:
    return tuple(env.cr.execute(f'SELECT id FROM "{model.table}" WHERE id = ANY(%s)', [ids]).column())


def _unstored(records: RecordSet, names: list[str]) -> list[dict[str, Any]]:
    rows = [{"id": one} for one in records.ids]
    _slow(records, [name for name in names if name != "id"], rows)
    return rows


def _slow(records: RecordSet, names: list[str], rows: list[dict[str, Any]]) -> None:
    """Fill in what is no plain column, a field at a time for all records."""
    for name in names:
        field = records._model.fields[name]
        for row in rows:
            value = cache.value(records, field, row["id"])
            if field.type == "properties":
                row[name] = properties.reply(records._browse((row["id"],), records.ids), field, value)
            else:
                row[name] = to_reply(field, value)


def _finished(
    records: RecordSet, names: list[str], rows: list[dict[str, Any]], load: Any
) -> list[dict[str, Any]]:
    """Many2one labels, references and the order of the keys as asked for."""
    model = records._model
    if load == "_classic_read":
        for name in names:
            field = model.fields[name]
            if field.type == "many2one":
                _label(records.env, field, name, rows)
    wanted = [name for name in names if name != "id"]
    if rows and list(rows[0]) != ["id", *wanted]:
        rows = [{"id": row["id"], **{name: row[name] for name in wanted}} for row in rows]
    return rows


def _label(env: Env, field: FieldDef, name: str, rows: list[dict[str, Any]]) -> None:
    ids = {row[name] for row in rows if row[name]}
    if not ids:
        return
    names = labels(env, field.relation, ids)
    for row in rows:
        value = row[name]
        if value:
            label = names.get(value)
            row[name] = [value, label] if label is not None else False


def labels(env: Env, model: str, ids: Iterable[int]) -> dict[int, Any]:
    """Display names as many2one values show them: whatever the user may read of the records."""
    if model not in env.registry:
        return {}
    found: dict[int, Any] = env.sudo()[model].browse(sorted(ids))._display_names()
    return found
