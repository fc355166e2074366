"""Runs and batches as the REST API gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from towpath.features.replicate.batches import Batch
from towpath.features.replicate.repair import Action, repair_of
from towpath.features.replicate.run_log import Line
from towpath.features.replicate.runs import Run
from towpath.features.replicate.streams import Stream
from towpath.web.texts import Text

__all__ = [
    "BatchOut",
    "Kind",
    "LogLine",
    "RepairOut",
    "RunDetail",
    "RunOut",
    "RunState",
    "RunsNew",
    "RunsStarted",
    "batch_out",
    "log_line",
    "run_detail",
    "run_out",
]

RunState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Kind = Literal["sync", "full", "idle", "verify", "compare"]


class LogLine(BaseModel):
    """One line of a run's log: something it did, or why it waited."""

    run_id: str = Field(description="The run.")
    number: int = Field(description="Place in the log, from 1.", examples=[3])
    event: str = Field(
        description="What it did: started, reading, looking for deletions, publishing, waiting, ended ...",
        examples=["reading"],
    )
    rows: int = Field(description="Rows read so far.", examples=[15000])
    expected: int | None = Field(description="Rows expected; null when it is not known.")
    message: str | None = Field(description="More, in a sentence.")
    at: datetime = Field(description="When it began.")
    updated_at: datetime = Field(description="When the numbers were last written.")


class RepairOut(BaseModel):
    """What would repair a run."""

    sentence: str = Field(
        description="What to do.", examples=["Run it again: it goes on where this one stopped."]
    )
    action: Action = Field(
        description="Where: the connection's `key` or `address`, the stream's `settings`, `rights` in Odoo; or just "
        "`wait`, `run` again, look at the `log`."
    )


class RunOut(BaseModel):
    """One execution of a stream."""

    id: str = Field(description="The id.", examples=["9b2e6d1c0f4a4f0f9a77a2a1b6c5d4e3"])
    stream_id: str = Field(description="The stream.")
    stream: str = Field(description="Name of the stream's table.", examples=["account_move"])
    path: str = Field(description="Layer, folder and table.", examples=["raw/acme/account_move"])
    model: str = Field(description="The model that is read.", examples=["account.move"])
    connection_id: str = Field(description="The connection.")
    kind: Kind = Field(
        description="`sync` goes on from the cursor, `full` reads everything again, `idle` found nothing new, `verify` "
        "and `compare` prove the whole table, with and without repair."
    )
    state: RunState = Field(description="Where it is.")
    message: str | None = Field(description="Why it ended like this, where that has to be said.")
    repair: RepairOut | None = Field(description="What would repair it; null where nothing has to be.")
    created_at: datetime = Field(description="When it was asked for.")
    started_at: datetime | None = Field(description="When it began.")
    ended_at: datetime | None = Field(description="When it ended.")
    attempts: int = Field(description="How often it was taken up; more than 1 after a process died.")
    rows_read: int = Field(description="Records read from Odoo.")
    rows_inserted: int = Field(description="Rows that were new.")
    rows_updated: int = Field(description="Rows that differed.")
    rows_deleted: int = Field(description="Rows deleted, or marked as deleted.")
    calls: int = Field(description="Calls made to Odoo.")
    bytes: int = Field(description="Bytes received from Odoo.")
    seconds: float = Field(description="Seconds of work.")
    remarks: list[str] = Field(description="What a person should know, in sentences.")
    by_itself: bool = Field(description="Whether it started by its schedule or after another stream.")
    batch: int | None = Field(description="Number of the run over many streams it is part of.")
    proof: dict[str, Any] | None = Field(
        description="How the table compares with Odoo; null without a proof."
    )
    progress: LogLine | None = Field(
        default=None, description="Of a run that is under way: the last line of its log."
    )


