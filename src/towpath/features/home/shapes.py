"""The overview and the settings as the REST API gives them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from towpath.features.home.effective import About, Effective, Storage
from towpath.features.home.overview import Attention, Health, Overview
from towpath.features.replicate.service import Standing

__all__ = [
    "AboutOut",
    "CompaniesOut",
    "CompanyOut",
    "FoundOut",
    "OverviewOut",
    "SearchOut",
    "SettingOut",
    "SettingsOut",
    "StorageOut",
    "overview_out",
]


class AttentionOut(BaseModel):
    """Something that a person has to look at."""

    kind: Literal["run_failed", "connection_fails", "secret_expires", "secret_expired", "overdue"] = Field(
        description="What it is."
    )
    urgent: bool = Field(description="Whether something does not work now; else it will not, later.")
    sentence: str = Field(description="What is wrong, with the next step.")
    connection_id: str | None = Field(description="The connection it is about.")
    connection: str | None = Field(description="The connection's name.")
    models: list[str] = Field(description="Models of the streams it is about, at most 20.")
    streams: int = Field(description="How many streams it is about.")
    run_id: str | None = Field(description="The run to look at first.")
    at: datetime | None = Field(description="When it happened, or when the secret ends.")


class HealthOut(BaseModel):
    """How one connection stands."""

    id: str = Field(description="The id.", examples=["3f1c2a9b0d4e"])
    name: str = Field(description="The name.", examples=["acme"])
    url: str = Field(description="The address.", examples=["https://acme.odoo.com"])
    database: str | None = Field(description="The database.")
    version: str = Field(description="Odoo's version.", examples=["19.0"])
    state: Literal["ok", "attention", "new"] = Field(
        description="`attention`: a test or a run failed; `new`: nothing was read yet."
    )
    streams: int = Field(description="Streams of it.")
    running: int = Field(description="Of these: under way.")
    failed: int = Field(description="Of these: whose last run failed.")
    paused: int = Field(description="Of these: paused.")
    lag_seconds: float | None = Field(description="The largest lag of its tables; null before the first run.")
    tested_at: datetime | None = Field(description="When it was last tested.")


class LagOut(BaseModel):
    """How far a stream's table is behind Odoo."""

    stream_id: str = Field(description="The stream.")
    connection_id: str = Field(description="Its connection.")
    model: str = Field(description="The model.", examples=["account.move"])
    path: str = Field(description="Layer, folder and table.", examples=["raw/acme/account_move"])
    lag_seconds: float | None = Field(description="Seconds; null before the first run has succeeded.")
    next_run_at: datetime | None = Field(
        description="When it runs next; null: by hand, or after another one."
    )
    state: Literal["new", "running", "paused", "failed", "ok"] = Field(description="How the stream stands.")


class RunBrief(BaseModel):
    """A run in one line."""

    id: str = Field(description="The id.")
    stream_id: str = Field(description="Its stream.")
    connection_id: str = Field(description="The stream's connection.")
    connection: str = Field(description="The connection's name.")
    model: str = Field(description="The model.")
    kind: str = Field(description="`sync`, `full`, `verify` or `compare`.")
    state: str = Field(description="`queued`, `running`, `succeeded`, `failed` or `cancelled`.")
    created_at: datetime = Field(description="When it was started.")
    ended_at: datetime | None = Field(description="When it ended.")
    seconds: float = Field(description="Seconds it worked.")
    rows: int = Field(description="Rows that came in, changed or went.")


class HourOut(BaseModel):
    """What was done in one hour."""

    start: datetime = Field(description="When the hour begins.")
    runs: int = Field(description="Runs started in it.")
    failed: int = Field(description="Of these: failed.")
    rows: int = Field(description="Rows that came in, changed or went.")


class CountsOut(BaseModel):
    """Streams by how they stand."""

    streams: int = Field(description="All streams you may see.")
    running: int = Field(description="Of these: under way.")
    failed: int = Field(description="Of these: whose last run failed.")
    paused: int = Field(description="Of these: paused.")


class OverviewOut(BaseModel):
    """How everything stands that you may see."""

    now: datetime = Field(description="The clock that all of it is counted by.")
    connections: list[HealthOut] = Field(description="Health of each connection.")
    counts: CountsOut = Field(description="Streams by how they stand.")
    attention: list[AttentionOut] = Field(description="What needs a person, urgent things first.")
    lags: list[LagOut] = Field(description="The streams that are furthest behind, at most 12.")
    runs: list[RunBrief] = Field(
        description="The newest runs that changed something, failed or are under way; at most 12."
    )
    hours: list[HourOut] = Field(description="The last 24 hours, the oldest first.")


class FoundOut(BaseModel):
    """One thing that bears the word."""

    kind: Literal["connection", "stream", "table"] = Field(description="What it is.")
    id: str = Field(
        description="Id of the connection or the stream; `layer.folder.table` of a table.",
        examples=["raw.acme.account_move"],
    )
    title: str = Field(description="Its name.", examples=["account_move"])
    hint: str = Field(description="Tells it from others of that name.", examples=["raw.acme"])
    connection_id: str = Field(description="The connection it belongs to.")


class SearchOut(BaseModel):
    """What was found."""

    items: list[FoundOut] = Field(description="Connections, then streams, then tables.")


class CompanyOut(BaseModel):
    """One company of an Odoo database."""

    id: int = Field(description="Its id in Odoo: the value of `company_id` in other tables.", examples=[1])
    name: str = Field(description="Its name.")


