# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""The commands of one2many and many2many fields: (0..6, id, values or ids), with what each version refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import links

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["apply", "linked_ids", "normalized"]


def normalized(field: FieldDef, value: Any) -> list[Any]:
    """A list of commands for what may be written: commands, ids, a recordset, or nothing at all.

    Raises:
        ValueError: for anything else.
    """
    if value is None or value is False:
        return [(5,)]
    if hasattr(value, "ids"):
        return [(6, 0, list(value.ids))]
    if not isinstance(value, list | tuple):
        raise ValueError(f"Wrong value for {field}: {value}")  # noqa: TRY004 - Odoo's class
    if value and all(isinstance(one, int) and not isinstance(one, bool) for one in value):
        return [(6, 0, list(value))]
    return list(value)


def linked_ids(commands: list[Any]) -> list[int]:
    """The ids that commands link without touching the records."""
    found: list[int] = []
    for command in commands:
        if isinstance(command, list | tuple) and command:
            if command[0] == 4:
                found.append(command[1])
            elif command[0] == 6:
                found += command[2] or []
    return found


def apply(records: RecordSet, field: FieldDef, commands: list[Any]) -> None:
    """Carry out commands on every record."""
    if field.relation not in records.env.registry:
        return
    if field.relation_table is not None:
        for command in commands:
            _many2many(records, field, command)
            records.env.transaction.changed(field.model, field.relation)
    elif field.inverse:
        for command in commands:
            _one2many(records, field, command)


def _many2many(records: RecordSet, field: FieldDef, command: Any) -> None:
    comodel = records.env[field.relation]
    if isinstance(command, int) and not isinstance(command, bool):
        command = (4, command)
    if not isinstance(command, list | tuple):
        return
    code = command[0] if command else None
    if code == 0:
        made = comodel.create([command[2] for _ in records.ids])
        for owner, one in zip(records.ids, made.ids, strict=True):
            _link(records, field, [owner], [one])
    elif code == 1:
        comodel.browse(command[1]).exists().write(command[2])
    elif code == 2:
        _unlink(records, field, [command[1]])
        comodel.browse(command[1]).unlink()
    elif code == 3:
        _unlink(records, field, [command[1]])
    elif code == 4:
        _link(records, field, records.ids, [command[1]])
    elif code == 5:
        _unlink(records, field, None)
    elif code == 6:
        ids = list(command[2] or [])
        _unlink(records, field, None, keep=ids)
        _link(records, field, records.ids, ids)


def _link(records: RecordSet, field: FieldDef, owners: Any, ids: Any) -> None:
    table = field.relation_table
    if table is None or not ids or not owners:
        return
    records.env.cr.execute(
        f'INSERT INTO "{table.table}" ("{table.column1}", "{table.column2}") '
        "SELECT a, b FROM unnest(%s::int4[]) a, unnest(%s::int4[]) b "
        f'WHERE NOT EXISTS (SELECT 1 FROM "{table.table}" r WHERE r."{table.column1}" = a AND r."{table.column2}" = b)',
        [list(owners), list(dict.fromkeys(ids))],
    )


def _unlink(
    records: RecordSet, field: FieldDef, ids: list[int] | None, keep: list[int] | None = None
) -> None:
    """Remove links, all that the user can see when no ids are named."""
    table = field.relation_table
    if table is None:
        return
    query = f'DELETE FROM "{table.table}" WHERE "{table.column1}" = ANY(%s)'
    params: list[Any] = [list(records.ids)]
    if ids is None:
        seen = links.linked(records.env, field, records.ids)
        ids = [one for found in seen.values() for one in found if one not in set(keep or ())]
        if not ids:
            return
    query += f' AND "{table.column2}" = ANY(%s)'
    records.env.cr.execute(query, [*params, ids])


def _one2many(records: RecordSet, field: FieldDef, command: Any) -> None:
    comodel = records.env[field.relation]
    inverse = comodel._model.fields.get(field.inverse)
    if isinstance(command, int) and not isinstance(command, bool):
        command = (4, command)
    if inverse is None or not isinstance(command, list | tuple):
        return
    code = command[0] if command else None
    beside = {field.model_field: field.model} if field.model_field else {}
    if code == 0:
        comodel.create([{**(command[2] or {}), **beside, field.inverse: owner} for owner in records.ids])
    elif code == 1:
        comodel.browse(command[1]).exists().write(command[2])
    elif code == 2:
        comodel.browse(command[1]).exists().unlink()
    elif code == 3:
        _release(comodel.browse(command[1]).exists(), field)
    elif code == 4:
        line = comodel.browse(command[1])
        if line[field.inverse].id != records.ids[-1]:
            line.write({**beside, field.inverse: records.ids[-1]})
    elif code in {5, 6}:
        keep = list(command[2] or []) if code == 6 else []
        seen = links.linked(records.env, field, records.ids)
        gone = [one for found in seen.values() for one in found if one not in set(keep)]
        _release(comodel.browse(gone), field)
        for one in keep:
            _one2many(records, field, (4, one))


def _release(lines: Any, field: FieldDef) -> None:
    """Take lines away from their owner: delete those that cannot be without one."""
    if not lines:
        return
    inverse = lines._model.fields[field.inverse]
    if inverse.ondelete == "cascade":
        lines.unlink()
    else:
        lines.write({field.inverse: False})
