# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Changing records: values into columns, stamps, delegation, links, stored related fields and constraints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from towpath.sandbox.odoo_server.exceptions import MissingError, UserError
from towpath.sandbox.odoo_server.orm import (
    access,
    commands,
    field_access,
    money,
    properties,
    required,
    rules,
    stored,
)
from towpath.sandbox.odoo_server.orm.columns import company_key
from towpath.sandbox.odoo_server.orm.domain import TRUE
from towpath.sandbox.odoo_server.orm.fields import LOG_FIELDS
from towpath.sandbox.odoo_server.orm.values import to_column

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["IGNORED", "after", "check", "column_value", "put", "related_values", "store", "write"]

IGNORED = frozenset({"id", "parent_path", *LOG_FIELDS})
"""What callers may send but never change (real-odoo §4)."""


def check(records: RecordSet, mode: str) -> None:
    """Right on the model, existence and rules, in the order in which Odoo complains.

    A record that is gone is only noticed where something reads it: by a followed document, by a rule, or by a
    copy; deleting it once more is no error otherwise.

    Raises:
        AccessError, MissingError
    """
    env, model = records.env, records._model
    access.check_model(env, model, mode)
    if not model.stored or not records.ids:
        return
    if mode in {"read", "create"} or "message_ids" in model.fields:
        exist(records)
    elif rules.domain(env, model, mode) is not TRUE and (gone := missing(records)):
        if env.is19:
            raise records._missing(gone)
        if mode != "unlink":
            raise MissingError(
                "One of the documents you are trying to access has been deleted, please try again after refreshing."
                f"\n\n(Document type: {model.name}, Operation: {mode}, Records: {gone[:6]}, User: {env.uid})"
            )
    ids = set(missing(records))
    rules.check(env, model, tuple(one for one in dict.fromkeys(records.ids) if one not in ids), mode)


def missing(records: RecordSet) -> list[Any]:
    """The ids of these records that are not in the database."""
    ids = [one for one in records.ids if isinstance(one, int)]
    query = f'SELECT id FROM "{records._model.table}" WHERE id = ANY(%s)'
    found = set(records.env.cr.execute(query, [ids]).column())
    return [one for one in records.ids if one not in found]


def own_targets_exist(records: RecordSet, values: Mapping[str, Any]) -> None:
    """Nothing when the records of the same model that many2one values name are there.

    A parent is read before the row is written, so a missing one is no foreign key's error.

    Raises:
        MissingError: naming the first that is not.
    """
    for name, value in values.items():
        field = records._model.fields[name]
        if field.type == "many2one" and field.relation == records._name and isinstance(value, int) and value:
            exist(records._browse((value,)))


def exist(records: RecordSet) -> None:
    """Nothing when all these records are in the database.

    Raises:
        MissingError: naming the first that is not.
    """
    gone = missing(records)
    if gone:
        raise records._missing(gone)


