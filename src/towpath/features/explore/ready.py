"""Ready queries, one `.sql` file each, for the questions most people begin with (S2.49-S2.51).

A file begins with comment lines: `-- title:`, `-- about:` and the SQL in DuckDB's dialect follows. The same
text is translated for Athena and BigQuery by sqlglot.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from typing import TYPE_CHECKING

from towpath.errors import InputError, NotFoundError
from towpath.features.explore.guard import one_line
from towpath.features.explore.names import ALL_SUFFIX, DELETED_SUFFIX, HISTORY_SUFFIX
from towpath.lake.columns import DELETED_AT

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["DIALECTS", "ReadyQuery", "ready_queries", "ready_query", "translate"]

DIALECTS = ("duckdb", "athena", "bigquery", "trino", "spark", "snowflake", "postgres")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyQuery:
    """One ready query."""

    name: str
    title: str
    about: str
    sql: str

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
    return ReadyQuery(name=name, title=notes.get("title", name), about=notes.get("about", ""), sql=sql)


def ready_query(name: str) -> ReadyQuery:
    """The ready query of a name; NotFoundError with near names."""
    known = {query.name: query for query in ready_queries()}
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "towpath sql --list shows them."
    raise NotFoundError(f"There is no ready query {name}; {hint}")


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
