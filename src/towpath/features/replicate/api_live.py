"""REST: live progress by server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

Messages: `run` (a run that changed, as `GET /runs` gives it), `log` (a line of a run's log), `end` (nothing more will
come). A stream ends with its run, when the session or token it was opened with is no longer valid, when the reader does
not keep up, and when the server stops. A browser then comes again by itself with `Last-Event-ID`, and is told what it
has missed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Header, Request
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from towpath.access import Actor, Right
from towpath.errors import RateLimitedError
from towpath.features.people import service as people
from towpath.features.replicate import listing, run_log
from towpath.features.replicate.runs import OPEN
from towpath.features.replicate.seeing import run_of, streams_of
from towpath.features.replicate.shapes_run import log_line, run_out
from towpath.features.replicate.watching import Change, Ear, watch_of
from towpath.hub import Hub
from towpath.web.asking import HubOf, Sees
from towpath.web.cookies import session_cookie
from towpath.web.texts import Id

__all__ = ["HEARTBEAT", "MOST", "MOST_EACH", "add_routes"]

#: Seconds after which a sign of life is sent, and the session is looked at again.
HEARTBEAT = 15.0
#: Streams of one process at a time, and those of one person.
MOST, MOST_EACH = 1000, 100

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events `run`, `log` and `end`; the data is JSON.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}

LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        max_length=20,
        description="Id of the last event that was seen; what came since is told first.",
    ),
]


def add_routes(routes: APIRouter) -> None:
    """Add the routes."""

    @routes.get("/runs/{run_id}/events", response_class=StreamingResponse, responses=_EVENTS)
    def follow_run(
        hub: HubOf, actor: Sees, request: Request, run_id: Id, last_event_id: LastEventId = None
    ) -> StreamingResponse:
        """One run while it happens, from its first line to its end."""
        run, _ = run_of(hub, actor, run_id)
        _see_room(hub, actor)
        after = _seq(last_event_id)

        def first() -> list[Change]:
            now, stream = run_of(hub, actor, run.id)
            with hub.store.begin() as db:
                lines = run_log.lines(db, now.id, after=after)
            told = [Change(run=now, stream=stream, line=line, seq=line.seq) for line in lines]
            last = max([after, *(line.seq for line in lines)])
            return [*told, Change(run=now, stream=stream, seq=last)]

        return _answer(_Telling(hub, actor, request, first, run_id=run.id))

    @routes.get("/events", response_class=StreamingResponse, responses=_EVENTS)
    def follow_all(
        hub: HubOf, actor: Sees, request: Request, last_event_id: LastEventId = None
    ) -> StreamingResponse:
        """All runs you may see, while they happen."""
        _see_room(hub, actor)
        after = _seq(last_event_id)

        def first() -> list[Change]:
            with hub.store.begin() as db:
                visible = streams_of(db, actor)
                missed = run_log.since(db, after, limit=500) if after else []
                ids = {line.run_id for line in missed}
                wanted = {run.id: run for run in listing.by_ids(db, ids)}
                wanted |= {run.id: run for run in listing.open_runs(db)}
            runs = [run for run in wanted.values() if run.stream_id in visible]
            seq = max([after, *(line.seq for line in missed)])
            told = [
                Change(
                    run=wanted[line.run_id],
                    stream=visible[wanted[line.run_id].stream_id],
                    line=line,
                    seq=line.seq,
                )
                for line in missed
                if line.run_id in wanted and wanted[line.run_id].stream_id in visible
            ]
            return [*told, *(Change(run=run, stream=visible[run.stream_id], seq=seq) for run in runs)]

        return _answer(_Telling(hub, actor, request, first))


def _whose(actor: Actor) -> str:
    return actor.user_id or actor.name


def _see_room(hub: Hub, actor: Actor) -> None:
    """See that one more may watch.

    :raises RateLimitedError: too many do, or they themselves in too many places.
    """
    watch = watch_of(hub)
    if len(watch) >= MOST or watch.of(_whose(actor)) >= MOST_EACH:
        raise RateLimitedError(
            "Too many are watching at the moment; load the page again in a while.", retry_after=30
        )


def _answer(telling: _Telling) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # proxies would wait for more
    return StreamingResponse(telling.messages(), media_type="text/event-stream", headers=headers)


def _seq(last_event_id: str | None) -> int:
    """The number in an id of ours; anything else begins anew."""
    text = last_event_id or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


class _Telling:
    """One stream of events to one reader."""

    def __init__(
        self,
        hub: Hub,
        actor: Actor,
        request: Request,
        first: Callable[[], list[Change]],
        *,
        run_id: str | None = None,
    ) -> None:
        self._hub = hub
        self._actor = actor
        self._request = request
        self._first = first
        self._run_id = run_id
        #: Highest ``seq`` of each line that was told, as the first look and the watch overlap.
        self._told: dict[tuple[str, int], int] = {}
        self._runs: dict[str, str] = {}
        #: The run that was asked for has ended.
        self._ended = False

    async def messages(self) -> AsyncIterator[str]:
        """What is sent, until there is a reason to end."""
        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop is gone: so is the reader
                loop.call_soon_threadsafe(news.set)

        watch = watch_of(self._hub)
        # Before the first look, so that nothing happens in between unheard.
        ear = Ear(wake=wake, run_id=self._run_id, whose=_whose(self._actor))
        watch.add(ear)
        try:
            yield "retry: 3000\n\n"
            for change in await to_thread.run_sync(self._first):
                for text in self._told_of(change):
                    yield text
            beat = time.monotonic() + HEARTBEAT
            while not self._ends(ear):
                while ear.waiting:
                    for text in self._told_of(ear.waiting.popleft()):
                        yield text
                if self._ends(ear):
                    break
                news.clear()
                if not ear.waiting:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(news.wait(), 0.5)
                if time.monotonic() >= beat:
                    beat = time.monotonic() + HEARTBEAT
                    if not await to_thread.run_sync(self._still_signed_in):
                        break
                    yield ": still here\n\n"
            if self._ended:
                yield "event: end\ndata: {}\n\n"
        finally:
            watch.remove(ear)

    def _told_of(self, change: Change) -> list[str]:
        if not self._actor.may(Right.SEE, change.stream.connection_id):
            return []
        line, run = change.line, change.run
        if line is not None:
            if self._told.get((run.id, line.number), 0) >= line.seq:
                return []
            self._told[run.id, line.number] = line.seq
            return [_event("log", log_line(line), change.seq)]
        shown = run_out(run, change.stream)
        text = shown.model_dump_json()
        if self._runs.get(run.id) == text:
            return []
        if run.state in OPEN or run.id == self._run_id:
            self._runs[run.id] = text
        else:  # nothing more is told of it
            self._runs.pop(run.id, None)
            self._told = {key: seq for key, seq in self._told.items() if key[0] != run.id}
        if run.id == self._run_id and run.state not in OPEN:
            self._ended = True
        return [_event("run", text, change.seq)]

    def _ends(self, ear: Ear) -> bool:
        stopping = getattr(self._request.app.state, "stopping", None)
        return self._ended or ear.lost or self._hub.closed or (stopping is not None and stopping.is_set())

    def _still_signed_in(self) -> bool:
        """Whether the session or token is valid as before, with the same rights."""
        if self._actor.session_id is None and self._actor.token_id is None:
            return True
        kind, _, bearer = self._request.headers.get("authorization", "").partition(" ")
        now = people.actor_of(
            self._hub,
            session=self._request.cookies.get(session_cookie(self._hub.settings)),
            bearer=bearer.strip() if kind.lower() == "bearer" else None,
            address=self._request.scope["towpath.client"],
        )
        if now is None or not now.may_somewhere(Right.SEE):
            return False
        self._actor = now
        return True


def _event(name: str, data: BaseModel | str, seq: int) -> str:
    text = data if isinstance(data, str) else data.model_dump_json()
    return f"event: {name}\nid: {seq}\ndata: {text}\n\n"
