"""Command: keep the tables of streams up now."""

from __future__ import annotations

import click

from towpath.features.replicate.cli_shown import as_json_option, print_json

__all__ = ["upkeep"]


@click.command(short_help="Join small files and remove old ones, now.")
@click.option(
    "--stream",
    "names",
    multiple=True,
    help="Only the table of this stream (model, table or id); may be repeated.",
)
@as_json_option
def upkeep(names: tuple[str, ...], as_json: bool) -> None:
    """Join small files and remove what is older than the retention, now.

    Workers do it by themselves once a day.
    """
    from dataclasses import asdict

    from towpath.features.replicate import service
    from towpath.features.replicate.upkeep import keep_up, prune
    from towpath.hub import open_hub

    with open_hub() as hub:
        done = [one for stream in service.choose(hub, names) for one in keep_up(hub, stream)]
        pruned = prune(hub)
    if as_json:
        print_json({"tables": [one.to_json() for one in done], **asdict(pruned)})
        return
    if not done:
        click.echo("No table has data yet. Run a stream first: towpath sync run")
        return
    from rich.console import Console
    from rich.table import Table

    busy = [one for one in done if one.anything]
    if busy:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("table", overflow="fold")
        for title in ("files joined", "old files", "left-overs", "log entries", "MB freed"):
            table.add_column(title, justify="right")
        for one in busy:
            swept = one.swept
            counts = (one.joined, swept.parts, swept.orphans, swept.log_files)
            table.add_row(one.table, *(f"{count:,}" for count in counts), f"{swept.size / 1e6:,.1f}")
        Console().print(table)
    quiet = len(done) - len(busy)
    if quiet:
        click.echo(f"{quiet} table{'s' if quiet > 1 else ''} had nothing to do.")
    if pruned.idle_runs:
        click.echo(f"Forgot {pruned.idle_runs:,} old records of runs that found nothing new.")
    if pruned.manifests:
        click.echo(f"Forgot {pruned.manifests:,} manifests of states that are no longer kept.")
