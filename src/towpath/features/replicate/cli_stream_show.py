"""Commands: show one stream with all that concerns it, and list all streams."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from towpath.features.replicate.cli_shown import as_json_option, print_json, stream_record

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from towpath.features.replicate.runs import Run
    from towpath.features.replicate.status import Status
    from towpath.features.replicate.streams import Stream

__all__ = ["list_", "next_words", "show"]


@click.command(short_help="Show the stream NAME: settings, standing, last run.")
@click.argument("name")
@as_json_option
def show(name: str, as_json: bool) -> None:
    """Show the stream NAME (id, model or table): its settings, how far it is, and its last run."""
    from towpath.features.replicate.status import status
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = status(hub, name)
        usual = hub.settings.overlap_seconds
    if as_json:
        words = {
            "schedule_words": runs_words(found.stream, found.after),
            "full_schedule_words": _full(found.stream),
        }
        print_json(stream_record(found.stream) | words | found.to_json())
        return
    _print(found, usual)


@click.command("list")
@click.option("--connection", help="Only streams of this connection.")
@as_json_option
def list_(connection: str | None, as_json: bool) -> None:
    """List the streams."""
    from towpath.features.replicate import service
    from towpath.features.replicate.status import lags
    from towpath.hub import open_hub

    with open_hub() as hub:
        found = service.choose(hub, connection=connection)
        last = {run.stream_id: run for run, _ in reversed(service.recent_runs(hub, limit=1000))}
        with hub.store.begin() as db:
            behind = lags(db, [entry.id for entry in found], datetime.now(UTC))
    by_id = {entry.id: entry for entry in found}
    if as_json:
        print_json(
            [
                {
                    **stream_record(entry),
                    "lag_seconds": behind.get(entry.id),
                    "last_run": last[entry.id].to_json() if entry.id in last else None,
                }
                for entry in found
            ]
        )
        return
    if not found:
        click.echo("No streams yet. See what there is: towpath stream discover --connection NAME")
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not console.is_terminal:
        console.width = 160
    # A narrow terminal leaves the model, the kind and the schedule out: `stream show` tells them.
    wide, widest = console.width >= 100, console.width >= 130
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("model", "table") if widest else ("table",):
        table.add_column(title, overflow="fold")
    if wide:
        table.add_column("sync type", no_wrap=True)
        table.add_column("runs", overflow="fold")
    for title in ("last run (UTC)", "behind", "state"):
        table.add_column(title, no_wrap=True)
    for entry in found:
        run = last.get(entry.id)
        when = f"{run.created_at.astimezone(UTC):%m-%d %H:%M}" if run else ""
        names = (entry.model, entry.path) if widest else (entry.path,)
        after = by_id.get(entry.after_stream_id or "")
        table.add_row(
            *names,
            *((entry.sync_type, runs_words(entry, after)) if wide else ()),
            when,
            spoken(behind[entry.id]) if entry.id in behind else "",
            _listed_state(entry, run),
        )
    console.print(table)


def _listed_state(entry: Stream, run: Run | None) -> Text:
    from rich.text import Text

    if entry.paused:
        return Text("paused", "yellow")
    if run is None:
        return Text("never run", "dim")
    return Text(_state(run), "red" if run.state == "failed" else "")


def runs_words(stream: Stream, after: Stream | None) -> str:
    """When a stream runs, in plain words."""
    from towpath.features.replicate import schedule

    plan = schedule.from_json(stream.schedule)
    if stream.after_stream_id:
        words = f"after {after.table_name if after else 'another stream'} has succeeded"
    else:
        words = plan.words() if plan else "by hand"
    return f"paused ({words})" if stream.paused else words


def spoken(seconds: float) -> str:
    """A length of time as people say it: ``12 seconds``, ``3 minutes``, ``5 hours``, ``2 days``."""
    for name, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size or (size < 86_400 and seconds >= 1.5 * size):
            return f"{round(seconds / size)} {name}s"
    return f"{round(seconds)} second{'' if round(seconds) == 1 else 's'}"


def _full(stream: Stream) -> str | None:
    from towpath.features.replicate import schedule

    plan = schedule.from_json(stream.full_schedule)
    return plan.words() if plan else None


def _state(run: Run) -> str:
    return "nothing new" if run.kind == "idle" and run.state == "succeeded" else run.state


def _print(found: Status, usual_overlap: int) -> None:
    from rich.console import Console, Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    stream = found.stream
    console = Console()
    if not console.is_terminal:
        console.width = 120
    head = Text.assemble((stream.table_name, "bold"), "  ", (stream.path, "dim"))
    parts: list[RenderableType] = [head]
    if stream.description:
        parts.append(Text(stream.description, "italic"))
    for lines in (_about(found), _times(found), _settings(stream, usual_overlap), _standing(found)):
        grid = Table.grid(padding=(0, 2))
        # As wide in all four, so that the values stand below each other.
        grid.add_column(style="dim", no_wrap=True, min_width=16)
        grid.add_column(overflow="fold")
        for label, value in lines:
            grid.add_row(label, value if isinstance(value, Text) else Text(value))
        parts.append(Padding(grid, (1, 0, 0, 0)))
    console.print(Group(*parts))
    for remark in found.last.remarks if found.last else []:
        console.print(Text(f"\n{remark}", "yellow"))


Lines = list[tuple[str, Any]]


def _about(found: Status) -> Lines:
    stream = found.stream
    how = (
        "INCREMENTAL: what changed; deleted records stay, marked"
        if stream.sync_type == "INCREMENTAL"
        else "FULL_TABLE: the current state at each run"
    )
    lines: Lines = [("model", stream.model), ("connection", found.connection), ("sync type", how)]
    lines.append(("fields", ", ".join(stream.fields) if stream.fields else "all stored ones"))
    if stream.filter:
        lines.append(("filter", stream.filter))
    return lines


def _times(found: Status) -> Lines:
    from rich.text import Text

    stream = found.stream
    plan = runs_words(stream, found.after)
    ahead = next_words(stream, found.now)
    lines: Lines = [("runs", Text(plan, "yellow") if stream.paused else plan)]
    lines += [(label, when) for label, when in ahead.items() if label == "next run"]
    lines.append(("full sync", _full(stream) or "only when asked for"))
    return lines + [(label, when) for label, when in ahead.items() if label != "next run"]


def _settings(stream: Stream, usual_overlap: int) -> Lines:
    from towpath.features.replicate.choice import ALL
    from towpath.features.replicate.rounds import LINKS, NAMES, REFRESH
    from towpath.features.replicate.schedule import length

    def often(seconds: int | None, usual: int) -> str:
        wanted = usual if seconds is None else seconds
        return f"every {length(wanted, once=False)}" if wanted else "never"

    kept = stream.retention or "Delta's usual: files 7 days, log 30 days"
    lines: Lines = [("old states kept", kept)]
    if stream.history:
        lines.append(("versions", "every version of a record, for ever"))
    if stream.masks:
        lines.append(("masked", ", ".join(f"{name} ({how})" for name, how in sorted(stream.masks.items()))))
    if stream.links:
        which = "all many2many fields" if stream.links == [ALL] else ", ".join(stream.links)
        lines.append(("link tables", f"{which}; all compared {often(stream.links_seconds, LINKS.usual)}"))
    if stream.sync_type == "FULL_TABLE":
        return lines  # everything is read at every run anyway
    lines.append(("linked names", f"compared {often(stream.names_seconds, NAMES.usual)}"))
    if stream.refresh_seconds or REFRESH.usual:
        lines.append(("computed fields", f"read again {often(stream.refresh_seconds, REFRESH.usual)}"))
    overlap = usual_overlap if stream.overlap_seconds is None else stream.overlap_seconds
    lines.append(("overlap", f"{length(overlap) if overlap else 'none'} before the cursor"))
    return lines


def _standing(found: Status) -> Lines:
    from rich.text import Text

    last = found.last
    if last is None:
        return [
            ("rows", "none yet"),
            ("last run", "never run; start it: towpath sync run --stream " + found.stream.table_name),
        ]
    lines: Lines = [("rows", "none yet" if found.records is None else f"{found.records:,}")]
    lines.append(("behind Odoo", "not read to its end yet" if found.lag is None else spoken(found.lag)))
    lines.append(("last proof", _proof(found)))
    gone = "deleted in Odoo" if found.stream.sync_type == "FULL_TABLE" else "marked as deleted"
    lines.append(("deletes", f"{found.deleted:,} {gone} in total, {last.rows_deleted:,} in the last run"))
    lines.append(("calls", f"{last.calls:,} in the last run, {found.calls_of_a_day:,} in the last 24 hours"))
    began = (last.started_at or last.created_at).astimezone(UTC)
    colour = {"succeeded": "green", "failed": "red"}.get(last.state, "yellow")
    details = f", {spoken((found.now - began).total_seconds())} ago ({began:%Y-%m-%d %H:%M} UTC)"
    if last.state == "succeeded" and last.kind != "idle":
        details += f": {last.rows_read:,} read, {last.rows_inserted:,} new, {last.rows_updated:,} changed"
    lines.append(("last run", Text.assemble((_state(last), colour), details)))
    if found.failed_of_a_day:
        failed = f"{found.failed_of_a_day:,} of {found.runs_of_a_day:,} runs in the last 24 hours failed"
        lines.append(("errors", Text(failed, "red")))
    else:
        lines.append(("errors", "none in the last 24 hours"))
    if found.error:
        lines.append(("", Text(found.error, "red")))
    return lines


def _proof(found: Status) -> Any:
    from rich.text import Text

    proof = found.proved.proof if found.proved else None
    if not proof:
        return "not yet"
    equal = proof.get("equal")
    word, colour = (
        ("could not be told", "yellow")
        if equal is None
        else ("equal to Odoo", "green")
        if equal
        else ("differs from Odoo", "red")
    )
    counts = f"{proof.get('table_count') or 0:,} here, {proof.get('odoo_count') or 0:,} in Odoo"
    ago = spoken((found.now - datetime.fromisoformat(proof["at"])).total_seconds())
    more = f"; {proof['repaired']:,} read again" if proof.get("repaired") else ""
    return Text.assemble((word, colour), f", {ago} ago ({counts}{more})")


def next_words(stream: Stream, now: datetime) -> dict[str, str]:
    """When it runs by itself next, and when everything is read again, each with the day of the week."""
    if stream.paused:
        return {}
    moments = {"next run": stream.next_run_at, "next full sync": stream.next_full_at}
    return {label: _ahead(moment, now) for label, moment in moments.items() if moment}


def _ahead(moment: datetime, now: datetime) -> str:
    from towpath.features.replicate.schedule import WEEKDAYS

    seconds = (moment - now).total_seconds()
    at = moment.astimezone(UTC)
    when = f"{WEEKDAYS[at.weekday()]} {at:%Y-%m-%d %H:%M} UTC"
    return f"in {spoken(seconds)} ({when})" if seconds > 0 else f"now, by the next worker ({when})"
