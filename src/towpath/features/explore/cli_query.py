"""Commands: ``towpath query``, for saved queries as the workspace has them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from towpath.access import Actor
    from towpath.features.explore.saved import Saved

__all__ = ["query"]

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _actor() -> Actor:
    """The command line's user, who may do everything on this machine."""
    from towpath.access import Actor, Grant, Role, who

    return Actor(name=who(), grants=(Grant(role=Role.ADMIN),), title=who())


@click.group()
def query() -> None:
    """Save, share and run queries."""


@query.command("save")
@click.argument("title")
@click.argument("text", metavar="SQL")
@click.option("--description", default="", help="What it is for.")
@click.option(
    "--share", "shared", multiple=True, metavar="WITH", help="`everybody`, or `group:ID`; may be repeated."
)
@click.option("--chart", type=click.Choice(["bar", "line", "pie"]), help="Draw the answer in the workspace.")
@click.option("--x", help="Column along the chart.")
@click.option("--y", multiple=True, help="Column with values; may be repeated.")
@_json
def save(
    title: str,
    text: str,
    description: str,
    shared: tuple[str, ...],
    chart: str | None,
    x: str | None,
    y: tuple[str, ...],
    as_json: bool,
) -> None:
    """Save SQL under a TITLE; - reads it from standard input."""
    if (chart is None) != (not x and not y):
        raise click.UsageError("A chart takes --chart, --x and --y together.")
    from towpath.features.explore import saved
    from towpath.hub import open_hub

    sql = sys.stdin.read(100_001) if text == "-" else text
    drawn = {"type": chart, "x": x or "", "y": list(y)} if chart else None
    with open_hub() as hub:
        kept = saved.add(
            hub, _actor(), title=title, sql=sql, description=description, chart=drawn, shared_with=shared
        )
    _say(kept, as_json, f"Saved. Run it: towpath query run {kept.id}")


@query.command("list")
@click.option("--search", default="", help="Part of a title, description or text.")
@_json
def list_(search: str, as_json: bool) -> None:
    """List the saved queries."""
    from towpath.features.explore import saved
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = saved.listed(hub, _actor(), search=search)
    if as_json:
        _print([one.to_json() for one in found])
        return
    if not found:
        click.echo('No saved queries. Save one: towpath query save TITLE "select ..."')
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("id", "title", "owner", "shared with"):
        grid.add_column(title, overflow="fold")
    for one in found:
        grid.add_row(one.id, Text(one.title), Text(one.owner_name), ", ".join(one.shared_with))
    Console().print(grid)


@query.command("run")
@click.argument("name")
@_json
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--limit", type=click.IntRange(0), help="Most rows to print; 0 for all.")
@click.option("--as-of", metavar="TIME", help="Ask the tables as they were at a time (UTC), or run:ID.")
@click.pass_context
def run(
    context: click.Context, name: str, as_json: bool, as_csv: bool, limit: int | None, as_of: str | None
) -> None:
    """Run the saved query of that id or title, as `towpath sql` does."""
    from towpath.features.explore import saved
    from towpath.features.explore.cli import sql
    from towpath.hub import open_hub

    with open_hub() as hub:
        text = saved.find(hub, _actor(), name).sql
    context.invoke(sql, text=text, as_json=as_json, as_csv=as_csv, limit=limit, as_of=as_of)


@query.command("share")
@click.argument("name")
@click.option(
    "--with", "shared", multiple=True, metavar="WITH", help="`everybody`, or `group:ID`; may be repeated."
)
@click.option("--nobody", is_flag=True, help="Share it with nobody any more.")
@_json
def share(name: str, shared: tuple[str, ...], nobody: bool, as_json: bool) -> None:
    """Say who else sees the saved query of that id or title."""
    if bool(shared) == nobody:
        raise click.UsageError("Say with whom: --with everybody, --with group:ID, or --nobody.")
    from towpath.features.explore import saved
    from towpath.hub import open_hub

    with open_hub() as hub:
        actor = _actor()
        found = saved.find(hub, actor, name)
        kept = saved.change(hub, actor, found, {"shared_with": list(shared)})
    _say(kept, as_json, f"Shared with {', '.join(kept.shared_with) or 'nobody'}.")


@query.command("remove")
@click.argument("name")
@_json
def remove(name: str, as_json: bool) -> None:
    """Remove the saved query of that id or title."""
    from towpath.features.explore import saved
    from towpath.hub import open_hub

    with open_hub() as hub:
        actor = _actor()
        found = saved.find(hub, actor, name)
        saved.remove(hub, actor, found)
    _say(found, as_json, f"Removed {found.title}.")


def _say(one: Saved, as_json: bool, sentence: str) -> None:
    if as_json:
        _print(one.to_json())
    else:
        click.echo(sentence)


def _print(value: object) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
