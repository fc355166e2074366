"""The command ``towpath sign-in``: ways to sign in beside the password."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any

import click

from towpath.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from towpath.features.people.methods import Method
    from towpath.hub import Hub

__all__ = ["sign_in"]

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def sign_in() -> None:
    """Let people sign in at OpenID issuers and directories."""


@sign_in.command("list")
@_AS_JSON
def list_ways(as_json: bool) -> None:
    """List the ways to sign in beside the password."""
    from towpath.features.people import methods
    from towpath.hub import open_hub

    with open_hub(works=False) as hub:
        found = methods.listed(hub)
    if as_json:
        _print([_told(one) for one in found])
    elif not found:
        click.echo("There is only the password; see `towpath sign-in add --help`.")
    for one in () if as_json else found:
        state = "" if one.enabled else " (switched off)"
        click.echo(f"{one.title}: {one.kind}, {one.config.get('issuer') or one.config.get('host')}{state}")


@sign_in.command()
@click.argument("title")
@click.option(
    "--config",
    type=click.File("r"),
    required=True,
    help="File with the settings as JSON; `-` is standard input.",
)
@click.option(
    "--secret-file", type=click.File("r"), help="File with the client secret, or the searcher's password."
)
@_AS_JSON
def add(title: str, config: IO[str], secret_file: IO[str] | None, as_json: bool) -> None:
    """Add a way to sign in under a TITLE.

    The settings are those of the REST API: {"kind": "oidc", "issuer": "https://...", "client_id": "..."} or {"kind":
    "ldap", "host": "...", "base": "..."}; see docs/sign-in.md.
    """
    from towpath.features.people import methods
    from towpath.hub import open_hub

    kind, checked = _checked(config.read())
    secret = secret_file.read().strip() if secret_file else None
    with open_hub(works=False) as hub:
        made = methods.add(hub, kind=kind, title=title, config=checked, secret=secret)
    _said(made, f"'{made.title}' was added. Next: towpath sign-in test '{made.title}'", as_json)


@sign_in.command()
@click.argument("title")
@click.option("--login", help="Of a directory: a person to be found; no password is needed.")
@_AS_JSON
def test(title: str, login: str | None, as_json: bool) -> None:
    """Try the way TITLE step by step; ends with 1 when a step fails."""
    from dataclasses import asdict

    from towpath.features.people import examining, methods
    from towpath.hub import Hub
    from towpath.settings import load

    # The command line may always reach private networks.
    hub = Hub(load(private_addresses=True), works=False)
    try:
        where = methods.redirect_uri(hub)
        steps = examining.examine(hub, _named(hub, title).id, redirect_uri=where, login=login)
    finally:
        hub.close()
    if as_json:
        _print([asdict(one) for one in steps])
    for one in () if as_json else steps:
        state = {True: "ok", False: "failed", None: "not tried"}[one.ok]
        click.echo(f"{one.name}: {state}{f': {one.message}' if one.message else ''}")
    if not all(one.ok for one in steps):
        sys.exit(1)


@sign_in.command()
@click.argument("service", type=click.Choice(["entra", "google", "oidc", "ldap"]))
@click.option(
    "--for",
    "audience",
    type=click.Choice(["staff", "guests"]),
    help="Who is to sign in: your own people (unless the way is for guests already), or people from outside with "
    "accounts of their own.",
)
@click.option("--tenant", help="Of Entra: the directory (tenant) id; the issuer follows from it.")
@click.option(
    "--way", help="The way by its title, where there is one; administrators are counted without it."
)
@_AS_JSON
def guide(service: str, audience: str | None, tenant: str | None, way: str | None, as_json: bool) -> None:
    """Tell what to do at a SERVICE before people can sign in there, and what to bring back."""
    from towpath.features.people import guiding
    from towpath.hub import open_hub

    with open_hub(works=False) as hub:
        method_id = _named(hub, way).id if way else None
        told = guiding.guide(hub, service, audience=audience, tenant=tenant, method_id=method_id)
    if as_json:
        _print(guiding.as_json(told))
        return
    for number, step in enumerate(told.guide.steps, start=1):
        click.echo(f"{number}. {step.text}")
        for more in (step.link.address if step.link else None, step.value):
            if more:
                click.echo(f"   {more}")
    for check in told.checks:
        click.echo(f"{check.name}: {'ok' if check.ok else 'not yet'}: {check.message}")


@sign_in.command()
@click.argument("title")
@click.option(
    "--file", "secret_file", type=click.File("r"), help="File with the new secret; `-` is standard input."
)
@click.option("--remove", "removed", is_flag=True, help="Do without: a public client has PKCE alone.")
@_AS_JSON
def secret(title: str, secret_file: IO[str] | None, removed: bool, as_json: bool) -> None:
    """Replace or remove the secret of the way TITLE."""
    from towpath.features.people import methods
    from towpath.hub import open_hub

    if removed == (secret_file is not None):
        raise click.UsageError("Name either --file or --remove.")
    given = secret_file.read().strip() if secret_file else ""
    if not (given or removed):
        raise click.UsageError("The file is empty; --remove removes the secret.")
    with open_hub(works=False) as hub:
        changed = methods.change(hub, _named(hub, title).id, secret=given)
    _said(changed, f"The secret of '{title}' is {'removed' if removed else 'replaced'}.", as_json)


@sign_in.command()
@click.argument("title")
@_AS_JSON
def disable(title: str, as_json: bool) -> None:
    """Offer the way TITLE no longer; what belongs to it stays."""
    _switch(title, enabled=False, as_json=as_json)


@sign_in.command()
@click.argument("title")
@_AS_JSON
def enable(title: str, as_json: bool) -> None:
    """Offer the way TITLE again."""
    _switch(title, enabled=True, as_json=as_json)


@sign_in.command()
@click.argument("title")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(title: str, yes: bool) -> None:
    """Forget the way TITLE, who people are there, and the roles their groups gave."""
    from towpath.features.people import methods
    from towpath.hub import open_hub

    if not yes:
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.UsageError("There is no terminal to ask at; add --yes.")
        click.confirm(f"Forget '{title}' and the roles it gave?", abort=True, err=True)
    with open_hub(works=False) as hub:
        methods.remove(hub, _named(hub, title).id)
    click.echo(f"'{title}' is forgotten.")


def _switch(title: str, *, enabled: bool, as_json: bool) -> None:
    from towpath.features.people import methods
    from towpath.hub import open_hub

    with open_hub(works=False) as hub:
        changed = methods.change(hub, _named(hub, title).id, enabled=enabled)
    _said(changed, f"'{title}' is {'offered' if enabled else 'not offered any more'}.", as_json)


def _named(hub: Hub, title: str) -> Method:
    from towpath.features.people import methods

    for one in methods.listed(hub):
        if title in {one.title, one.id}:
            return one
    raise NotFoundError(f"There is no way to sign in called '{title}'; see `towpath sign-in list`.")


def _checked(text: str) -> tuple[str, dict[str, Any]]:
    from pydantic import ValidationError

    from towpath.features.people.shapes_methods import MethodIn

    try:
        config = MethodIn.model_validate_json(f'{{"title": "checked", "config": {text}}}').config
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"][1:]) or "the JSON"
        raise InputError(
            f"The settings are not valid: {place}: {first['msg']}. See docs/sign-in.md."
        ) from None
    return config.kind, config.model_dump(mode="json", exclude={"kind"})


def _told(method: Method) -> dict[str, Any]:
    return {
        "id": method.id,
        "kind": method.kind,
        "title": method.title,
        "enabled": method.enabled,
        "config": dict(method.config),
    }


def _said(method: Method, sentence: str, as_json: bool) -> None:
    if as_json:
        _print(_told(method))
    else:
        click.echo(sentence)


def _print(value: object) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
