"""Commands: discover, list and remove streams; the others join here."""

from __future__ import annotations

import sys

import click

from towpath.features.replicate.cli_masks import masks
from towpath.features.replicate.cli_shown import as_json_option, print_json, stream_record
from towpath.features.replicate.cli_stream_add import add, edit, pause, resume
from towpath.features.replicate.cli_stream_show import list_, show

__all__ = ["stream"]


@click.group()
def stream() -> None:
    """Choose which models are replicated, and how."""


@stream.command()
@click.option("--connection", required=True, help="Name of the connection.")
@click.option("--search", help="Only models whose name or label contains this.")
@click.option("--group", help="Only this group, such as Accounting, Sales or Custom.")
@as_json_option
def discover(connection: str, search: str | None, group: str | None, as_json: bool) -> None:
    """List the models that can become streams."""
    from dataclasses import asdict

    from towpath.features.replicate import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = service.offers(hub, connection, search=search, group=group)
    if as_json:
        print_json([asdict(offer) for offer in found])
        return
    if not found:
        click.echo("No model fits; leave out --search or --group to see all.")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("group", "model"):
        table.add_column(title, no_wrap=True)  # whole, so that it can be copied
    for title in ("label", ""):
        table.add_column(title, overflow="fold")
    before = None
    for offer in found:
        shown = offer.group if offer.group != before else ""
        table.add_row(shown, offer.model, offer.label, "stream" if offer.taken else "")
        before = offer.group
    Console().print(table)
    many = "1 model" if len(found) == 1 else f"{len(found)} models"
    click.echo(f"{many}. Add some: towpath stream add {connection} MODEL ...")


@stream.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json_option
def remove(name: str, yes: bool, as_json: bool) -> None:
    """Forget the stream NAME (id, model or table). Its table stays."""
    from towpath.features.replicate import service
    from towpath.hub import open_hub

    if not yes and not as_json:
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.UsageError("There is no terminal to ask at; add --yes.")
        click.confirm(f"Forget the stream '{name}'? Its table stays.", abort=True, err=True)
    with open_hub() as hub:
        removed = service.remove(hub, name)
    if as_json:
        print_json([stream_record(entry) for entry in removed])
        return
    for entry in removed:
        click.echo(f"Stream {entry.model} removed; its table {entry.path} stays.")


for _command in (add, edit, list_, masks, pause, resume, show):
    stream.add_command(_command)
