"""The entry point of the command line and the way errors end a command."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from towpath import __version__, plugins
from towpath.errors import TowpathError

__all__ = ["cli", "main"]

#: Commands that belong to no feature.
OWN = {
    "up": plugins.Command(
        target="towpath.server.command:up",
        help="Serve the workspace and the REST API, and work on what is due.",
    ),
    "demo": plugins.Command(
        target="towpath.cli.demo:demo", help="Show Towpath at work with a made-up company."
    ),
    "sandbox": plugins.Command(
        target="towpath.sandbox.command:sandbox", help="Run an Odoo to try and test against."
    ),
}


class UnheardError(Exception):
    """The reader of our output (head, less) went away."""


@contextlib.contextmanager
def heard() -> Iterator[None]:
    """Turn a broken pipe into `UnheardError`, before click calls it a failure."""
    try:
        yield
    except BrokenPipeError as problem:
        raise UnheardError from problem


class Commands(click.Group):
    """A group that knows its commands by name and imports one only when it is called."""

    def _known(self) -> dict[str, plugins.Command]:
        found = {
            name: command for feature in plugins.features() for name, command in feature.commands.items()
        }
        return found | OWN

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in the order of the features."""
        del ctx
        return list(self._known())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None when there is none."""
        del ctx
        known = self._known().get(cmd_name)
        if known is None:
            return None
        command = plugins.load(known.target)
        if not isinstance(command, click.Command):
            raise TypeError(f"{known.target} is not a click command")
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words of the command line; ``--help`` prints here.

        :raises UnheardError: nobody reads our output any more.
        """
        with heard():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command.

        :raises UnheardError: nobody reads our output any more.
        """
        with heard():
            result = super().invoke(ctx)
            sys.stdout.flush()
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from their manifests, without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in self._known().items()])


@click.command(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="towpath")
def cli() -> None:
    """Towpath keeps the data of any Odoo moving to where people work."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 failed, 2 something has to be corrected first."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    open_closed()
    if threading.current_thread() is threading.main_thread():
        # Ended from outside, a command still closes what it opened: PostgreSQL stops with its last user.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        result = cli.main(arguments, prog_name="towpath", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as problem:
        problem.show()
        return problem.exit_code
    except click.ClickException as problem:
        mistyped(problem, as_json="--json" in arguments)
        return problem.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C ends what is still closing, mutely
        return 130
    except (UnheardError, BrokenPipeError):
        return unheard()
    except SystemExit as ending:
        # rich turns a broken pipe into the exit status 1, which means "failed" here.
        if isinstance(ending.__context__, BrokenPipeError):
            return unheard()
        raise
    except TowpathError as problem:
        tell(problem, as_json="--json" in arguments)
        return problem.exit_code
    except OSError as problem:
        if os.environ.get("TOWPATH_DEBUG"):
            raise
        about = f"{problem.filename}: " if problem.filename else ""
        tell(
            TowpathError(f"The system refused to go on: {about}{problem.strerror or problem}."),
            as_json="--json" in arguments,
        )
        unheard()
        return 1
    except Exception as problem:  # the last stop of a command: nobody above can act on it
        if os.environ.get("TOWPATH_DEBUG"):
            raise
        click.echo(
            f"Towpath met something it did not expect ({type(problem).__name__}). "
            "Run the command again with TOWPATH_DEBUG=1 to see where.",
            err=True,
        )
        return 1
    return result if isinstance(result, int) else 0


def open_closed() -> None:
    """Give a command that was started with closed streams (``<&-``, ``>&-``) empty ones."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115  # lives as long as the process


def unheard() -> int:
    """Exit status when the reader of our output (head, less) went away: nothing more can be told to anybody."""
    with contextlib.suppress(OSError):  # a stdout without a descriptor has nothing to flush at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


def mistyped(problem: click.ClickException, *, as_json: bool) -> None:
    """Say in one sentence what is wrong with the words of a command."""
    from towpath.cli.mistakes import sentence
    from towpath.errors import InputError

    tell(InputError(sentence(problem)), as_json=as_json)


def tell(problem: TowpathError, *, as_json: bool) -> None:
    """Say what went wrong: a sentence for a person, or one JSON object on standard error for a machine."""
    import json

    from towpath.secrets.redaction import redact

    if as_json:
        error = {"type": type(problem).__name__, "message": problem.message, "details": problem.details}
        click.echo(redact(json.dumps({"error": error}, default=str)), err=True)
    else:
        click.echo(f"{click.style('Error:', fg='red', bold=True)} {redact(problem.message)}", err=True)
