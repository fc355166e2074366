"""Starting what is due: by the clock, and because the stream it runs after has succeeded.

Every worker looks about once a second. A stream that is due is claimed by one transaction, which moves its next time
on and notes that a run is owed to it; a second transaction, held open for so long, starts the owed runs and takes
the notes away. So of many workers one starts a run, and a worker that dies at any moment leaves either the time that
has come or the note, never nothing: PostgreSQL gives its locks to the others at once.

A time that comes while the stream still runs is passed over; a full run waits for it. Times that were missed because
no worker was there are made good by one run. So are those that come in working hours in which a connection lets no
run start by itself: it starts when they are over. A run that started by itself before leaves then (``spared.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import sqlalchemy as sa
import structlog

from towpath.commit_point import commit_point
from towpath.errors import InputError, TowpathError
from towpath.features.connections import service as connections
from towpath.features.replicate import runs as run_records
from towpath.features.replicate import schedule, service, streams
from towpath.features.replicate.spared import FULL, SYNC, leave, owe
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.tables import owed_runs, runs
from towpath.features.replicate.tables import streams as rows
from towpath.hub import Hub

__all__ = ["claim", "follow", "start_owed", "tick"]

log = structlog.get_logger(__name__)

#: A run that waits longer than this is asked for its job: the process that queued it may have died before.
_UNHEARD = timedelta(seconds=60)
#: Starting that failed is tried again after this.
_AGAIN = timedelta(seconds=30)


def tick(hub: Hub) -> None:
    """Start what is due now; called by every worker about once a second."""
    hub.jobs()  # opened first: it may have tables to make, which would wait for our transactions
    leave(hub)
    claim(hub)
    follow(hub)
    start_owed(hub)


def claim(hub: Hub) -> list[str]:
    """Note the runs owed to streams whose time has come, and move their next time on; the streams' ids."""
    claimed = []
    with hub.store.begin() as db:
        now = _now(db)
        query = rows.select().where(
            ~rows.c.paused, sa.or_(rows.c.next_run_at <= now, rows.c.next_full_at <= now)
        )
        # The rival is another worker, which skips what is locked here and finds it moved on afterwards.
        found = streams.fetch(db, query.with_for_update(skip_locked=True))
        held = connections.held(db, hub, now) if found else {}
        for stream in found:
            try:
                news, kind = _next(hub, db, stream, now, held.get(stream.connection_id))
            except InputError as problem:  # its time zone was there when it was chosen
                news, kind = {"paused": True}, None
                hub.store.audit(
                    "system", "stream.pause", f"stream/{stream.path}", problem.message, connection=db
                )
            if news:
                db.execute(rows.update().where(rows.c.id == stream.id).values(news))
            if kind is not None:
                owe(db, stream.id, kind, now)
                claimed.append(stream.id)
    if claimed:
        commit_point("due_claimed")
    return claimed


def _next(
    hub: Hub, db: sa.Connection, stream: Stream, now: datetime, held_until: datetime | None
) -> tuple[dict[str, datetime | bool | None], str | None]:
    """The columns that move a stream on, and which kind of run it is owed."""
    regular, full = schedule.from_json(stream.schedule), schedule.from_json(stream.full_schedule)
    run_due = stream.next_run_at is not None and stream.next_run_at <= now
    full_due = stream.next_full_at is not None and stream.next_full_at <= now
    news: dict[str, datetime | bool | None] = {}
    if run_due:
        news["next_run_at"] = held_until or (regular.next_after(now) if regular else None)
    if _busy(hub, db, stream, now):
        return news, None
    if full_due:
        news["next_full_at"] = full.next_after(now) if full else None
        return news, FULL
    return news, SYNC


def follow(hub: Hub) -> list[str]:
    """Note the runs owed to streams whose predecessor has succeeded since they last followed it; their ids."""
    followed = sa.func.coalesce(rows.c.followed_at, rows.c.created_at)
    ended = (
        sa.select(sa.func.max(runs.c.ended_at))
        .where(
            runs.c.stream_id == rows.c.after_stream_id,
            runs.c.state == "succeeded",
            runs.c.ended_at > followed,
        )
        .scalar_subquery()
    )
    query = sa.select(rows.c.id, rows.c.connection_id, ended.label("ended_at")).where(
        rows.c.after_stream_id.is_not(None), ~rows.c.paused
    )
    claimed = []
    with hub.store.begin() as db:
        found = [row for row in db.execute(query) if row.ended_at is not None]
        held = connections.held(db, hub, _now(db)) if found else {}
        for stream_id, connection_id, ended_at in found:
            if connection_id in held:
                continue
            # The rival is another worker: whoever comes second finds that run followed already.
            locked = rows.select().where(rows.c.id == stream_id, followed < ended_at)
            for stream in streams.fetch(db, locked.with_for_update(skip_locked=True)):
                now = _now(db)
                if not _busy(hub, db, stream, now):
                    db.execute(rows.update().where(rows.c.id == stream_id).values(followed_at=ended_at))
                    owe(db, stream_id, SYNC, now)
                    claimed.append(stream_id)
    if claimed:
        commit_point("follow_claimed")
    return claimed