class CompaniesOut(BaseModel):
    """The companies of a connection."""

    items: list[CompanyOut] = Field(description="The companies by name.")


class SettingOut(BaseModel):
    """One setting as it is."""

    name: str = Field(description="The name.", examples=["call_timeout"])
    environment: str = Field(
        description="The environment variable that sets it.", examples=["TOWPATH_CALL_TIMEOUT"]
    )
    group: Literal["limits", "storage", "server", "secrets", "log"] = Field(description="What it is about.")
    value: Any = Field(description="What it is; null where it is not set or is a secret.", examples=[120.0])
    hidden: bool = Field(description="Whether it is a secret that is set, and so not shown.")
    changed: bool = Field(description="Whether it differs from the default.")
    default: str = Field(description="The default, as text.")
    type: str = Field(description="What it takes.", examples=["number"])
    help: str = Field(description="What it does.")


class SettingsOut(BaseModel):
    """All settings as they are; they are read from the environment when Towpath starts."""

    items: list[SettingOut] = Field(description="The settings.")

    @classmethod
    def of(cls, found: list[Effective]) -> SettingsOut:
        """From the settings themselves."""
        return cls(items=[SettingOut.model_validate(one, from_attributes=True) for one in found])


class StorageOut(BaseModel):
    """Where things lie, and what they take."""

    root: str = Field(description="Root of the lake.", examples=["s3://lake/towpath"])
    kind: Literal["folder", "s3", "azure", "google", "other"] = Field(description="What it is.")
    tables: int = Field(description="Tables in the catalog.")
    counted: int = Field(description="Tables that were added up, at most 300.")
    bytes: int = Field(description="Bytes of the files of those tables' newest versions.")
    rows: int = Field(description="Rows of those tables.")
    free_bytes: int | None = Field(description="Bytes free there; null in an object store.")
    database_embedded: bool = Field(description="Whether PostgreSQL is the one that Towpath brings.")
    database_version: str = Field(description="PostgreSQL's version.", examples=["16.4"])
    database_bytes: int = Field(description="Bytes of Towpath's own database.")

    @classmethod
    def of(cls, found: Storage) -> StorageOut:
        """From what was found."""
        return cls.model_validate(found, from_attributes=True)


class AboutOut(BaseModel):
    """What runs here."""

    version: str = Field(description="Towpath's version.")
    python: str = Field(description="Python's version.")
    platform: str = Field(description="System and processor.")
    licence: str = Field(description="Licence of Towpath, as SPDX names it.")

    @classmethod
    def of(cls, found: About) -> AboutOut:
        """From what was found."""
        return cls.model_validate(found, from_attributes=True)


def overview_out(found: Overview) -> OverviewOut:
    """The overview as it is answered."""
    streams = found.standings.streams
    names = {one.connection.id: one.connection.name for one in found.connections}
    by_id = {one.stream.id: one.stream for one in streams}
    # Those never read come last: they have no lag yet.
    late = sorted(streams, key=lambda one: (one.lag is None, -(one.lag or 0.0)))
    return OverviewOut(
        now=found.standings.now,
        connections=[_health(one) for one in found.connections],
        counts=CountsOut(
            streams=len(streams),
            running=sum(one.running for one in found.connections),
            failed=sum(one.failed for one in found.connections),
            paused=sum(one.paused for one in found.connections),
        ),
        attention=[_attention(one) for one in found.attention],
        lags=[_lag(one) for one in late[:12]],
        runs=[
            RunBrief(
                id=run.id,
                stream_id=run.stream_id,
                connection_id=by_id[run.stream_id].connection_id,
                connection=names.get(by_id[run.stream_id].connection_id, ""),
                model=by_id[run.stream_id].model,
                kind=run.kind,
                state=run.state,
                created_at=run.created_at,
                ended_at=run.ended_at,
                seconds=run.seconds,
                rows=run.rows_inserted + run.rows_updated + run.rows_deleted,
            )
            for run in found.standings.newest
        ],
        hours=[HourOut.model_validate(one, from_attributes=True) for one in found.standings.hours],
    )


def _health(one: Health) -> HealthOut:
    known = one.connection
    return HealthOut(
        id=known.id,
        name=known.name,
        url=known.url,
        database=known.database,
        version=known.version,
        state=one.state,
        streams=one.streams,
        running=one.running,
        failed=one.failed,
        paused=one.paused,
        lag_seconds=None if one.lag is None else round(one.lag, 1),
        tested_at=known.tested_at,
    )


def _attention(one: Attention) -> AttentionOut:
    return AttentionOut(
        kind=one.kind,
        urgent=one.urgent,
        sentence=one.sentence,
        connection_id=one.connection.id if one.connection else None,
        connection=one.connection.name if one.connection else None,
        models=list(one.streams[:20]),
        streams=len(one.streams),
        run_id=one.run_id,
        at=one.at,
    )


def _lag(one: Standing) -> LagOut:
    stream = one.stream
    state: Literal["new", "running", "paused", "failed", "ok"] = "ok" if one.lag is not None else "new"
    if one.under_way is not None:
        state = "running"
    elif one.ended is not None and one.ended.state == "failed":
        state = "failed"
    elif stream.paused:
        state = "paused"
    return LagOut(
        stream_id=stream.id,
        connection_id=stream.connection_id,
        model=stream.model,
        path=stream.path,
        lag_seconds=None if one.lag is None else round(one.lag, 1),
        next_run_at=stream.next_run_at,
        state=state,
    )
