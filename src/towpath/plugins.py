"""Discovery of features: our own folders first, then other wheels, all by the same door.

A feature is a package that defines ``FEATURE``. Ours lie in ``towpath/features``; another wheel names its
package under the entry point group ``towpath.features``. Nothing else has to be edited to add one.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Command", "Feature", "features", "load"]

#: Package of our own features and, at the same time, the entry point group of other wheels'.
OWN = ENTRY_POINT_GROUP = "towpath.features"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command (or group) of the command line, named without importing it."""

    #: ``module:attribute`` of the click command.
    target: str
    #: One line for ``towpath --help``.
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """What a feature adds to Towpath. The package that defines it must be cheap to import."""

    #: Name of the package's folder.
    name: str
    #: Title for people.
    title: str
    #: One sentence: what a person can do with it.
    summary: str
    #: Position in menus and in ``towpath --help``; small numbers come first.
    order: int = 100
    #: Top-level commands by name.
    commands: dict[str, Command] = field(default_factory=dict)
    #: Durable jobs by name; each target is called with the hub, the job's context and its payload.
    jobs: dict[str, str] = field(default_factory=dict)
    #: Queues of those jobs: how many jobs with one key (such as a connection) run at a time over all processes, as
    #: a number or as the name of the setting that says so. The call budget is kept by the client.
    queues: dict[str, int | str] = field(default_factory=dict)
    #: Targets that a worker calls with the hub again and again, about once a second, each in a thread of its own:
    #: to start what is due. Every worker does so; races are settled by the database.
    ticks: tuple[str, ...] = ()
    #: The same for what is due by the hour or day: twice a minute.
    slow_ticks: tuple[str, ...] = ()
    #: Target that gives the feature's part of the REST API: called without arguments, gives a FastAPI ``APIRouter``
    #: that is mounted under ``/api/v1``.
    routes: str | None = None
    #: The same for routes under ``/si``, whose addresses are agreed with other systems (features S4).
    integrations: str | None = None
    #: Target that tells how the feature stands, for Prometheus: called with the hub and who asks, gives metric families
    #: of ``prometheus_client`` about what they may see.
    measures: str | None = None
    #: Target that removes what the feature keeps for one person alone, when the person is deleted: called with the
    #: connection of that transaction and the person's id.
    person_deleted: str | None = None
    #: Target that lists the feature's tables: called with the hub, gives ``TableRef`` objects.
    tables: str | None = None


def packages() -> Iterator[str]:
    """Dotted names of the packages that may define a feature."""
    for module in pkgutil.iter_modules(importlib.import_module(OWN).__path__):
        if module.ispkg:
            yield f"{OWN}.{module.name}"
    from importlib.metadata import entry_points

    for entry in entry_points(group=ENTRY_POINT_GROUP):
        yield entry.value


@functools.cache  # what is installed does not change while a process runs, and looking takes milliseconds
def features() -> tuple[Feature, ...]:
    """All features, in the order of menus."""
    found = [feature for name in packages() if (feature := _feature(name)) is not None]
    return tuple(sorted(found, key=lambda feature: (feature.order, feature.name)))


def _feature(package: str) -> Feature | None:
    found = getattr(importlib.import_module(package), "FEATURE", None)
    return found if isinstance(found, Feature) else None


def load(target: str) -> object:
    """Import what ``module:attribute`` names."""
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)