def start_owed(hub: Hub) -> list[str]:
    """Start the runs that are owed, those of one connection and kind by one call; the streams' ids."""
    started: list[Stream] = []
    with hub.store.begin() as db:
        now = _now(db)
        waiting = sa.or_(owed_runs.c.tried_at.is_(None), owed_runs.c.tried_at < now - _AGAIN)
        # The rival is another worker, which leaves what is locked here until this transaction ends.
        notes = db.execute(owed_runs.select().where(waiting).with_for_update(skip_locked=True)).all()
        if not notes:
            return []
        since = {(note.stream_id, note.kind): note.since for note in notes}
        # A full run covers the other one.
        kinds = {note.stream_id: FULL if (note.stream_id, FULL) in since else SYNC for note in notes}
        members = [stream for stream in streams.listed(db) if stream.id in kinds]
        held = connections.held(db, hub, now)
        for chosen, kind in _together(members, kinds):
            to_start = [
                stream
                for stream in chosen
                if not (stream.paused or stream.connection_id in held)
                and not _started(hub, db, stream.id, kind, since[stream.id, kind])
                and not _busy(hub, db, stream, now)
            ]
            if to_start:
                _start(hub, to_start, full=kind == FULL)
                started += to_start
        _back_in_step(db, started, now)
        if started:
            commit_point("after_started")
        # Only now are the notes touched: who claims the next time of a stream would wait for that, and we for them.
        waits = {stream.id: stream.connection_id in held for stream in members if not stream.paused}
        for (stream_id, kind), moment in since.items():
            note = (owed_runs.c.stream_id == stream_id, owed_runs.c.kind == kind)
            if stream_id not in waits or _started(hub, db, stream_id, kind, moment):
                db.execute(owed_runs.delete().where(*note))
            elif not waits[stream_id]:
                db.execute(owed_runs.update().where(*note).values(tried_at=_now(db)))
    return [stream.id for stream in started]


def _start(hub: Hub, chosen: Sequence[Stream], *, full: bool) -> None:
    """Start runs; what goes wrong is tried again."""
    try:
        service.start(hub, chosen, full=full, by_itself=True)
    except TowpathError as problem:
        log.warning("could_not_start", streams=[stream.path for stream in chosen], why=problem.message)


def _back_in_step(db: sa.Connection, chosen: Sequence[Stream], now: datetime) -> None:
    """Let the next times of streams that were held back be those of their schedules, where nobody holds them back any more."""
    for stream in chosen:
        regular = schedule.from_json(stream.schedule)
        if regular and stream.next_run_at and stream.next_run_at > (following := regular.next_after(now)):
            # The rival is another worker that claims it, or a person who chooses another schedule.
            same = (rows.c.id == stream.id, rows.c.next_run_at == stream.next_run_at)
            db.execute(rows.update().where(*same).values(next_run_at=following))


def _together(members: Sequence[Stream], kinds: dict[str, str]) -> Iterator[tuple[list[Stream], str]]:
    """The streams that start by one call: of one connection, and all in full or none."""

    def key(stream: Stream) -> tuple[str, str]:
        return stream.connection_id, kinds[stream.id]

    for (_, kind), group in groupby(sorted(members, key=key), key):
        yield list(group), kind


def _started(hub: Hub, db: sa.Connection, stream_id: str, kind: str, since: datetime) -> bool:
    """Whether a run covers what is owed: one made since then that has a job, or has ended."""
    query = sa.select(runs.c.id, runs.c.state).where(
        runs.c.stream_id == stream_id,
        runs.c.created_at >= since,
        runs.c.kind.in_([FULL] if kind == FULL else [FULL, SYNC, "idle"]),
    )
    for run in db.execute(query):
        if run.state not in run_records.OPEN or hub.jobs().get(run.id) is not None:
            return True
    return False


def _busy(hub: Hub, db: sa.Connection, stream: Stream, now: datetime) -> bool:
    """Whether a run holds the stream that somebody works on, or will."""
    if stream.active_run_id is None:
        return False
    query = sa.select(runs.c.state, runs.c.created_at).where(runs.c.id == stream.active_run_id)
    run = db.execute(query).one_or_none()
    if run is None or run.state not in run_records.OPEN:
        return False
    if now - run.created_at < _UNHEARD:
        return True
    # One without a job is taken hold of by the next start.
    job = hub.jobs().get(stream.active_run_id)
    return job is not None and not job.state.ended


def _now(db: sa.Connection) -> datetime:
    """PostgreSQL's clock, the same for all workers."""
    moment: datetime = db.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return moment
