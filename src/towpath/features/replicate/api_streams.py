"""REST: streams, their settings, and how they stand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from towpath.access import Actor, Right
from towpath.errors import ConflictError, InputError
from towpath.features.connections import service as connections
from towpath.features.replicate import listing, run_log, service
from towpath.features.replicate.adding import Added
from towpath.features.replicate.api_offers import configured
from towpath.features.replicate.choice import Choice
from towpath.features.replicate.places import takes
from towpath.features.replicate.seeing import stream_of, streams_of
from towpath.features.replicate.shapes import (
    StreamEdited,
    StreamOut,
    StreamPlan,
    StreamProblem,
    StreamSettings,
    StreamsNew,
    StreamsPlan,
    StreamStatus,
    choice_of,
    editable,
    full_words,
    stream_out,
    words,
)
from towpath.features.replicate.shapes_run import run_out
from towpath.features.replicate.status import lags, status
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.upkeep import keep_up
from towpath.hub import Hub
from towpath.web import etags
from towpath.web.asking import Configures, HubOf, Runs, Sees
from towpath.web.etags import IfMatch
from towpath.web.outside import apart
from towpath.web.pages import Cursor, Limit, Page, page_of
from towpath.web.texts import Id

__all__ = ["add_routes"]


class UpkeepOut(BaseModel):
    """What upkeep did with one table."""

    table: str = Field(description="Layer, folder and table.")
    joined: int = Field(description="Small files that were joined.")
    removed: int = Field(description="Files and log entries that were removed.")
    freed_bytes: int = Field(description="Bytes freed.")


def add_routes(routes: APIRouter) -> None:
    """Add the routes."""

    @routes.get("/streams")
    def list_streams(
        hub: HubOf,
        actor: Sees,
        connection: Annotated[
            str | None, Query(max_length=32, description="Only of this connection (id).")
        ] = None,
        search: Annotated[
            str | None, Query(max_length=200, description="Part of model, table or description.")
        ] = None,
        state: Annotated[
            Literal["new", "queued", "running", "paused", "failed", "cancelled", "succeeded"] | None,
            Query(description="Only those that stand so."),
        ] = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> Page[StreamOut]:
        """The streams you may see, by their place in the catalog."""
        with hub.store.begin() as db:
            visible = streams_of(db, actor)
        text = (search or "").lower()
        chosen = [
            stream
            for stream in visible.values()
            if (connection is None or stream.connection_id == connection)
            and text in f"{stream.model} {stream.path} {stream.description}".lower()
        ]
        if state is None:
            page = page_of(chosen, cursor=cursor, limit=limit)
            return Page(items=_shown(hub, actor, page.items, visible), next=page.next)
        all_of_them = [one for one in _shown(hub, actor, chosen, visible) if one.state == state]
        return page_of(all_of_them, cursor=cursor, limit=limit)

    @routes.post("/streams", status_code=201)
    @apart("odoo")
    def add_streams(hub: HubOf, actor: Configures, body: StreamsNew) -> list[StreamOut]:
        """Add streams: all of them or, when one is not right, none. `details.items` tells what is wrong with which."""
        added = _add(hub, actor, body, keep=True)
        if added.problems:
            problems = _problems(body, added)
            first = problems[0]
            more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
            raise InputError(
                f"{first.model}: {first.detail}{more}",
                details={"items": [one.model_dump() for one in problems]},
            )
        with hub.store.begin() as db:
            visible = streams_of(db, actor)
        return _shown(hub, actor, [visible[one.id] for one in added.streams], visible)

    @routes.post("/streams/preview")
    @apart("odoo")
    def preview_streams(hub: HubOf, actor: Configures, body: StreamsNew) -> StreamsPlan:
        """Look at what would be added, and what stands in its way; nothing is stored."""
        added = _add(hub, actor, body, keep=False)
        asked = {item.model for item in body.streams}
        plans = [
            StreamPlan(
                model=stream.model,
                path=stream.path,
                sync_type=stream.sync_type,
                schedule_words=words(stream),
                full_schedule_words=full_words(stream),
                child=stream.model not in asked,
            )
            for stream in added.streams
        ]
        return StreamsPlan(streams=plans, problems=_problems(body, added))

    @routes.get("/streams/{stream_id}")
    def get_stream(hub: HubOf, actor: Sees, stream_id: Id, response: Response) -> StreamOut:
        """One stream; its ETag is wanted for changes."""
        return _one(hub, actor, stream_of(hub, actor, stream_id), response)

    @routes.patch("/streams/{stream_id}")
    @apart("odoo")
    def edit_stream(
        hub: HubOf,
        actor: Configures,
        stream_id: Id,
        body: StreamSettings,
        response: Response,
        if_match: IfMatch = None,
    ) -> StreamEdited:
        """Change settings; what is left out stays. Other fields, filter or masks make the next run read all again."""
        stream = stream_of(hub, actor, stream_id, Right.CONFIGURE)
        etags.check(if_match, editable(stream))
        after = stream_of(hub, actor, body.after).id if body.after else None
        choice = choice_of(body, after=after)
        if choice == Choice():
            raise InputError("Say what to change.")
        edited = service.edit(
            hub,
            stream.id,
            choice,
            check=lambda now: etags.check(if_match, editable(now)),
            takes=takes(hub, actor),
        )
        return StreamEdited(
            stream=_one(hub, actor, edited.stream, response), changes=edited.changes, notes=edited.notes
        )

    @routes.post("/streams/{stream_id}/pause")
    def pause_stream(hub: HubOf, actor: Runs, stream_id: Id, response: Response) -> StreamOut:
        """Let a stream not run by itself until it is resumed; a person can still run it."""
        stream = stream_of(hub, actor, stream_id, Right.RUN)
        return _one(hub, actor, service.pause(hub, stream.id)[0], response)

    @routes.post("/streams/{stream_id}/resume")
    def resume_stream(hub: HubOf, actor: Runs, stream_id: Id, response: Response) -> StreamOut:
        """Let a paused stream run by itself again; what was missed runs once."""
        stream = stream_of(hub, actor, stream_id, Right.RUN)
        return _one(hub, actor, service.resume(hub, stream.id)[0], response)

    @routes.delete("/streams/{stream_id}", status_code=204)
    def remove_stream(hub: HubOf, actor: Configures, stream_id: Id) -> None:
        """Forget a stream and its runs; its table stays. It must not be running."""
        stream = stream_of(hub, actor, stream_id, Right.CONFIGURE)
        with hub.store.begin() as db:
            last = listing.last_runs(db, [stream.id]).get(stream.id)
        if last is not None and last.state in {"queued", "running"}:
            raise ConflictError(
                "The stream is running; cancel its run first, then remove it.", details={"run_id": last.id}
            )
        service.remove(hub, stream.id)

    @routes.get("/streams/{stream_id}/status")
    def get_stream_status(hub: HubOf, actor: Sees, stream_id: Id) -> StreamStatus:
        """How a stream stands: rows, how far behind, deletes, calls, the last proof."""
        found = status(hub, stream_of(hub, actor, stream_id).id).to_json()
        return StreamStatus(**{name: found[name] for name in StreamStatus.model_fields})

    @routes.post("/streams/{stream_id}/upkeep")
    def keep_up_stream(hub: HubOf, actor: Runs, stream_id: Id) -> list[UpkeepOut]:
        """Join small files of its tables and remove what is older than the retention, now; workers do it daily."""
        stream = stream_of(hub, actor, stream_id, Right.RUN)
        return [
            UpkeepOut(
                table=one.table,
                joined=one.joined,
                removed=one.swept.parts + one.swept.orphans + one.swept.log_files,
                freed_bytes=one.swept.size,
            )
            for one in keep_up(hub, stream)
        ]


def _add(hub: Hub, actor: Actor, body: StreamsNew, *, keep: bool) -> Added:
    known = configured(hub, actor, body.connection_id)
    items = []
    for item in body.streams:
        after = item.after or body.settings.after
        before = stream_of(hub, actor, after).id if after else None
        choice = choice_of(body.settings, item, after=before)
        items.append((item.model, choice))
    return service.add_many(hub, known.name, items, keep=keep, takes=takes(hub, actor))


def _problems(body: StreamsNew, added: Added) -> list[StreamProblem]:
    return [
        StreamProblem(
            index=place,
            model=body.streams[place].model,
            detail=problem.message,
            setting=problem.details.get("setting"),
        )
        for place, problem in sorted(added.problems.items())
    ]


def _one(hub: Hub, actor: Actor, stream: Stream, response: Response) -> StreamOut:
    etags.stamp(response, editable(stream))
    with hub.store.begin() as db:
        visible = streams_of(db, actor)
    return _shown(hub, actor, [stream], visible)[0]


def _shown(hub: Hub, actor: Actor, chosen: list[Stream], visible: dict[str, Stream]) -> list[StreamOut]:
    """Streams with how they stand; one that a stream runs after is named only where it may be seen."""
    ids = [stream.id for stream in chosen]
    names = {known.id: known.name for known in connections.listed(hub)}
    with hub.store.begin() as db:
        now: datetime = db.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        last, behind = listing.last_runs(db, ids), lags(db, ids, now)
        log = run_log.newest(db, [run.id for run in last.values()])
    return [
        stream_out(
            stream,
            actor,
            connection=names.get(stream.connection_id, ""),
            after=visible.get(stream.after_stream_id or ""),
            lag=behind.get(stream.id),
            last=run_out(last[stream.id], stream, log.get(last[stream.id].id)) if stream.id in last else None,
        )
        for stream in chosen
    ]
