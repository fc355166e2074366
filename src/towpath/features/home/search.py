"""Find connections, streams and tables by a word, among what somebody may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from towpath.access import Actor, Right
from towpath.features.connections import service as connections
from towpath.features.replicate import service as replicate
from towpath.hub import Hub

__all__ = ["Found", "search"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that bears the word."""

    kind: Literal["connection", "stream", "table"]
    #: Id of the connection or the stream, ``layer.folder.table`` of a table.
    id: str
    title: str
    #: Tells it from others of that name.
    hint: str
    connection_id: str


def search(hub: Hub, actor: Actor, word: str, *, limit: int) -> list[Found]:
    """What bears the word in its name, address, model or description: connections, streams, then tables."""
    wanted = word.casefold().strip()
    found = (one for one, text in _all(hub, actor) if wanted in text.casefold())
    return list(islice(found, limit))


def _all(hub: Hub, actor: Actor) -> Iterator[tuple[Found, str]]:
    seen = actor.connections(Right.SEE)
    known = {one.id: one for one in connections.listed(hub) if seen is None or one.id in seen}
    for one in known.values():
        hint = one.url.partition("://")[2]
        yield (
            Found(kind="connection", id=one.id, title=one.name, hint=hint, connection_id=one.id),
            f"{one.name} {hint} {one.database or ''}",
        )
    for stream in replicate.choose(hub):
        if stream.connection_id in known:
            yield (
                Found(
                    kind="stream",
                    id=stream.id,
                    title=stream.model,
                    hint=known[stream.connection_id].name,
                    connection_id=stream.connection_id,
                ),
                f"{stream.model} {stream.description}",
            )
    by_name = {one.name: one.id for one in known.values()}
    for table in hub.tables():
        if table.connection in by_name:
            yield (
                Found(
                    kind="table",
                    id=f"{table.layer}.{table.folder}.{table.name}",
                    title=table.name,
                    hint=f"{table.layer}.{table.folder}",
                    connection_id=by_name[table.connection],
                ),
                f"{table.layer}.{table.folder}.{table.name} {table.model} {table.description}",
            )
