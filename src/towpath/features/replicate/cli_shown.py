"""How commands show streams: as JSON records, and in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from towpath.features.replicate.streams import Stream

__all__ = ["as_json_option", "print_json", "stream_record"]

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

_SETTINGS = (
    "id", "model", "layer", "folder", "table_name", "sync_type", "fields", "filter", "description", "paused",
    "schedule", "next_run_at", "full_schedule", "next_full_at", "after_stream_id", "retention", "history", "masks",
    "links", "links_seconds", "names_seconds", "refresh_seconds", "overlap_seconds",
)  # fmt: skip


def print_json(value: object) -> None:
    """Print a value as JSON."""
    import orjson

    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())


def stream_record(stream: Stream) -> dict[str, Any]:
    """A stream and its settings by name."""
    return {name: getattr(stream, name) for name in _SETTINGS}
