"""The terms of a grouped read: fields and paths as SQL columns, aggregates, and the complaints about bad ones.

A term is written ``field``, ``field:granularity``, ``field.property`` or, for aggregates, ``field:function``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from towpath.sandbox.odoo_server.orm import field_access, group_properties, periods, where
from towpath.sandbox.odoo_server.orm.columns import expression

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.env import Env
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.registry import ModelDef

__all__ = ["FUNCTIONS", "Column", "Source", "Spec", "aggregate_sql", "column", "group_sql", "parse"]

SPEC_17 = re.compile(r"(\w+)(\.(\w+))?(?::(\w+))?$")
SPEC_19 = re.compile(r"(\w+)(\.([\w.]+))?(?::(\w+))?$")
FUNCTIONS = {
    "sum": "sum({0})",
    "avg": "avg({0})",
    "max": "max({0})",
    "min": "min({0})",
    "bool_and": "bool_and({0})",
    "bool_or": "bool_or({0})",
    "array_agg": "array_agg({0} ORDER BY t.id)",
    "recordset": "array_agg({0} ORDER BY t.id)",
    "count": "count({0})",
    "count_distinct": "count(DISTINCT {0})",
}
FUNCTIONS_19 = {
    **FUNCTIONS,
    "array_agg_distinct": "array_agg(DISTINCT {0} ORDER BY {0})",
    "sum_currency": "sum({0})",
}
ADVICE = (
    '\n- Valid aggregate specification looks like "<field_name>:<agg>" example: "quantity:sum".'
    '\n- Valid groupby specification looks like "<no_datish_field_name>" or "<datish_field_name>:<granularity>" '
    'example: "date:month" or "<properties_field_name>.<property>:<granularity>".'
)


@dataclass(frozen=True, slots=True)
class Spec:
    """A term taken apart; ``path`` is what follows the first dot, ``function`` what follows the colon."""

    text: str
    name: str
    path: str
    function: str


@dataclass(frozen=True, slots=True)
class Column:
    """A value to group by or to aggregate: its SQL and the field it comes from (the last of a path)."""

    sql: str
    field: FieldDef
    kind: str


@dataclass(slots=True)
class Source:
    """The rows to group: the table ``t`` with the joins that terms asked for."""

    env: Env
    model: ModelDef
    joins: dict[str, str] = field(default_factory=dict)
    params: list[object] = field(default_factory=list)

    def join(self, alias: str, clause: str) -> str:
        """Add a join once and give its alias."""
        self.joins.setdefault(alias, clause)
        return alias


def parse(env: Env, text: str) -> Spec:
    """Take a term apart.

    Raises:
        ValueError: when it has not the form of one.
    """
    found = (SPEC_19 if env.is19 else SPEC_17).match(text)
    if found is None:
        raise ValueError(f"Invalid aggregate/groupby specification {text!r}.{ADVICE}")
    return Spec(text, found[1], found[3] or "", found[4] or "")


def column(source: Source, model: ModelDef, alias: str, one: FieldDef) -> str:
    """The SQL of a field, joined from where it is stored.

    Raises:
        AccessError: when the user may not see the field.
        ValueError: when it is not stored.
    """
    env = source.env
    field_access.check(env, model, [one.name], "read")
    if one.name == "id":
        return f'"{alias}"."id"'
    if one.sql_type is not None and one.type != "binary":
        return expression(env, one, alias)
    if one.related and (one.inherited or one.manual or env.is19) and not one.multiple:
        here, place = model, alias
        for name in one.related[:-1]:
            link = here.fields.get(name)
            if link is None or link.type != "many2one" or link.relation not in env.registry:
                break
            key = column(source, here, place, link)
            here = env.registry[link.relation]
            place = source.join(
                f"{place}_{name}"[:60],
                f'LEFT JOIN "{here.table}" AS "{place}_{name}" ON {key} = "{place}_{name}".id',
            )
        else:
            if one.related[-1] in here.fields:
                return column(source, here, place, here.fields[one.related[-1]])
    if env.is19:
        raise ValueError(f"Cannot convert {one} to SQL because it is not stored")
    raise ValueError(f"Cannot convert field {one} to SQL")


def _many2many(source: Source, model: ModelDef, alias: str, one: FieldDef) -> str:
    """The ids linked by a many2many field, one row for each that the user can see."""
    link = one.relation_table
    if link is None:
        return column(source, model, alias, one)
    env = source.env
    comodel = env.registry[one.relation]
    seen, params = where.subselect(env.with_context(active_test=False), comodel, where.tree(env, []))
    name = f"{alias}__{one.name}"[:60]
    if name not in source.joins:
        source.params += params
    source.join(
        name,
        f'LEFT JOIN "{link.table}" AS "{name}" ON "{alias}"."id" = "{name}"."{link.column1}" '
        f'AND "{name}"."{link.column2}" IN ({seen})',
    )
    return f'"{name}"."{link.column2}"'


def group_sql(source: Source, spec: Spec) -> Column:
    """The SQL of a term to group by.

    Raises:
        ValueError: for an unknown field or granularity.
    """
    return _group(source, source.model, "t", spec)


def _group(source: Source, model: ModelDef, alias: str, spec: Spec) -> Column:
    env = source.env
    one = model.fields.get(spec.name)
    if one is None:
        raise ValueError(f"Invalid field {spec.name!r} on model {model.name!r}")
    if spec.path:
        if one.type == "properties":
            return Column(group_properties.column(source, alias, one, spec), one, "property")
        if not env.is19 or one.type != "many2one" or one.relation not in env.registry:
            raise ValueError(f"Property name {spec.path!r} has to be used on a property field.")
        comodel = env.registry[one.relation]
        seen, params = where.subselect(env.with_context(active_test=False), comodel, where.tree(env, []))
        name = f"{alias}_p_{one.name}"[:60]
        key = column(source, model, alias, one)
        if name not in source.joins:
            source.params += params
        source.join(
            name,
            f'LEFT JOIN "{comodel.table}" AS "{name}" ON {key} = "{name}".id AND "{name}".id IN ({seen})',
        )
        first, _, rest = spec.path.partition(".")
        return _group(source, comodel, name, Spec(spec.text, first, rest, spec.function))
    datish = one.type in {"date", "datetime"}
    if spec.function and not datish:
        raise ValueError(f"Granularity set on a no-datetime field or property: {spec.text!r}")
    sql = (
        _many2many(source, model, alias, one)
        if one.type == "many2many"
        else column(source, model, alias, one)
    )
    if datish:
        if not spec.function:
            raise ValueError(f"Granularity not set on a date(time) field: {spec.text!r}")
        is_date = one.type == "date"
        if spec.function in periods.SPANS:
            return Column(periods.start_sql(env, sql, spec.function, is_date=is_date), one, "span")
        if env.is19 and spec.function in periods.NUMBERS:
            return Column(periods.part_sql(env, sql, spec.function, is_date=is_date), one, "number")
        raise ValueError(f"Granularity specification isn't correct: {spec.function!r}")
    if one.type == "boolean":
        return Column(f"COALESCE({sql}, FALSE)", one, "plain")
    return Column(sql, one, "plain")


def aggregate_sql(source: Source, spec: Spec) -> str:
    """The SQL of an aggregate.

    Raises:
        ValueError: for an unknown field or function, or when the function is missing.
    """
    if spec.text == "__count":
        return "count(*)"
    if spec.path:
        raise ValueError(f"Invalid {spec.text!r}, this dot notation is not supported")
    one = source.model.fields.get(spec.name)
    if one is None:
        raise ValueError(f"Invalid field {spec.name!r} on model {source.model.name!r} for {spec.text!r}.")
    if not spec.function:
        raise ValueError(f"Aggregate method is mandatory for {spec.name!r}")
    known = FUNCTIONS_19 if source.env.is19 else FUNCTIONS
    if spec.function not in known:
        raise ValueError(f"Invalid aggregate method {spec.function!r} for {spec.text!r}.")
    if spec.function == "recordset" and not (one.relational or one.name == "id"):
        raise ValueError(
            f"Aggregate method {spec.function!r} can be only used on relational field (or id) (for {spec.text!r})."
        )
    many = one.type == "many2many" and one.relation_table is not None
    sql = _many2many(source, source.model, "t", one) if many else column(source, source.model, "t", one)
    if spec.function == "sum_currency":
        sql = _in_company_currency(source, one, sql)
    return known[spec.function].format(sql)


def _in_company_currency(source: Source, one: FieldDef, sql: str) -> str:
    """An amount turned into the currency of the company by the newest rate."""
    currency = source.model.fields.get(one.currency_field or "currency_id")
    if one.type != "monetary" or currency is None:
        raise ValueError(
            f"Aggregate method 'sum_currency' only works on currency field for '{one.name}:sum_currency'"
        )
    key = column(source, source.model, "t", currency)
    company = int(source.env.company_id or 0)
    return (
        f"({sql}) / COALESCE((SELECT r.rate FROM res_currency_rate r WHERE r.currency_id = {key} "
        f"AND r.name <= CURRENT_DATE AND (r.company_id IS NULL OR r.company_id = {company}) "
        "ORDER BY r.company_id, r.name DESC LIMIT 1), 1)"
    )
