"""Tables, columns, foreign keys and indexes of all models, named as Odoo names them.

Required columns are checked before the insert (``orm.required``), not by NOT NULL, because the message has to
name the field; foreign keys and the models' own SQL constraints are PostgreSQL's, their names are part of the
messages clients see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from towpath.sandbox.odoo_server.orm.fields import FieldDef
from towpath.sandbox.odoo_server.registry import ModelDef, Registry

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.database import Cursor

__all__ = ["constraint_name", "create_field", "create_table", "drop_field", "drop_table", "schema_statements"]

INDEXED = frozenset(
    {"parent_id", "commercial_partner_id", "partner_id", "res_id", "company_id", "move_id", "order_id"}
)
"""Many2one columns that get an index besides those a one2many field ends at."""


def constraint_name(field: FieldDef) -> str:
    """Name of the foreign key of a many2one column."""
    return f"{field.table}_{field.name}_fkey"[:63]


def schema_statements(registry: Registry) -> Iterator[str]:
    """All statements that make an empty database of a registry, in order."""
    ends = {
        (one.relation, one.inverse)
        for model in registry.models.values()
        for one in model.fields.values()
        if one.type == "one2many" and one.inverse
    }
    for model in registry.stored_models():
        yield _table(model)
    relations = {model.table for model in registry.stored_models()}
    for model in registry.stored_models():
        yield from _relations(registry, model, relations)
    for model in registry.stored_models():
        yield from _keys(registry, model)
        yield from _indexes(model, ends)


def _table(model: ModelDef) -> str:
    columns = [
        f'"{one.name}" {one.sql_type}'
        for one in model.fields.values()
        if one.sql_type is not None and one.name != "id"
    ]
    return f'CREATE TABLE "{model.table}" ({", ".join(["id serial PRIMARY KEY", *columns])})'


def _short(name: str, number: int) -> str:
    """A name that PostgreSQL does not cut."""
    return name if len(name) <= 63 else f"{name[:61]}_{number}"


def _relations(registry: Registry, model: ModelDef, done: set[str]) -> Iterator[str]:
    for one in model.fields.values():
        link = one.relation_table
        if link is None or link.table in done or not registry[one.relation].stored:
            continue
        done.add(link.table)
        yield (
            f'CREATE TABLE "{link.table}" ('
            f'"{link.column1}" int4 NOT NULL, "{link.column2}" int4 NOT NULL, '
            f'PRIMARY KEY ("{link.column1}", "{link.column2}"), '
            f'CONSTRAINT "{_short(f"{link.table}_{link.column1}_fkey", 1)}" FOREIGN KEY ("{link.column1}") '
            f'REFERENCES "{model.table}" ON DELETE CASCADE, '
            f'CONSTRAINT "{_short(f"{link.table}_{link.column2}_fkey", 2)}" FOREIGN KEY ("{link.column2}") '
            f'REFERENCES "{registry[one.relation].table}" ON DELETE CASCADE)'
        )
        yield f'CREATE INDEX ON "{link.table}" ("{link.column2}", "{link.column1}")'


def _key(registry: Registry, one: FieldDef) -> str | None:
    """The foreign key clause of a many2one column."""
    if one.type != "many2one" or one.sql_type != "int4" or one.relation not in registry:
        return None
    if not registry[one.relation].stored:
        return None
    return (
        f'ADD CONSTRAINT "{constraint_name(one)}" FOREIGN KEY ("{one.name}") '
        f'REFERENCES "{registry[one.relation].table}" ON DELETE {one.ondelete.upper()}'
    )


def _keys(registry: Registry, model: ModelDef) -> Iterator[str]:
    clauses = [clause for one in model.fields.values() if (clause := _key(registry, one))]
    clauses += [f'ADD CONSTRAINT "{name[:63]}" {sql}' for name, (sql, _text) in model.constraints.items()]
    if clauses:
        yield f'ALTER TABLE "{model.table}" {", ".join(clauses)}'


def _indexes(model: ModelDef, ends: Iterable[tuple[str, str]]) -> Iterator[str]:
    for one in model.fields.values():
        if one.sql_type == "int4" and ((model.name, one.name) in ends or one.name in INDEXED):
            yield f'CREATE INDEX ON "{model.table}" ("{one.name}")'


def create_table(cr: Cursor, registry: Registry, model: ModelDef) -> None:
    """Make the table of a model added later."""
    cr.execute(_table(model))
    for statement in (*_relations(registry, model, set()), *_keys(registry, model)):
        cr.execute(statement)


def drop_table(cr: Cursor, model: ModelDef) -> None:
    """Remove the table of a model and the tables of its many2many fields."""
    for one in model.fields.values():
        if one.relation_table is not None:
            cr.execute(f'DROP TABLE IF EXISTS "{one.relation_table.table}"')
    cr.execute(f'DROP TABLE IF EXISTS "{model.table}" CASCADE')


def create_field(cr: Cursor, registry: Registry, field: FieldDef) -> None:
    """Make the column or relation table of a field added later."""
    if field.relation_table is not None:
        for statement in _relations(registry, registry[field.model], set()):
            if f'"{field.relation_table.table}"' in statement:
                cr.execute(statement)
    elif field.sql_type is not None:
        cr.execute(f'ALTER TABLE "{field.table}" ADD COLUMN IF NOT EXISTS "{field.name}" {field.sql_type}')
        clause = _key(registry, field)
        if clause:
            cr.execute(f'ALTER TABLE "{field.table}" {clause}')


def drop_field(cr: Cursor, field: FieldDef) -> None:
    """Remove the column or relation table of a field."""
    if field.relation_table is not None:
        cr.execute(f'DROP TABLE IF EXISTS "{field.relation_table.table}"')
    elif field.sql_type is not None:
        cr.execute(f'ALTER TABLE "{field.table}" DROP COLUMN IF EXISTS "{field.name}"')
