"""Sources: connections with all their streams, at a glance (S2.20)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

import sqlalchemy as sa

from towpath.access import Actor, Right
from towpath.features.connections import service as connections
from towpath.features.connections.service import Connection
from towpath.features.connections.shapes import Mend, mend_of
from towpath.features.replicate import listing, streams
from towpath.features.replicate.repair import refused
from towpath.features.replicate.runs import OPEN, Run
from towpath.features.replicate.shapes_offer import SourceOut
from towpath.features.replicate.status import lags
from towpath.features.replicate.streams import Stream
from towpath.hub import Hub

__all__ = ["sources"]


def sources(hub: Hub, actor: Actor) -> list[SourceOut]:
    """The connections somebody may see, by name."""
    allowed = actor.connections(Right.SEE)
    known = [one for one in connections.listed(hub) if allowed is None or one.id in allowed]
    mine: defaultdict[str, list[Stream]] = defaultdict(list)
    with hub.store.begin() as db:
        now: datetime = db.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        for stream in streams.listed(db):
            mine[stream.connection_id].append(stream)
        ids = [stream.id for one in known for stream in mine[one.id]]
        last, behind = listing.last_runs(db, ids), lags(db, ids, now)
    return [_source(one, mine[one.id], last, behind) for one in known]


def _source(
    known: Connection, members: list[Stream], last: dict[str, Run], behind: dict[str, float]
) -> SourceOut:
    ran = [last[stream.id] for stream in members if stream.id in last]
    failed = [run for run in ran if run.state == "failed"]
    lag = [behind[stream.id] for stream in members if stream.id in behind and not stream.paused]
    ahead = [stream.next_run_at for stream in members if stream.next_run_at and not stream.paused]
    # A connection whose last test failed has been mended when a stream has read from it since.
    mended = known.tested_at is not None and any(
        run.state == "succeeded" and run.ended_at is not None and run.ended_at > known.tested_at
        for run in ran
    )
    mend: Mend | None = None
    if known.test_ok is False and not mended:
        health, sentence = "broken", known.test_message or "The last test failed."
        mend = mend_of(known)
    elif not members:
        health, sentence = "new", "Connected; choose what to replicate."
    elif failed:
        health = "attention"
        sentence = f"{_many(len(failed))} failed when last run: {failed[0].message or 'see the run'}"
        mend = "key" if any(refused(run) for run in failed) else None
    elif not ran:
        health, sentence = (
            "new",
            f"{_many(len(members))} wait{'s' if len(members) == 1 else ''} for the first run.",
        )
    else:
        health, sentence = "good", f"{_many(len(members))}, all fine."
    return SourceOut(
        connection_id=known.id,
        name=known.name,
        url=known.url,
        version=known.version,
        health=health,  # type: ignore[arg-type]  # one of the four above
        sentence=sentence,
        mend=mend,
        streams=len(members),
        running=sum(run.state in OPEN for run in ran),
        failed=len(failed),
        paused=sum(stream.paused for stream in members),
        lag_seconds=round(max(lag), 1) if lag else None,
        last_run_at=max((run.created_at for run in ran), default=None),
        next_run_at=min(ahead, default=None),
    )


def _many(count: int) -> str:
    return "1 stream" if count == 1 else f"{count} streams"
