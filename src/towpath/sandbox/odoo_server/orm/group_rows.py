# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""``read_group``: rows with labels, the domain behind each group, counts, and periods or stages without records.

17.0 and 19.0 differ in how the domains are put together and in the contrary of "has one of these tags".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import group_fill, group_terms, periods
from towpath.sandbox.odoo_server.orm.domain_text import both
from towpath.sandbox.odoo_server.orm.group import grouped
from towpath.sandbox.odoo_server.orm.group_terms import Spec

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["read_group"]

AGGREGATE = re.compile(r"(\w+)(?::(\w+)(?:\((\w+)\))?)?")


def read_group(
    records: RecordSet,
    domain: Any,
    fields: Sequence[str],
    groupby: str | Sequence[str],
    offset: Any = 0,
    limit: Any = None,
    orderby: str | bool | None = False,
    *,
    lazy: bool = True,
) -> list[dict[str, Any]]:
    """Rows of the first grouping (all of them with ``lazy=False``), one dictionary each.

    Raises:
        AccessError, ValueError: as ``grouped``.
    """
    env, model = records.env, records._model
    wanted = [groupby] if isinstance(groupby, str) else list(groupby or ())
    used = wanted[:1] if lazy else wanted
    specs = [group_terms.parse(env, text) for text in used]
    by: dict[str, str] = {}
    name = ""
    for spec in specs:
        name = spec.name
        field = model.fields.get(name)
        if field is None:
            raise ValueError(f"Invalid field {name!r} on model {model.name!r}")
        if spec.path and field.type != "properties":
            raise ValueError(f"Property name {spec.path!r} has to be used on a property field.")
        by[spec.text] = (
            f"{name}:{spec.function or 'month'}" if field.type in {"date", "datetime"} else spec.text
        )
    count = f"{specs[0].text.split(chr(58))[0]}_count" if lazy and len(specs) == 1 else "__count"
    totals = {count: "__count", **_totals(records, fields, by, name)}
    order = _order(str(orderby), by, totals) if orderby else ",".join(by.values())
    found = grouped(records, domain, list(by.values()), list(totals.values()), (), offset, limit, order)
    rows = [dict(zip([*by, *totals], row, strict=True)) for row in found.rows]
    fill = env.context.get("fill_temporal")
    if specs and ((rows and fill) or isinstance(fill, Mapping)):
        rows = group_fill.periods_between(
            records, specs[0], rows, totals, fill if isinstance(fill, Mapping) else {}
        )
    if specs and lazy:
        rows = group_fill.expanded(
            records, domain, specs[0], rows, totals, reverse=order == f"{specs[0].text} desc"
        )
    for row in rows:
        row["__domain"] = domain
        if len(used) < len(wanted):
            row["__context"] = {"group_by": wanted[len(used) :]}
    if env.is19 and not specs:
        for row in rows:
            row["__domain"] = both([domain], is19=True)
    for spec in specs:
        _format(records, spec, rows)
    for row in rows:
        for key in totals:
            row[key] = _json(row[key])
    return rows


def _totals(records: RecordSet, fields: Sequence[str], by: Mapping[str, str], last: str) -> dict[str, str]:
    """Aggregates by the key they have in a row."""
    env, model = records.env, records._model
    totals: dict[str, str] = {}
    for text in fields or ():
        if text == "__count":
            continue
        found = AGGREGATE.match(text)
        if found is None:
            raise ValueError(f"Invalid field specification {text!r}.")
        name, function, source = found.groups()
        if source:
            totals[name] = f"{source}:{function}"
        elif function:
            totals[name] = f"{name}:{function}"
        else:
            field = model.fields.get(name)
            if field is None:
                # 17.0 names the field it looked at last, which is one of the groupings
                if not env.is19 and not last:
                    raise UnboundLocalError(
                        "cannot access local variable 'field_name' where it is not associated with a value"
                    )
                blamed = name if env.is19 else last
                raise ValueError(f"Invalid field {blamed!r} on model {model.name!r}")
            function = field.attrs.get("aggregator") or field.attrs.get("group_operator")
            stored = field.sql_type is not None or (field.inherited and not field.multiple)
            if function and stored and text not in by:
                totals[name] = f"{name}:{function}"
    return totals


def _order(text: str, by: Mapping[str, str], totals: Mapping[str, str]) -> str:
    """The order with the keys of the rows replaced by the terms behind them."""
    terms = []
    for part in text.split(","):
        term = part.strip()
        for key, meant in [*reversed(list(by.items())), *totals.items()]:
            bare = key.split(":")[0]
            if term.startswith(f"{bare} ") or term == bare:
                term = term.replace(bare, meant)
                break
        terms.append(term)
    return ",".join(terms)


def _json(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return periods.text(value)
    if isinstance(value, list):
        return [_json(one) for one in value]
    return value


def _format(records: RecordSet, spec: Spec, rows: list[dict[str, Any]]) -> None:
    """Turn the values of one grouping into what people read, and narrow ``__domain``."""
    env = records.env
    field = records._model.fields[spec.name]
    kind = field.type
    names: dict[int, Any] = {}
    if kind in {"many2one", "many2many"}:
        ids = sorted({row[spec.text] for row in rows if row[spec.text]})
        names = env.sudo()[field.relation].browse(ids)._display_names() if ids else {}
    others = [row[spec.text] for row in rows if row[spec.text]] if kind == "many2many" else []
    for row in rows:
        value = row[spec.text]
        narrow: list[Any] = [[f"{spec.name}.{spec.path}" if spec.path else spec.name, "=", _json(value)]]
        if kind in {"many2one", "many2many"}:
            row[spec.text] = [value, names.get(value, False)] if value else False
            if not value and kind == "many2many":
                narrow = [[spec.name, "not any", []]] if env.is19 else [[spec.name, "not in", others]]
        elif kind in {"date", "datetime"}:
            narrow = _period(records, spec, field, row, narrow)
        elif isinstance(value, date | datetime):
            row[spec.text] = periods.label(env, value, spec.function or "month")
        row["__domain"] = both([row["__domain"], narrow], is19=env.is19)


def _period(
    records: RecordSet, spec: Spec, field: FieldDef, row: dict[str, Any], narrow: list[Any]
) -> list[Any]:
    """The domain of a group of dates; sets its label and ``__range``."""
    env = records.env
    value = row[spec.text]
    granularity = spec.function or "month"
    if granularity in periods.NUMBERS:
        return [[f"{spec.name}.{granularity}", "=", value]]
    if not value:
        row.setdefault("__range", {})[spec.text] = False
        return narrow
    start, end = value, periods.end_of(value, granularity)
    row[spec.text] = periods.label(env, value, granularity)
    if field.type == "datetime":
        zone = periods.zone(env)
        start, end = periods.utc(start, zone), periods.utc(end, zone)
    bounds = periods.text(start), periods.text(end)
    row.setdefault("__range", {})[spec.text] = {"from": bounds[0], "to": bounds[1]}
    return ["&", [spec.name, ">=", bounds[0]], [spec.name, "<", bounds[1]]]
