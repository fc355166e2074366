# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""``formatted_read_group`` of 19.0 and what stands on it: values with labels, and the domain each group adds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import group_terms, periods
from towpath.sandbox.odoo_server.orm.domain_text import both
from towpath.sandbox.odoo_server.orm.group import grouped
from towpath.sandbox.odoo_server.orm.group_terms import Column, Spec

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["formatted", "group_value"]


def formatted(
    records: RecordSet,
    domain: Any,
    groupby: Sequence[str] = (),
    aggregates: Sequence[str] = (),
    having: Any = (),
    offset: Any = 0,
    limit: Any = None,
    order: str | None = None,
) -> list[dict[str, Any]]:
    """One dictionary per group: its values, ``__extra_domain`` and the aggregates.

    Raises:
        AssertionError: without groupings and aggregates.
        AccessError, ValueError: as ``grouped``.
    """
    if not groupby and not aggregates:
        raise AssertionError
    env = records.env
    by = [groupby] if isinstance(groupby, str) else list(groupby)
    found = grouped(records, domain, by, list(aggregates), having, offset, limit, order)
    specs = [group_terms.parse(env, text) for text in by]
    names = [
        _names(records, column, {row[place] for row in found.rows})
        for place, column in enumerate(found.columns)
    ]
    keys = [_key(text) for text in aggregates]
    result = []
    for row in found.rows:
        one: dict[str, Any] = {}
        extra: list[Any] = []
        for spec, column, labels, value in zip(specs, found.columns, names, row, strict=False):
            one[spec.text], narrow = group_value(records, spec, column, labels, value)
            extra.append(narrow)
        one["__extra_domain"] = both(extra, is19=True)
        for key, value in zip(keys, row[len(by) :], strict=True):
            one[key] = _json(value)
        result.append(one)
    return result


def _key(aggregate: str) -> str:
    """The key of an aggregate in a row; records leave as lists of ids."""
    return (
        f"{aggregate.removesuffix(':recordset')}:array_agg" if aggregate.endswith(":recordset") else aggregate
    )


def _json(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return periods.text(value)
    if isinstance(value, list):
        return [_json(one) for one in value]
    return value


def _names(records: RecordSet, column: Column, values: set[Any]) -> dict[int, Any]:
    if column.field.type not in {"many2one", "many2many"}:
        return {}
    ids = sorted(one for one in values if one)
    found: dict[int, Any] = (
        records.env.sudo()[column.field.relation].browse(ids)._display_names() if ids else {}
    )
    return found


def group_value(
    records: RecordSet, spec: Spec, column: Column, labels: dict[int, Any], value: Any
) -> tuple[Any, list[Any]]:
    """(value as shown, domain of the group) for one grouping of a row."""
    env = records.env
    kind = column.field.type
    shown: Any = value
    tail = column.field.name
    narrow: list[Any] = [[tail, "=", value]]
    if column.kind == "property":
        tail = spec.text.split(":")[0]
        narrow = [[tail, "=", _json(value)]]
        shown = _json(value)
    elif kind in {"many2one", "many2many"}:
        shown = [value, labels.get(value, False)] if value else False
        if not value and kind == "many2many":
            narrow = [[tail, "not any", []]]
    elif column.kind == "number":
        narrow = [[f"{tail}.{spec.function}", "=", value]]
    elif column.kind == "span" and value:
        start, end = value, periods.end_of(value, spec.function)
        if kind == "datetime":
            zone = periods.zone(env)
            start, end = periods.utc(start, zone), periods.utc(end, zone)
        shown = [periods.text(start), periods.label(env, value, spec.function)]
        narrow = ["&", [tail, ">=", periods.text(start)], [tail, "<", periods.text(end)]]
    if spec.path and column.kind != "property":
        links = [spec.name, *spec.path.split(".")[:-1]]
        for link in reversed(links):
            inside = [[link, "any", narrow]]
            narrow = inside if value else ["|", [link, "not any", []], *inside]
    return shown, narrow
