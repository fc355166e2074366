"""Commands: add, test, list and remove connections."""

from __future__ import annotations

import os
import sys
from datetime import UTC

import click

__all__ = ["connection"]

#: Environment variable that may hold the key of a connection to be added.
KEY_VARIABLE = "TOWPATH_ODOO_KEY"

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def connection() -> None:
    """Add, test, list and remove connections to Odoo databases."""


@connection.command()
@click.argument("name")
@click.option("--url", required=True, help="Address of the Odoo, as you type it in a browser.")
@click.option("--database", help="Name of the database; found by itself when there is only one.")
@click.option("--login", help="User name; not needed with an API key on Odoo 19 or later.")
@click.option("--key-stdin", is_flag=True, help="Read the API key (or password) from standard input.")
@_json
def add(name: str, url: str, database: str | None, login: str | None, key_stdin: bool, as_json: bool) -> None:
    """Add the Odoo database at an address under a NAME.

    The API key is asked for; it may also come from standard input (--key-stdin) or from the environment
    variable TOWPATH_ODOO_KEY. It is stored sealed and never shown again.
    """
    secret = _key(key_stdin)
    from towpath.features.connections import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        added = service.add(hub, name=name, url=url, database=database, login=login, secret=secret)
    if as_json:
        _print_json(added.to_json())
        return
    click.echo(f"{click.style('✓', fg='green')} {added.test_message}")
    click.echo(f"Connection '{name}' added. Next: towpath stream discover --connection {name}")


def _key(from_stdin: bool) -> str:
    if from_stdin:
        secret = sys.stdin.readline().strip() if sys.stdin else ""
    elif not (secret := os.environ.get(KEY_VARIABLE, "").strip()):
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.UsageError(
                "There is no terminal to ask for the API key; give it with --key-stdin or in TOWPATH_ODOO_KEY."
            )
        secret = click.prompt("API key (or password)", hide_input=True, err=True).strip()
    if not secret:
        raise click.UsageError(
            "The API key is empty; give it at the prompt, with --key-stdin or in TOWPATH_ODOO_KEY."
        )
    return secret


@connection.command("list")
@_json
def list_(as_json: bool) -> None:
    """List the connections."""
    from towpath.features.connections import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = service.listed(hub)
    if as_json:
        _print_json([entry.to_json() for entry in found])
        return
    if not found:
        click.echo("No connections yet. Add one: towpath connection add NAME --url https://...")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("name", "address", "database", "Odoo", "protocol", "tested (UTC)"):
        table.add_column(title, overflow="fold")
    for entry in found:
        tested = entry.tested_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if entry.tested_at else ""
        table.add_row(entry.name, entry.url, entry.database or "", entry.version, entry.protocol, tested)
    Console().print(table)


@connection.command()
@click.argument("name")
@_json
def test(name: str, as_json: bool) -> None:
    """Try whether the connection NAME still works."""
    from towpath.features.connections import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = service.test(hub, name)
    if as_json:
        _print_json({"name": name, "ok": True, "version": str(found.version), "message": found.sentence})
    else:
        click.echo(f"{click.style('✓', fg='green')} {found.sentence}")


@connection.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_json
def remove(name: str, yes: bool, as_json: bool) -> None:
    """Forget the connection NAME and its key. Tables stay."""
    from towpath.features.connections import service
    from towpath.hub import open_hub

    if not yes and not as_json:
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.UsageError("There is no terminal to ask at; add --yes.")
        click.confirm(f"Forget the connection '{name}' and its key?", abort=True, err=True)
    with open_hub() as hub:
        removed = service.remove(hub, name)
    if as_json:
        _print_json(removed.to_json())
    else:
        click.echo(f"Connection '{name}' removed; its key is gone.")


def _print_json(value: object) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
