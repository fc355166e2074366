"""Jobs that survive a crash: the port, the engine behind it, its in-process twin, takeover.

Lives here: how work is started, recorded step by step, waited for, cancelled and taken over from dead processes.
Must not live here: what the work is (that is a feature's), or any import of ``dbos`` outside ``dbos_engine``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from towpath.jobs.engine import Context, Function, Handle, Job, JobEngine, Listener, State
from towpath.jobs.inline import InlineEngine

if TYPE_CHECKING:
    import sqlalchemy as sa

    from towpath.settings import Settings

__all__ = [
    "Context",
    "Function",
    "Handle",
    "InlineEngine",
    "Job",
    "JobEngine",
    "Listener",
    "State",
    "open_engine",
]


def open_engine(settings: Settings, engine: sa.Engine, *, work: bool = True) -> JobEngine:
    """The durable engine on the store's database; register functions and queues, then call ``open()``.

    With ``work=False`` the process starts and watches jobs and leaves queued ones to others.
    """
    from towpath.jobs.dbos_engine import DbosEngine

    return DbosEngine(
        engine.url,
        home=settings.home,
        silence=settings.takeover_seconds,
        at_once=settings.jobs_at_once,
        work=work,
    )
