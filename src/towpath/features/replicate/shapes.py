"""Streams as the REST API takes and gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from towpath.access import Actor, Right
from towpath.features.replicate import schedule
from towpath.features.replicate.choice import Choice
from towpath.features.replicate.shapes_run import RunOut
from towpath.features.replicate.streams import MAX_DESCRIPTION, Stream
from towpath.web.texts import Text

__all__ = [
    "SETTINGS",
    "StreamEdited",
    "StreamItem",
    "StreamOut",
    "StreamPlan",
    "StreamProblem",
    "StreamSettings",
    "StreamStatus",
    "StreamsNew",
    "StreamsPlan",
    "choice_of",
    "editable",
    "full_words",
    "stream_out",
    "words",
]

#: What of a stream two people may edit at the same time: its ETag is made of these.
SETTINGS = (
    "id", "model", "layer", "folder", "table_name", "sync_type", "fields", "filter", "description", "paused",
    "schedule", "full_schedule", "after_stream_id", "retention", "history", "masks", "links", "links_seconds",
    "names_seconds", "refresh_seconds", "overlap_seconds",
)  # fmt: skip

Names = Annotated[list[Annotated[Text, Field(max_length=200)]], Field(max_length=2000)]
Name = Annotated[Text, Field(max_length=63)]
Length = Annotated[Text, Field(max_length=100, examples=["15m"])]


class StreamSettings(BaseModel):
    """How a stream is to be kept. What is left out, or null, is as usual for a new stream and stays for one there is."""

    model_config = ConfigDict(extra="forbid")

    layer: Name | None = Field(default=None, description="Layer of the catalog; `raw` when new.")
    folder: Name | None = Field(
        default=None, description="Folder in the layer; the connection's name when new."
    )
    prefix: Name | None = Field(default=None, description="Put before the suggested table name.")
    table_name: Name | None = Field(default=None, description="Name of the table.", examples=["account_move"])
    sync_type: Literal["INCREMENTAL", "FULL_TABLE"] | None = Field(
        default=None,
        description="INCREMENTAL reads what changed and keeps every record; FULL_TABLE holds the current state.",
    )
    fields: Names | None = Field(
        default=None, description="Fields to read; empty for the usual ones.", examples=[["name", "state"]]
    )
    filter: Text | None = Field(
        default=None,
        description="Odoo domain; empty for all records.",
        examples=["[('state', '=', 'posted')]"],
    )
    description: Text | None = Field(default=None, max_length=MAX_DESCRIPTION, description="What it is for.")
    every: Length | None = Field(default=None, description="Run every so often.")
    cron: Text | None = Field(
        default=None, max_length=200, description="Run by a cron text.", examples=["0 6 * * 1-5"]
    )
    at: Text | None = Field(
        default=None, max_length=400, description="Run each day at these times.", examples=["06:00,18:30"]
    )
    after: Text | None = Field(
        default=None, max_length=32, description="Id of a stream: run whenever it has succeeded."
    )
    manual: bool = Field(default=False, description="Run by hand only.")
    tz: Text | None = Field(
        default=None, max_length=100, description="Time zone of the times.", examples=["Africa/Lagos"]
    )
    full_every: Length | None = Field(
        default=None, description="Additional full sync every so often; `never` ends it."
    )
    full_cron: Text | None = Field(
        default=None, max_length=200, description="Additional full sync by a cron text."
    )
    retention: Length | None = Field(
        default=None,
        description="How long old states of the table are kept; or `default`.",
        examples=["30 days"],
    )
    history: bool | None = Field(
        default=None, description="Keep every version of a record in a table of its own."
    )
    masks: dict[Annotated[Text, Field(max_length=200)], Annotated[Text, Field(max_length=50)]] | None = Field(
        default=None,
        description="Field -> `hash`, `drop`, `truncate:N`, `no-name`; `plain` ends it.",
        examples=[{"email": "hash"}],
    )
    links: Names | None = Field(
        default=None, description='many2many fields that become link tables; `["all"]`, `["none"]`.'
    )
    links_every: Length | None = Field(
        default=None, description="Compare all links so often; `never`, `default`."
    )
    names_every: Length | None = Field(
        default=None, description="Compare names of linked records so often; `never`, `default`."
    )
    refresh_every: Length | None = Field(
        default=None, description="Read fields that are not stored again so often; or `never`."
    )
    overlap: Length | None = Field(
        default=None, description="Read again what changed so long before the cursor; or `default`."
    )


class StreamItem(StreamSettings):
    """One model that is to become a stream; its own settings come before the shared ones."""

    model: Text = Field(min_length=1, max_length=200, description="The model.", examples=["account.move"])
    children: bool = Field(default=False, description="Add the models of its lines (one2many) too.")


class StreamsNew(BaseModel):
    """Streams to be added in one go: all of them or none."""

    model_config = ConfigDict(extra="forbid")

    connection_id: Text = Field(
        max_length=32, description="The connection they read from.", examples=["3f1c2a9b0d4e"]
    )
    settings: StreamSettings = Field(
        default_factory=StreamSettings, description="Settings that hold for all of them."
    )
    streams: list[StreamItem] = Field(min_length=1, max_length=500, description="The streams.")


class StreamProblem(BaseModel):
    """What is wrong with one of the streams that were to be added."""

    index: int = Field(description="Its place in the list, from 0.")
    model: str = Field(description="Its model.")
    detail: str = Field(description="What is wrong, with the next step.")
    setting: str | None = Field(default=None, description="The setting it is about, where it is about one.")


class StreamPlan(BaseModel):
    """One stream as it would be added."""

    model: str = Field(description="The model.")
    path: str = Field(description="Layer, folder and table.", examples=["raw/acme/account_move"])
    sync_type: str = Field(description="INCREMENTAL or FULL_TABLE.")
    schedule_words: str = Field(description="When it runs, in plain words.", examples=["every 15 minutes"])
    full_schedule_words: str | None = Field(description="When everything is read again.")
    child: bool = Field(description="Whether it comes along as the model of lines.")


class StreamsPlan(BaseModel):
    """What would be added; nothing is stored."""

    streams: list[StreamPlan] = Field(description="The streams.")
    problems: list[StreamProblem] = Field(description="What stands in the way; nothing is added then.")


class StreamOut(BaseModel):
    """One model that is replicated, its settings and how it stands."""

    id: str = Field(description="The id.", examples=["3f1c2a9b0d4e"])
    connection_id: str = Field(description="The connection it reads from.")
    connection: str = Field(description="The connection's name.")
    model: str = Field(description="The model.", examples=["account.move"])
    path: str = Field(description="Layer, folder and table.", examples=["raw/acme/account_move"])
    layer: str = Field(description="Layer of the catalog.")
    folder: str = Field(description="Folder in the layer.")
    table_name: str = Field(description="The table.")
    sync_type: Literal["INCREMENTAL", "FULL_TABLE"] = Field(description="How it is kept.")
    fields: list[str] | None = Field(description="Fields that are read; null for the usual ones.")
    filter: str | None = Field(description="Odoo domain; null for all records.")
    description: str = Field(description="What it is for.")
    paused: bool = Field(description="Whether it does not run by itself for now.")
    schedule: dict[str, Any] | None = Field(description="When it runs by itself; null: by hand only.")
    schedule_words: str = Field(description="The same in plain words.", examples=["every 15 minutes"])
    next_run_at: datetime | None = Field(description="When it runs next.")
    full_schedule: dict[str, Any] | None = Field(description="When everything is read again.")
    full_schedule_words: str | None = Field(description="The same in plain words.")
    next_full_at: datetime | None = Field(description="When that is next.")
    after_stream_id: str | None = Field(description="The stream after which it runs.")
    retention: str | None = Field(description="How long old states are kept; null for the usual time.")
    history: bool = Field(description="Whether every version of a record is kept.")
    masks: dict[str, str] = Field(description="Field -> how it is masked.")
    links: list[str] | None = Field(description="many2many fields that have a link table; `*` for all.")
    links_seconds: int | None = Field(
        description="How often all links are compared; null for the usual time."
    )
    names_seconds: int | None = Field(description="How often names of linked records are compared.")
    refresh_seconds: int | None = Field(description="How often fields that are not stored are read again.")
    overlap_seconds: int | None = Field(description="How far before the cursor is read again.")
    lag_seconds: float | None = Field(
        description="How far the table is behind Odoo; null before its first run has succeeded."
    )
    state: Literal["new", "queued", "running", "paused", "failed", "cancelled", "succeeded"] = Field(
        description="How it stands in one word."
    )
    last_run: RunOut | None = Field(description="The newest run.")
    rights: list[Right] = Field(description="What you may do with it.")


class StreamEdited(BaseModel):
    """A stream after a change."""

    stream: StreamOut = Field(description="The stream.")
    changes: dict[str, list[Any]] = Field(description="Setting -> value before and after.")
    notes: list[str] = Field(description="What follows from it, in sentences.")


class StreamStatus(BaseModel):
    """How a stream stands: rows, lag, deletes, calls, proof."""

    connection: str = Field(description="The connection's name.")
    rows: int | None = Field(description="Rows of the table; null where there is no table yet.")
    lag_seconds: float | None = Field(description="How far the table is behind Odoo.")
    deletes: dict[str, int] = Field(description="Records deleted: `total`, `last_run`.")
    calls: dict[str, int] = Field(description="Calls to Odoo: `last_run`, `last_24_hours`.")
    runs: dict[str, int] = Field(description="Runs: `last_24_hours`, `failed_last_24_hours`.")
    last_proof: dict[str, Any] | None = Field(description="What the last proof found.")
    error: str | None = Field(description="What went wrong last, unless a run has succeeded since.")


def choice_of(*given: StreamSettings, after: str | None = None) -> Choice:
    """What settings say; those that come later win.

    :param after: the stream that is meant by ``after``.
    """
    said: dict[str, Any] = {}
    for one in given:
        values = one.model_dump(exclude_unset=True, exclude={"model"})
        more = {name: value for name, value in values.items() if value is not None}
        if not more.get("manual", True):
            del more["manual"]
        if _WAYS & more.keys():  # another way to run takes the place of the shared one
            said = {name: value for name, value in said.items() if name not in _WAYS}
        said |= more
    if after is not None:
        said["after"] = after
    return Choice(**said)


_WAYS = {"every", "cron", "at", "after", "manual"}


def editable(stream: Stream) -> dict[str, Any]:
    """The settings of a stream, for its ETag."""
    return {name: getattr(stream, name) for name in SETTINGS}


def words(stream: Stream, after: Stream | None = None) -> str:
    """When a stream runs, in plain words."""
    plan = schedule.from_json(stream.schedule)
    if stream.after_stream_id:
        return f"after {after.table_name if after else 'another stream'} has succeeded"
    return plan.words() if plan else "by hand"


def full_words(stream: Stream) -> str | None:
    """When everything of it is read again, in plain words."""
    plan = schedule.from_json(stream.full_schedule)
    return plan.words() if plan else None


def stream_out(
    stream: Stream,
    actor: Actor,
    *,
    connection: str,
    after: Stream | None = None,
    lag: float | None = None,
    last: RunOut | None = None,
) -> StreamOut:
    """A stream as somebody may see it."""
    own = {name: getattr(stream, name) for name in StreamOut.model_fields if hasattr(stream, name)}
    state = (
        last.state
        if last and last.state in {"queued", "running"}
        else "paused"
        if stream.paused
        else last.state
        if last
        else "new"
    )
    return StreamOut(
        **own,
        connection=connection,
        schedule_words=words(stream, after),
        full_schedule_words=full_words(stream),
        lag_seconds=None if lag is None else round(lag, 1),
        state=state,
        last_run=last,
        rights=[right for right in Right if actor.may(right, stream.connection_id)],
    )
