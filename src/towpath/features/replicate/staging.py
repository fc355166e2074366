"""Parts of a full read that are written but not yet published, kept so that a cut-off read goes on.

A part's row is stored after its file is safely written; the parts become the table in one commit. A run
that follows a failed one goes on behind the last part too, as long as that part is young.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.features.replicate.tables import staged_parts, staged_ranges

if TYPE_CHECKING:  # pyarrow is not needed to read these rows
    from towpath.lake.table import Staged

__all__ = ["YOUNG", "Part", "add", "clear", "found", "part_of", "signature"]

#: Parts are read anew when the last one is older than this: catching up on their changes would cost as much, and
#: the lake sweeps away files that nothing names for a week.
YOUNG = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One staged part of a stream's full read."""

    position: int
    #: Odoo's clock when the read began.
    through: datetime
    #: Seconds by which it was ahead of ours then; None where nobody looked.
    ahead: float | None = None
    last_id: int
    rows: int
    #: What the lake needs to publish it (``Staged.to_json``).
    part: dict[str, Any]
    #: PostgreSQL's clock when it was noted; None before.
    staged_at: datetime | None = None

    @classmethod
    def of(cls, staged: Staged, *, position: int, through: datetime, ahead: float | None) -> Self:
        """The row of a part that the lake has written."""
        last_id = int(orjson.loads(staged.stats)["maxValues"]["id"])
        return cls(
            position=position,
            through=through,
            ahead=ahead,
            last_id=last_id,
            rows=staged.rows,
            part=staged.to_json(),
        )


def signature(fields: Iterable[object], filter: str | None, *more: str) -> str:
    """A short text that differs when other fields or another filter are read."""
    return hashlib.sha256(repr((sorted(map(str, fields)), filter, *more)).encode()).hexdigest()[:16]


def add(db: sa.Connection, stream_id: str, sign: str, part: Part, *, low: int = 0) -> None:
    """Note a part whose file is written. Noting it again changes nothing.

    :param low: first id of the range it belongs to; 0 where the read is not cut into ranges.
    """
    values = {
        "signature": sign,
        "through": part.through,
        "ahead": part.ahead,
        "last_id": part.last_id,
        "rows": part.rows,
        "part": part.part,
    }
    place = [staged_parts.c.stream_id, staged_parts.c.low, staged_parts.c.position]
    db.execute(
        insert(staged_parts)
        .values(stream_id=stream_id, low=low, position=part.position, **values)
        .on_conflict_do_update(index_elements=place, set_=values)
    )


def found(db: sa.Connection, stream_id: str, sign: str) -> list[Part]:
    """The parts of a read that was not cut into ranges, when they can still be used; otherwise they are forgotten."""
    rows = db.execute(
        staged_parts.select()
        .where(staged_parts.c.stream_id == stream_id, staged_parts.c.low == 0)
        .order_by(staged_parts.c.position)
    ).all()
    if not rows:
        return []
    now = db.execute(sa.select(sa.func.now())).scalar_one()
    if any(row.signature != sign for row in rows) or now - rows[-1].staged_at > YOUNG:
        clear(db, stream_id)
        return []
    return [part_of(row) for row in rows]


def part_of(row: sa.Row[Any]) -> Part:
    """The part of a row of ``staged_parts``."""
    return Part(
        position=row.position,
        through=row.through,
        ahead=row.ahead,
        last_id=row.last_id,
        rows=row.rows,
        part=row.part,
        staged_at=row.staged_at,
    )


def clear(db: sa.Connection, stream_id: str) -> None:
    """Forget a stream's parts and ranges: they are published, or of no use. Their files are swept later."""
    # The ranges first, as whoever notes a part does: two transactions never wait for each other.
    db.execute(staged_ranges.delete().where(staged_ranges.c.stream_id == stream_id))
    db.execute(staged_parts.delete().where(staged_parts.c.stream_id == stream_id))
