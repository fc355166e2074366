"""Jobs that survive a crash: the port, the engine behind it, its in-process twin, takeover.

Lives here: how work is started, recorded step by step, waited for, cancelled and taken over from dead processes.
Must not live here: what the work is (that is a feature's), or ``dbos`` outside ``dbos_engine`` and ``dbos_context``.
"""

from __future__ import annotations

from towpath.jobs.engine import Context, Function, Handle, Job, JobEngine, Listener, State
from towpath.jobs.inline import InlineEngine
from towpath.jobs.opening import open_engine

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
