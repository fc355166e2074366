"""Token buckets in PostgreSQL: one call budget that holds over all processes and machines together.

A bucket may have a ceiling that a person set; beside it stands a rate that adapts. Trouble halves it, or the
rate really observed where there was no limit; answers without trouble let it grow step by step until the
ceiling is the only limit again. Every change is one statement that locks the row it looks at.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

__all__ = ["GROWTH", "HOLD", "LEAST", "STEP", "Grant", "State", "claim", "pause", "slow", "state"]

#: Seconds without trouble after which the rate takes a step up, and how far.
STEP, GROWTH = 10.0, 1.25
#: Seconds after a halving in which nothing halves again: the new rate is to be tried first.
HOLD = 2.0
#: Calls a second below which trouble does not go.
LEAST = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a claim got."""

    #: 0 when the call may be made now, else the seconds after which to ask again.
    wait: float
    #: Calls a second that all processes together may make; None for no limit.
    limit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a bucket stands, for people."""

    #: Calls of all processes in the last sixty seconds.
    calls_per_minute: int = 0
    #: Calls a second that trouble has left; None while there is none.
    rate: float | None = None
    #: Calls a second that a person allows; None for no such limit.
    ceiling: float | None = None
    paused_until: datetime | None = None
    slowed_at: datetime | None = None
    #: The trouble, while it limits the rate.
    slowed_why: str | None = None

    @property
    def limit(self) -> float | None:
        """Calls a second that may be made now."""
        known = [value for value in (self.rate, self.ceiling) if value is not None]
        return min(known, default=None)


def claim(
    engine: sa.Engine,
    name: str,
    *,
    ceiling: float | None = None,
    calls: int = 1,
    good: int = 0,
    cost: int = 1,
    at: datetime | None = None,
) -> Grant:
    """Ask for one call, in one round trip unless the bucket is new.

    The bucket holds one second's worth of calls, at least one. A waiting caller asks again, so a rate or a
    pause that changes meanwhile counts.

    :param ceiling: calls a second at the most; None for no such limit.
    :param calls: what is counted when it is granted: this call and those made since the last claim.
    :param good: answers without trouble since the last claim; with one the rate may take a step up.
    :param cost: 0 only counts, and is always granted.
    :param at: the clock, for tests; None is PostgreSQL's.
    :raises ValueError: the ceiling is not positive.
    """
    if ceiling is not None and ceiling <= 0:
        raise ValueError(f"a ceiling of {ceiling} calls a second lets nothing through")
    values = {"name": name, "ceiling": ceiling, "calls": calls, "good": good, "at": at}
    values |= {"cost": cost, "step": STEP, "growth": GROWTH}
    row = _run(engine, "claim", values)
    if row is None:
        _run(engine, "make", {"name": name, "ceiling": ceiling, "at": at})
        row = _run(engine, "claim", values)
    if row is None:  # somebody removes rows while we make them
        return Grant(wait=0.001, limit=ceiling)
    return Grant(wait=0.0 if row["granted"] else float(row["wait"]), limit=row["limit_"])


def slow(
    engine: sa.Engine,
    name: str,
    why: str,
    *,
    elapsed: float = 0.0,
    pause: float = 0.0,
    calls: int = 0,
    at: datetime | None = None,
) -> float | None:
    """Halve the bucket's rate because a call met trouble; gives the new rate, None when it was halved already.

    :param why: the trouble in a few words; shown to people, so without secrets.
    :param elapsed: seconds since that call began. A call that began before the last halving says nothing of the
        rate after it.
    :param pause: seconds for which nothing is granted (Retry-After).
    :param calls: calls not yet counted, for the rate observed.
    """
    values = {"name": name, "why": why, "elapsed": elapsed, "pause": pause, "calls": calls, "at": at}
    row = _run(engine, "slow", values | {"hold": HOLD, "least": LEAST})
    return float(row["rate"]) if row is not None and row["due"] else None


def pause(engine: sa.Engine, name: str, seconds: float) -> None:
    """Grant nothing from the bucket for ``seconds``, in any process."""
    _run(engine, "pause", {"name": name, "seconds": seconds})


def state(engine: sa.Engine, name: str, *, at: datetime | None = None) -> State:
    """How the bucket stands; as if unused when there is none."""
    row = _run(engine, "state", {"name": name, "at": at})
    if row is None:
        return State()
    return State(**{**row, "calls_per_minute": round(row["calls_per_minute"])})


def _run(engine: sa.Engine, query: str, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
    # A statement is a transaction of its own: no round trips for beginning and ending one.
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        found = connection.execute(_query(query), values)
        return dict(first) if found.returns_rows and (first := found.mappings().first()) else None


@functools.cache
def _query(name: str) -> sa.TextClause:
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    parts = re.split(r"^-- (\w+): .*\n", text, flags=re.MULTILINE)[1:]
    return sa.text(dict(zip(parts[::2], parts[1::2], strict=True))[name])
