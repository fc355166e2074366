"""The commands ``towpath backup`` and ``towpath restore``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["backup", "restore"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--lake/--no-lake",
    default=None,
    help="Whether the tables go into it; by default they do where the lake is a folder.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def backup(file: Path, lake: bool | None, force: bool, as_json: bool) -> int:
    """Put everything Towpath keeps into FILE (tar), while it goes on working.

    That is its database (connections, streams, runs, people, sealed secrets, the audit) and the tables. The master key
    is not part of it: keep a copy of it elsewhere, as no secret can be read without it.
    """
    import orjson

    from towpath.features.backup import service
    from towpath.hub import open_hub

    with open_hub(works=False) as hub:
        made = service.create(hub, file, lake=lake, force=force)
    if as_json:
        click.echo(orjson.dumps(made.to_json()))
        return 0
    click.echo(
        f"{made.file}: {made.bytes / 1e6:,.1f} MB, {made.tables} tables, audit up to row {made.audit.number}."
    )
    click.echo(f"Keep the master key apart from it: {made.key}.")
    return 0


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def restore(file: Path, as_json: bool) -> int:
    """Start from a backup: TOWPATH_HOME or TOWPATH_DATABASE_URL must be empty, and the master key in its place.

    Stop the Towpath that the backup was made of before this one works; both would read the same databases.
    """
    import orjson

    from towpath.features.backup import service
    from towpath.settings import load

    found = service.restore(load(), file)
    if as_json:
        click.echo(orjson.dumps(found.to_json()))
    else:
        click.echo(
            f"Restored from {found.file}, made {found.made_at:%Y-%m-%d %H:%M} UTC by Towpath {found.version}: "
            f"{found.tables} tables; the audit is whole up to row {found.audit.number}."
        )
        if not found.key_fits:
            click.echo(
                "The master key here does not open the secrets in it; put the old one in its place before you go on.",
                err=True,
            )
    return 0 if found.key_fits else 2
