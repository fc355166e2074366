# ruff: noqa: SLF001 - `_model` and `_name` are the recordset's own words, as in Odoo
"""Grouping in PostgreSQL: one statement for terms to group by, aggregates, conditions on them, order and page.

``grouped`` gives bare rows; ``group_rows`` and ``group_formatted`` make of them what the public methods answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from towpath.sandbox.odoo_server.orm import access, group_terms, order, where
from towpath.sandbox.odoo_server.orm.group_terms import Column, Source

if TYPE_CHECKING:
    from towpath.sandbox.odoo_server.recordset import RecordSet

__all__ = ["Grouped", "grouped"]

ORDER = re.compile(
    r"^(?P<term>[a-z0-9_.:]+)(\s+(?P<direction>asc|desc))?(\s+nulls\s+(?P<nulls>first|last))?$", re.IGNORECASE
)
COMPARATORS = ("in", "not in", "<", ">", "<=", ">=", "=", "!=")
SUFFIX = re.compile(r"( DESC)?( NULLS (FIRST|LAST))?$")


@dataclass(frozen=True, slots=True)
class Grouped:
    """Rows of a grouped read: per row the group's values, then the aggregates; ``columns`` describe the former."""

    columns: list[Column]
    rows: list[tuple[Any, ...]]


def grouped(
    records: RecordSet,
    domain: Any,
    groupby: Sequence[str],
    aggregates: Sequence[str],
    having: Any = (),
    offset: Any = 0,
    limit: Any = None,
    sorting: str | None = None,
) -> Grouped:
    """Group the records of a domain that the user may see.

    Empty groups' values are False; a sum over nothing is False, a count 0, a list [].

    Raises:
        AccessError: when the user may not read the model or a field.
        ValueError: for a bad term, order, condition or domain.
    """
    env, model = records.env, records._model
    if not env.su:
        access.check_model(env, model, "read")
    source = Source(env, model)
    if not model.stored:
        return Grouped([], [])
    node = where.tree(env, domain)
    sql, params = where.visible(env, model, node, "t")
    specs = [group_terms.parse(env, text) for text in groupby]
    columns = [group_terms.group_sql(source, spec) for spec in specs]
    totals = [group_terms.aggregate_sql(source, group_terms.parse(env, text)) for text in aggregates]
    known = dict(zip(groupby, columns, strict=True))
    terms, extra = _sorted(source, known, sorting or ",".join(groupby))
    condition, values = _having(source, list(having or ()))
    keys = list(dict.fromkeys([*(one.sql for one in columns), *extra]))
    joins = " ".join(source.joins.values())
    query = f'SELECT {", ".join([*(one.sql for one in columns), *totals])} FROM "{model.table}" AS t {joins} WHERE {sql}'
    if keys:
        query += f" GROUP BY {', '.join(keys)}"
    if condition:
        query += f" HAVING {condition}"
    if terms:
        query += f" ORDER BY {', '.join(terms)}"
    if limit:
        query += f" LIMIT {int(limit)}"
    if offset:
        query += f" OFFSET {int(offset)}"
    found = env.cr.execute(query, [*source.params, *params, *values]).fetchall()
    empties = [False] * len(columns) + [_empty(text) for text in aggregates]
    return Grouped(
        columns,
        [
            tuple(
                empty if value is None else _plain(value) for value, empty in zip(row, empties, strict=True)
            )
            for row in found
        ],
    )


def _empty(aggregate: str) -> Any:
    function = aggregate.rpartition(":")[2]
    if aggregate == "__count" or function in {"count", "count_distinct"}:
        return 0
    return [] if function in {"array_agg", "recordset", "array_agg_distinct"} else False


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _sorted(source: Source, known: dict[str, Column], text: str) -> tuple[list[str], list[str]]:
    """(ORDER BY terms, further columns to group by): many2one groups stand in the order of their model."""
    terms: list[str] = []
    extra: list[str] = []
    for part in filter(None, text.split(",")):
        found = ORDER.match(part.strip())
        if found is None:
            raise ValueError(f"Invalid order {text!r} for _read_group()")
        term = found["term"]
        word = " DESC" if (found["direction"] or "").lower() == "desc" else ""
        if found["nulls"]:
            word += f" NULLS {found['nulls'].upper()}"
        column = known.get(term)
        if column is None:
            try:
                sql = group_terms.aggregate_sql(source, group_terms.parse(source.env, term))
            except ValueError as problem:
                raise ValueError(
                    f"Order term {term!r} is not a valid aggregate nor valid groupby"
                ) from problem
            terms.append(f"{sql}{word}")
            continue
        one = column.field
        comodel = source.env.registry.models.get(one.relation) if one.type == "many2one" else None
        if comodel is not None and column.kind == "plain" and one.sql_type and comodel.order.strip() != "id":
            sort = order.clause(source.env, source.model, f"{one.name}{word}", "t")
            if one.model == source.model.name and term == one.name:
                source.joins.setdefault(f"order {one.name}", sort.joins)
                terms += sort.found
                extra += [SUFFIX.sub("", part) for part in sort.found]
                continue
        terms.append(f"{column.sql}{word}")
    return terms, extra


def _having(source: Source, tokens: list[Any]) -> tuple[str, list[Any]]:
    """The condition on aggregates of a domain in prefix notation.

    Raises:
        ValueError: for a term that is none.
    """
    parts: list[str] = []
    params: list[list[Any]] = []
    for one in reversed(tokens):
        if one in ("&", "|"):
            left, right = parts.pop(), parts.pop()
            first, second = params.pop(), params.pop()
            parts.append(f"({left} {'AND' if one == '&' else 'OR'} {right})")
            params.append([*first, *second])
        elif one == "!":
            parts.append(f"(NOT {parts.pop()})")
        elif isinstance(one, list | tuple) and len(one) == 3:
            text, comparator, value = one
            if comparator not in COMPARATORS:
                raise ValueError(
                    f"Invalid having clause {tuple(one)!r}: supported comparators are {COMPARATORS}"
                )
            sql = group_terms.aggregate_sql(source, group_terms.parse(source.env, text))
            if comparator in {"in", "not in"}:
                parts.append(
                    f"({sql} {'=' if comparator == 'in' else '<>'} {'ANY' if comparator == 'in' else 'ALL'}(%s))"
                )
                params.append([list(value)])
            else:
                parts.append(f"({sql} {'<>' if comparator == '!=' else comparator} %s)")
                params.append([value])
        else:
            raise ValueError(f"Invalid having clause {one!r}: it should be a domain-like clause")
    parts.reverse()
    params.reverse()
    return " AND ".join(parts), [value for some in params for value in some]
