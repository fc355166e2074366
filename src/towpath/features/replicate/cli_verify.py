"""The command that proves tables complete now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from towpath.features.replicate.runs import Run
    from towpath.features.replicate.streams import Stream

__all__ = ["verify"]


@click.command(short_help="Prove that tables hold every record that Odoo shows.")
@click.option(
    "--stream", "names", multiple=True, help="Only this stream (model, table or id); may be repeated."
)
@click.option("--connection", help="Only streams of this connection.")
@click.option(
    "--repair/--no-repair", default=True, show_default=True, help="Read again what differs, or only tell."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
def verify(names: tuple[str, ...], connection: str | None, repair: bool, as_json: bool) -> int:
    """Prove that tables hold every record that Odoo shows, by id and time of change.

    What Odoo changed since the last run is left to the next one. Exit status 1 when something differs and was
    not repaired, or could not be compared.
    """
    from rich.console import Console

    from towpath.features.replicate import progress, service
    from towpath.hub import open_hub

    console = Console(stderr=True)
    shown = progress.Bars(console) if console.is_terminal and not as_json else progress.Quiet()
    with open_hub() as hub:
        chosen = service.choose(hub, names, connection=connection)
        if not chosen:
            click.echo(
                "There are no streams to verify. Add some: towpath stream add CONNECTION MODEL ...", err=True
            )
            return 2
        with shown:
            ended = list(service.verify(hub, chosen, repair=repair, on_progress=shown))
    entries = list(zip(ended, chosen, strict=True))
    if as_json:
        import orjson

        for run, stream in entries:
            record = {"stream": stream.table_name, "verdict": _verdict(run), **run.to_json()}
            click.echo(orjson.dumps(record, default=str).decode())
    else:
        _print(entries)
    return 1 if any(not (run.proof and run.proof["equal"]) for run in ended) else 0


def _verdict(run: Run) -> str:
    """One word or two for a person."""
    if run.state != "succeeded" or not run.proof:
        return run.state
    if not run.proof["equal"]:
        return "differs"
    word = "repaired" if run.proof["repaired"] else "equal"
    return word if run.proof["compares"] != "id" else f"{word}, ids only"


def _print(entries: list[tuple[Run, Stream]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console.width = 120
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("table", overflow="fold")
    for title in ("in Odoo", "in the table", "ranges", "differed", "repaired"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for run, stream in entries:
        proof = run.proof or {}
        numbers = (
            proof.get("odoo_count"),
            proof.get("table_count"),
            proof.get("ranges"),
            proof["repaired"] + proof["differing"] if proof else None,
            proof.get("repaired"),
        )
        colour = "green" if proof.get("equal") else "red"
        table.add_row(
            stream.table_name,
            *("" if number is None else f"{number:,}" for number in numbers),
            f"[{colour}]{_verdict(run)}[/]",
        )
    console.print(table)
    for run, stream in entries:
        for sentence in ([run.message] if run.message else []) + run.remarks:
            console.print(Text.assemble((stream.table_name, "bold"), f": {sentence}"))
