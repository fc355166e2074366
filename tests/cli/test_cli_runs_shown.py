"""The table of runs: what ails many is told once, folders where there are several, nothing taken for markup."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from towpath.features.replicate.cli_sync import print_runs
from towpath.features.replicate.runs import Run
from towpath.features.replicate.streams import Stream


def entry(table: str, *, folder: str = "acme", message: str | None = None) -> tuple[Run, Stream]:
    stream = Stream(
        id=f"{folder}-{table}",
        connection_id="c",
        model=table.replace("_", "."),
        layer="raw",
        folder=folder,
        table_name=table,
        sync_type="INCREMENTAL",
        fields=None,
        filter=None,
        description="",
    )
    now = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    run = Run(
        **dict.fromkeys(Run.__slots__, 0)
        | {
            "id": table,
            "stream_id": stream.id,
            "kind": "sync",
            "state": "failed" if message else "succeeded",
            "message": message,
            "created_at": now,
            "started_at": now,
            "ended_at": now,
            "cursor_before": None,
            "cursor_after": None,
            "remarks": [],
        }
    )
    return run, stream


def shown(*entries: tuple[Run, Stream], width: int = 120, dated: bool = False) -> str:
    out = io.StringIO()
    print_runs(
        list(entries), Console(file=out, width=width, force_terminal=True, color_system=None), dated=dated
    )
    return out.getvalue()


def test_what_ails_many_is_told_once():
    text = shown(*(entry(name, message="Nothing answers.") for name in ("a", "b", "c", "d", "e")))
    assert text.count("Nothing answers.") == 1
    assert "a, b and 3 more: Nothing answers." in text


def test_the_folder_is_told_where_there_are_several():
    assert "acme/" not in shown(entry("res_partner"))
    text = shown(entry("res_partner"), entry("res_partner", folder="demo"))
    assert "acme/res_partner" in text
    assert "demo/res_partner" in text


def test_a_message_is_no_markup():
    message = "Term 1, [('name', '=', '[bold]x[/]')]: no."
    assert message in shown(entry("res_partner", message=message))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_names_stay_whole_and_dates_are_told(width: int):
    text = shown(entry("mut_insurance_quotation"), width=width, dated=True)
    assert "11-01 08:30" in text
    if width >= 80:
        assert "mut_insurance_quotation" in text
    assert all(len(line) <= width for line in text.splitlines())
