"""Options: how many calls the database of a connection gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

__all__ = ["limit_options", "limits_given"]

#: What takes a limit away.
_NONE = "none"


class _Limit(click.ParamType[Any]):
    """A number, or ``none``."""

    def __init__(self, kind: type[float | int]) -> None:
        self.name = "number"
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if str(value).strip().lower() == _NONE:
            return _NONE
        try:
            return self._kind(value)
        except ValueError:
            words = "a number" if self._kind is float else "a whole number"
            self.fail(f"'{value}' is not {words}; give one, or 'none' for no limit of its own.", param, ctx)


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that limit calls to a command."""
    for option in (
        click.option(
            "--working-hours",
            metavar="TEXT",
            help="When people work in it: 'mon-fri 08:00-18:00 Europe/Brussels at 2 calls/s', or '... without scheduled "
            "runs', or both; 'none' for no such hours.",
        ),
        click.option(
            "--calls-at-once",
            type=_Limit(int),
            help="Calls at the same time at most, over all workers; 'none' for no limit of its own.",
        ),
        click.option(
            "--calls-per-second",
            type=_Limit(float),
            help="Calls a second at most, over all workers; 'none' for no limit of its own.",
        ),
    ):
        command = option(command)
    return command


def limits_given(
    calls_per_second: float | str | None, calls_at_once: int | str | None, working_hours: str | None
) -> dict[str, Any]:
    """The limits that were given, as the service takes them.

    :raises InputError: the working hours are not valid.
    """
    given: dict[str, Any] = {"calls_per_second": calls_per_second, "calls_at_once": calls_at_once}
    if working_hours is not None:
        from towpath.features.connections.hours import parse

        none = working_hours.strip().lower() == _NONE
        given["working_hours"] = _NONE if none else parse(working_hours)
    return {name: None if value == _NONE else value for name, value in given.items() if value is not None}
