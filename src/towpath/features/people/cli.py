"""The commands ``towpath user`` and ``towpath token``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from towpath.access import Right, Role

__all__ = ["token", "user"]

_ROLES = click.Choice([role.value for role in Role])
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _print(rows: Iterable[Any], as_json: bool, columns: tuple[str, ...], nothing: str) -> None:
    import orjson

    found = list(rows)
    if as_json:
        click.echo(orjson.dumps(found, default=str))
    elif not found:
        click.echo(nothing)
    else:
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, header_style="bold")
        for name in columns:
            table.add_column(name.replace("_", " "))
        for one in found:
            values = [getattr(one, name) for name in columns]
            shown = [f"{v:%Y-%m-%d %H:%M}" if hasattr(v, "strftime") else v for v in values]
            table.add_row(
                *["" if v is None else ", ".join(v) if isinstance(v, list) else str(v) for v in shown]
            )
        Console().print(table)


@click.group()
def user() -> None:
    """Add people, give them roles, help them sign in."""


@user.command("list")
@_AS_JSON
def list_users(as_json: bool) -> None:
    """List people."""
    from towpath.features.people import users
    from towpath.hub import open_hub

    with open_hub(works=False) as hub, hub.store.begin() as db:
        found = users.listed(db, limit=100_000)
    columns = ("login", "name", "source", "created_at", "totp_since", "disabled_at")
    _print(found, as_json, columns, "Nobody yet; `towpath up` shows a link for the first administrator.")


@user.command("add")
@click.argument("login")
@click.option("--name", help="Name of the person; else the login.")
@click.option("--email", help="E-mail address of the person.")
@click.option("--role", "role", type=_ROLES, help="Role on the whole installation.")
@_AS_JSON
def add_user(login: str, name: str | None, email: str | None, role: str | None, as_json: bool) -> None:
    """Add a person, and print the link by which they choose their password."""
    from towpath.access import Grant
    from towpath.features.people import service
    from towpath.hub import open_hub

    grants = [Grant(role=Role(role))] if role else []
    with open_hub(works=False) as hub:
        made = service.add_user(hub, login=login, name=name or login, email=email, grants=grants)
        _tell_link(hub.settings.public_url, service.password_token(hub, made.id), as_json)


@user.command("reset")
@click.argument("login")
@click.option(
    "--codes", is_flag=True, help="Ask for one-time codes no longer, for who lost the authenticator."
)
@_AS_JSON
def reset(login: str, codes: bool, as_json: bool) -> None:
    """Print a link by which a person chooses a new password; it works once, within a day."""
    from towpath.features.people import second_factor, service, users
    from towpath.hub import open_hub

    with open_hub(works=False) as hub:
        with hub.store.begin() as db:
            found = users.by_login(db, login)
        if codes:
            second_factor.switch_off(hub, found.id)
        _tell_link(hub.settings.public_url, service.password_token(hub, found.id), as_json)


def _tell_link(public_url: str, text: str, as_json: bool) -> None:
    import json

    link = f"{public_url or 'http://127.0.0.1:8300'}/choose-password#{text}"
    click.echo(
        json.dumps({"link": link})
        if as_json
        else f"Give this link to the person; it works once, within a day:\n{link}"
    )


@user.command("disable")
@click.argument("login")
def disable(login: str) -> None:
    """Let a person sign in no longer; their sessions and tokens end at once."""
    _set_disabled(login, disabled=True)
    click.echo(f"{login} can not sign in any more.")


@user.command("enable")
@click.argument("login")
def enable(login: str) -> None:
    """Let a person sign in again."""
    _set_disabled(login, disabled=False)
    click.echo(f"{login} can sign in again.")


@user.command("delete")
@click.argument("login")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(login: str, *, yes: bool) -> None:
    """Delete a person with their sessions, tokens and roles. The audit keeps what they did."""
    import sys

    from towpath.features.people import leaving, users
    from towpath.hub import open_hub

    with open_hub(works=False) as hub:
        with hub.store.begin() as db:
            found = users.by_login(db, login)
        if not yes:
            if sys.stdin is None or not sys.stdin.isatty():
                raise click.UsageError("There is no terminal to ask at; add --yes.")
            click.confirm(f"Delete {found.name} ({found.login}) for ever?", abort=True, err=True)
        leaving.delete(hub, found.id)
    click.echo(f"{found.login} is deleted; the audit keeps what they did.")


def _set_disabled(login: str, *, disabled: bool) -> None:
    from towpath.features.people import users
    from towpath.hub import open_hub

    with open_hub(works=False) as hub:
        with hub.store.begin() as db:
            found = users.by_login(db, login)
        users.edit(hub, found.id, {"disabled": disabled})


@user.command("grant")
@click.argument("login")
@click.argument("role", type=_ROLES)
@click.option("--connection", help="Name of the connection; without it the role is given on all.")
@click.option("--revoke", is_flag=True, help="Take the role back instead.")
def grant(login: str, role: str, connection: str | None, revoke: bool) -> None:
    """Give a person a role, or take it back."""
    from towpath.errors import NotFoundError
    from towpath.features.connections import service as connections
    from towpath.features.people import granting, users
    from towpath.hub import open_hub

    with open_hub(works=False) as hub:
        with hub.store.begin() as db:
            found = users.by_login(db, login)
        connection_id = connections.find(hub, connection).id if connection else None
        if not revoke:
            granting.grant(hub, Role(role), user_id=found.id, connection_id=connection_id)
        else:
            mine = [
                one
                for one in granting.held(hub, user_id=found.id)
                if (one.role, one.connection_id) == (role, connection_id)
            ]
            if not mine:
                raise NotFoundError(f"{login} does not have that role.")
            for one in mine:
                granting.revoke(hub, one.id)
    place = f"on '{connection}'" if connection else "on all connections"
    click.echo(f"{login} {'no longer has' if revoke else 'has'} the role {role} {place}.")


@click.group()
def token() -> None:
    """Make and revoke API tokens."""


@token.command("list")
@_AS_JSON
def list_tokens(as_json: bool) -> None:
    """List tokens that work or have expired."""
    from towpath.features.people import tokens
    from towpath.hub import open_hub

    with open_hub(works=False) as hub:
        found = tokens.listed(hub)
    columns = ("id", "name", "rights", "created_by", "expires_at", "used_at", "used_from")
    _print(found, as_json, columns, "There are no tokens; see `towpath token add --help`.")


@token.command("add")
@click.argument("login")
@click.argument("name")
@click.option(
    "--right",
    "rights",
    multiple=True,
    required=True,
    type=click.Choice([right.value for right in Right]),
    help="What it may, as far as the person may; may be repeated.",
)
@click.option(
    "--days", type=click.IntRange(1, 366), default=90, show_default=True, help="Days that it works."
)
@click.option(
    "--connection", "names", multiple=True, help="On which connections; without it on all the person may."
)
@_AS_JSON
def add_token(
    login: str, name: str, rights: tuple[str, ...], days: int, names: tuple[str, ...], as_json: bool
) -> None:
    """Make a token of the person LOGIN that NAME uses, and print it this once."""
    import json

    from towpath.features.connections import service as connections
    from towpath.features.people import tokens, users
    from towpath.hub import open_hub

    with open_hub(works=False) as hub:
        with hub.store.begin() as db:
            found = users.by_login(db, login)
        places = [connections.find(hub, one).id for one in names] or None
        made, text = tokens.add(
            hub,
            user_id=found.id,
            name=name,
            rights=[Right(one) for one in rights],
            days=days,
            connection_ids=places,
        )
    click.echo(json.dumps({"id": made.id, "token": text}) if as_json else text)


@token.command("revoke")
@click.argument("token_id")
def revoke_token(token_id: str) -> None:
    """Let a token work no longer."""
    from towpath.features.people import tokens
    from towpath.hub import open_hub

    with open_hub(works=False) as hub:
        tokens.revoke(hub, token_id)
    click.echo("The token works no longer.")
