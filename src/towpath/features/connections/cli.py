"""Commands: add, test, list, show, change and remove connections."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

import click

from towpath.errors import InputError
from towpath.features.connections.cli_limits import limit_options, limits_given
from towpath.features.keys.cli import rotate_connection

__all__ = ["connection"]

#: Environment variable that may hold the key of a connection to be added.
KEY_VARIABLE = "TOWPATH_ODOO_KEY"

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def connection() -> None:
    """Add, test, list, change and remove connections to Odoo databases."""


@connection.command()
@click.argument("name")
@click.option("--url", required=True, help="Address of the Odoo, as you type it in a browser.")
@click.option("--database", help="Name of the database; found by itself when there is only one.")
@click.option("--login", help="User name; not needed with an API key on Odoo 19 or later.")
@click.option("--key-stdin", is_flag=True, help="Read the API key (or password) from standard input.")
@click.option(
    "--key-expires",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day on which the key ends; reminders come before.",
)
@click.option(
    "--witness", metavar="OTHER", help="A connection to the same database whose user may read more."
)
@_json
def add(
    *,
    name: str,
    url: str,
    database: str | None,
    login: str | None,
    key_stdin: bool,
    key_expires: datetime | None,
    witness: str | None,
    as_json: bool,
) -> None:
    """Add the Odoo database at an address under a NAME.

    The API key is asked for; it may also come from standard input (--key-stdin) or from the environment
    variable TOWPATH_ODOO_KEY. It is stored sealed and never shown again.
    """
    secret = _key(key_stdin)
    from towpath.features.connections import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        if witness is not None:
            service.find(hub, witness)  # before the key is stored
        ends = key_expires.replace(tzinfo=UTC) if key_expires else None
        added = service.add(
            hub, name=name, url=url, database=database, login=login, secret=secret, expires_at=ends
        )
        if witness is not None:
            try:
                added = service.set_witness(hub, name, witness)
            except InputError as problem:
                raise InputError(
                    f"Connection '{name}' was added without a witness: {problem.message}"
                ) from None
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
        budgets = {entry.id: service.budget(hub, entry.name) for entry in found}
    if as_json:
        _print_json([{**entry.to_json(), "calls": budgets[entry.id].to_json()} for entry in found])
        return
    if not found:
        click.echo("No connections yet. Add one: towpath connection add NAME --url https://...")
        return
    from towpath.features.connections.cli_shown import print_list

    print_list(found, budgets)


@connection.command()
@click.argument("name")
@_json
def show(name: str, as_json: bool) -> None:
    """Show the connection NAME and how many calls its database gets."""
    from towpath.features.connections import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        known = service.find(hub, name)
        calls = service.budget(hub, name)
        key = hub.cabinet.info(service.owner_of(known.id))
        witness = service.find_by_id(hub, known.witness_id).name if known.witness_id else None
    ends = key.expires_at if key else None
    if as_json:
        told = {"key_set_at": key and key.set_at, "key_expires_at": ends}
        _print_json({**known.to_json(), **told, "witness": witness, "calls": calls.to_json()})
        return
    from towpath.features.connections.cli_shown import print_facts

    print_facts(known, calls, witness=witness, key_set=key.set_at if key else None, key_ends=ends)


@connection.command("set")
@click.argument("name")
@click.option("--name", "new_name", metavar="NEW", help="Call it NEW from now on.")
@click.option("--database", help="The database's new name; empty where the server decides.")
@click.option("--login", help="Another user; empty where the key alone tells.")
@click.option(
    "--key-stdin",
    is_flag=True,
    help="Also another key, from standard input; the old one stays unless it works.",
)
@click.option(
    "--witness", metavar="OTHER", help="A connection to the same database whose user may read more."
)
@click.option("--no-witness", is_flag=True, help="Do without one.")
@limit_options
@_json
def set_(
    *,
    name: str,
    new_name: str | None,
    database: str | None,
    login: str | None,
    key_stdin: bool,
    witness: str | None,
    no_witness: bool,
    calls_per_second: float | str | None,
    calls_at_once: int | str | None,
    working_hours: str | None,
    as_json: bool,
) -> None:
    """Change the connection NAME, once it works like that. For another address: towpath connection move.

    A witness tells deleted records from those that the connection's user may no longer read. Limits of calls hold for
    the database, over all workers and all connections to it; what runs keeps to them two seconds later.
    """
    if witness is not None and no_witness:
        raise click.UsageError("Give either --witness or --no-witness.")
    limits = limits_given(calls_per_second, calls_at_once, working_hours)
    rest = (new_name, database, login) != (None, None, None) or key_stdin
    if not (rest or limits or witness or no_witness):
        raise click.UsageError(
            "Say what to change: --name, --database, --login, --key-stdin, --witness, --no-witness, "
            "--calls-per-second, --calls-at-once or --working-hours."
        )
    from towpath.features.connections import service
    from towpath.hub import open_hub
    from towpath.secrets import Secret

    secret = Secret(_key(from_stdin=True)) if key_stdin else None
    news = service.News(name=new_name, database=database, login=login, secret=secret)
    with open_hub() as hub:
        service.check_limits(hub, name, limits)
        changed = service.change(hub, name, news)
        if witness or no_witness:
            changed = service.set_witness(hub, changed.name, witness)
        if limits:
            changed = service.set_limits(hub, changed.name, limits)
        other = service.find_by_id(hub, changed.witness_id).name if changed.witness_id else None
    if as_json:
        _print_json({**changed.to_json(), "witness": other})
        return
    if witness or no_witness:
        click.echo(
            f"'{witness}' is the witness of '{changed.name}'."
            if witness
            else f"'{changed.name}' has no witness."
        )
    if rest or limits:
        click.echo(f"{click.style('✓', fg='green')} Connection '{changed.name}' changed.")


@connection.command()
@click.argument("name")
@click.option("--url", required=True, help="The new address.")
@click.option("--force", is_flag=True, help="Even when the database there is another one.")
@_json
def move(name: str, url: str, force: bool, as_json: bool) -> None:
    """Point the connection NAME at another address of the same database."""
    from towpath.features.connections import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        moved = service.move(hub, name, url, force=force)
    if as_json:
        _print_json(moved.to_json())
    else:
        click.echo(f"{click.style('✓', fg='green')} {moved.test_message}")


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


connection.add_command(rotate_connection)


def _print_json(value: object) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
