"""Parts of a full read that are written but not yet published, kept so that a cut-off read goes on.

A part's row is stored after its file is safely written; the parts become the table in one commit. A run
that follows a failed one goes on behind the last part too, as long as that part is young.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.features.replicate.tables import staged_parts

__all__ = ["Part", "add", "clear", "found", "signature"]

#: Parts are read anew when the last one is older than this: catching up on their changes would cost as much, and
#: the lake sweeps away files that nothing names for a week.
YOUNG = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One staged part of a stream's full read."""

    position: int
    #: Odoo's clock when the read began.
    through: datetime
    last_id: int
    rows: int
    #: What the lake needs to publish it (``Staged.to_json``).
    part: dict[str, Any]


def signature(fields: Iterable[object], filter: str | None, *more: str) -> str:
    """A short text that differs when other fields or another filter are read."""
    return hashlib.sha256(repr((sorted(map(str, fields)), filter, *more)).encode()).hexdigest()[:16]


def add(db: sa.Connection, stream_id: str, sign: str, part: Part) -> None:
    """Note a part whose file is written. Noting it again changes nothing."""
    values = {
        "signature": sign,
        "through": part.through,
        "last_id": part.last_id,
        "rows": part.rows,
        "part": part.part,
    }
    place = [staged_parts.c.stream_id, staged_parts.c.low, staged_parts.c.position]
    db.execute(
        insert(staged_parts)
        .values(stream_id=stream_id, position=part.position, **values)
        .on_conflict_do_update(index_elements=place, set_=values)
    )


def found(db: sa.Connection, stream_id: str, sign: str) -> list[Part]:
    """The stream's parts in order, when they can still be used; otherwise they are forgotten."""
    rows = db.execute(
        staged_parts.select().where(staged_parts.c.stream_id == stream_id).order_by(staged_parts.c.position)
    ).all()
    if not rows:
        return []
    now = db.execute(sa.select(sa.func.now())).scalar_one()
    if any(row.signature != sign for row in rows) or now - rows[-1].staged_at > YOUNG:
        clear(db, stream_id)
        return []
    return [
        Part(position=row.position, through=row.through, last_id=row.last_id, rows=row.rows, part=row.part)
        for row in rows
    ]


def clear(db: sa.Connection, stream_id: str) -> None:
    """Forget a stream's parts: they are published, or of no use. Their files are swept later."""
    db.execute(staged_parts.delete().where(staged_parts.c.stream_id == stream_id))
