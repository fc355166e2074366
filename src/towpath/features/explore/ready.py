"""Ready queries, one `.sql` file each, for the questions most people begin with (S2.49-S2.51).

A file begins with comment lines: `-- title:`, `-- about:` and, where the answer can be drawn, `-- chart:` with the kind,
the column along and those of the values. The SQL in DuckDB's dialect follows. The same text is translated for Athena and BigQuery by sqlglot. They name the fields of Odoo 19; `fitted` makes them fit what
17 keeps elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from typing import TYPE_CHECKING

from towpath.errors import InputError, NotFoundError
from towpath.features.explore.guard import examine, one_line, quoted
from towpath.features.explore.names import ALL_SUFFIX, DELETED_SUFFIX, HISTORY_SUFFIX, find_one
from towpath.lake.catalog import TableRef
from towpath.lake.columns import DELETED_AT
from towpath.lake.table import Table

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["DIALECTS", "ReadyQuery", "fitted", "of_connection", "ready_queries", "ready_query", "translate"]

DIALECTS = ("duckdb", "athena", "bigquery", "trino", "spark", "snowflake", "postgres")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyQuery:
    """One ready query."""

    name: str
    title: str
    about: str
    sql: str
    #: How its answer is best drawn: the kind of chart, the column along, and those of the values.
    chart: tuple[str, ...] = ()

    def to_json(self) -> dict[str, str]:
        """The values as a JSON object."""
        return {"name": self.name, "title": self.title, "about": self.about, "sql": self.sql}


def ready_queries() -> list[ReadyQuery]:
    """All ready queries by name."""
    folder = files("towpath.features.explore") / "queries"
    return [
        _read(item.name.removesuffix(".sql"), item.read_text(encoding="utf-8"))
        for item in sorted(folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".sql")
    ]


def _read(name: str, text: str) -> ReadyQuery:
    notes: dict[str, str] = {}
    lines = text.splitlines()
    while lines and lines[0].startswith("--"):
        key, _, value = lines.pop(0).removeprefix("--").partition(":")
        notes[key.strip()] = value.strip()
    sql = "\n".join(lines).strip()
    return ReadyQuery(
        name=name,
        title=notes.get("title", name),
        about=notes.get("about", ""),
        sql=sql,
        chart=tuple(notes.get("chart", "").split()),
    )


def ready_query(name: str) -> ReadyQuery:
    """The ready query of a name; NotFoundError with near names."""
    known = {query.name: query for query in ready_queries()}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "towpath sql --list shows them."
    raise NotFoundError(f"There is no ready query {name}; {hint}")


_PAYMENTS = re.compile(r"\bfrom account_payment\b")


def fitted(sql: str, tables: Sequence[TableRef]) -> str:
    """The SQL of a ready query for these tables.

    Up to Odoo 17 a payment's date, state and journal stand on its entry alone. Raises InputError where the entries
    are not there, or several tables bear the name of one.
    """
    for reference in examine(sql).references:
        same = [table for table in tables if table.name.casefold() == reference.table.casefold()]
        if len(whose := sorted({table.connection for table in same})) > 1:
            raise InputError(
                f"Several connections have a table {one_line(reference.table)}; say whose is meant: "
                f"--connection {' or '.join(whose)}."
            )
    if not _PAYMENTS.search(sql):
        return sql
    payments = _columns(find_one("account_payment", tables))
    if "state" in payments or "move_id" not in payments:
        return sql
    if not any(table.name.casefold() == "account_move" for table in tables):
        raise InputError(
            "In this Odoo a payment's date and state stand on its entry; add a stream of account.move and run it."
        )
    entries = _columns(find_one("account_move", tables))
    lent = "".join(f", entry.{quoted(name)}" for name in entries if name not in payments)
    joined = f"select payment.*{lent} from account_payment payment join account_move entry on entry.id = payment.move_id"
    return _PAYMENTS.sub(lambda _: f"from ({joined}) account_payment", sql)


def _columns(table: TableRef) -> list[str]:
    names: list[str] = Table(table.uri, table.storage_options).schema.names
    return names


def of_connection(tables: Sequence[TableRef], connection: str) -> list[TableRef]:
    """The tables of one connection; NotFoundError with those that have some."""
    found = [table for table in tables if table.connection == connection]
    if not found:
        known = ", ".join(sorted({table.connection for table in tables if table.connection}))
        raise NotFoundError(
            f"There are no tables of a connection {one_line(connection)}; "
            f"{f'there are some of: {known}' if known else 'no connection has any yet'}."
        )
    return found


def translate(sql: str, dialect: str) -> str:
    """DuckDB SQL in another engine's dialect, for the Delta tables as that engine sees them.

    Rows found deleted are still in those tables, so each is read with the condition that Towpath's own views
    have; `NAME__all` is read without, `NAME__deleted` with the opposite. Raises InputError for an unknown dialect or SQL that can not be
    translated.
    """
    if dialect not in DIALECTS:
        raise InputError(f"The dialect {dialect} is not known; take one of {', '.join(DIALECTS)}.")
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
        own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
        for table in list(tree.find_all(exp.Table)):
            if dialect != "duckdb" and table.name and (table.db or table.name not in own):
                _keep_current(table)
        return tree.sql(dialect=dialect, pretty=True, unsupported_level=sqlglot.ErrorLevel.RAISE)
    except sqlglot.errors.SqlglotError as error:
        raise InputError(f"The SQL can not be translated: {one_line(str(error))}") from error


def _keep_current(table: exp.Table) -> None:
    """Put the table's current rows in its place."""
    from sqlglot import exp

    name = table.name
    if name.casefold().endswith(HISTORY_SUFFIX):
        raise InputError(
            f"{one_line(name)} is there in Towpath alone; other engines know no history of rows."
        )
    if name.endswith(ALL_SUFFIX):
        table.this.set("this", name.removesuffix(ALL_SUFFIX))
        return
    only_deleted = name.casefold().endswith(DELETED_SUFFIX)
    bare = table.copy()
    if only_deleted:
        bare.this.set("this", name[: -len(DELETED_SUFFIX)])
    alias = bare.args.pop("alias", None)
    current = exp.column(DELETED_AT).is_(exp.null())
    rows = exp.select("*").from_(bare).where(current.not_() if only_deleted else current)
    table.replace(rows.subquery(alias.name if alias else name))
