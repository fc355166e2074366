"""Finding streams and runs for somebody: what they may not see is not there."""

from __future__ import annotations

import sqlalchemy as sa

from towpath.access import Actor, Right
from towpath.errors import NotFoundError
from towpath.features.replicate import runs, streams
from towpath.features.replicate.runs import Run
from towpath.features.replicate.streams import Stream
from towpath.hub import Hub

__all__ = ["run_of", "stream_of", "streams_of"]


def streams_of(db: sa.Connection, actor: Actor) -> dict[str, Stream]:
    """The streams somebody may see, by id, in the catalog's order."""
    allowed = actor.connections(Right.SEE)
    return {
        stream.id: stream
        for stream in streams.listed(db)
        if allowed is None or stream.connection_id in allowed
    }


def stream_of(hub: Hub, actor: Actor, stream_id: str, right: Right = Right.SEE) -> Stream:
    """The stream of an id, for somebody who has the right on its connection.

    :raises NotFoundError: there is none, or they may not see it.
    :raises AccessError: they may see it, but lack the right.
    """
    missing = NotFoundError(f"There is no stream {stream_id}; see the list of streams.")
    with hub.store.begin() as db:
        try:
            found = streams.find(db, stream_id)
        except NotFoundError:
            raise missing from None
    if not actor.may(Right.SEE, found.connection_id):
        raise missing
    actor.require(right, found.connection_id)
    return found


def run_of(hub: Hub, actor: Actor, run_id: str, right: Right = Right.SEE) -> tuple[Run, Stream]:
    """The run of an id and its stream, for somebody who has the right on its connection.

    :raises NotFoundError: there is none, or they may not see it.
    :raises AccessError: they may see it, but lack the right.
    """
    missing = NotFoundError(f"There is no run {run_id}; see the list of runs.")
    with hub.store.begin() as db:
        try:
            run = runs.find(db, run_id)
            stream = streams.find(db, run.stream_id)
        except NotFoundError:
            raise missing from None
    if not actor.may(Right.SEE, stream.connection_id):
        raise missing
    actor.require(right, stream.connection_id)
    return run, stream
