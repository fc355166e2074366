"""Commands: add streams, change their settings, pause and resume them; the options of all settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from towpath.features.replicate.cli_shown import as_json_option, print_json, stream_record

if TYPE_CHECKING:
    from towpath.features.replicate.choice import Choice
    from towpath.features.replicate.streams import Stream

__all__ = ["add", "edit", "pause", "resume"]

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--sync-type", help="INCREMENTAL (when new) or FULL_TABLE."),
    click.option("--layer", help="Layer of the catalog; raw when new."),
    click.option("--folder", help="Folder in the layer; the connection's name when new."),
    click.option("--prefix", help="Put before the suggested table name."),
    click.option("--table", "table_name", help="Name of the table (one model only)."),
    click.option("--fields", help="Field names, separated by commas; 'default': the stored ones."),
    click.option(
        "--filter", help="Odoo domain, such as \"[('state', '=', 'posted')]\"; empty for all records."
    ),
    click.option("--description", help="At most 140 characters."),
    click.option("--every", metavar="LENGTH", help="Run every 15m, 2h, 1d ..."),
    click.option("--cron", metavar="TEXT", help='Run by a cron text, such as "0 6 * * 1-5".'),
    click.option("--at", metavar="TIMES", help="Run each day at these times, such as 06:00,18:30."),
    click.option("--after", metavar="STREAM", help="Run whenever that stream has succeeded."),
    click.option("--manual", is_flag=True, help="Run by hand only."),
    click.option("--tz", metavar="ZONE", help="Time zone of the times, such as Africa/Lagos; UTC when new."),
    click.option(
        "--full-every", metavar="LENGTH", help="Read everything again every 7d ...; 'never' ends it."
    ),
    click.option("--full-cron", metavar="TEXT", help="Read everything again by a cron text."),
    click.option(
        "--retention", metavar="LENGTH", help="Keep old states of the table for 30d ...; or 'default'."
    ),
    click.option(
        "--history/--no-history", default=None, help="Keep every version of a record in a table of its own."
    ),
    click.option(
        "--mask",
        "masks",
        metavar="FIELD=HOW",
        multiple=True,
        help="Mask a field: hash, drop, truncate:N, no-name, or plain again; may be repeated.",
    ),
    click.option(
        "--links", metavar="FIELDS", help="many2many fields that become link tables; 'all', 'none'."
    ),
    click.option(
        "--links-every", metavar="LENGTH", help="Compare all links every 1d ...; 'never', 'default'."
    ),
    click.option(
        "--names-every",
        metavar="LENGTH",
        help="Compare names of linked records every 1d ...; 'never', 'default'.",
    ),
    click.option(
        "--refresh-every",
        metavar="LENGTH",
        help="Read fields that are not stored again every 1d ...; or 'never'.",
    ),
    click.option(
        "--overlap", metavar="LENGTH", help="Read again what changed 15m ... before the cursor; or 'default'."
    ),
)


def settings(command: F) -> F:
    """Give a command the options of all settings of a stream."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def choice_of(given: dict[str, Any]) -> Choice:
    """What the options say."""
    from towpath.features.replicate.choice import Choice

    fields, links = _names(given.pop("fields")), _names(given.pop("links"))
    if fields == ["default"]:
        fields = []
    return Choice(fields=fields, links=links, masks=_masks(given.pop("masks")), **given)


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]


def _masks(given: tuple[str, ...]) -> dict[str, str] | None:
    for text in given:
        if "=" not in text:
            raise click.UsageError(f"'{text}' does not say how to mask; write it like {text}=hash.")
    return {name.strip(): how.strip() for name, _, how in (text.partition("=") for text in given)} or None


@click.command()
@click.argument("connection")
@click.argument("models", nargs=-1)
@click.option("--group", help="All models of a group instead.")
@settings
@click.option(
    "--children", is_flag=True, help="Add the models of their lines too (one2many), messages left out."
)
@as_json_option
def add(connection: str, models: tuple[str, ...], group: str | None, as_json: bool, **given: Any) -> None:
    """Replicate MODELS of a CONNECTION.

    INCREMENTAL reads what changed and keeps every record ever fetched; FULL_TABLE brings the current state.
    """
    if not models and not group:
        raise click.UsageError("Name at least one model, or a --group.")
    choice = choice_of(given)
    from towpath.features.replicate import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        wanted = list(models)
        if group:
            offers = service.offers(hub, connection, group=group)
            wanted += [o.model for o in offers if not o.taken and o.model not in wanted]
        added = service.add(hub, connection, wanted, choice)
    if as_json:
        print_json([stream_record(entry) for entry in added])
        return
    for entry in added:
        child = "" if entry.model in wanted else ", added as a child model"
        click.echo(
            f"{click.style('✓', fg='green')} {entry.model} -> {entry.path}  ({entry.sync_type}{child})"
        )
    if added:
        _tell_next(added[0])  # the settings hold for all of them
    if any(entry.next_run_at or entry.after_stream_id for entry in added):
        click.echo("Whatever runs by itself is run by a worker: towpath worker")
    click.echo(f"Next: towpath sync run --connection {connection}")


@click.command()
@click.argument("name")
@settings
@as_json_option
def edit(name: str, as_json: bool, **given: Any) -> None:
    """Change settings of the stream NAME (id, model or table). What is not named stays."""
    choice = choice_of(given)
    from towpath.features.replicate import service
    from towpath.hub import open_hub

    if choice == service.Choice():
        raise click.UsageError("Say what to change; `towpath stream edit --help` lists the settings.")
    with open_hub() as hub:
        edited = service.edit(hub, name, choice)
    if as_json:
        print_json(stream_record(edited.stream) | {"changes": edited.changes, "notes": edited.notes})
        return
    if not edited.changes:
        click.echo(f"{edited.stream.table_name} has these settings already.")
        return
    what = ", ".join(column.replace("_", " ") for column in edited.changes)
    click.echo(f"{click.style('✓', fg='green')} {edited.stream.table_name}: changed {what}.")
    if {"schedule", "full_schedule"} & {*edited.changes}:
        _tell_next(edited.stream)
    for note in edited.notes:
        click.echo(note)


def _tell_next(stream: Stream) -> None:
    """Say when a stream runs by itself next, as the day of ``every 7d`` is told by nothing else."""
    from datetime import UTC, datetime

    from towpath.features.replicate.cli_stream_show import next_words

    for label, when in next_words(stream, datetime.now(UTC)).items():
        click.echo(f"{label[0].upper()}{label[1:]}: {when}.")


@click.command()
@click.argument("name")
@as_json_option
def pause(name: str, as_json: bool) -> None:
    """Let the stream NAME not run by itself until it is resumed."""
    from towpath.features.replicate import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        _tell(service.pause(hub, name), "is paused; it runs by hand only", as_json=as_json)


@click.command(short_help="Let the paused stream NAME run by itself again.")
@click.argument("name")
@as_json_option
def resume(name: str, as_json: bool) -> None:
    """Let the paused stream NAME run by itself again; what was missed runs once."""
    from towpath.features.replicate import service
    from towpath.hub import open_hub

    with open_hub() as hub:
        _tell(service.resume(hub, name), "runs by itself again", as_json=as_json)


def _tell(found: list[Stream], what: str, *, as_json: bool) -> None:
    if as_json:
        print_json([stream_record(entry) for entry in found])
        return
    for entry in found:
        click.echo(f"{entry.table_name} {what}.")
