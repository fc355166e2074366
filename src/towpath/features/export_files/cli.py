"""The command ``towpath export``."""

from __future__ import annotations

import click

__all__ = ["export"]


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[TABLE] PATH")
@click.option("--sql", metavar="SQL", help="Export the answer to this SELECT in place of a table.")
@click.option(
    "--to",
    "kind",
    type=click.Choice(["parquet", "csv", "xlsx"]),
    help="Format of the file; without it the ending of PATH tells.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option(
    "--guard-formulas",
    "guard",
    is_flag=True,
    help="CSV: put ' before texts that a spreadsheet would run as formulas (= + - @).",
)
@click.option(
    "--as-of",
    metavar="TIME",
    help="The rows as they were at a time (UTC), such as 2026-11-01T08:00, or as a run left them: run:ID.",
)
@click.option("--timeout", type=click.FloatRange(min=0.1), help="Seconds after which --sql is stopped.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def export(
    words: tuple[str, ...],
    sql: str | None,
    kind: str | None,
    force: bool,
    guard: bool,
    as_of: str | None,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Put all rows of a TABLE, or the answer to --sql, into the file PATH.

    For instance: towpath export account_move entries.parquet. The table is named as in SQL (with __all,
    __deleted or __history too), as layer/folder/table, or by its Odoo model. The file is there whole or not at all.
    """
    if len(words) != (1 if sql else 2):
        raise click.UsageError(
            "Give the table and the file: towpath export account_move entries.csv, "
            'or --sql: towpath export --sql "select ..." entries.csv'
        )
    from towpath.access import who
    from towpath.features.explore.service import AsOf, Limits, query
    from towpath.features.explore.whole import whole
    from towpath.features.export_files import service
    from towpath.hub import open_hub

    file, chosen = service.target(words[-1], kind, force=force)
    if guard and chosen != "csv":
        raise click.UsageError(f"--guard-formulas is for CSV; texts in a {chosen} file are never formulas.")
    with open_hub() as hub:
        limits = Limits(
            rows=None, seconds=timeout or hub.settings.sql_seconds, memory_mb=hub.settings.sql_memory_mb
        )
        place = (hub.lake_root, hub.settings.storage_options)
        state = AsOf.from_option(as_of, *place) if as_of else None
        asked = query(sql, hub.tables(), limits, as_of=state) if sql else None
        with asked or whole(words[0], hub.tables(), limits, as_of=state) as result:
            # before the file appears: what can not be recorded does not leave
            read = {"sql": sql[:20_000]} if sql else {"table": words[0]}
            hub.store.audit(
                who(), "export.file", "export", details={**read, "file": str(file), "format": chosen}
            )
            done = service.export(result, file, chosen, force=force, guard=guard)
    if as_json:
        import orjson

        click.echo(orjson.dumps(done.to_json(), option=orjson.OPT_INDENT_2).decode())
        return
    noun = "row" if done.rows == 1 else "rows"
    for remark in done.remarks:
        click.echo(remark, err=True)
    click.echo(f"{done.rows:,} {noun} are in {done.path} ({done.size:,} bytes).")
