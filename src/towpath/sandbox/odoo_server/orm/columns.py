"""SQL expressions for stored fields: the value as compared and sorted, and as it leaves in a reply."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef

__all__ = ["company_key", "expression", "fallback", "json_ready"]


def company_key(env: Env) -> str:
    """The key of the current company in company-dependent columns."""
    return str(env.company_id or 0)


def fallback(env: Env, field: FieldDef) -> Any:
    """The value of a company-dependent field where a record has none: ``ir.default``'s, else the field's own."""
    memory = env.transaction.memory
    company = env.company_id
    key = ("fallbacks", company)
    if key not in memory:
        rows = env.cr.execute(
            "SELECT f.model, f.name, d.json_value FROM ir_default d JOIN ir_model_fields f ON f.id = d.field_id "
            "WHERE d.user_id IS NULL AND (d.company_id IS NULL OR d.company_id = %s) ORDER BY d.company_id NULLS FIRST",
            [company],
        ).fetchall()
        memory[key] = {(model, name): json.loads(value) for model, name, value in rows if value}
    if (field.model, field.name) in memory[key]:
        return memory[key][field.model, field.name]
    default = field.default
    return default if isinstance(default, str | int | float | bool) else None


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''").replace("%", "%%") + "'"


def expression(env: Env, field: FieldDef, alias: str) -> str:
    """The value of a stored field as SQL of its own type, in the language and company of the environment."""
    column = f'"{alias}"."{field.name}"'
    if field.sql_type == field.base_sql_type:
        return column
    if field.company_dependent:
        value = f"{column}->>'{int(company_key(env))}'"
        default = fallback(env, field)
        if default is not None and default is not False:
            value = f"COALESCE({value}, {_literal(default)}::text)"
        return f"({value})::{field.base_sql_type}"
    lang = env.lang
    if lang == "en_US":
        return f"({column}->>'en_US')"
    return f"COALESCE({column}->>{_literal(lang)}, {column}->>'en_US')"


def json_ready(env: Env, field: FieldDef, alias: str) -> str:
    """The value of a stored field as it leaves: no dates, no decimals; NULL stands for ``false``."""
    value = expression(env, field, alias)
    kind = field.type
    if kind in {"integer", "many2one_reference"}:
        return value if field.name == "id" else f"COALESCE({value}, 0)"
    if kind in {"float", "monetary"}:
        return f"COALESCE({value}, 0)::float8"
    if kind == "boolean":
        return f"COALESCE({value}, false)"
    if kind == "date":
        return f"{value}::text"
    if kind == "datetime":
        return f"to_char({value}, 'YYYY-MM-DD HH24:MI:SS')"
    return value
