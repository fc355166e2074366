"""What an editor of SQL offers while somebody types: tables, columns, functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from towpath.errors import TowpathError
from towpath.features.explore.names import short_names
from towpath.lake.catalog import TableRef
from towpath.lake.table import Table

__all__ = ["Completion", "completion"]

#: DuckDB's functions that analyses are made of; the whole list has more than a thousand.
FUNCTIONS = (
    "abs", "any_value", "arg_max", "arg_min", "array_agg", "avg", "bool_and", "bool_or", "cast", "ceil", "coalesce",
    "concat", "concat_ws", "contains", "corr", "count", "count_if", "current_date", "date_add", "date_diff",
    "date_part", "date_sub", "date_trunc", "day", "dayname", "dense_rank", "ends_with", "epoch", "extract",
    "first_value", "floor", "format", "greatest", "histogram", "hour", "if", "ifnull", "lag", "last_day", "last_value",
    "lead", "least", "length", "list", "list_aggregate", "list_contains", "list_distinct", "list_filter", "list_sort",
    "list_transform", "lower", "lpad", "ltrim", "make_date", "max", "median", "min", "mode", "month", "monthname",
    "now", "ntile", "nullif", "percent_rank", "quantile_cont", "quarter", "rank", "regexp_extract", "regexp_matches",
    "regexp_replace", "replace", "reverse", "right", "round", "row_number", "rtrim", "split_part", "stddev", "strftime",
    "string_agg", "string_split", "strptime", "substring", "sum", "time_bucket", "today", "trim", "try_cast", "typeof",
    "unnest", "upper", "variance", "week", "year",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Names an editor knows."""

    tables: dict[str, list[str]]
    labels: dict[str, dict[str, str]]
    functions: tuple[str, ...] = FUNCTIONS


def completion(tables: Sequence[TableRef]) -> Completion:
    """Names and columns of the tables that have been read; one that can not be read is left out."""
    columns: dict[str, list[str]] = {}
    labels: dict[str, dict[str, str]] = {}
    for table, name in short_names(tables).items():
        try:
            snapshot = Table(table.uri, table.storage_options).snapshot()
        except TowpathError:
            continue
        if snapshot is None:
            continue
        schema = snapshot.metadata.schema
        columns[name] = list(schema.names)
        labels[name] = {
            part.name: label.decode()
            for part in schema
            if (label := (part.metadata or {}).get(b"odoo.label")) and label.decode() != part.name
        }
    return Completion(tables=columns, labels=labels)
