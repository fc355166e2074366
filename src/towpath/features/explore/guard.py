"""What a person typed, read by DuckDB's own parser: one SELECT over tables, and nothing else.

The tree comes from DuckDB's `json_serialize_sql`, the very parser that would run the text, so that no trick
of comments or quoting means one thing here and another there. Only kinds of nodes and table functions that
are known to do no more than read are let through; the engine is locked besides (see `engine`).
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import orjson

from towpath.errors import InputError
from towpath.features.explore.asof import AsOf

__all__ = ["Question", "Reference", "examine", "one_line", "quoted"]

_LONGEST = 200_000
_PARSING = threading.Lock()

_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_SOURCES = frozenset({
    "BASE_TABLE", "COLUMN_DATA", "CTE", "EMPTY", "EMPTY_FROM", "EXPRESSION_LIST", "JOIN", "PIVOT", "SHOW_REF",
    "SUBQUERY", "TABLE_FUNCTION",
})  # fmt: skip
_TABLE_FUNCTIONS = frozenset({
    "generate_series", "generate_subscripts", "json_each", "json_tree", "range", "repeat", "repeat_row", "unnest",
})  # fmt: skip
_FORBIDDEN = frozenset({
    "current_setting", "getenv", "json_execute_serialized_sql", "json_serialize_plan", "parse_duckdb_log_message",
    "pg_get_viewdef", "pg_sleep", "query", "query_table", "set_config", "sleep_ms", "write_log",
})  # fmt: skip
_SOURCE_KEYS = frozenset({"from_table", "left", "right", "source"})
_CATALOGS = frozenset({"information_schema", "pg_catalog"})
#: What tells of tables and nothing of this machine; views' definitions and settings name its folders.
_LISTS = frozenset({"columns", "schemata", "tables"})


def one_line(text: str) -> str:
    """What a person typed, or DuckDB said of it, fit for a sentence: one line, printable, not too long."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return plain if len(plain) <= 300 else f"{plain[:297]}..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A table as the query names it: ``account_move``, ``demo.account_move`` or ``raw.demo.account_move``."""

    catalog: str = ""
    schema: str = ""
    table: str
    at: AsOf | None = None
    """An earlier state is asked for."""

    @property
    def text(self) -> str:
        """As people write it."""
        return ".".join(part for part in (self.catalog, self.schema, self.table) if part)

    @property
    def place(self) -> tuple[str, ...]:
        """Catalog, schema and name of the view that answers to it."""
        if self.at is not None:
            return (f"{self.text}@{self.at}",)
        return tuple(part for part in (self.catalog, self.schema, self.table) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A checked query."""

    sql: str
    """The text with every `at` clause replaced by the name of a view."""
    references: tuple[Reference, ...]
    """Tables it names, names of its own `with` parts left out."""
    lists_tables: bool
    """It asks which tables there are, so that all have to be there."""
    own: frozenset[str]
    """Names of its `with` parts in small letters. One may end before a table of that name is meant, so none may be there."""


def examine(sql: str) -> Question:
    """Check that the text is one SELECT that only reads tables.

    Raises InputError with a sentence that says what is wrong, and where.
    """
    if len(sql) > _LONGEST:
        raise InputError("The SQL text is too long; 200,000 characters are the limit.")
    if not sql.isascii() and any("\ud800" <= sign <= "\udfff" for sign in sql):
        raise InputError("The SQL text is not valid UTF-8.")
    tree = _parse(sql)
    if tree.get("error"):
        raise InputError(_complaint(sql, tree))
    statements = tree["statements"]
    if not statements:
        raise InputError("The SQL is empty; write something like: select count(*) from account_move")
    if len(statements) > 1:
        raise InputError("Only one SELECT at a time; leave out what follows the first semicolon.")
    references: dict[Reference, None] = {}
    own: set[str] = set()
    earlier: list[Mapping[str, Any]] = []
    lists_tables = False
    for key, node in _walk(statements[0]):
        kind = str(node.get("type") or "")
        if kind.endswith("_NODE") and kind not in _NODES:
            raise InputError(
                f"Tables can not be changed by SQL here ({kind.partition('_')[0]}); only SELECT is possible."
            )
        if key in _SOURCE_KEYS and "class" not in node and kind and kind not in _SOURCES | _NODES:
            raise InputError(f"A query can not read from this here: {kind.lower().replace('_', ' ')}.")
        if kind == "BASE_TABLE":
            references[_reference(node)] = None
            if node.get("at_clause"):
                earlier.append(node)
        elif kind == "SHOW_REF" and node.get("show_type") not in {"DESCRIBE", "SUMMARY"}:
            lists_tables = True
        elif kind == "FUNCTION":
            _check_function(str(node.get("function_name") or "").lower(), is_source=key == "function")
        own.update(str(entry["key"]).casefold() for entry in _ctes(node))
    named = [found for found in references if found.schema or found.at or found.table.casefold() not in own]
    asks = [found for found in named if found.schema.lower() in _CATALOGS]
    for found in asks:
        if found.schema.lower() != "information_schema" or found.table.lower() not in _LISTS:
            raise InputError(
                f"{one_line(found.text)} can not be read here; information_schema has tables, columns and schemata."
            )
    return Question(
        sql=_replaced(sql, earlier),
        references=tuple(found for found in named if found not in asks),
        lists_tables=lists_tables or bool(asks),
        own=frozenset(own),
    )


