"""Commands: ``towpath sql`` and ``towpath catalog``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from towpath.features.explore.cli_past import diff, lineage

if TYPE_CHECKING:
    from towpath.features.explore.service import Entry, Limits, Result
    from towpath.settings import Settings

__all__ = ["catalog", "sql"]

#: Rows a person gets without asking for more; a terminal holds no more that is of use.
TABLE_ROWS = 100
#: Most rows of a printed table, since all of them are held to find the widths.
TABLE_LIMIT = 10_000

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("text", required=False, metavar="SQL")
@_json
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--limit", type=click.IntRange(0), help="Most rows to print; 0 for all.")
@click.option("--timeout", type=click.FloatRange(min=0.1), help="Seconds after which the query is stopped.")
@click.option(
    "--as-of",
    metavar="TIME",
    help="Ask the tables as they were at a time (UTC), such as 2026-11-01T08:00, or as a run left them: run:ID.",
)
@click.option("--list", "list_", is_flag=True, help="List the ready queries.")
@click.option("--query", "name", metavar="NAME", help="Run a ready query.")
@click.option(
    "--connection",
    metavar="NAME",
    help="Ask the tables of this connection alone, where several hold tables of one name.",
)
@click.option("--show", is_flag=True, help="Print the SQL of the ready query instead of running it.")
@click.option(
    "--dialect",
    metavar="NAME",
    help="Print the query in the SQL of another engine: athena, bigquery, spark, ...",
)
def sql(
    text: str | None,
    as_json: bool,
    as_csv: bool,
    limit: int | None,
    timeout: float | None,
    as_of: str | None,
    list_: bool,
    name: str | None,
    connection: str | None,
    show: bool,
    dialect: str | None,
) -> None:
    """Ask the tables in SQL.

    For instance: towpath sql "select count(*) from account_move". The SQL is DuckDB's; - reads it from standard input. A table holds the records that are in Odoo now;
    TABLE__all has those found gone as well, TABLE__deleted those alone, TABLE__history every state that is kept, TABLE at (version => 3) an earlier state. Nothing can be changed and no other file be read.
    """
    if as_json and as_csv:
        raise click.UsageError("Take one of --json and --csv.")
    if list_:
        _print_ready(as_json)
        return
    asked = _asked(text, name)
    if show or dialect:
        from towpath.features.explore.ready import translate

        click.echo(translate(asked, dialect) if dialect else asked)
        return
    from towpath.access import who
    from towpath.features.explore import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        limits = _limits(hub.settings, limit, timeout, machine=as_json or as_csv)
        place = (hub.lake_root, hub.settings.storage_options)
        state = service.AsOf.from_option(as_of, *place) if as_of else None
        tables = hub.tables()
        if connection is not None:
            from towpath.features.explore.ready import of_connection

            tables = of_connection(tables, connection)
        if name is not None:
            from towpath.features.explore.ready import fitted

            asked = fitted(asked, tables)
        with service.query(asked, tables, limits, as_of=state) as result:
            # before the first row is shown: what can not be recorded is not read
            hub.store.audit(who(), "query.run", "query", details={"sql": asked[:20_000]})
            _print_result(result, as_json=as_json, as_csv=as_csv)
        if result.cut:
            click.echo(f"There are more than {result.count:,} rows; --limit 0 prints all.", err=True)


def _asked(text: str | None, name: str | None) -> str:
    if (text is None) == (name is None):
        raise click.UsageError(
            'Give the SQL: towpath sql "select ...", or a ready query: towpath sql --query NAME'
        )
    if name is not None:
        from towpath.features.explore.ready import ready_query

        return ready_query(name).sql
    return sys.stdin.read(200_001) if text == "-" else str(text)


def _limits(settings: Settings, limit: int | None, timeout: float | None, *, machine: bool) -> Limits:
    from towpath.errors import InputError
    from towpath.features.explore.service import Limits

    rows = limit if limit is not None else settings.sql_rows if machine else TABLE_ROWS
    if not machine and not 0 < rows <= TABLE_LIMIT:
        raise InputError(
            f"A table for people has {TABLE_LIMIT:,} rows at most; add --json or --csv for more."
        )
    return Limits(
        rows=rows or None, seconds=timeout or settings.sql_seconds, memory_mb=settings.sql_memory_mb
    )


def _print_result(result: Result, *, as_json: bool, as_csv: bool) -> None:
    from towpath.features.explore import output

    if as_json:
        output.print_json(result, sys.stdout.write)
    elif as_csv:
        output.print_csv(result, sys.stdout.write)
    else:
        from rich.console import Console

        output.print_table(result, Console())


def _print_ready(as_json: bool) -> None:
    from towpath.features.explore.ready import ready_queries

    found = ready_queries()
    if as_json:
        _print_json([query.to_json() for query in found])
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("query", no_wrap=True)
    table.add_column("answers", overflow="fold")
    for query in found:
        table.add_row(query.name, query.title)
    Console().print(table)
    click.echo("\nRun one: towpath sql --query NAME   See its SQL: add --show, or --dialect athena")


@click.group()
def catalog() -> None:
    """List tables and their columns."""


catalog.add_command(diff)
catalog.add_command(lineage)


@catalog.command("ls")
@_json
def ls(as_json: bool) -> None:
    """List the tables by layer and folder."""
    from towpath.features.explore import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = service.entries(hub.tables())
    if as_json:
        _print_json([entry.to_json() for entry in found])
        return
    if not found:
        click.echo("No tables yet. Choose what is replicated: towpath stream add, then towpath sync run")
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for place in dict.fromkeys((entry.table.layer, entry.table.folder) for entry in found):
        console.print(f"[bold]{'/'.join(filter(None, place))}[/]", highlight=False)
        here = [entry for entry in found if (entry.table.layer, entry.table.folder) == place]
        rows = [(entry.name, entry.table.model, *_facts(entry)) for entry in here]
        titles = ("table", "model", "rows", "deleted", "size", "changed (UTC)")
        widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
        # where room is short the model gives way: the table's name tells it already
        widths[1] = max(5, min(widths[1], console.width - sum(widths) + widths[1] - 2 * (len(widths) - 1)))
        table = Table(box=None, pad_edge=False, header_style="dim")
        for title, width in zip(titles, widths, strict=True):
            right = title in {"rows", "deleted", "size"}
            table.add_column(
                title, justify="right" if right else "left", no_wrap=True, overflow="ellipsis", width=width
            )
        for row in rows:
            table.add_row(*row)
        console.print(table)
    for entry in found:
        if entry.problem:
            click.echo(f"{entry.table.path}: {entry.problem}", err=True)


def _facts(entry: Entry) -> list[str]:
    """Rows, deleted rows, size and last change for people."""
    if entry.rows is None:
        return ["-", "", "", "unreadable" if entry.problem else "not read yet"]
    changed = entry.changed.strftime("%Y-%m-%d %H:%M") if entry.changed else ""
    return [f"{entry.rows:,}", f"{entry.deleted:,}" if entry.deleted else "", _size(entry.size), changed]


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return ""


@catalog.command()
@click.argument("table")
@_json
def show(table: str, as_json: bool) -> None:
    """Show the columns of a TABLE (its name, its path layer/folder/table, or an Odoo model)."""
    from towpath.features.explore import names, service
    from towpath.hub import open_hub

    with open_hub() as hub:
        known = hub.tables()
        found = names.find_one(table, known)
        entry, columns = service.describe(found, name=names.short_names(known).__getitem__)
        versions = service.versions(found, 10)
    if as_json:
        _print_json(
            {
                **entry.to_json(),
                "columns": [column.to_json() for column in columns],
                "versions": [version.to_json() for version in versions],
            }
        )
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    rows, deleted, size, changed = _facts(entry)
    console.print(f"[bold]{entry.table.path}[/]", highlight=False)
    for line in (
        f"model {entry.table.model}" if entry.table.model else "",
        entry.table.description,
        f"{rows} rows{f', {deleted} deleted' if deleted else ''}, {size}, version {entry.version}, changed {changed} UTC",
        f"in SQL: select * from {entry.name}",
    ):
        if line:
            console.print(Text(line))
    grid = Table(box=None, pad_edge=False, header_style="dim")
    grid.add_column("column", no_wrap=True)
    for title in ("type", "label", "Odoo"):
        grid.add_column(title, overflow="fold")
    for column in columns:
        relation = column.note("relation")
        kind = f"{column.note('type')} {relation}".strip()
        grid.add_row(*map(Text, (column.name, column.type, column.note("label"), kind)))
    console.print(grid)


def _print_json(value: object) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
