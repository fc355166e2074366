"""How a stream stands: how far its table is behind Odoo, whether it was proved, what it cost, what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from towpath.features.connections import service as connections
from towpath.features.replicate import runs, streams
from towpath.features.replicate.runs import Run
from towpath.features.replicate.streams import FULL_TABLE, Stream
from towpath.features.replicate.tables import runs as rows
from towpath.features.replicate.tables import streams as of
from towpath.hub import Hub

__all__ = ["Status", "lags", "status"]

#: Runs that bring a table up to date.
_READING = ("sync", "full", "idle")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a person wants to know of a stream."""

    stream: Stream
    #: Name of the connection.
    connection: str
    #: PostgreSQL's clock, by which all of it is counted.
    now: datetime
    #: The stream it runs after.
    after: Stream | None
    #: Records that Odoo showed, and those it does not show any more; None where there is no table yet.
    records: int | None
    #: Records marked as deleted (INCREMENTAL), or that all runs together took away (FULL_TABLE).
    deleted: int
    #: Seconds that the table is behind Odoo's clock; None before the first run has succeeded.
    lag: float | None
    #: The newest run; the newest that proved something.
    last: Run | None
    proved: Run | None
    calls_of_a_day: int
    runs_of_a_day: int
    failed_of_a_day: int
    #: What went wrong last, unless a run has succeeded since.
    error: str | None

    def to_json(self) -> dict[str, Any]:
        """Plain values; the stream's own record apart."""
        last = self.last
        return {
            "connection": self.connection,
            "rows": self.records,
            "lag_seconds": None if self.lag is None else round(self.lag, 1),
            "deletes": {"total": self.deleted, "last_run": last.rows_deleted if last else 0},
            "calls": {"last_run": last.calls if last else 0, "last_24_hours": self.calls_of_a_day},
            "runs": {"last_24_hours": self.runs_of_a_day, "failed_last_24_hours": self.failed_of_a_day},
            "last_proof": self.proved.proof if self.proved else None,
            "last_run": last.to_json() if last else None,
            "error": self.error,
        }


def status(hub: Hub, name: str) -> Status:
    """How the stream of that id, model or table stands.

    :raises NotFoundError: there is none.
    :raises InputError: the name may mean several.
    """
    with hub.store.begin() as db:
        stream = streams.one(db, name)
        now: datetime = db.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        mine = rows.c.stream_id == stream.id
        recent = runs.recent(db, stream_ids=[stream.id], limit=1)
        proved = db.execute(
            rows.select().where(mine, rows.c.proof.is_not(None)).order_by(rows.c.created_at.desc()).limit(1)
        ).one_or_none()
        failed = sa.func.count().filter(rows.c.state == "failed")
        day = db.execute(
            sa.select(sa.func.coalesce(sa.func.sum(rows.c.calls), 0), sa.func.count(), failed).where(
                mine, rows.c.created_at > now - _DAY
            )
        ).one()
        gone = db.execute(
            sa.select(sa.func.coalesce(sa.func.sum(rows.c.rows_deleted), 0)).where(mine)
        ).scalar_one()
        after = streams.find(db, stream.after_stream_id) if stream.after_stream_id else None
        lag = lags(db, [stream.id], now).get(stream.id)
    last = recent[0] if recent else None
    records, marked = _counted(hub, stream)
    return Status(
        stream=stream,
        connection=connections.find_by_id(hub, stream.connection_id).name,
        now=now,
        after=after,
        records=records,
        deleted=int(gone) if stream.sync_type == FULL_TABLE or marked is None else marked,
        lag=lag,
        last=last,
        proved=Run(**proved._asdict()) if proved is not None else None,
        calls_of_a_day=int(day[0]),
        runs_of_a_day=day[1],
        failed_of_a_day=day[2],
        error=last.message if last is not None and last.state == "failed" else None,
    )


def lags(db: sa.Connection, stream_ids: list[str], now: datetime) -> dict[str, float]:
    """Stream id -> seconds that its table is behind Odoo's clock, of those that were ever read.

    A run that found nothing new tells that the table was complete at its time; one that read, up to its cursor.
    """
    newest = (
        sa.select(rows.c.kind, rows.c.ended_at, rows.c.cursor_after)
        .where(rows.c.stream_id == of.c.id, rows.c.state == "succeeded", rows.c.kind.in_(_READING))
        .order_by(rows.c.ended_at.desc())
        .limit(1)
        .lateral()
    )
    query = sa.select(of.c.id, newest).join(newest, sa.true()).where(of.c.id.in_(stream_ids))
    found: dict[str, float] = {}
    for stream_id, kind, ended_at, cursor in db.execute(query):
        through = datetime.fromisoformat(cursor["through"]) if cursor and cursor.get("through") else None
        if kind == "idle" or through is None:
            found[stream_id] = max(0.0, (now - ended_at).total_seconds())
        else:
            ahead = float(cursor.get("ahead") or 0.0)
            found[stream_id] = max(0.0, (now - through).total_seconds() + ahead)
    return found


def _counted(hub: Hub, stream: Stream) -> tuple[int | None, int | None]:
    """Rows of the table that count, and rows marked as deleted, from the statistics; None where nobody knows."""
    from towpath.lake.table import Table

    table = Table(f"{hub.lake_root}/{stream.path}", hub.settings.storage_options)
    if not table.exists:
        return None, None
    shown, held = table.count(), [file.rows for file in table.files()]
    known = [count for count in held if count is not None]
    return shown, sum(known) - shown if len(known) == len(held) else None
