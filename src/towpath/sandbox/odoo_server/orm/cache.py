# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""The values behind ``record.field``: fetched for all records of a set at once, kept per transaction.

Nothing here checks rights; behaviour classes and the engine itself read through it.
"""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import links
from towpath.sandbox.odoo_server.orm.columns import expression
from towpath.sandbox.odoo_server.orm.values import EMPTY, human_size

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["fetch", "neighbours", "value"]

BATCH = 1000
"""How many records of a set are fetched together at most."""


def value(records: RecordSet, field: FieldDef, one: int) -> Any:
    """The value of a field of one record: an id (or False) for many2one, a tuple of ids for the others.

    Raises:
        MissingError: when the record is gone.
    """
    rows = records.env.rows.setdefault(field.model, {})
    row = rows.get(one)
    if row is None or field.name not in row:
        fetch(records, field, one)
        row = rows.get(one)
        if row is None or field.name not in row:
            raise records._missing([one])
    return row[field.name]


def neighbours(records: RecordSet, field: FieldDef) -> tuple[int, ...]:
    """All ids that a relational field of the whole set leads to, as far as they are known."""
    rows = records.env.rows.get(field.model, {})
    found: dict[int, None] = {}
    for one in records._prefetch[:BATCH]:
        linked = rows.get(one, {}).get(field.name)
        if linked:
            found.update(dict.fromkeys(linked if isinstance(linked, tuple) else (linked,)))
    return tuple(found)


def fetch(records: RecordSet, field: FieldDef, one: int) -> None:
    """Fetch a field for the records of the set that miss it, and with it all plain columns."""
    rows = records.env.rows.setdefault(field.model, {})
    wanted = [other for other in records._prefetch if other not in rows or field.name not in rows[other]]
    if one not in wanted or len(wanted) > BATCH:
        place = wanted.index(one) if one in wanted else 0
        wanted = list(dict.fromkeys([one, *wanted[place : place + BATCH]]))
    batch = [other for other in wanted if isinstance(other, int)]
    if field.sql_type is not None or field.name == "id":
        _columns(records, field, batch)
        return
    known = _existing(records, batch)
    group = records._browse(known)
    if field.relation_table is not None or (field.type == "one2many" and field.inverse and field.store):
        found: dict[int, Any] = dict(links.linked(records.env, field, known))
    elif f"_compute_{field.name}" in _computes(records):
        computed = getattr(group, f"_compute_{field.name}")()
        found = {other: _plain(field, computed.get(other)) for other in known}
    elif field.related:
        found = {other: _follow(records, field, other) for other in known}
    elif field.name == "display_name":
        names = group.sudo()._display_names() if known else {}
        found = {other: names.get(other, False) for other in known}
    elif field.type == "one2many" and field.inverse:
        found = dict(links.linked(records.env, field, known))
    else:
        found = dict.fromkeys(known, () if field.multiple else EMPTY.get(field.type, False))
    for other in known:
        rows.setdefault(other, {})[field.name] = found.get(other, () if field.multiple else False)


def _computes(records: RecordSet) -> set[str]:
    return {f"_compute_{name}" for name in type(records)._computes}


def _existing(records: RecordSet, ids: list[int]) -> list[int]:
    rows = records.env.rows.get(records._name, {})
    unknown = [one for one in ids if one not in rows]
    if not unknown or not records._model.stored:
        return ids
    found = set(
        records.env.cr.execute(
            f'SELECT id FROM "{records._model.table}" WHERE id = ANY(%s)', [unknown]
        ).column()
    )
    return [one for one in ids if one in rows or one in found]


def _columns(records: RecordSet, field: FieldDef, ids: list[int]) -> None:
    model, env = records._model, records.env
    names = list(model.plain) if field.name in model.plain or field.name == "id" else [field.name]
    if "id" not in names:
        names.insert(0, "id")
    parts = [expression(env, model.fields[name], "t") for name in names]
    fetched = env.cr.execute(
        f'SELECT {", ".join(parts)} FROM "{model.table}" t WHERE t.id = ANY(%s)', [ids]
    ).fetchall()
    rows = env.rows.setdefault(model.name, {})
    place = names.index("id")
    fields = [model.fields[name] for name in names]
    for got in fetched:
        row = rows.setdefault(got[place], {})
        for name, one, value_ in zip(names, fields, got, strict=True):
            row[name] = _stored(records, one, value_)


def _stored(records: RecordSet, field: FieldDef, value: Any) -> Any:
    if value is None:
        return EMPTY.get(field.type, False)
    if isinstance(value, Decimal):
        return float(value)
    if field.type == "binary":
        return binary_reply(records, field, value)
    return value


def binary_reply(records: RecordSet, field: FieldDef, value: bytes) -> str:
    """Base64 text of stored bytes, or their size under ``bin_size``."""
    context = records.env.context
    if context.get("bin_size") or context.get(f"bin_size_{field.name}"):
        return human_size(len(value))
    return base64.b64encode(value).decode()


def _plain(field: FieldDef, value: Any) -> Any:
    """A computed value in the form the cache keeps."""
    if hasattr(value, "ids"):
        return tuple(value.ids) if field.multiple else (value.ids[0] if value.ids else False)
    if field.multiple:
        return tuple(value or ())
    if value is None:
        return EMPTY.get(field.type, False)
    return value


def _follow(records: RecordSet, field: FieldDef, one: int) -> Any:
    """The value at the end of a related path, read as the superuser."""
    here: Any = type(records)(records.env.sudo(), (one,), records._prefetch)
    for name in field.related:
        if name not in here._model.fields:
            return () if field.multiple else EMPTY.get(field.type, False)
        if len(here) > 1:
            here = here[0]
        here = here._value(name)
    return _plain(field, here)
