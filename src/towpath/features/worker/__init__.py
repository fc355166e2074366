"""Workers: processes that do what is due in a database of Towpath, as many as are wanted, on any machine.

Here live the command `worker` and the ticks that start what is due. What the work is stands in the features' jobs;
how it is shared out and taken over from dead processes is ``towpath.jobs``.
"""

from __future__ import annotations

from towpath.plugins import Command, Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="worker",
    title="Workers",
    summary="Let more processes and machines do the work.",
    order=80,
    commands={
        "worker": Command(
            target="towpath.features.worker.cli:worker", help="Work on what is due until stopped."
        ),
    },
)
