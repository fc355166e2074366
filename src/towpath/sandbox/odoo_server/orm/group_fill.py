# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Groups without records: periods between the first and the last one, stages nobody stands in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import periods

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.orm.group_terms import Spec
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["MOST", "expanded", "periods_between"]

MOST = 1000
"""How many periods are filled in at most, lest a date of the year 9999 makes a reply endless."""


def _nothing(totals: Mapping[str, str]) -> dict[str, Any]:
    return {key: 0 if term == "__count" else False for key, term in totals.items()}


def periods_between(
    records: RecordSet,
    spec: Spec,
    rows: list[dict[str, Any]],
    totals: Mapping[str, str],
    asked: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """The rows with those periods added that have no record (context ``fill_temporal``).

    ``asked`` may hold ``fill_from`` and ``fill_to`` (dates as text, local) and ``min_groups``.
    """
    field = records._model.fields[spec.name]
    span = spec.function or "month"
    if field.type not in {"date", "datetime"} or span not in periods.SPANS:
        return rows
    known = {row[spec.text]: row for row in rows if row[spec.text]}
    is_date = field.type == "date"
    bounds = [_bound(asked.get(key), span, is_date=is_date) for key in ("fill_from", "fill_to")]
    ends: list[periods.Moment | None] = [
        bounds[0] or min(known, default=None),
        bounds[1] or max(known, default=None),
    ]
    first, last = ends[0] or ends[1], ends[1] or ends[0]
    if first is None or last is None:
        return rows
    least = int(asked.get("min_groups") or 0)
    found: list[dict[str, Any]] = []
    here = first
    while (here <= last or len(found) < least) and len(found) < MOST:
        found.append(known.pop(here) if here in known else {spec.text: here, **_nothing(totals)})
        here = periods.end_of(here, span)
    before = [row for value, row in known.items() if value < first]
    after = [row for value, row in known.items() if value >= first]
    return [*before, *found, *after, *(row for row in rows if not row[spec.text])]


def _bound(text: Any, span: str, *, is_date: bool) -> periods.Moment | None:
    """The start of the period a text lies in."""
    if not text:
        return None
    moment = datetime.fromisoformat(str(text))
    if span != "hour":
        moment = moment.replace(hour=0)
    moment = moment.replace(minute=0, second=0, microsecond=0)
    if span == "month":
        moment = moment.replace(day=1)
    elif span == "quarter":
        moment = moment.replace(month=(moment.month - 1) // 3 * 3 + 1, day=1)
    elif span == "year":
        moment = moment.replace(month=1, day=1)
    return date(moment.year, moment.month, moment.day) if is_date else moment


def expanded(
    records: RecordSet,
    domain: Any,
    spec: Spec,
    rows: list[dict[str, Any]],
    totals: Mapping[str, str],
    *,
    reverse: bool = False,
) -> list[dict[str, Any]]:
    """The rows with those groups added that the model wants to show though empty.

    A model says so by a method ``_group_expand_<field>(groups, domain)`` that gives the records to show in order.
    """
    expand = (
        getattr(records, f"_group_expand_{spec.name}", None)
        if hasattr(type(records), f"_group_expand_{spec.name}")
        else None
    )
    if expand is None:
        return rows
    field = records._model.fields[spec.name]
    comodel = records.env[field.relation]
    known = {row[spec.text]: row for row in rows}
    groups = expand(comodel.browse([value for value in known if value]), domain)
    ids = list(groups.ids)
    if reverse:
        ids.reverse()
    found = [known.pop(one) if one in known else {spec.text: one, **_nothing(totals)} for one in ids]
    found += [row for row in known.values() if row[spec.text]]
    found += [row for row in known.values() if not row[spec.text]]
    if "fold" in comodel._model.fields:
        for row in found:
            row["__fold"] = bool(groups.browse(row[spec.text]).sudo()["fold"]) if row[spec.text] else False
    return found
