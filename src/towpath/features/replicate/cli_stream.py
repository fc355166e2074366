"""Commands: discover, add, list, show and remove streams."""

from __future__ import annotations

import sys
from datetime import UTC

import click

__all__ = ["stream"]

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _print_json(value: object) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())


@click.group()
def stream() -> None:
    """Choose which models are replicated, and how."""


@stream.command()
@click.option("--connection", required=True, help="Name of the connection.")
@click.option("--search", help="Only models whose name or label contains this.")
@click.option("--group", help="Only this group, such as Accounting, Sales or Custom.")
@_json
def discover(connection: str, search: str | None, group: str | None, as_json: bool) -> None:
    """List the models that can become streams."""
    from dataclasses import asdict

    from towpath.features.replicate import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = service.offers(hub, connection, search=search, group=group)
    if as_json:
        _print_json([asdict(offer) for offer in found])
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
@click.argument("connection")
@click.argument("models", nargs=-1)
@click.option("--group", help="All models of a group instead.")
@click.option("--sync-type", default="INCREMENTAL", show_default=True, help="INCREMENTAL or FULL_TABLE.")
@click.option("--layer", default="raw", show_default=True, help="Layer of the catalog.")
@click.option("--folder", help="Folder in the layer; the connection's name when left out.")
@click.option("--prefix", default="", help="Put before every table name.")
@click.option("--table", "table_name", help="Name of the table (one model only).")
@click.option("--fields", help="Field names, separated by commas; the stored ones when left out.")
@click.option("--filter", "filter_", help="Odoo domain, such as \"[('state', '=', 'posted')]\".")
@click.option("--description", default="", help="At most 140 characters.")
@_json
def add(
    connection: str,
    models: tuple[str, ...],
    group: str | None,
    sync_type: str,
    layer: str,
    folder: str | None,
    prefix: str,
    table_name: str | None,
    fields: str | None,
    filter_: str | None,
    description: str,
    as_json: bool,
) -> None:
    """Replicate MODELS of a CONNECTION.

    INCREMENTAL reads what changed and keeps every record ever fetched; FULL_TABLE brings the current state.
    """
    if not models and not group:
        raise click.UsageError("Name at least one model, or a --group.")
    from towpath.features.replicate import service
    from towpath.hub import open_hub

    choice = service.Choice(
        layer=layer,
        folder=folder,
        prefix=prefix,
        sync_type=sync_type.upper(),
        fields=[name.strip() for name in fields.split(",") if name.strip()] if fields else None,
        filter=filter_,
        description=description,
        table_name=table_name,
    )
    with open_hub() as hub:
        wanted = list(models)
        if group:
            offers = service.offers(hub, connection, group=group)
            wanted += [o.model for o in offers if not o.taken and o.model not in wanted]
        added = service.add(hub, connection, wanted, choice)
    if as_json:
        _print_json([_shown(entry) for entry in added])
        return
    for entry in added:
        click.echo(f"{click.style('✓', fg='green')} {entry.model} -> {entry.path}  ({entry.sync_type})")
    click.echo(f"Next: towpath sync run --connection {connection}")


def _shown(entry: object) -> dict[str, object]:
    names = ("id", "model", "layer", "folder", "table_name", "sync_type", "fields", "filter", "description")
    return {name: getattr(entry, name) for name in names}


@stream.command("list")
@click.option("--connection", help="Only streams of this connection.")
@_json
def list_(connection: str | None, as_json: bool) -> None:
    """List the streams."""
    from towpath.features.replicate import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = service.choose(hub, connection=connection)
        last = {run.stream_id: run for run, _ in reversed(service.recent_runs(hub, limit=1000))}
    if as_json:
        _print_json(
            [
                {**_shown(entry), "last_run": last[entry.id].to_json() if entry.id in last else None}
                for entry in found
            ]
        )
        return
    if not found:
        click.echo("No streams yet. See what there is: towpath stream discover --connection NAME")
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    # A narrow terminal leaves the model out: the table's name tells it already.
    wide = console.width >= 100
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("model", "table") if wide else ("table",):
        table.add_column(title, overflow="fold")
    for title in ("sync type", "last run (UTC)", "state"):
        table.add_column(title, no_wrap=True)
    for entry in found:
        run = last.get(entry.id)
        when = run.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if run else ""
        names = (entry.model, entry.path) if wide else (entry.path,)
        table.add_row(*names, entry.sync_type, when, run.state if run else "never run")
    console.print(table)


@stream.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_json
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
        _print_json([_shown(entry) for entry in removed])
        return
    for entry in removed:
        click.echo(f"Stream {entry.model} removed; its table {entry.path} stays.")
