"""How the whole stands, for Prometheus: streams, runs, calls against Odoo, what needs a person."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from towpath.access import Actor
from towpath.features.connections import service as connections
from towpath.features.home.overview import KINDS, Overview, overview
from towpath.hub import Hub

__all__ = ["measures"]


def measures(hub: Hub, actor: Actor) -> Iterator[Metric]:
    """Gauges about what the actor may see, found out at this moment."""
    found = overview(hub, actor)
    yield from _streams(found)
    yield from _connections(hub, found)
    needs = GaugeMetricFamily("towpath_attention", "Things that a person has to look at.", labels=["kind"])
    for kind in KINDS:
        needs.add_metric([kind], sum(one.kind == kind for one in found.attention))
    yield needs


def _streams(found: Overview) -> Iterator[Metric]:
    names = {one.connection.id: one.connection.name for one in found.connections}
    labels = ["connection", "table"]
    lag = GaugeMetricFamily(
        "towpath_stream_lag_seconds", "Seconds that a table is behind Odoo's clock.", labels=labels
    )
    failed = GaugeMetricFamily(
        "towpath_stream_failed", "1 when the newest run that ended has failed.", labels=labels
    )
    paused = GaugeMetricFamily("towpath_stream_paused", "1 while a stream is paused.", labels=labels)
    running = GaugeMetricFamily("towpath_stream_running", "1 while a run is under way.", labels=labels)
    for one in found.standings.streams:
        its = [names.get(one.stream.connection_id, ""), one.stream.path]
        if one.lag is not None:
            lag.add_metric(its, one.lag)
        failed.add_metric(its, one.ended is not None and one.ended.state == "failed")
        paused.add_metric(its, one.stream.paused)
        running.add_metric(its, one.under_way is not None)
    yield from (lag, failed, paused, running)
    hours = found.standings.hours
    yield GaugeMetricFamily(
        "towpath_runs_day", "Runs of the last 24 hours.", sum(hour.runs for hour in hours)
    )
    yield GaugeMetricFamily(
        "towpath_runs_failed_day",
        "Runs of the last 24 hours that failed.",
        sum(hour.failed for hour in hours),
    )
    yield GaugeMetricFamily(
        "towpath_rows_day",
        "Rows that came, changed or went in the last 24 hours.",
        sum(hour.rows for hour in hours),
    )


def _connections(hub: Hub, found: Overview) -> Iterator[Metric]:
    calls = GaugeMetricFamily(
        "towpath_odoo_calls_per_minute",
        "Calls against the database of a connection in the last minute, over all processes.",
        labels=["connection"],
    )
    limit = GaugeMetricFamily(
        "towpath_odoo_calls_per_second_limit",
        "Calls a second that may be made against it now; none for no limit.",
        labels=["connection"],
    )
    works = GaugeMetricFamily(
        "towpath_connection_works", "1 when the last test of a connection went well.", labels=["connection"]
    )
    for one in found.connections:
        budget = connections.budget(hub, one.connection.name)
        calls.add_metric([one.connection.name], budget.calls_per_minute)
        if budget.limit is not None:
            limit.add_metric([one.connection.name], budget.limit)
        works.add_metric([one.connection.name], one.connection.test_ok is not False)
    yield from (calls, limit, works)
