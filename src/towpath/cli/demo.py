"""``towpath demo``: the whole of Towpath at work on a made-up company, in one command."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import socket

    from rich.console import Console

    from towpath.cli.demo_odoo import DemoOdoo
    from towpath.features.replicate.runs import Run
    from towpath.features.replicate.streams import Stream
    from towpath.hub import Hub

__all__ = ["demo"]

CONNECTION = "demo"

#: What is replicated, and whether deleted records are kept.
MODELS = {
    "INCREMENTAL": [
        "res.partner",
        "res.users",
        "account.move",
        "account.move.line",
        "account.payment",
        "account.journal",
        "product.template",
        "product.product",
        "sale.order",
        "sale.order.line",
        "purchase.order",
        "purchase.order.line",
        "crm.lead",
        "project.task",
        "mail.activity",
        "mut.insurance.quotation",
    ],
    "FULL_TABLE": ["res.country", "res.currency", "res.company", "product.category", "crm.stage"],
}

QUESTIONS = [
    "select count(*) n from account_move",
    "select currency_id__name, sum(amount_total) total from account_move where state = 'posted' group by all",
]


@click.command()
@click.option("--once", is_flag=True, help="Stop after the report instead of serving the workspace.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8300, show_default=True, help="Port of the workspace."
)
@click.option(
    "--version",
    "odoo_version",
    type=click.Choice(["19.0", "17.0"]),
    default="19.0",
    show_default=True,
    help="Version of the Odoo to play.",
)
def demo(once: bool, port: int, odoo_version: str) -> int:
    """Show Towpath at work with a made-up company.

    Starts a sandbox Odoo, connects to it, replicates it into Delta tables, says what is there now, and serves the
    workspace.
    """
    from rich.console import Console

    from towpath.cli.demo_odoo import DemoOdoo
    from towpath.hub import open_hub
    from towpath.settings import load

    started = time.monotonic()
    console = Console(stderr=True)
    # The sandbox is on this machine, and may be connected from the workspace again.
    settings = load(private_addresses=True)
    listener = None if once else _listen(port)
    if listener is not None and not settings.public_url:
        settings = load(private_addresses=True, public_url=f"http://127.0.0.1:{listener.getsockname()[1]}")
    with open_hub(settings) as hub:
        console.print(f"[bold]Towpath[/] keeps everything in {hub.settings.home}", highlight=False)
        with DemoOdoo(hub.settings.home / "sandbox", odoo_version) as odoo:
            console.print(f"[green]✓[/] A sandbox Odoo {odoo_version} runs at {odoo.url}", highlight=False)
            entries = _replicate(hub, odoo, console)
            report = _report(entries, odoo_version, time.monotonic() - started)
            _show(entries, console)
            if listener is not None:
                _linger(hub, listener, odoo, console)
    click.echo(json.dumps({"towpath_demo": report}))
    return 0 if all(run.state == "succeeded" for run, _ in entries) else 1


def _listen(port: int) -> socket.socket:
    """Before anything else is done: a port that is taken should not be said after a minute of work."""
    from towpath.server.running import listen

    return listen("127.0.0.1", port)


def _replicate(hub: Hub, odoo: DemoOdoo, console: Console) -> list[tuple[Run, Stream]]:
    from towpath.features.connections import service as connections
    from towpath.features.replicate import progress, service

    if any(known.name == CONNECTION for known in connections.listed(hub)):
        known = connections.move(hub, CONNECTION, odoo.url)
    else:
        known = connections.add(
            hub, name=CONNECTION, url=odoo.url, database="demo", login="admin", secret=odoo.key
        )
    console.print(f"[green]✓[/] {known.test_message}", highlight=False)
    taken = {stream.model for stream in service.choose(hub, connection=CONNECTION)}
    for sync_type, models in MODELS.items():
        new = [model for model in models if model not in taken]
        if new:
            service.add(hub, CONNECTION, new, service.Choice(sync_type=sync_type))
    chosen = service.choose(hub, connection=CONNECTION)
    shown = progress.Bars(console) if console.is_terminal else progress.Quiet()
    with shown:
        ended = list(service.sync(hub, chosen, on_progress=shown))
    by_id = {stream.id: stream for stream in chosen}
    return [(run, by_id[run.stream_id]) for run in ended]


def _report(entries: list[tuple[Run, Stream]], odoo_version: str, seconds: float) -> dict[str, object]:
    return {
        "odoo_version": odoo_version,
        "streams": len(entries),
        "rows": sum(run.rows_read for run, _ in entries),
        "proved": _proved(entries),
        "tables": [stream.table_name for _, stream in entries],
        "seconds": round(seconds, 1),
    }


def _proved(entries: list[tuple[Run, Stream]]) -> int:
    """Tables that hold just what Odoo shows, as the proof after their runs found."""
    return sum(bool(run.proof and run.proof["equal"]) for run, _ in entries)


def _show(entries: list[tuple[Run, Stream]], console: Console) -> None:
    from towpath.features.replicate.cli_sync import print_runs

    print_runs(entries, console)
    rows = sum(run.rows_read for run, _ in entries)
    console.print(f"\n[bold]{rows:,} rows[/] of {len(entries)} models were read.", highlight=False)
    console.print(
        f"[green]✓[/] {_proved(entries)} of {len(entries)} tables were compared with Odoo afterwards and are equal.\nAsk them anything:",
        highlight=False,
    )
    for question in QUESTIONS:
        console.print(f'  {_command()} sql "{question}"', highlight=False, soft_wrap=True, markup=False)


def _command() -> str:
    """Towpath as a person has to type it here: the one of a virtual environment in this folder, or the name."""
    own = Path(sys.argv[0]).absolute()
    return str(own.relative_to(Path.cwd())) if own.is_relative_to(Path.cwd() / ".venv") else "towpath"


def _linger(hub: Hub, listener: socket.socket, odoo: DemoOdoo, console: Console) -> None:
    """Serve the workspace, and leave the sandbox running, until a person stops it."""
    from towpath.server.running import serve_hub, stopped

    console.print(
        f"\nThe sandbox goes on at {odoo.url} (user admin, password admin): change something in it and press the arrow "
        f"of the source in the workspace, or run `{_command()} sync run --connection {CONNECTION}` in another terminal.",
        highlight=False,
    )

    def tell(event: str, sentence: str, **more: object) -> None:
        if event == "first_run":
            console.print(
                f"[green]✓[/] Open this once to choose your password and look around:\n  [bold]{more['address']}[/]",
                highlight=False,
                soft_wrap=True,
            )
        else:
            console.print(sentence, highlight=False, soft_wrap=True)

    serve_hub(hub, listener, stopped(), tell)
