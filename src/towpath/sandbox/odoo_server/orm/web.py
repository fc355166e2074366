# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Reading and saving in the web client's manner: a specification says which fields, and which of related records.

A specification is ``{field: {}}``; for relational fields ``{"fields": specification, "limit", "order", "context"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.orm.fields import FieldDef
    from towpath.sandbox.odoo_server.records import Records

__all__ = ["length", "web_read", "web_search_read"]

Specification = Mapping[str, Mapping[str, Any]]


def web_read(records: Records, specification: Specification) -> list[dict[str, Any]]:
    """One dictionary per record, related records nested as the specification says.

    Raises:
        AccessError, ValueError: as ``read``.
    """
    names = list(specification) or ["id"]
    if names == ["id"]:
        return [{"id": one} for one in records.ids]
    rows: list[dict[str, Any]] = records.read(names, load=None)
    if not rows:
        return rows
    for name, asked in specification.items():
        field = records._model.fields.get(name)
        if field is None:
            continue
        if field.type == "many2one":
            if "fields" in asked:
                _many2one(records, field, asked, rows)
        elif field.multiple:
            if asked:
                _multiple(records, field, asked, rows)
        elif field.type in {"reference", "many2one_reference"} and "fields" in asked:
            _reference(records, field, asked, rows)
    return rows


def _others(records: Records, field: FieldDef, asked: Mapping[str, Any], ids: Any) -> Any:
    others = records.env[field.relation].browse(ids)
    return others.with_context(**asked["context"]) if asked.get("context") else others


def _many2one(
    records: Records, field: FieldDef, asked: Mapping[str, Any], rows: list[dict[str, Any]]
) -> None:
    others = _others(records, field, asked, dict.fromkeys(row[field.name] for row in rows if row[field.name]))
    wanted = dict(asked["fields"])
    named = "display_name" in wanted
    wanted.pop("display_name", None)
    found = {row["id"]: row for row in web_read(others, wanted)}
    if named:
        for one, label in others.sudo()._display_names().items():
            found.setdefault(one, {"id": one})["display_name"] = label
    for row in rows:
        if row[field.name]:
            row[field.name] = found.get(row[field.name], False)


def _multiple(
    records: Records, field: FieldDef, asked: Mapping[str, Any], rows: list[dict[str, Any]]
) -> None:
    everything = list(dict.fromkeys(one for row in rows for one in row[field.name]))
    if asked.get("order"):
        others = _others(records, field, asked, everything).with_context(active_test=False)
        sorted_ids = others.search([["id", "in", everything]], order=asked["order"]).ids
        place = {one: index for index, one in enumerate(sorted_ids)}
        for row in rows:
            row[field.name] = sorted((one for one in row[field.name] if one in place), key=place.__getitem__)
    if "fields" not in asked:
        return
    limit = asked.get("limit")
    shown = dict.fromkeys(
        one for row in rows for one in (row[field.name] if limit is None else row[field.name][:limit])
    )
    found = {one["id"]: one for one in web_read(_others(records, field, asked, shown), asked["fields"])}
    for row in rows:
        row[field.name] = [found.get(one) or {"id": one} for one in row[field.name]]


def _reference(
    records: Records, field: FieldDef, asked: Mapping[str, Any], rows: list[dict[str, Any]]
) -> None:
    for row in rows:
        value = row[field.name]
        if not value:
            continue
        if field.type == "reference":
            model, _, text = str(value).partition(",")
            one = int(text)
        else:
            owner = records.browse(row["id"])
            model, one = owner[field.model_field] if field.model_field else "", int(value)
        if model not in records.env.registry:
            row[field.name] = False
            continue
        other = records.env[model].browse(one)
        if asked.get("context"):
            other = other.with_context(**asked["context"])
        found = web_read(other.exists(), asked["fields"])
        if not found:
            row[field.name] = False
        elif field.type == "reference":
            row[field.name] = {**found[0], "id": {"id": one, "model": model}}
        else:
            row[field.name] = found[0]


def length(records: Records, domain: Any, shown: int, offset: int, limit: Any, count_limit: Any) -> int:
    """How many records there are, counted only when the page was full."""
    here = shown + offset
    full = shown == limit and not (count_limit and count_limit <= here)
    if limit and (full or records.env.context.get("force_search_count")):
        return int(records.search_count(domain, limit=count_limit))
    return here


def web_search_read(
    records: Records,
    domain: Any,
    specification: Specification,
    offset: Any,
    limit: Any,
    order: Any,
    count_limit: Any,
) -> dict[str, Any]:
    """``{"length": how many there are, "records": one page of them}``."""
    found = records.search(domain, offset=offset or 0, limit=limit, order=order)
    if not found:
        return {"length": 0, "records": []}
    return {
        "length": length(records, domain, len(found), offset or 0, limit, count_limit),
        "records": web_read(found, specification),
    }
