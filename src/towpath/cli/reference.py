"""The page docs/commands.md, made from the commands themselves: ``python -m towpath.cli.reference``."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from towpath.cli.entry import cli

__all__ = ["as_markdown"]

WIDTH = 100


def as_markdown() -> str:
    """Every command with its help, as the command line prints it."""
    parts = [
        "# Commands",
        "",
        "This page is made by `python -m towpath.cli.reference > docs/commands.md`.",
        "",
        "Exit status: 0 done, 1 failed, 2 something has to be corrected first,",
        "130 stopped by Ctrl-C, 141 nobody read the output to its end.",
        "Every command that shows something takes `--json`.",
    ]
    for path, command in _walk("towpath", cli, None):
        context = click.Context(
            command,
            info_name=path,
            max_content_width=WIDTH,
            terminal_width=WIDTH,
            help_option_names=cli.context_settings["help_option_names"],
        )
        parts += ["", f"## {path}", "", "```text", command.get_help(context).rstrip(), "```"]
    return "\n".join(parts) + "\n"


def _walk(
    path: str, command: click.Command, parent: click.Context | None
) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if not isinstance(command, click.Group):
        return
    context = click.Context(command, info_name=path, parent=parent)
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        if child is not None:
            yield from _walk(f"{path} {name}", child, context)


if __name__ == "__main__":
    sys.stdout.write(as_markdown())
