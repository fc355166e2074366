"""`towpath sandbox odoo`: run an emulated Odoo until stopped."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import click

__all__ = ["sandbox"]


@click.group()
def sandbox() -> None:
    """Run an Odoo to try and test against."""


def _default_home() -> Path:
    return Path(os.environ.get("TOWPATH_HOME") or Path.home() / ".towpath") / "sandbox"


def _checked(texts: tuple[str, ...]) -> list[dict[str, Any]]:
    """`latency:seconds=0.2,model=res.partner` as the parameters of a fault; ends the command when one is wrong."""
    from towpath.sandbox.odoo_server.faults import Switchboard

    found = []
    for text in texts:
        kind, _, rest = text.partition(":")
        one: dict[str, Any] = {"kind": kind}
        try:
            one.update(_pair(part) for part in rest.split(",") if part)
            Switchboard().add(**one)
        except (ValueError, TypeError) as problem:
            click.echo(f"--fault {text}: {problem}. The faults are listed in docs/sandbox.md.", err=True)
            sys.exit(2)
        found.append(one)
    return found


def _pair(text: str) -> tuple[str, Any]:
    """`name=value`, the value as JSON writes it (a number, a truth value) or else as text.

    Raises:
        ValueError: without an equals sign.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"{text!r} is not name=value")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value


@sandbox.command()
@click.option(
    "--version",
    type=click.Choice(["19.0", "17.0"]),
    default="19.0",
    show_default=True,
    help="Odoo's version.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8069, show_default=True, help="0 takes a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--data",
    type=click.Choice(["demo", "empty", "large"]),
    default="demo",
    show_default=True,
    help="What the database holds when it is made.",
)
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the embedded PostgreSQL.  [default: $TOWPATH_HOME/sandbox]",
)
@click.option("--database-url", default="", help="A PostgreSQL database to use instead.")
@click.option("--fresh", is_flag=True, help="Start from a new copy of the data, thrown away at the end.")
@click.option("--choose", is_flag=True, help="Let JSON-2 calls without a database name mean the only one.")
@click.option(
    "--also", multiple=True, metavar="NAME", help="A further name of the database, as if there were several."
)
@click.option("--no-list", is_flag=True, help="Refuse to list the databases.")
@click.option("--gzip", is_flag=True, help="Compress answers for clients that ask for it, as a proxy does.")
@click.option(
    "--fault",
    "fault",
    multiple=True,
    metavar="KIND[:NAME=VALUE,...]",
    help="Switch a fault on, such as latency:seconds=0.2 or status:status=429,retry_after=2,count=3. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line when ready.")
def odoo(
    *,
    version: str,
    port: int,
    host: str,
    data: str,
    home: Path | None,
    database_url: str,
    fresh: bool,
    choose: bool,
    also: tuple[str, ...],
    no_list: bool,
    gzip: bool,
    fault: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run an emulated Odoo with its external API until Ctrl-C."""
    import psycopg

    from towpath.sandbox.odoo_server.server import OdooServer

    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    faults = _checked(fault)
    server = OdooServer(
        version=version,
        data=data,
        host=host,
        port=port,
        home=home or _default_home(),
        keep=not fresh,
        database_url=database_url,
        choose=choose,
        gzip=gzip,
        aliases=also,
        listed=not no_list,
    )
    if not as_json:
        click.echo(f"Making Odoo {version} with {data} data ready ...", err=True)
    try:
        server.start()
        for one in faults:
            server.add_fault(**one)
    except OSError as problem:
        server.stop()
        click.echo(
            f"Cannot listen on {host}:{port}: {problem.strerror}. Choose another port with --port.", err=True
        )
        sys.exit(2)
    except psycopg.Error as problem:
        server.stop()
        click.echo(_no_database(problem, given=bool(database_url)), err=True)
        sys.exit(2)
    except ValueError as problem:  # a record rule on a model that does not exist
        server.stop()
        click.echo(f"{problem}.", err=True)
        sys.exit(2)
    try:
        _show(server, as_json=as_json)
        stopped.wait()
    finally:
        server.stop()


def _no_database(problem: Exception, *, given: bool) -> str:
    """Why there is no database. PostgreSQL's own text is left out: it may repeat an address with its password."""
    if not given:
        return f"The sandbox's PostgreSQL failed ({type(problem).__name__}); stop other sandboxes, or try another --home."
    import psycopg

    if isinstance(problem, psycopg.OperationalError):
        return (
            "The PostgreSQL of --database-url can not be reached; check the address, that the database exists, and "
            "its user and password."
        )
    if isinstance(problem, psycopg.ProgrammingError) and problem.sqlstate is None:
        return (
            "--database-url can not be understood; write it as postgresql://user:password@host:5432/database, special "
            "characters in the password as %XX."
        )
    return (
        f"The database of --database-url can not be used ({type(problem).__name__}); give an empty one, or one "
        "that a sandbox of this version has filled."
    )


def _show(server: Any, *, as_json: bool) -> None:
    """Print address, database and users."""
    if as_json:
        click.echo(json.dumps(dict(server.facts())))
        sys.stdout.flush()
        return
    click.echo(f"Odoo {server.version} at {server.url}, database {server.db}")
    for user in server.users.values():
        click.echo(f"  user {user.login}  password {user.password}  API key {user.key}")
    click.echo(f"  faults and counters: {server.url}/sandbox/faults, {server.url}/sandbox/calls")
    click.echo("Ctrl-C stops it.")
    sys.stdout.flush()
