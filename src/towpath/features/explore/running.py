"""Running queries for people: rights, limits, audit and history around the room where they are worked on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from towpath.access import Actor, Right, who
from towpath.errors import AccessError, TowpathError
from towpath.features.explore import ready
from towpath.features.explore.asof import AsOf
from towpath.features.explore.rights import Permitted, allowed_query, seen
from towpath.features.explore.room import Job, room_of
from towpath.features.explore.saved import owner_of
from towpath.features.explore.service import Limits
from towpath.features.explore.tables import query_history
from towpath.hub import Hub

__all__ = ["Asked", "Past", "answer_of", "forget_past", "history", "permitted", "run"]

_KEPT_DAYS = 90
_KEPT_ROWS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to know."""

    sql: str
    as_of: str = ""
    """A time, or ``run:ID``; empty for now."""
    connection: str = ""
    """Name of the connection whose tables are meant, where several have tables of one name."""
    rows: int | None = None
    """Most rows of the answer; the setting's without it, and never more."""
    ready: str = ""
    """Name of the ready query it is, to be fitted to the tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One query that somebody ran."""

    id: str
    owner: str
    sql: str
    as_of: str
    tables: Sequence[str]
    state: str
    message: str
    rows: int
    seconds: float
    at: datetime


def permitted(hub: Hub, actor: Actor, asked: Asked) -> tuple[str, Permitted, AsOf | None]:
    """The SQL to be run, the tables it may be run over, and the state it asks for.

    A refusal for lack of a right leaves a row in the audit.

    :raises InputError: the SQL is not one SELECT over tables that are there for them.
    :raises AccessError: they may not read a table it names.
    """
    tables = seen(hub, actor)
    if asked.connection:
        tables = ready.of_connection(tables, asked.connection)
    sql = asked.sql
    try:
        if asked.ready:
            may_read = allowed_query(actor, tables, sql).tables
            sql = ready.fitted(sql, may_read)
        allowed = allowed_query(actor, tables, sql)
    except AccessError:
        hub.store.audit(who(), "query.run", "query", "refused", {"sql": sql})
        raise
    place = (hub.lake_root, hub.settings.storage_options)
    state = AsOf.from_option(asked.as_of, *place) if asked.as_of.strip() else None
    return sql, allowed, state


def run(hub: Hub, actor: Actor, asked: Asked) -> Job:
    """Start a query; its answer is kept for a while.

    :raises TowpathError: what `permitted` raises, or there is no room for it now.
    """
    sql, allowed, state = permitted(hub, actor, asked)
    settings = hub.settings
    most = min(asked.rows or settings.sql_rows, settings.sql_rows)
    paths = [table.path for table in allowed.named]
    job = Job(
        owner=owner_of(actor),
        target="towpath.features.explore.answers:write",
        arguments={
            "sql": sql,
            "tables": allowed.tables,
            "limits": Limits(rows=most, seconds=settings.sql_seconds, memory_mb=settings.sql_memory_mb),
            "as_of": state,
            "most_bytes": settings.answers_mb * 1024 * 1024 // 4,
        },
        seconds=settings.sql_seconds,
        connections=frozenset(table.connection_id for table in allowed.named),
        about={"sql": sql, "tables": paths, "as_of": asked.as_of},
        ended=lambda done: _note(hub, done),
    )
    with hub.store.begin() as db:
        row = {"id": job.id, "owner": job.owner, "sql": sql, "as_of": asked.as_of.strip(), "tables": paths}
        db.execute(query_history.insert().values(**row, state="running"))
        details = {"sql": sql, "tables": paths, "as_of": asked.as_of.strip()}
        hub.store.audit(who(), "query.run", f"query/{job.id}", details=details, connection=db)
    try:
        return room_of(hub).submit(job)
    except TowpathError as error:
        job.state, job.error = "failed", error
        _note(hub, job)
        raise


def _note(hub: Hub, job: Job) -> None:
    """Write down how a query ended. No rival: its process alone does, once."""
    with hub.store.begin() as db:
        db.execute(
            query_history.update()
            .where(query_history.c.id == job.id)
            .values(
                state=job.state,
                message=job.error.message if job.error else "",
                rows=int(job.done.get("rows") or 0),
                seconds=job.seconds_taken,
            )
        )
        old = (query_history.c.owner == job.owner) & (
            query_history.c.at < sa.func.now() - timedelta(days=_KEPT_DAYS)
        )
        db.execute(query_history.delete().where(old))


def answer_of(hub: Hub, actor: Actor, job_id: str) -> Job:
    """A query of theirs whose answer is kept and whose rows they may still read.

    :raises NotFoundError: it is not kept any more, or not theirs.
    :raises AccessError: a right was taken from them meanwhile.
    """
    job = room_of(hub).find(job_id, owner_of(actor))
    for connection in job.connections:
        actor.require(Right.READ_DATA, connection or None)
    return job


def history(
    hub: Hub, actor: Actor, *, search: str = "", before: datetime | None = None, limit: int = 50
) -> list[Past]:
    """What they ran themselves, newest first."""
    query = query_history.select().where(query_history.c.owner == owner_of(actor))
    if search.strip():
        query = query.where(query_history.c.sql.icontains(search.strip()[:200], autoescape=True))
    if before is not None:
        query = query.where(query_history.c.at < before)
    query = query.order_by(query_history.c.at.desc()).limit(min(limit, _KEPT_ROWS))
    with hub.store.begin() as db:
        return [Past(**row._asdict()) for row in db.execute(query)]


def forget_past(hub: Hub, actor: Actor) -> int:
    """Empty their own history; the audit keeps what it has."""
    with hub.store.begin() as db:
        gone = db.execute(query_history.delete().where(query_history.c.owner == owner_of(actor)))
    return int(gone.rowcount)
