"""What a run does after its rows are committed, in this order.

A follower is called with the run's work and the cursor of its last commit and returns the cursor of the last commit
then. It may commit; it must bear being called again for the same run, since a process that dies among the followers
is followed by one that begins with the first of them anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from towpath.features.replicate.cursor import Cursor
from towpath.features.replicate.keeping import keep_retention
from towpath.features.replicate.links import follow_links
from towpath.features.replicate.lost import follow_lost
from towpath.features.replicate.proof import follow_proof
from towpath.features.replicate.refresh import follow_unstored
from towpath.features.replicate.relabelled import follow_labels
from towpath.features.replicate.renamed import follow_names
from towpath.features.replicate.rounds import LINKS, NAMES, REFRESH
from towpath.features.replicate.streams import Stream
from towpath.features.replicate.versions import follow_versions
from towpath.features.replicate.work import Work

__all__ = ["DUE", "FOLLOWERS", "Due", "Follower", "due"]

Follower = Callable[[Work, Cursor], Cursor]
Due = Callable[[Stream, datetime], bool]

FOLLOWERS: tuple[Follower, ...] = (
    follow_names,
    follow_labels,
    follow_unstored,
    keep_retention,
    follow_lost,
    follow_proof,
    follow_links,
    follow_versions,
)

#: Questions to the stream's record whether a follower has something to do by now, even though Odoo has nothing new.
DUE: tuple[Due, ...] = (NAMES.is_due, LINKS.is_due, REFRESH.is_due)


def due(stream: Stream, now: datetime) -> bool:
    """Whether a run is worth it for its followers alone."""
    return any(asked(stream, now) for asked in DUE)