def write(records: RecordSet, vals: Mapping[str, Any]) -> None:
    """Set fields of all these records.

    Raises:
        AccessError, MissingError: as ``check``.
        ValueError (17.0), KeyError (19.0): for an unknown field.
        ValueError, UserError, ValidationError: for a bad value or a violated constraint.
    """
    if not records.ids:
        return
    model, env = records._model, records.env
    if "message_ids" in model.fields:
        # a followed document notes the values it had, so a missing record is found before a missing right
        exist(records)
    check(records, "write")
    gone = missing(records)
    if gone and env.is19:
        raise records._missing(gone)
    if gone:
        raise MissingError(
            "One of the records you are trying to modify has already been deleted "
            f"(Document type: {model.description}).\n\n(Records: {tuple(gone[:6])}, User: {env.uid})"
        )
    for name in vals:
        if name not in model.fields:
            raise (
                KeyError(name) if env.is19 else ValueError(f"Invalid field {name!r} on model {model.name!r}")
            )
    field_access.check(env, model, vals, "write")
    values = {name: value for name, value in vals.items() if name not in IGNORED}
    records = records._browse(dict.fromkeys(records.ids))
    columns: dict[str, Any] = {}
    links: dict[str, Any] = {}
    along: dict[str, Any] = {}
    for name, value in values.items():
        field = model.fields[name]
        if field.multiple:
            if field.related and field.relation_table is None and not field.inverse:
                along[name] = value
            else:
                links[name] = commands.normalized(field, value)
        elif field.sql_type is not None:
            columns[name] = value
        else:
            if field.type == "selection":
                column_value(records, field, value)  # the field itself refuses what it does not know
            if field.related:
                along[name] = value
    if model.parent_store and model.parent_name in columns:
        _check_loop(records, to_column(model.fields[model.parent_name], columns[model.parent_name]))
    own_targets_exist(records, columns)
    required.check_written(model, columns, is19=env.is19)
    put(records, columns, touch=True)
    if model.parent_store and model.parent_name in columns:
        move_tree(records)
    for name, value in along.items():
        write_along(records, model.fields[name], value)
    inverses(records, values)
    for name, value in links.items():
        commands.apply(records, model.fields[name], value)
    env.transaction.changed(model.name)
    after(records, set(values), created=False)


def inverses(records: RecordSet, values: Mapping[str, Any]) -> None:
    """Call ``_inverse_<field>(value)`` of the class for what was written to fields that have one."""
    for name, value in values.items():
        inverse = (
            getattr(records, f"_inverse_{name}", None) if hasattr(type(records), f"_inverse_{name}") else None
        )
        if inverse is not None:
            inverse(value)


def after(records: RecordSet, changed: set[str], *, created: bool) -> None:
    """What follows a create or write: stored computations, stored related fields, constraints."""
    stored.refresh_own(records, changed, created=created)
    records._recompute(changed)
    stored.refresh_dependents(records, changed)
    records.env.transaction.changed()
    for fields, name in type(records)._constraints:
        if created or changed.intersection(fields):
            getattr(records, name)()


def write_along(records: RecordSet, field: FieldDef, value: Any) -> None:
    """Write a related field at the end of its path (delegation is the commonest case)."""
    here: Any = records
    for name in field.related[:-1]:
        if name not in here._model.fields:
            return
        here = here.mapped(name)
    last = here._model.fields.get(field.related[-1])
    if here and last is not None and (not field.readonly or field.inherited):
        target = here if field.inherited else here.sudo()
        target.write({field.related[-1]: value})


def related_values(
    records: RecordSet, vals: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """(own values, values by delegating link) of a create."""
    model = records._model
    own: dict[str, Any] = {}
    parents: dict[str, dict[str, Any]] = {link: {} for link in model.inherits}
    for name, value in vals.items():
        field = model.fields[name]
        if field.inherited and field.sql_type is None and field.relation_table is None:
            parents[field.related[0]][field.related[1]] = value
        else:
            own[name] = value
    return own, parents


def column_value(records: RecordSet, field: FieldDef, value: Any, current: Any = None) -> Any:
    """The parameter for a column, and its SQL when the column is merged rather than set.

    Returns the plain parameter; for translated and company-dependent columns a ``Jsonb`` of the changed keys.
    """
    if field.type in {"properties", "properties_definition"}:
        return properties.to_column(records, field, value, current)
    if field.type == "monetary":
        value = money.rounded_amount(records, field, value)
    if (
        field.translate
        and isinstance(value, Mapping)
        and all(isinstance(one, str | bool) for one in value.values())
    ):
        return Jsonb({lang: one for lang, one in value.items() if one})
    if field.name == "lang" and field.selection and value and not records.env.is19:
        installed = records.env.cr.execute(
            "SELECT 1 FROM res_lang WHERE active AND code = %s", [value]
        ).fetchone()
        if installed is None:
            raise ValueError(f"Wrong value for {field}: {value!r}")
    stored_value = to_column(field, value)
    if field.company_dependent:
        return Jsonb({company_key(records.env): _json(stored_value)})
    if field.translate:
        if stored_value is None:
            return None
        return Jsonb({records.env.lang: stored_value})
    return stored_value


def _json(value: Any) -> Any:
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, Jsonb):
        return value.obj
    return str(value)


