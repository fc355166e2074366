"""The log of a run: what it did, phase by phase, and every wait, where each process of this database sees it.

Reports (`progress.Report`) stay in the process that works. What they say is written down here: a new line when the run
does something else or has something to say, else the last line's numbers grow, at most once a second. So a log stays
short however long a run is. It is a courtesy: when PostgreSQL is away the run goes on and the line is missing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert

from towpath.errors import TowpathError
from towpath.features.replicate.tables import run_log
from towpath.logs import get_logger
from towpath.store import Store

__all__ = ["MOST", "Line", "Writer", "lines", "newest", "since"]

log = get_logger(__name__)

#: Seconds between two writes of the same line.
PAUSE = 1.0
#: Lines of one run at most; after that the last one is overwritten.
MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a run's log."""

    run_id: str
    number: int
    #: Grows with every change of any line.
    seq: int
    #: As ``progress.Report`` has it.
    event: str
    rows: int
    expected: int | None
    message: str | None
    #: When it was begun, and last changed.
    at: datetime
    updated_at: datetime


class Writer:
    """Writes down what one run reports. Thread-safe; never raises."""

    def __init__(self, store: Store, run_id: str) -> None:
        self._store = store
        self._run_id = run_id
        self._lock = threading.Lock()
        #: What the last line says, its number, and when it was written.
        self._said: tuple[str, str | None] | None = None
        self._number: int | None = None
        self._written = 0.0

    def __call__(self, report: Mapping[str, Any]) -> None:
        """Write a report down, or leave it when the line was written a moment ago."""
        said = (str(report["event"]), report.get("message"))
        with self._lock:
            now = time.monotonic()
            if said == self._said and now - self._written < PAUSE:
                return
            try:
                with self._store.begin() as db:
                    self._write(db, said, report)
            except (sa.exc.SQLAlchemyError, TowpathError, OSError) as problem:
                log.info("run_log_missed", run_id=self._run_id, reason=type(problem).__name__)
                return
            self._said, self._written = said, now

    def _write(self, db: sa.Connection, said: tuple[str, str | None], report: Mapping[str, Any]) -> None:
        event, message = said
        values: dict[str, Any] = {
            "event": event,
            "message": message,
            "rows": report.get("rows", 0),
            "expected": report.get("expected"),
            "updated_at": sa.func.clock_timestamp(),
        }
        if self._number is not None and (said == self._said or self._number >= MOST):
            mine = (run_log.c.run_id == self._run_id) & (run_log.c.number == self._number)
            values["seq"] = sa.text("nextval(pg_get_serial_sequence('towpath.run_log', 'seq'))")
            db.execute(run_log.update().where(mine).values(values))
            return
        # Another process may have written before us, and one that lost the run may still do so: who comes second
        # leaves its line out.
        last = sa.select(sa.func.coalesce(sa.func.max(run_log.c.number), 0)).where(
            run_log.c.run_id == self._run_id
        )
        number = db.execute(last).scalar_one() + 1
        db.execute(
            insert(run_log).values(run_id=self._run_id, number=number, **values).on_conflict_do_nothing()
        )
        self._number = number


def lines(db: sa.Connection, run_id: str, *, after: int = 0) -> list[Line]:
    """The lines of a run in order; those that were written or changed after a ``seq``."""
    query = (
        run_log.select()
        .where(run_log.c.run_id == run_id, run_log.c.seq > after)
        .order_by(run_log.c.number)
        .limit(MOST + 50)
    )
    return [Line(**row._asdict()) for row in db.execute(query)]


def since(db: sa.Connection, seq: int, *, limit: int = 1000) -> list[Line]:
    """Lines of all runs that were written or changed after a ``seq``, the oldest first."""
    query = run_log.select().where(run_log.c.seq > seq).order_by(run_log.c.seq).limit(limit)
    return [Line(**row._asdict()) for row in db.execute(query)]


def newest(db: sa.Connection, run_ids: Collection[str]) -> dict[str, Line]:
    """The last line of each run that has one."""
    query = (
        run_log.select()
        .where(run_log.c.run_id.in_(run_ids))
        .ext(distinct_on(run_log.c.run_id))
        .order_by(run_log.c.run_id, run_log.c.number.desc())
    )
    return {row.run_id: Line(**row._asdict()) for row in db.execute(query)}