class RunDetail(RunOut):
    """One execution of a stream, with its log."""

    cursor_before: dict[str, Any] | None = Field(description="How far the stream had come before.")
    cursor_after: dict[str, Any] | None = Field(description="How far it has come.")
    versions: dict[str, int] | None = Field(description="Address of each table -> version that the run left.")
    log: list[LogLine] = Field(description="What it did, in order; kept as long as ended jobs are.")


class RunsNew(BaseModel):
    """Runs to be started: of these streams, or of all of a connection."""

    model_config = ConfigDict(extra="forbid")

    stream_ids: Annotated[list[Text], Field(max_length=500)] | None = Field(
        default=None, description="The streams.", examples=[["3f1c2a9b0d4e"]]
    )
    connection_id: Text | None = Field(
        default=None, max_length=32, description="All streams of a connection instead."
    )
    kind: Literal["sync", "full", "verify", "compare"] = Field(
        default="sync",
        description="`sync` brings what changed, `full` reads everything again, `verify` proves whole tables and reads "
        "again what differs, `compare` only tells.",
    )


class RunsStarted(BaseModel):
    """Runs that were started, or were under way already."""

    runs: list[RunOut] = Field(description="One for each stream, in the order asked for.")
    batch: int | None = Field(description="Number of the run over many streams; null for one stream.")


class BatchOut(BaseModel):
    """One run over many streams, whose tables are one state when it has ended."""

    number: int = Field(description="What people call it by: `--as-of run:17`.", examples=[17])
    state: Literal["running", "published"] = Field(description="`published` when its manifest stands.")
    created_at: datetime = Field(description="When it began.")
    ended_at: datetime | None = Field(description="When its manifest was published.")
    stream_ids: list[str] = Field(description="The streams you may see of it.")
    run_ids: dict[str, str] = Field(description="Stream -> run, of those that had something to do.")
    tables: dict[str, int] = Field(description="The manifest: address of each table -> version.")
    runs: list[RunOut] | None = Field(default=None, description="The runs, where one batch was asked for.")


def log_line(line: Line) -> LogLine:
    """A line of a log."""
    return LogLine(**{name: getattr(line, name) for name in LogLine.model_fields})


def run_out(run: Run, stream: Stream, line: Line | None = None) -> RunOut:
    """A run with its stream's names."""
    return RunOut(**_values(run, stream, line))


def run_detail(run: Run, stream: Stream, log: list[Line]) -> RunDetail:
    """A run with all that is known of it."""
    return RunDetail(
        **_values(run, stream, log[-1] if log else None),
        cursor_before=run.cursor_before,
        cursor_after=run.cursor_after,
        versions=run.versions,
        log=[log_line(line) for line in log],
    )


def _values(run: Run, stream: Stream, line: Line | None) -> dict[str, Any]:
    repair = repair_of(run)
    own = {name: getattr(run, name) for name in RunOut.model_fields if hasattr(run, name)}
    return own | {
        "stream": stream.table_name,
        "path": stream.path,
        "model": stream.model,
        "connection_id": stream.connection_id,
        "repair": RepairOut(sentence=repair.sentence, action=repair.action) if repair else None,
        "progress": log_line(line) if line and run.state in {"queued", "running"} else None,
    }


def batch_out(batch: Batch, visible: dict[str, Stream], runs: list[RunOut] | None = None) -> BatchOut:
    """A batch, without what belongs to streams that may not be seen."""
    paths = tuple(f"/{stream.path}" for stream in visible.values())
    return BatchOut(
        number=batch.number,
        state="published" if batch.state == "published" else "running",
        created_at=batch.created_at,
        ended_at=batch.ended_at,
        stream_ids=[one for one in batch.stream_ids if one in visible],
        run_ids={stream: run for stream, run in batch.run_ids.items() if stream in visible},
        tables={uri: version for uri, version in batch.tables.items() if _among(uri, paths)},
        runs=runs,
    )


def _among(uri: str, paths: tuple[str, ...]) -> bool:
    """Whether an address is that of one of the tables, or of one beside it."""
    return any(uri.endswith(path) or f"{path}__" in uri for path in paths)
