"""One sentence for each way in which a command can be mistyped."""

from __future__ import annotations

import difflib
import re

import click

__all__ = ["sentence"]

_EXTRA = re.compile(r"Got unexpected extra arguments? \(([^\s)]+)")
#: Words for one thing: what somebody types, and what it may be called here.
_ALIKE = {
    "set": ("edit",), "edit": ("set",), "change": ("edit", "set"), "update": ("edit", "set"),
    "delete": ("remove",), "rm": ("remove",), "ls": ("list",), "new": ("add",), "create": ("add",),
    "info": ("show",), "get": ("show",), "check": ("test", "verify"), "start": ("run",),
}  # fmt: skip


def sentence(problem: click.ClickException) -> str:
    """What was mistyped and what to type instead.

    :param problem: what click found wrong with the words of a command.
    """
    ctx = getattr(problem, "ctx", None)
    path = ctx.command_path if ctx is not None else "towpath"
    if isinstance(problem, click.exceptions.NoSuchCommand):
        return _unknown_command(problem, ctx, path)
    if isinstance(problem, click.NoSuchOption):
        if ctx is not None and (argument := _argument(ctx, problem.option_name)) is not None:
            usage = " ".join(ctx.command.collect_usage_pieces(ctx))
            return f"`{path}` takes {argument} without {problem.option_name}: `{path} {usage}`. {_more(path)}"
        near = difflib.get_close_matches(problem.option_name, _options(ctx), n=1)
        hint = f"; did you mean {near[0]}?" if near else "."
        return f"`{path}` has no option {problem.option_name}{hint} {_more(path)}"
    if isinstance(problem, click.MissingParameter) and problem.param is not None:
        return _missing(problem.param, ctx, path)
    if isinstance(problem, click.BadParameter) and problem.param is not None:
        return f"{_name(problem.param)}: {_ended(problem.message)} {_more(path)}"
    if isinstance(problem, click.BadOptionUsage):
        return f"{problem.option_name} needs a value."
    words = problem.format_message()
    if ctx is not None and (extra := _EXTRA.match(words)) is not None:
        for param in ctx.command.params:
            # What these commands are about, and so what a bare word is meant to name.
            if "--stream" in param.opts or ("--connection" in param.opts and param.required):
                meant = f"{param.opts[0]} {extra[1]}"
                return f"`{path}` takes no '{extra[1]}' here; did you mean {meant}? {_more(path)}"
    return f"{_ended(words)}{f' {_more(path)}' if ctx is not None else ''}"


def _unknown_command(problem: click.exceptions.NoSuchCommand, ctx: click.Context | None, path: str) -> str:
    group = ctx.command if ctx is not None else None
    known = group.list_commands(ctx) if isinstance(group, click.Group) and ctx is not None else []
    alike = [name for name in _ALIKE.get(problem.command_name, ()) if name in known]
    near = alike or difflib.get_close_matches(problem.command_name, known, n=1)
    hint = f"Did you mean `{path} {near[0]}`?" if near else f"There are: {', '.join(known)}."
    return f"There is no command `{path} {problem.command_name}`. {hint}"


def _argument(ctx: click.Context, option: str) -> str | None:
    """What is given by its place and not by an option of that name."""
    wanted = option.lstrip("-").replace("-", "_")
    found = (param for param in ctx.command.params if isinstance(param, click.Argument))
    return next((_name(param) for param in found if wanted in {param.name, f"{param.name}s"}), None)


def _missing(param: click.Parameter, ctx: click.Context | None, path: str) -> str:
    usage = path
    if ctx is not None:
        usage = " ".join(
            [path, *(piece for piece in ctx.command.collect_usage_pieces(ctx) if piece[0] != "[")]
        )
        needed = (p for p in ctx.command.params if isinstance(p, click.Option) and p.required)
        usage += "".join(f" {p.opts[0]} {p.make_metavar(ctx)}" for p in needed)
    return f"{_name(param)} is missing: `{usage}`. {_more(path)}"


def _name(param: click.Parameter) -> str:
    return param.opts[0] if isinstance(param, click.Option) else (param.metavar or str(param.name).upper())


def _options(ctx: click.Context | None) -> list[str]:
    params = ctx.command.get_params(ctx) if ctx is not None else []
    return [name for param in params if isinstance(param, click.Option) for name in param.opts]


def _ended(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _more(path: str) -> str:
    return f"See `{path} --help`."
