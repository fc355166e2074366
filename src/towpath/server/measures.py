"""Measures for Prometheus: requests by route and status, and how long they took."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from towpath import __version__, plugins
from towpath.access import Actor
from towpath.hub import Hub
from towpath.web.places import API, SI

__all__ = ["Measures", "exposition"]


class _Known:
    """The measures of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "towpath_request_seconds",
            "Seconds that requests took, by route and status.",
            ["method", "route", "status"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )
        self.failed = Counter(
            "towpath_request_errors",
            "Requests that ended in a status of 500 or more.",
            registry=self.registry,
        )
        self.under_way = Gauge(
            "towpath_requests_under_way", "Requests being answered.", registry=self.registry
        )
        Info("towpath_build", "What runs here.", registry=self.registry).info({"version": __version__})
        ProcessCollector(registry=self.registry)


class _Told:
    """What the features tell of themselves to somebody, as a collector."""

    def __init__(self, hub: Hub, actor: Actor) -> None:
        self.hub, self.actor = hub, actor

    def collect(self) -> Iterable[Metric]:
        for feature in plugins.features():
            if feature.measures:
                tell: Any = plugins.load(feature.measures)
                yield from tell(self.hub, self.actor)


def exposition(hub: Hub, actor: Actor) -> bytes:
    """All measures in Prometheus' text format: of this process, and of what the actor may see."""
    told = CollectorRegistry()
    told.register(_Told(hub, actor))
    return generate_latest(_known(hub).registry) + generate_latest(told)


def _known(hub: Hub) -> _Known:
    found = hub.__dict__.get("measures")
    if not isinstance(found, _Known):
        found = hub.__dict__["measures"] = _Known()
    return found


class Measures:
    """Measure every request. Routes go by their pattern, so that ids make no series of their own."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self.app = app
        self.known = _known(hub)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 499  # stays when the client goes away before its request is whole

        async def look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self.known.under_way.inc()
        try:
            await self.app(scope, receive, look)
        finally:
            self.known.under_way.dec()
            # An included route knows its pattern from its own router on.
            place = next((place for place in (API, SI) if scope["path"].startswith(f"{place}/")), "")
            known = getattr(scope.get("route"), "path", None)
            route = f"{place}{known}" if known else "other"
            labels = (scope["method"] if scope["method"].isalpha() else "other", route, str(status))
            self.known.seconds.labels(*labels).observe(time.perf_counter() - started)
            if status >= 500:
                self.known.failed.inc()