def _reference(node: Mapping[str, Any]) -> Reference:
    """The table a node of the tree names."""
    clause = node.get("at_clause")
    return Reference(
        catalog=node["catalog_name"],
        schema=node["schema_name"],
        table=node["table_name"],
        at=AsOf.from_clause(clause) if clause else None,
    )


def _replaced(sql: str, earlier: list[Mapping[str, Any]]) -> str:
    """The text with views in place of the tables of earlier states, which no view can take an `at` for."""
    data = sql.encode()
    for node in sorted(earlier, key=lambda found: int(found["query_location"]), reverse=True):
        if node.get("sample"):
            raise InputError("A sample of an earlier state is not possible; take it of a subquery.")
        start = int(node["query_location"])
        alias = quoted(node["alias"] or node["table_name"])
        columns = ", ".join(map(quoted, node["column_name_alias"]))
        view = f"{quoted(_reference(node).place[0])} as {alias}{f'({columns})' if columns else ''}"
        data = data[:start] + view.encode() + data[start + int(node["query_location_length"]) :]
    return data.decode()


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


@functools.cache
def _parser() -> duckdb.DuckDBPyConnection:
    """An empty database of one thread. To open one takes 15 ms, to parse a query with it less than one."""
    return duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "256MB"})


def _parse(sql: str) -> dict[str, Any]:
    """The statement as DuckDB's parser sees it, or its complaint."""
    with _PARSING:
        try:
            row = _parser().execute("select json_serialize_sql(?::varchar)", [sql]).fetchall()[0]
        except duckdb.Error as error:
            raise InputError(f"The SQL can not be read: {one_line(str(error))}") from error
    try:
        parsed: dict[str, Any] = orjson.loads(row[0])
    except orjson.JSONDecodeError as error:  # more than a thousand levels
        raise InputError("The SQL is nested too deeply; write it in simpler steps.") from error
    return parsed


def _complaint(sql: str, tree: Mapping[str, Any]) -> str:
    message = one_line(str(tree.get("error_message") or ""))
    if tree.get("error_type") == "parser":
        place = str(tree.get("position") or "")
        where = ""
        if place.isdigit():
            before = sql.encode()[: int(place)].decode(errors="replace")
            where = f" (line {before.count(chr(10)) + 1}, character {len(before.rpartition(chr(10))[2]) + 1})"
        return f"The SQL is not valid: {message}{where}."
    return (
        "Only one SELECT is possible here, nothing that changes or sets anything; "
        "a PIVOT needs its values: select * from t pivot (sum(x) for state in ('draft', 'posted'))."
    )


def _walk(tree: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All objects of the tree with the key they stand under."""
    stack: list[tuple[str, Any]] = [("", tree)]
    while stack:
        key, value = stack.pop()
        if isinstance(value, dict):
            yield key, value
            stack += value.items()
        elif isinstance(value, list):
            stack += [(key, part) for part in value]


def _ctes(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The `with` parts of a node."""
    found = node.get("cte_map")
    return list(found.get("map") or ()) if isinstance(found, dict) else []


def _check_function(name: str, *, is_source: bool) -> None:
    if (is_source and name not in _TABLE_FUNCTIONS) or name in _FORBIDDEN:
        raise InputError(
            f"The function {one_line(name)}() is not possible here; read from the tables of the catalog."
        )
