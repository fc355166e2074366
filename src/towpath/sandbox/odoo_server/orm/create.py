# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Creating records: defaults, delegation, required values, one INSERT per shape of rows, then the hooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import access, commands, defaults, field_access, required, rules, write
from towpath.sandbox.odoo_server.orm.money import rounded_amount

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.recordset import RecordSet
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["create"]


ALIASED = {"project.project": "project.task", "crm.team": "crm.lead", "account.journal": "account.move"}
"""What a mail to the alias of a record makes: by the model of the alias's owner."""


def create(records: RecordSet, vals_list: list[Mapping[str, Any]]) -> RecordSet:
    """Make one record per dictionary, with defaults for what it leaves out.

    Raises:
        AccessError: without the right to create, or when a rule hides what was made.
        ValueError: for an unknown field or a bad value.
        ValidationError, UserError: for a missing value or a violated constraint.
    """
    if not vals_list:
        return records._browse(())
    access.check_model(records.env, records._model, "create")
    prepared = [_prepared(records, vals) for vals in vals_list]
    _delegate(records, prepared)
    made = records._browse(_insert(records, prepared))
    records.env.transaction.changed(records._name)
    for record, vals in zip(made, prepared, strict=True):
        _link(record, vals)
    write.after(made, {name for vals in prepared for name in vals}, created=True)
    for record, vals in zip(made, prepared, strict=True):
        write.inverses(record, vals)
    rules.check(records.env, records._model, made.ids, "create")
    return made


def _prepared(records: RecordSet, vals: Mapping[str, Any]) -> dict[str, Any]:
    model, env = records._model, records.env
    if not hasattr(vals, "get"):
        raise AttributeError(f"'{type(vals).__name__}' object has no attribute 'get'")
    for name in vals:
        if name not in model.fields:
            place = f"in {model.name!r}" if env.is19 else f"on model {model.name!r}"
            raise ValueError(f"Invalid field {name!r} {place}")
    field_access.check(env, model, vals, "write")
    values = {name: value for name, value in vals.items() if name not in write.IGNORED}
    write.own_targets_exist(records, values)
    given = defaults.missing(records, values)
    return {**given, **values}


def _delegate(records: RecordSet, prepared: list[dict[str, Any]]) -> None:
    """Create the records that these delegate to, or pass the values on to those that were named."""
    for link, parent in records._model.inherits.items():
        for vals in prepared:
            _own, parents = write.related_values(records, vals)
            passed = parents.get(link, {})
            for name in list(vals):
                field = records._model.fields[name]
                if field.inherited and field.related[0] == link and field.sql_type is None:
                    del vals[name]
            target = records.env[parent]
            if vals.get(link):
                if passed:
                    chosen = vals[link]
                    target.browse(chosen.id if hasattr(chosen, "ids") else chosen).write(passed)
            else:
                if parent == "mail.alias" and not passed.get("alias_model_id"):
                    made = ALIASED.get(records._name, records._name)
                    passed["alias_model_id"] = (
                        records.env.sudo()["ir.model"].search([("model", "=", made)]).id
                    )
                vals[link] = (
                    target.sudo().create([passed]).id
                    if parent == "mail.alias"
                    else target.create([passed]).id
                )


def _insert(records: RecordSet, prepared: list[dict[str, Any]]) -> list[int]:
    model, env = records._model, records.env
    ids: list[int] = []
    for vals in prepared:
        row: dict[str, Any] = {}
        for name, value in vals.items():
            field = model.fields[name]
            if field.sql_type is None:
                if field.multiple:
                    commands.normalized(field, value)
                elif field.type == "selection" and not field.related:
                    write.column_value(records._browse(()), field, value)
                continue
            if field.type == "monetary":
                currency = vals.get(field.currency_field or "currency_id")
                row[name] = rounded_amount(records._browse(()), field, value, _id(currency))
            elif field.type == "properties":
                row[name] = write.column_value(records._browse(()), field, value, current=vals)
            else:
                row[name] = write.column_value(records._browse(()), field, value)
        row = zeros(model) | row
        required.check_created(model, {**vals, **row}, is19=env.is19)
        if model.log_access:
            row |= {
                "create_uid": env.uid,
                "create_date": env.now,
                "write_uid": env.uid,
                "write_date": env.now,
            }
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(["%s"] * len(row))
        source = f"({names}) VALUES ({marks})" if row else "DEFAULT VALUES"
        got = env.cr.execute(
            f'INSERT INTO "{model.table}" {source} RETURNING id', list(row.values())
        ).fetchone()
        if got is not None:
            ids.append(got[0])
    if model.parent_store:
        parent = model.parent_name
        for one in ids:
            env.cr.execute(
                f'UPDATE "{model.table}" SET parent_path = concat((SELECT p.parent_path FROM "{model.table}" p '
                f'WHERE p.id = "{model.table}"."{parent}"), id, \'/\') WHERE id = %s',
                [one],
            )
    return ids


def zeros(model: ModelDef) -> dict[str, Any]:
    """What the columns of computed numbers begin with: computing leaves a number, never NULL."""
    return {
        name: 0
        for name, field in model.fields.items()
        if field.type in {"integer", "float", "monetary"}
        and field.plain_column
        and field.attrs.get("depends")
        and not field.related
        and not field.manual
    }


def _id(value: Any) -> Any:
    return value.id if hasattr(value, "ids") else value


def _link(record: RecordSet, vals: Mapping[str, Any]) -> None:
    """Lines, tags and what is written along a path, once the record has its id."""
    model = record._model
    for name, value in vals.items():
        field = model.fields[name]
        if field.multiple and (field.relation_table is not None or field.inverse):
            given = commands.normalized(field, value)
            wanted = commands.linked_ids(given)
            if wanted:
                write.check(record.env.records(field.relation, wanted), "read")
            commands.apply(record, field, given)
        elif field.sql_type is None and field.related and not field.inherited:
            write.write_along(record, field, value)
