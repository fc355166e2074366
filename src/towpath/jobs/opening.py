"""Make the engine that the settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the callers have them already, and the twin needs neither
    import sqlalchemy as sa

    from towpath.jobs.engine import JobEngine
    from towpath.settings import Settings

__all__ = ["open_engine"]


def open_engine(settings: Settings, engine: sa.Engine, *, work: bool = True) -> JobEngine:
    """The durable engine on the store's database; register functions and queues, then call ``open()``.

    With ``work=False`` the process starts and watches jobs and leaves queued ones to others.
    """
    from towpath.jobs.dbos_engine import DbosEngine

    return DbosEngine(
        engine,
        home=settings.home,
        silence=settings.takeover_seconds,
        at_once=settings.jobs_at_once,
        keep_days=settings.keep_jobs_days,
        work=work,
    )
