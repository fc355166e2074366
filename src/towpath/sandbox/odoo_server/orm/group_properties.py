"""Grouping by a property: its value as SQL, of the type its definition says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import periods

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.orm.group_terms import Source, Spec

__all__ = ["column", "definition"]

CASTS = {
    "integer": "int4",
    "float": "float8",
    "boolean": "bool",
    "date": "date",
    "datetime": "timestamp",
    "many2one": "int4",
}
"""PostgreSQL type of a property's text by its kind; anything else stays text."""


def definition(env: Env, field: FieldDef, name: str) -> dict[str, Any]:
    """The first definition of a property on any parent record; empty when there is none."""
    if field.definition is None:
        return {}
    link, there = field.definition
    owner = env.registry[field.model].fields.get(link)
    parent = env.registry.models.get(owner.relation) if owner is not None else None
    if parent is None or there not in parent.fields or parent.fields[there].sql_type is None:
        return {}
    row = env.cr.execute(
        f'SELECT d FROM "{parent.table}" p CROSS JOIN LATERAL jsonb_array_elements(p."{there}") d '
        f"WHERE jsonb_typeof(p.\"{there}\") = 'array' AND d->>'name' = %s LIMIT 1",
        [name],
    ).fetchone()
    return dict(row[0]) if row else {}


def column(source: Source, alias: str, field: FieldDef, spec: Spec) -> str:
    """The SQL of a property; lists (tags, many2many) give one row for each of their values.

    Raises:
        ValueError: for a granularity that does not fit.
    """
    name = spec.path.replace("'", "''").replace("%", "%%")
    value = f'("{alias}"."{field.name}"->\'{name}\')'
    kind = definition(source.env, field, spec.path).get("type", "char")
    if kind in {"tags", "many2many"}:
        joined = source.join(
            f"{alias}__{field.name}_{len(source.joins)}"[:60],
            f"LEFT JOIN LATERAL jsonb_array_elements_text(CASE WHEN jsonb_typeof({value}) = 'array' THEN {value} "
            f"ELSE '[]'::jsonb END) AS \"{alias}__{field.name}_{len(source.joins)}\"(item) ON TRUE",
        )
        item = f'"{joined}".item'
        return f"({item})::int4" if kind == "many2many" else item
    scalar = (
        f"NULLIF(NULLIF({value} #>> '{{}}', 'false'), '')" if kind != "boolean" else f"({value} #>> '{{}}')"
    )
    if kind == "many2one":
        # a value may be kept as id or as [id, label]
        scalar = f"COALESCE({value} ->> 0, {scalar})"
    sql = f"({scalar})::{CASTS[kind]}" if kind in CASTS else scalar
    if kind not in {"date", "datetime"}:
        return sql
    span = spec.function or "month"
    if span not in periods.SPANS:
        raise ValueError(f"Granularity specification isn't correct: {span!r}")
    return periods.start_sql(source.env, sql, span, is_date=kind == "date")