def put(records: RecordSet, values: dict[str, Any], *, touch: bool = True) -> None:
    """Set columns by one UPDATE, without checks and hooks; stamps move when ``touch`` is set."""
    model, env = records._model, records.env
    if not records.ids or not model.stored:
        return
    parts: list[str] = []
    params: list[Any] = []
    for name, value in values.items():
        field = model.fields[name]
        if field.sql_type is None:
            continue
        given = column_value(records, field, value)
        if isinstance(given, Jsonb) and (field.company_dependent or field.translate):
            seed = f"COALESCE(\"{name}\", '{{}}'::jsonb)"
            if field.translate and env.lang != "en_US":
                # a first translation also becomes the English text
                seed = f"COALESCE(\"{name}\", jsonb_build_object('en_US', %s::text))"
                params.append(given.obj.get(env.lang))
            parts.append(f'"{name}" = {seed} || %s')
        else:
            parts.append(f'"{name}" = %s')
        params.append(given)
    if touch and model.log_access:
        parts += ['"write_uid" = %s', '"write_date" = %s']
        params += [env.uid, env.now]
    if parts:
        env.cr.execute(
            f'UPDATE "{model.table}" SET {", ".join(parts)} WHERE id = ANY(%s)', [*params, list(records.ids)]
        )
    env.transaction.changed(model.name)


def store(records: RecordSet, rows: Mapping[int, Mapping[str, Any]], *, touch: bool = True) -> None:
    """Set columns to values of their own for each id, leaving alone what is equal already.

    Records with equal changes are updated together.
    """
    groups: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    for one, values in rows.items():
        record = records._browse((one,), records.ids)
        changed = {}
        for name, value in values.items():
            field = records._model.fields[name]
            plain = value.id if hasattr(value, "ids") and field.type == "many2one" else value
            before = record._value(name)
            before = before.id if field.type == "many2one" else before
            if before != plain and (before or plain):
                changed[name] = plain
        if changed:
            try:
                groups.setdefault(tuple(sorted(changed.items())), []).append(one)
            except TypeError:  # a value that cannot be compared is stored alone
                put(record, changed, touch=touch)
    for changes, ids in groups.items():
        put(records._browse(ids), dict(changes), touch=touch)


def _check_loop(records: RecordSet, parent: Any) -> None:
    """Refuse to put a record below itself.

    Raises:
        UserError: then.
    """
    if not parent:
        return
    row = records.env.cr.execute(
        f'SELECT parent_path FROM "{records._model.table}" WHERE id = %s', [parent]
    ).fetchone()
    if row and row[0] and set(map(str, records.ids)) & set(row[0].split("/")):
        raise UserError("Recursion Detected.")


def move_tree(records: RecordSet) -> None:
    """Bring ``parent_path`` up to date below these records."""
    model, env = records._model, records.env
    env.cr.execute(
        f'UPDATE "{model.table}" child SET parent_path = concat(parent.parent_path, '
        "substr(child.parent_path, length(node.parent_path) - length(node.id || '/') + 1)) "
        f'FROM "{model.table}" node LEFT JOIN "{model.table}" parent ON parent.id = node."{model.parent_name}" '
        "WHERE node.id = ANY(%s) AND child.parent_path LIKE concat(node.parent_path, '%%') "
        "AND child.parent_path IS DISTINCT FROM concat(parent.parent_path, "
        "substr(child.parent_path, length(node.parent_path) - length(node.id || '/') + 1))",
        [list(records.ids)],
    )
    env.transaction.changed()
