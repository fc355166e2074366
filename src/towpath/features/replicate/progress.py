"""Showing people and machines how runs get on, while they run.

Reports stay inside the process: what must survive a crash is in the run's row and in the table's commit.
A listener is called with a report's plain values (:meth:`Report.to_json`) from the threads of the runs.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Column

__all__ = ["Bars", "JsonLines", "Quiet", "Report"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One thing that happened to a run."""

    #: started, reading, looking for deletions, publishing, waiting, ended
    event: str
    run_id: str
    stream: str
    rows: int = 0
    #: Rows expected; None when it is not known.
    expected: int | None = None
    message: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The report without its empty parts."""
        return {key: value for key, value in asdict(self).items() if value is not None}


class Quiet:
    """Shows nothing."""

    def __enter__(self) -> Self:
        """Start; nothing to do."""
        return self

    def __exit__(self, *_: object) -> None:
        """End; nothing to do."""

    def __call__(self, report: Mapping[str, Any]) -> None:
        """Ignore the report."""


class JsonLines(Quiet):
    """Writes one JSON object a line."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._unheard = False
        self._lock = threading.Lock()

    def __call__(self, report: Mapping[str, Any]) -> None:
        """Write the report."""
        import orjson

        with self._lock:
            if self._unheard:
                return
            try:
                self._out.write(orjson.dumps(dict(report)).decode() + "\n")
                self._out.flush()
            except (BrokenPipeError, ValueError):
                # The reader (head, a closed terminal) went away; the run goes on all the same.
                self._unheard = True


class Bars(Quiet):
    """One progress bar a run, on a terminal."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}", style="bold", table_column=Column(no_wrap=True)),
            BarColumn(bar_width=16),
            MofNCompleteColumn(),
            # The note takes the room that is left, so that the table's name stays whole.
            TextColumn(
                "{task.fields[note]}",
                style="dim",
                table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"),
            ),
            console=console,
            expand=True,
            transient=True,  # the table of the runs takes its place
        )
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Start drawing."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop drawing."""
        self._progress.stop()

    def __call__(self, report: Mapping[str, Any]) -> None:
        """Draw the report."""
        run_id, rows, expected = report["run_id"], report["rows"], report.get("expected")
        with self._lock:
            task = self._tasks.get(run_id)
            if task is None:
                task = self._progress.add_task(report["stream"], total=None, note="")
                self._tasks[run_id] = task
        event = report["event"]
        note = report.get("message") or ("" if event in {"reading", "ended"} else event)
        if event == "waiting":
            self._progress.update(task, note=note)
        elif event == "ended":
            self._progress.update(task, completed=rows or 1, total=rows or 1, note=note)
        elif expected is not None:
            self._progress.update(task, completed=rows, total=max(expected, rows, 1), note=note)
        else:
            self._progress.update(task, completed=rows, note=note)
