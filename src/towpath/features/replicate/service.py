"""What replication offers to the other features, the command line and the server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from towpath.access import who
from towpath.features.connections import service as connections
from towpath.features.replicate import batches, discover, runs, streams
from towpath.features.replicate.adding import Added, add, add_many
from towpath.features.replicate.batches import Batch
from towpath.features.replicate.choice import Choice
from towpath.features.replicate.discover import Offer
from towpath.features.replicate.editing import Edited, edit, pause, resume
from towpath.features.replicate.link_refs import link_refs
from towpath.features.replicate.origins import Origin, RunFacts, origins, run_facts
from towpath.features.replicate.runs import Run
from towpath.features.replicate.standing import Standing, Standings, standings
from towpath.features.replicate.starting import cancel, prove, retry, start, sync, verify
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.versions import versions_ref
from towpath.hub import Hub
from towpath.lake.catalog import TableRef

__all__ = [
    "Added",
    "Choice",
    "Edited",
    "Origin",
    "RunFacts",
    "Standing",
    "Standings",
    "add",
    "add_many",
    "at_work",
    "cancel",
    "choose",
    "edit",
    "offers",
    "origins",
    "pause",
    "prove",
    "recent_batches",
    "recent_runs",
    "remove",
    "resume",
    "retry",
    "run_facts",
    "standings",
    "start",
    "sync",
    "tables",
    "verify",
]


def offers(hub: Hub, connection: str, *, search: str | None = None, group: str | None = None) -> list[Offer]:
    """Models of a connection that can become streams (S2.6-S2.8).

    :raises TowpathError: the connection is not known or can not be used.
    """
    known = connections.find(hub, connection)
    with hub.store.begin() as db:
        taken = [stream.model for stream in streams.listed(db, connection_id=known.id)]
    with connections.open_odoo(hub, known.id) as odoo:
        models = [
            model
            for model in odoo.models()
            if not (model.abstract or model.transient or model.readable is False)
        ]
    return discover.matching(models, search=search, group=group, taken=taken)


def remove(hub: Hub, name: str) -> list[Stream]:
    """Forget streams by id, model or table name. Their tables stay.

    :raises NotFoundError: none bears that name.
    """
    with hub.store.begin() as db:
        found = streams.named(db, name)
        for stream in found:
            streams.remove(db, stream.id)
            hub.store.audit(who(), "stream.remove", f"stream/{stream.path}", connection=db)
    return found


def choose(hub: Hub, names: Iterable[str] = (), *, connection: str | None = None) -> list[Stream]:
    """The streams a person named, or all (of one connection).

    :raises NotFoundError: a name is not known.
    """
    connection_id = connections.find(hub, connection).id if connection else None
    with hub.store.begin() as db:
        wanted = list(names)
        if not wanted:
            return streams.listed(db, connection_id=connection_id)
        found = {s.id: s for name in wanted for s in streams.named(db, name, connection_id=connection_id)}
        return list(found.values())


def recent_runs(hub: Hub, *, stream: str | None = None, limit: int = 20) -> list[tuple[Run, Stream]]:
    """The newest runs with their streams."""
    with hub.store.begin() as db:
        chosen = streams.named(db, stream) if stream else streams.listed(db)
        by_id = {entry.id: entry for entry in chosen}
        found = runs.recent(db, stream_ids=list(by_id), limit=limit)
    return [(run, by_id[run.stream_id]) for run in found]


def recent_batches(hub: Hub, *, limit: int = 20) -> list[Batch]:
    """The newest runs over many streams."""
    with hub.store.begin() as db:
        return batches.recent(db, limit=limit)


def tables(hub: Hub) -> list[TableRef]:
    """The tables of all streams, for the catalog."""
    names = {known.id: known.name for known in connections.listed(hub)}
    with hub.store.begin() as db:
        found = streams.listed(db)
    return [
        replace(ref, connection=names.get(stream.connection_id, ""), connection_id=stream.connection_id)
        for stream in found
        for ref in _refs(hub, stream)
    ]


def at_work(hub: Hub, connection_id: str) -> bool:
    """Whether a run reads from the connection at the moment."""
    with hub.store.begin() as db:
        return any(
            stream.active_run_id is not None for stream in streams.listed(db, connection_id=connection_id)
        )


def _refs(hub: Hub, stream: Stream) -> list[TableRef]:
    """The table of a stream, and those beside it."""
    main = TableRef(
        layer=stream.layer,
        folder=stream.folder,
        name=stream.table_name,
        uri=f"{hub.lake_root}/{stream.path}",
        model=stream.model,
        description=stream.description,
        storage_options=hub.settings.storage_options,
    )
    links = link_refs(main, stream)
    if not stream.history:
        return [main, *links]
    kept = versions_ref(main, stream)
    return [replace(main, versions_uri=kept.uri), kept, *links]
