"""Commands: ``towpath overview`` and ``towpath settings``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from towpath.features.home.shapes import OverviewOut

__all__ = ["overview", "settings"]

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@_json
def overview(as_json: bool) -> None:
    """Show how every connection and stream stands, and what needs a person."""
    from towpath.access import Actor, Grant, Role, who
    from towpath.features.home import service
    from towpath.features.home.shapes import overview_out
    from towpath.hub import open_hub

    # Whoever can open the home folder is the installation's owner already.
    actor = Actor(name=who(), grants=(Grant(role=Role.ADMIN),))
    with open_hub(works=False) as hub:
        found = overview_out(service.overview(hub, actor))
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    if not found.connections:
        click.echo("No connections yet. Add one: towpath connection add NAME --url https://...")
        return
    _print(found)


def _print(found: OverviewOut) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("connection", "Odoo", "state"):
        table.add_column(title, overflow="fold")
    for title in ("streams", "running", "failed", "behind"):
        table.add_column(title, justify="right")
    for one in found.connections:
        table.add_row(
            one.name,
            one.version,
            one.state,
            str(one.streams),
            str(one.running),
            str(one.failed),
            _length(one.lag_seconds),
        )
    Console().print(table)
    if not found.attention:
        click.echo("Nothing needs you.")
    for need in found.attention:
        about = f"{need.connection}: " if need.connection else ""
        many = f" ({need.streams} streams)" if need.streams > 1 else ""
        mark = click.style("!", fg="red" if need.urgent else "yellow")
        click.echo(f"{mark} {about}{need.sentence}{many}")


def _length(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    for size, name in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} s"


@click.command()
@click.option("--changed", is_flag=True, help="Only those that differ from their default.")
@_json
def settings(changed: bool, as_json: bool) -> None:
    """Show what every setting is at the moment, without secrets. They are set by environment variables."""
    from towpath.features.home.effective import effective, shown
    from towpath.features.home.shapes import SettingsOut
    from towpath.settings import load

    found = [one for one in effective(load()) if one.changed or not changed]
    if as_json:
        click.echo(SettingsOut.of(found).model_dump_json(indent=2))
        return
    width = max((len(one.environment) for one in found), default=0)
    for one in found:
        mark = "*" if one.changed else " "
        click.echo(f"{mark} {one.environment:{width}}  {shown(one)}")
    if any(one.changed for one in found):
        click.echo("* differs from the default")
