"""Queries and exports under way in this process, for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from towpath.access import Actor, Right
from towpath.features.explore.room import room_of
from towpath.hub import Hub

__all__ = ["measures"]


def measures(hub: Hub, actor: Actor) -> Iterator[Metric]:
    """How many wait and are worked on; whose and which is not told."""
    if not actor.may(Right.SEE):
        return
    states = room_of(hub).states()
    queries = GaugeMetricFamily(
        "towpath_queries", "Queries and exports of this process, by state.", labels=["state"]
    )
    for state in ("queued", "running"):
        queries.add_metric([state], states.count(state))
    yield queries
