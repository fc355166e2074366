"""Commands: run streams, and see the runs."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import click

from towpath.features.replicate.cli_upkeep import upkeep
from towpath.features.replicate.cli_verify import verify

if TYPE_CHECKING:
    from rich.console import Console

    from towpath.features.replicate.runs import Run
    from towpath.features.replicate.streams import Stream

__all__ = ["sync"]

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")


@click.group()
def sync() -> None:
    """Run streams and see their runs."""


sync.add_command(verify)
sync.add_command(upkeep)


@sync.command()
@click.option(
    "--stream", "names", multiple=True, help="Only this stream (model, table or id); may be repeated."
)
@click.option("--connection", help="Only streams of this connection.")
@click.option("--full", is_flag=True, help="Read everything again instead of what changed.")
@_json
def run(names: tuple[str, ...], connection: str | None, full: bool, as_json: bool) -> int:
    """Bring tables up to date.

    A run that was cut off goes on where it stopped. Exit status 1 when a run failed.
    """
    from rich.console import Console

    from towpath.features.replicate import progress, service
    from towpath.hub import open_hub

    console = Console(stderr=True)
    shown = (
        progress.JsonLines()
        if as_json
        else progress.Bars(console)
        if console.is_terminal
        else progress.Quiet()
    )
    with open_hub() as hub:
        chosen = service.choose(hub, names, connection=connection)
        if not chosen:
            click.echo(
                "There are no streams to run. Add some: towpath stream add CONNECTION MODEL ...", err=True
            )
            return 2
        with shown:
            ended = list(service.sync(hub, chosen, full=full, on_progress=shown))
    by_id = {stream.id: stream for stream in chosen}
    if as_json:
        import orjson

        for one in ended:
            record = {"event": "run", "stream": by_id[one.stream_id].table_name, **one.to_json()}
            click.echo(orjson.dumps(record, default=str).decode())
    else:
        print_runs([(one, by_id[one.stream_id]) for one in ended])
        for number in sorted({one.batch for one in ended if one.batch is not None}):
            click.echo(f"The tables as this run left them: towpath sql --as-of run:{number} ...")
    return 1 if any(one.state != "succeeded" for one in ended) else 0


def print_runs(
    entries: list[tuple[Run, Stream]], console: Console | None = None, *, dated: bool = False
) -> None:
    """Show runs as a table, with what a person should know below it.

    :param dated: say when each run began.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = console or Console()
    if not console.is_terminal:
        console.width = 120
    # A narrow terminal shows what happened and leaves out what it cost.
    wide = console.width >= (114 if dated else 100)
    # Only where two folders are shown does the folder have to be told.
    several = len({(stream.layer, stream.folder) for _, stream in entries}) > 1
    names = {
        stream.id: f"{stream.folder}/{stream.table_name}" if several else stream.table_name
        for _, stream in entries
    }
    table = Table(box=None, pad_edge=False, header_style="bold")
    if dated:
        table.add_column("began (UTC)", no_wrap=True)
    table.add_column("table", no_wrap=wide, overflow="fold")
    cost_titles = ("calls", "MB", "seconds") if wide else () if dated else ("seconds",)
    for title in ("read", "new", "changed", "deleted", *cost_titles):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    for one, stream in entries:
        colour = {"succeeded": "green", "failed": "red"}.get(one.state, "yellow")
        counts = (one.rows_read, one.rows_inserted, one.rows_updated, one.rows_deleted)
        cost = (f"{one.calls:,}", f"{one.bytes / 1e6:.1f}", f"{one.seconds:.1f}")[3 - len(cost_titles) :]
        table.add_row(
            *((f"{(one.started_at or one.created_at).astimezone(UTC):%m-%d %H:%M}",) if dated else ()),
            names[stream.id],
            *(f"{count:,}" for count in counts),
            *cost,
            "[dim]nothing new[/]" if one.kind == "idle" else f"[{colour}]{one.state}[/]",
        )
    console.print(table)
    said: dict[str, list[str]] = {}
    for one, stream in entries:
        for sentence in ([one.message] if one.message else []) + one.remarks:
            if names[stream.id] not in said.setdefault(sentence, []):
                said[sentence].append(names[stream.id])
    for sentence, about in said.items():
        console.print(Text.assemble((_few(about), "bold"), f": {sentence}"))


def _few(names: list[str]) -> str:
    """The names for people, the first ones of many: what ails a whole Odoo is told once."""
    return ", ".join(names) if len(names) <= 3 else f"{names[0]}, {names[1]} and {len(names) - 2} more"


@sync.command()
@click.option("--stream", "name", help="Only runs of this stream.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many at most."
)
@_json
def runs(name: str | None, limit: int, as_json: bool) -> None:
    """List the newest runs."""
    from towpath.features.replicate import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = service.recent_runs(hub, stream=name, limit=limit + 1)
    found, more = found[:limit], len(found) > limit
    if as_json:
        import orjson

        for one, stream in found:
            click.echo(orjson.dumps({"stream": stream.table_name, **one.to_json()}, default=str).decode())
        return
    if not found:
        click.echo("No runs yet. Start one: towpath sync run")
        return
    print_runs(found, dated=True)
    if more:
        click.echo(f"These are the newest {limit:,}; --limit shows more.", err=True)


@sync.command(short_help="List the newest runs over many streams.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many at most."
)
@_json
def batches(limit: int, as_json: bool) -> None:
    """List the newest runs over many streams, by the number that `sql --as-of run:N` takes."""
    from dataclasses import asdict

    from towpath.features.replicate import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = service.recent_batches(hub, limit=limit)
    if as_json:
        import orjson

        for one in found:
            click.echo(orjson.dumps(asdict(one), default=str).decode())
        return
    if not found:
        click.echo("No run over many streams yet. Start one: towpath sync run")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("run", "tables"):
        table.add_column(title, justify="right", no_wrap=True)
    for title in ("began (UTC)", "state"):
        table.add_column(title, no_wrap=True)
    for one in found:
        began = f"{one.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        table.add_row(str(one.number), f"{len(one.tables or one.stream_ids):,}", began, one.state)
    Console().print(table)
