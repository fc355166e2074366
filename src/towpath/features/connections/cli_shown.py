"""How connections are shown on a terminal, and elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from towpath.features.connections.hours import from_json

if TYPE_CHECKING:
    from towpath.features.connections.service import Budget, Connection

__all__ = ["print_facts", "print_list"]


def print_list(found: Sequence[Connection], budgets: Mapping[str, Budget]) -> None:
    """A line for each connection; a narrow terminal folds addresses, never names."""
    console = _console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("name", no_wrap=True)
    for title in ("address", "database"):
        table.add_column(title, overflow="fold")
    for title in ("Odoo", "tested (UTC)"):
        table.add_column(title, no_wrap=True)
    table.add_column("calls/min", justify="right")
    for entry in found:
        calls = budgets[entry.id]
        table.add_row(
            entry.name,
            entry.url,
            entry.database or "",
            entry.version,
            _tested(entry),
            f"{calls.calls_per_minute}{' (slowed)' if calls.slowed_why else ''}",
        )
    console.print(table)


def _tested(entry: Connection) -> Text:
    if entry.tested_at is None:
        return Text("")
    when = f"{entry.tested_at.astimezone(UTC):%m-%d %H:%M}"
    return Text(f"{when} failed", "red") if entry.test_ok is False else Text(when)


def print_facts(
    known: Connection,
    calls: Budget,
    *,
    witness: str | None,
    key_set: datetime | None,
    key_ends: datetime | None,
) -> None:
    """What is known of a connection, and how many calls its database gets."""
    hours = from_json(known.working_hours)
    blocks: list[list[tuple[str, str | Text | None]]] = [
        [
            ("address", known.url),
            ("database", known.database),
            ("user", known.login),
            ("Odoo", f"{known.version}, over {known.protocol}"),
            ("witness", witness),
        ],
        [
            ("last test", _moment(known.tested_at)),
            ("", Text(known.test_message or "", "red" if known.test_ok is False else "")),
            ("key set", _moment(key_set)),
            ("key ends", _moment(key_ends)),
        ],
        [
            ("calls", f"{calls.calls_per_minute:,} calls per minute against this database, over all workers"),
            ("limit of calls", _limit(calls)),
            ("working hours", hours.words() if hours else None),
            ("scheduled runs", Text(f"none before {_moment(calls.held_until)}", "yellow") if calls.held_until else None),
            ("paused until", _moment(calls.paused_until)),
            ("slowed because", calls.slowed_why and Text(f"{calls.slowed_why}, {_moment(calls.slowed_at)}", "yellow")),
        ],
    ]  # fmt: skip
    console = _console()
    console.print(Text(known.name, "bold"))
    for block in blocks:
        grid = Table.grid(padding=(0, 2))
        # As wide in all of them, so that the values stand below each other.
        grid.add_column(style="dim", no_wrap=True, min_width=14)
        grid.add_column(overflow="fold")
        for label, value in block:
            if value:
                grid.add_row(label, value if isinstance(value, Text) else Text(value))
        console.print()
        console.print(grid)


def _console() -> Console:
    """A terminal as wide as it is; elsewhere nothing is folded, so that lines can be searched."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 1000
    return console


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else ""


def _limit(calls: Budget) -> str:
    """``2 a second (working hours, until 2026-11-27 17:00 UTC), 2 at once``, ``none``."""
    found = []
    if calls.limit is not None:
        why = ""
        if calls.limit == calls.ceiling:
            until = (
                f", until {calls.hours_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if calls.hours_until else ""
            )
            why = f" ({calls.ceiling_from}{until if calls.ceiling_from == 'working hours' else ''})"
        found.append(f"{calls.limit:.3g} a second{why}")
    if calls.calls_at_once is not None:
        found.append(f"{calls.calls_at_once} at once")
    return ", ".join(found) or "none"
