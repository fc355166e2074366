"""The commands ``towpath secrets``."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

import click

__all__ = ["rotate_connection", "secrets"]

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
#: Environment variable that may hold the secret to be set.
VARIABLE = "TOWPATH_SECRET"


@click.group()
def secrets() -> None:
    """List, set and rotate stored secrets. No command shows a value."""


@secrets.command("list")
@_json
def list_(*, as_json: bool) -> None:
    """List the stored secrets: whose, when set, when last used, when they end, under which master key."""
    from towpath.features.keys import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = service.listed(hub)
    if as_json:
        _print_json([held.to_json() for held in found])
        return
    if not found:
        click.echo("No secret is stored.")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("secret", "set (UTC)", "last used", "ends", "master key"):
        table.add_column(title, overflow="fold")
    colours = {"good": "", "expiring": "yellow", "expired": "red"}
    for held in found:
        whose = f"connection/{held.connection}" if held.connection else held.owner
        ends = Text(_time(held.expires_at, "not known"), style=colours[held.state])
        table.add_row(whose, _time(held.set_at), _time(held.used_at), ends, held.key_id)
    Console().print(table)
    for held in found:
        if held.rotating:
            click.echo(f"{held.title}: {held.rotating}")


@secrets.command("set")
@click.argument("owner")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the secret from standard input.")
@click.option("--on", "on", metavar="DATE", help="When it ends, such as 2027-02-01.")
@_json
def set_(*, owner: str, from_stdin: bool, on: str | None, as_json: bool) -> None:
    """Replace the secret of OWNER, such as connection/acme. A key for Odoo is tried first.

    It is asked for; it may also come from standard input (--stdin) or from the environment variable TOWPATH_SECRET.
    """
    from towpath.features.keys import service
    from towpath.hub import open_hub

    end = _date(on)
    value = _value(from_stdin)
    with open_hub() as hub:
        held = service.set_secret(hub, owner, value, expires_at=end)
    if as_json:
        _print_json(held.to_json())
    else:
        click.echo(f"{click.style('✓', fg='green')} The secret of '{held.title}' is replaced.")


def _value(from_stdin: bool) -> str:
    if from_stdin:
        value = sys.stdin.readline() if sys.stdin else ""
    elif not (value := os.environ.get(VARIABLE, "")):
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.UsageError(
                f"There is no terminal to ask at; give the secret with --stdin or in {VARIABLE}."
            )
        value = click.prompt("Secret", hide_input=True, err=True)
    return value.strip()


@secrets.command()
@click.option("--owner", required=True, help="Whose secret, such as connection/acme.")
@click.option("--on", "on", metavar="DATE", help="When it ends, such as 2027-02-01.")
@click.option("--never", is_flag=True, help="It does not end.")
@_json
def expire(*, owner: str, on: str | None, never: bool, as_json: bool) -> None:
    """Note when a secret ends; reminders come 30, 14, 7 and 1 days before."""
    if (on is None) == (not never):
        raise click.UsageError("Say when it ends: --on 2027-02-01, or --never.")
    from towpath.features.keys import service
    from towpath.hub import open_hub

    end = _date(on)
    with open_hub() as hub:
        held = service.expire(hub, owner, end)
    if as_json:
        _print_json(held.to_json())
    else:
        click.echo(f"The secret of '{held.title}' ends: {_time(held.expires_at)}.")


@secrets.command()
@_json
def rotate(*, as_json: bool) -> None:
    """Wrap every stored secret with a new master key; everything goes on meanwhile.

    When it is interrupted, start it again. Where the key comes from the environment or a command, put the new key
    in front of the old one there first.
    """
    from towpath.features.keys import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        done = service.rotate(hub)
    if as_json:
        _print_json(done)
        return
    noun = "secret is" if done.rewrapped == 1 else "secrets are"
    click.echo(f"{done.rewrapped:,} {noun} now under the master key {done.key_id}.")
    if not done.old_keys_removed:
        click.echo("You may now take the old key out of the place where the key comes from.")


@click.command("rotate", short_help="Give the connection NAME a new API key.")
@click.argument("name")
@click.option(
    "--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="How long it is to live."
)
@_json
def rotate_connection(*, name: str, days: int, as_json: bool) -> None:
    """Give the connection NAME a new API key and revoke the old one (Odoo 19 or later).

    When it is interrupted, start it again. Where Odoo does not let the user do so, it says what a person has to do.
    """
    from towpath.features.keys import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        done = service.rotate_key(hub, name, days=days)
    if as_json:
        _print_json(done.to_json())
        return
    click.echo(
        f"{click.style('✓', fg='green')} '{name}' has the new key '{done.key_name}' until {_time(done.expires_at)}; "
        + ("the old one is revoked." if done.revoked else "the old one is revoked when its runs have ended.")
    )
    if done.remark:
        click.echo(done.remark)


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise click.UsageError(f"'{text}' is no date; write 2027-02-01.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > datetime.now(UTC) + timedelta(days=36_500):
        raise click.UsageError("That is more than a hundred years from now; use --never.")
    return moment


def _time(value: datetime | None, none: str = "never") -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if value else none


def _print_json(value: object) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode())
