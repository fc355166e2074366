"""REST: runs and batches, starting and stopping them, and what they do while they do it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, overload

from fastapi import APIRouter, Path, Query

from towpath.access import Actor, Right
from towpath.errors import InputError, NotFoundError
from towpath.features.replicate import batches, listing, run_log, service
from towpath.features.replicate import runs as run_records
from towpath.features.replicate.listing import Wanted
from towpath.features.replicate.runs import Run
from towpath.features.replicate.seeing import run_of, stream_of, streams_of
from towpath.features.replicate.shapes_run import (
    BatchOut,
    Kind,
    RunDetail,
    RunOut,
    RunsNew,
    RunsStarted,
    RunState,
    batch_out,
    run_detail,
    run_out,
)
from towpath.features.replicate.streams import Stream
from towpath.hub import Hub
from towpath.web.asking import HubOf, Runs, Sees
from towpath.web.pages import Cursor, Limit, Page, decode, encode
from towpath.web.texts import Id

__all__ = ["add_routes"]

Number = Annotated[int, Path(ge=1, le=2**62, description="The batch's number.", examples=[17])]

_NOT_OURS = "The cursor is not one of a page before; leave it out to begin anew."


def add_routes(routes: APIRouter) -> None:
    """Add the routes."""

    @routes.get("/runs")
    def list_runs(
        hub: HubOf,
        actor: Sees,
        stream: Annotated[str | None, Query(max_length=32, description="Only of this stream (id).")] = None,
        connection: Annotated[
            str | None, Query(max_length=32, description="Only of this connection (id).")
        ] = None,
        state: Annotated[
            list[RunState] | None, Query(description="Only in these states; may be repeated.")
        ] = None,
        kind: Annotated[list[Kind] | None, Query(description="Only of these kinds; may be repeated.")] = None,
        batch: Annotated[int | None, Query(ge=1, le=2**62, description="Only of this batch.")] = None,
        since: Annotated[datetime | None, Query(description="Only those made from then on.")] = None,
        until: Annotated[datetime | None, Query(description="Only those made before then.")] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Page[RunOut]:
        """The runs you may see, the newest first."""
        allowed = actor.connections(Right.SEE)
        if connection is not None:
            allowed = frozenset({connection} if allowed is None or connection in allowed else ())
        wanted = Wanted(
            connections=allowed, stream_id=stream, states=state, kinds=kind, batch=batch,
            since=_aware(since), until=_aware(until),
        )  # fmt: skip
        with hub.store.begin() as db:
            found = listing.page(db, wanted, before=_position(cursor), limit=limit + 1)
            visible = streams_of(db, actor)
            log = run_log.newest(db, [run.id for run in found if run.state in run_records.OPEN])
        page, more = found[:limit], len(found) > limit
        last = page[-1] if page else None
        return Page(
            items=[
                run_out(run, visible[run.stream_id], log.get(run.id))
                for run in page
                if run.stream_id in visible
            ],
            next=encode([last.created_at.isoformat(), last.id]) if more and last else None,
        )

    @routes.post("/runs", status_code=202)
    def start_runs(hub: HubOf, actor: Runs, body: RunsNew) -> RunsStarted:
        """Start runs and come back at once; several streams are one batch. One that is under way is joined."""
        chosen = _chosen(hub, actor, body)
        if body.kind in {"verify", "compare"}:
            run_ids = service.prove(hub, chosen, repair=body.kind == "verify")
        else:
            run_ids = service.start(hub, chosen, full=body.kind == "full")
        by_id = {stream.id: stream for stream in chosen}
        with hub.store.begin() as db:
            started = [run_records.find(db, run_id) for run_id in run_ids]
        for run in started:
            details = {"run": run.id, "kind": body.kind}
            hub.store.audit(actor.name, "run.start", f"stream/{by_id[run.stream_id].path}", details=details)
        numbers = {run.batch for run in started if run.state in run_records.OPEN} - {None}
        return RunsStarted(
            runs=[run_out(run, by_id[run.stream_id]) for run in started],
            batch=max((number for number in numbers if number), default=None),
        )

    @routes.get("/runs/{run_id}")
    def get_run(hub: HubOf, actor: Sees, run_id: Id) -> RunDetail:
        """One run with its numbers, its log and what would repair it."""
        run, stream = run_of(hub, actor, run_id)
        return _detail(hub, run, stream)

    @routes.post("/runs/{run_id}/cancel", status_code=202)
    def cancel_run(hub: HubOf, actor: Runs, run_id: Id) -> RunDetail:
        """Tell a run to end; what is written stays, and the next run goes on from there."""
        run, stream = run_of(hub, actor, run_id, Right.RUN)
        return _detail(hub, service.cancel(hub, run.id), stream)

    @routes.post("/runs/{run_id}/retry", status_code=202)
    def retry_run(hub: HubOf, actor: Runs, run_id: Id) -> RunDetail:
        """Start again what a run did that has ended; the answer is the new run."""
        run, stream = run_of(hub, actor, run_id, Right.RUN)
        again = service.retry(hub, run.id)
        with hub.store.begin() as db:
            return _detail(hub, run_records.find(db, again), stream)

    @routes.get("/batches")
    def list_batches(hub: HubOf, actor: Sees, limit: Limit = 50, cursor: Cursor = None) -> Page[BatchOut]:
        """Runs over many streams, the newest first."""
        before = decode(cursor)
        if before is not None and (type(before) is not int or not 0 < before < 2**62):
            raise InputError(_NOT_OURS)
        with hub.store.begin() as db:
            visible = streams_of(db, actor)
            members = None if actor.connections(Right.SEE) is None else list(visible.values())
            found = listing.batches_of(db, members, before=before, limit=limit + 1)
        page, more = found[:limit], len(found) > limit
        return Page(
            items=[batch_out(one, visible) for one in page], next=encode(page[-1].number) if more else None
        )

    @routes.get("/batches/{number}")
    def get_batch(hub: HubOf, actor: Sees, number: Number) -> BatchOut:
        """One run over many streams with its runs and, when it has ended, its manifest."""
        missing = NotFoundError(f"There is no run {number} over many streams; see the list of batches.")
        with hub.store.begin() as db:
            try:
                found = batches.find(db, number)
            except NotFoundError:
                raise missing from None
            visible = streams_of(db, actor)
            if (
                not any(one in visible for one in found.stream_ids)
                and actor.connections(Right.SEE) is not None
            ):
                raise missing
            own = listing.page(db, Wanted(batch=number), before=None, limit=500)
            log = run_log.newest(db, [run.id for run in own])
        shown = [
            run_out(run, visible[run.stream_id], log.get(run.id)) for run in own if run.stream_id in visible
        ]
        return batch_out(found, visible, shown)


def _chosen(hub: Hub, actor: Actor, body: RunsNew) -> list[Stream]:
    """The streams that are meant, each of which may be run.

    :raises InputError: none is named, or both ways are.
    """
    if (body.stream_ids is None) == (body.connection_id is None):
        raise InputError("Give either `stream_ids` or `connection_id`.")
    if body.stream_ids is not None:
        if not body.stream_ids:
            raise InputError("Name at least one stream.")
        return [stream_of(hub, actor, one, Right.RUN) for one in dict.fromkeys(body.stream_ids)]
    if not actor.may(Right.SEE, body.connection_id):
        raise NotFoundError(f"There is no connection {body.connection_id}; see the list of connections.")
    actor.require(Right.RUN, body.connection_id)
    with hub.store.begin() as db:
        found = [one for one in streams_of(db, actor).values() if one.connection_id == body.connection_id]
    if not found:
        raise InputError("This connection has no streams yet; add some first.")
    return found


def _detail(hub: Hub, run: Run, stream: Stream) -> RunDetail:
    with hub.store.begin() as db:
        return run_detail(run, stream, run_log.lines(db, run.id))


def _position(cursor: str | None) -> tuple[datetime, str] | None:
    found = decode(cursor)
    if found is None:
        return None
    try:
        moment, run_id = found
        if not isinstance(run_id, str) or "\x00" in run_id:
            raise InputError(_NOT_OURS)
        return _aware(datetime.fromisoformat(moment)), run_id
    except (TypeError, ValueError):
        raise InputError(_NOT_OURS) from None


@overload
def _aware(moment: datetime) -> datetime: ...
@overload
def _aware(moment: None) -> None: ...
def _aware(moment: datetime | None) -> datetime | None:
    """A moment with its time zone; UTC where it has none."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
