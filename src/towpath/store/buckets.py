"""Token buckets in PostgreSQL: one call budget that holds over all processes and machines together."""

from __future__ import annotations

import functools
from pathlib import Path

import sqlalchemy as sa

__all__ = ["claim", "pause"]


def claim(engine: sa.Engine, name: str, *, capacity: float, per_second: float, cost: float = 1.0) -> float:
    """Take ``cost`` tokens: 0.0 when granted, else the seconds after which to ask again.

    The bucket holds ``capacity`` tokens at most and gains ``per_second``. The claim is one conditional
    UPDATE, so two processes can never take the same token. Raises ValueError when ``cost`` can never fit.
    """
    if not 0 < cost <= capacity or per_second <= 0:
        raise ValueError(
            f"a cost of {cost} does not fit a bucket of {capacity} that gains {per_second} a second"
        )
    values = {"name": name, "capacity": capacity, "rate": per_second, "cost": cost}
    with engine.begin() as connection:
        if connection.execute(_query("claim"), values).first() is not None:
            return 0.0
        return float(connection.execute(_query("wait"), values).scalar_one())


def pause(engine: sa.Engine, name: str, seconds: float) -> None:
    """Grant nothing from the bucket for ``seconds``, in any process (an answer with Retry-After)."""
    with engine.begin() as connection:
        connection.execute(_query("pause"), {"name": name, "seconds": seconds})


@functools.cache
def _query(name: str) -> sa.TextClause:
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for part in text.split("-- ")[1:]:
        head, _, body = part.partition("\n")
        if head.partition(":")[0] == name:
            return sa.text(body)
    raise KeyError(name)
