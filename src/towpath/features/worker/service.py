"""A worker: takes up jobs, and lets every feature start what is due."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import structlog

from towpath import plugins
from towpath.errors import TowpathError
from towpath.hub import Hub

__all__ = ["SLOW_TICK", "TICK", "work"]

log = structlog.get_logger(__name__)

#: Seconds between two calls of a feature's tick.
TICK = 1.0
#: The same for a slow one.
SLOW_TICK = 30.0
#: Seconds for which a tick that is under way is waited for at the end.
PATIENCE = 5.0


def work(hub: Hub, stop: threading.Event, *, ready: Callable[[], None] | None = None) -> None:
    """Work until ``stop`` is set: the job engine takes up jobs, and each feature's ticks are called again and again.

    Every worker calls them; where two find the same thing due, the database lets one of them have it. The caller
    closes the hub: jobs that still run then are left to other workers or to the next start.

    :param ready: called when the first job can be taken up.
    """
    hub.jobs()
    features = plugins.features()
    targets = [(target, TICK) for feature in features for target in feature.ticks]
    targets += [(target, SLOW_TICK) for feature in features for target in feature.slow_ticks]
    threads = [
        threading.Thread(
            target=_keep_calling, args=(hub, stop, target, pause), name=f"tick {target}", daemon=True
        )
        for target, pause in targets
    ]
    for thread in threads:
        thread.start()
    if ready is not None:
        ready()
    stop.wait()
    for thread in threads:
        thread.join(PATIENCE)


def _keep_calling(hub: Hub, stop: threading.Event, target: str, pause: float) -> None:
    """Call a tick again and again. Whatever goes wrong in it is told once and does not end the worker."""
    said = ""
    while not stop.is_set():
        try:
            tick: Any = plugins.load(target)
            tick(hub)
        except TowpathError as problem:
            sentence = problem.message
        except sa.exc.OperationalError:
            sentence = "Towpath's PostgreSQL does not answer; it is asked again and again."
        except Exception as problem:  # noqa: BLE001  # one feature's fault must not stop the others
            sentence = f"Something unexpected happened ({type(problem).__name__}: {problem})."
        else:
            sentence = ""
        if sentence and sentence != said and not stop.is_set():
            log.warning("tick_failed", tick=target, reason=sentence)
        said = sentence
        stop.wait(pause)
