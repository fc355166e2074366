"""The commands ``towpath audit``."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from towpath.features.audit.service import Search

__all__ = ["audit"]

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
F = TypeVar("F", bound=Callable[..., Any])
_FILTERS = (
    click.option(
        "--actor", metavar="WHO", help="Who acted, such as user:ada or cli*; * stands for anything."
    ),
    click.option("--action", metavar="WHAT", help="What was done, such as connection.add or secret.*"),
    click.option("--object", "object_", metavar="OBJECT", help="On what, such as stream/raw/sales/*"),
    click.option("--result", metavar="WORD", help="How it ended: ok, or what went wrong."),
    click.option("--address", metavar="IP", help="From where it was asked."),
    click.option("--text", metavar="TEXT", help="A text anywhere in the row."),
    click.option(
        "--since", metavar="TIME", help="From this time (UTC) on, such as 2026-11-01 or 2026-11-01T08:00."
    ),
    click.option("--until", metavar="TIME", help="Before this time (UTC)."),
)


def _filters(command: F) -> F:
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def _search(given: dict[str, str | None]) -> Search:
    from towpath.features.audit.service import Search

    times = {name: _moment(given[name]) for name in ("since", "until")}
    words = {name: given[name] for name in ("actor", "action", "result", "address", "text")}
    return Search(object=given["object_"], **words, **times)  # type: ignore[arg-type]  # each by its own name


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise click.UsageError(f"'{text}' is no time; write 2026-11-01 or 2026-11-01T08:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@click.group()
def audit() -> None:
    """See, check, export and prune the audit."""


@audit.command("list")
@_filters
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Most rows.")
@_json
def list_(*, limit: int, as_json: bool, **given: str | None) -> None:
    """List the newest rows of the audit that fit, newest first."""
    from towpath.features.audit import service
    from towpath.features.audit.search import plain
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = [plain(entry) for entry in service.listed(hub, _search(given), limit=limit)]
    if as_json:
        _print_json(found)
        return
    if not found:
        click.echo("No row of the audit fits.")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", justify="right", style="dim")
    for title in ("time (UTC)", "who", "what", "on", "result", "from"):
        table.add_column(title, overflow="fold")
    for row in found:
        good = "" if row["result"] == "ok" else "yellow"
        cells = (f"{row['at']:%Y-%m-%d %H:%M:%S}", row["actor"], row["action"], row["object"])
        told = (Text(row["result"], style=good), Text(row["address"] or ""))
        table.add_row(str(row["number"]), *map(Text, cells), *told)
    Console().print(table)


@audit.command()
@_filters
@click.option("--to", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False), help="File to write; standard output without it.")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def export(*, form: str, output: str | None, force: bool, **given: str | None) -> None:
    """Export all rows that fit, oldest first, as CSV or as JSON (one object a line).

    No cell of the CSV can be run as a formula by a spreadsheet. The export itself is put on record.
    """
    from towpath.errors import InputError
    from towpath.features.audit import service
    from towpath.features.audit.output import as_csv, as_json_lines
    from towpath.hub import open_hub

    search = _search(given)
    with open_hub() as hub:
        if output is None:
            entries = service.exported(hub, search, form=form)
            for portion in (as_csv if form == "csv" else as_json_lines)(entries):
                sys.stdout.write(portion)
            return
        try:
            # nobody else may read it: it tells who works with what
            with open(
                output, "w" if force else "x", encoding="utf-8", newline="", opener=_private
            ) as file:  # Path.open knows no opener
                entries = service.exported(hub, search, form=form)
                file.writelines((as_csv if form == "csv" else as_json_lines)(entries))
        except FileExistsError:
            raise InputError(f"{output} is there already; add --force to replace it.") from None
        except OSError as problem:
            raise InputError(f"{output} can not be written: {problem.strerror}.") from None
    click.echo(f"The audit is in {output}.")


def _private(path: str, flags: int) -> int:
    import os

    return os.open(path, flags, 0o600)


@audit.command()
@click.option("--public-key", type=click.File(), help="File with a public key that was noted elsewhere.")
@click.option(
    "--known", metavar="NUMBER:HASH", help="A head that was noted elsewhere: it must still be there."
)
@click.option("--since-checkpoint", is_flag=True, help="Only what came behind the newest checkpoint.")
@_json
def verify(*, public_key: Any, known: str | None, since_checkpoint: bool, as_json: bool) -> int:
    """Check that no row of the audit was changed, removed, added or moved; exit status 1 if one was."""
    from towpath.features.audit import service
    from towpath.hub import open_hub
    from towpath.secrets.signing import PublicKey

    key = PublicKey.read(public_key.read(10_000)) if public_key else None
    with open_hub() as hub:
        found = service.verify(hub, known=_known(known), key=key, since_checkpoint=since_checkpoint)
    if as_json:
        _print_json(
            {
                "whole": found.whole,
                "rows": found.rows,
                "start": found.start,
                "head": {"number": found.head.number, "hash": found.head.hash},
                "signed_through": found.signed_through,
                "wrong_number": found.wrong_number,
                "reason": found.reason,
            }
        )
    elif found.whole:
        before = f" Rows 1 to {found.start:,} are vouched for by a signature." if found.start else ""
        click.echo(
            f"{click.style('✓', fg='green')} {found.rows:,} rows fit, up to row {found.head.number:,}; "
            f"checkpoints vouch for those up to {found.signed_through:,}.{before}"
        )
        click.echo(f"To note elsewhere: {found.head.number}:{found.head.hash}")
    else:
        click.echo(f"{click.style('✗', fg='red')} Row {found.wrong_number}: {found.reason}.")
    return 0 if found.whole else 1


def _known(text: str | None) -> Any:
    from towpath.store import AuditHead

    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", text.strip())
    if not found:
        raise click.UsageError("A known head is NUMBER:HASH, as `towpath audit verify` prints it.")
    return AuditHead(number=int(found[1]), hash=found[2])


@audit.command()
@click.option("--list", "list_", is_flag=True, help="List what was signed instead.")
@_json
def checkpoint(*, list_: bool, as_json: bool) -> None:
    """Sign the newest row now, so that it can not be changed or removed unseen."""
    from towpath.features.audit import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        made = service.checkpoints(hub) if list_ else [one for one in [service.checkpoint(hub)] if one]
    if as_json:
        _print_json([one.to_json() for one in made])
        return
    if not made:
        click.echo("Nothing is signed yet." if list_ else "The audit is empty.")
    for one in made:
        what = "signed" if one.kind == "checkpoint" else "rows up to here removed"
        click.echo(f"{one.number:>8}  {one.at:%Y-%m-%d %H:%M:%S}  {what}  {one.hash}")


@audit.command()
@_json
def key(*, as_json: bool) -> None:
    """Show the public key that checks the checkpoints. Keep a copy elsewhere."""
    from towpath.features.audit import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = service.public_key(hub)
    if as_json:
        _print_json({"key_id": found.id, "public_key": found.text, "pem": found.pem})
    else:
        click.echo(found.pem.strip())


@audit.command()
@click.option("--keep", required=True, metavar="DAYS", help="How long rows are kept, such as 365d.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_json
def prune(*, keep: str, yes: bool, as_json: bool) -> None:
    """Remove rows older than that. A signed statement stays, and the rest still verifies."""
    found = re.fullmatch(r"(\d{1,6})\s*d?(ays?)?", keep.strip().lower())
    if not found:
        raise click.UsageError("Say how many days are kept: --keep 365d")
    from towpath.features.audit import service
    from towpath.hub import open_hub

    if not yes and not as_json:
        if sys.stdin is None or not sys.stdin.isatty():
            raise click.UsageError("There is no terminal to ask at; add --yes.")
        click.confirm(f"Remove what is older than {found[1]} days for ever?", abort=True, err=True)
    with open_hub() as hub:
        done = service.prune(hub, int(found[1]))
    if as_json:
        _print_json(done.to_json())
    elif done.proof is None:
        click.echo("Nothing is that old.")
    else:
        click.echo(f"{done.removed:,} rows up to {done.proof.number:,} are removed; the proof stays.")


def _print_json(value: object) -> None:
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode())
