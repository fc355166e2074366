"""What was proved of each table, range by range, as it is kept in PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.features.replicate.pairs import Compared
from towpath.features.replicate.proof_plan import Proved, Range
from towpath.features.replicate.runs import OPEN
from towpath.features.replicate.tables import proof_ranges, runs

__all__ = ["cursors", "forget_beyond", "keep", "keep_summary", "listed", "repaired", "summary_before"]


def listed(db: sa.Connection, stream_id: str) -> list[Proved]:
    """The ranges of a stream that were proved at some time."""
    columns = proof_ranges.c
    rows = db.execute(
        sa.select(
            columns.low,
            columns.high,
            columns.checked_at,
            (columns.odoo_checksum == columns.table_checksum).label("equal"),
        ).where(columns.stream_id == stream_id)
    )
    return [
        Proved(low=row.low, high=row.high or 2**63, checked_at=row.checked_at, equal=row.equal)
        for row in rows
    ]


def keep(
    db: sa.Connection, stream_id: str, run_id: str, one: Range, found: Compared, *, repaired: int
) -> None:
    """Keep how a range compared.

    :param repaired: records that were (or are now to be) read again. A run that is taken up by another process finds
        them repaired; then the greater number of the same run stays.
    """
    columns = proof_ranges.c
    values = {
        "high": one.high,
        "run_id": run_id,
        "checked_at": sa.func.now(),
        "odoo_count": found.odoo_count,
        "table_count": found.table_count,
        "odoo_checksum": found.odoo_checksum,
        "table_checksum": found.table_checksum,
    }
    # No rival: the run holds its stream, and each statement stands for itself.
    db.execute(
        insert(proof_ranges)
        .values(stream_id=stream_id, low=one.low, repaired=repaired, **values)
        .on_conflict_do_update(
            index_elements=[columns.stream_id, columns.low],
            set_={
                **values,
                "repaired": sa.case(
                    (columns.run_id == run_id, sa.func.greatest(columns.repaired, repaired)), else_=repaired
                ),
            },
        )
    )
    # What a wider range before it, or narrower ones in it, said of these ids has been said anew.
    db.execute(
        proof_ranges.delete().where(
            columns.stream_id == stream_id, columns.low > one.low, columns.low < one.high
        )
    )


def forget_beyond(db: sa.Connection, stream_id: str, end: int) -> None:
    """Forget ranges that begin where the table has none any more."""
    db.execute(proof_ranges.delete().where(proof_ranges.c.stream_id == stream_id, proof_ranges.c.low >= end))


def repaired(db: sa.Connection, stream_id: str, run_id: str) -> list[tuple[int, int, int]]:
    """Ranges in which a run had to read records again: first id, last id, records."""
    columns = proof_ranges.c
    rows = db.execute(
        sa.select(columns.low, columns.high, columns.repaired)
        .where(columns.stream_id == stream_id, columns.run_id == run_id, columns.repaired > 0)
        .order_by(columns.low)
    )
    return [(row.low, row.high - 1, row.repaired) for row in rows]


def cursors(db: sa.Connection, stream_id: str) -> list[datetime]:
    """Up to when Odoo had been read at the beginning of each of the stream's last runs."""
    found = db.execute(
        sa.select(runs.c.cursor_before["through"].astext)
        .where(runs.c.stream_id == stream_id)
        .order_by(runs.c.created_at.desc())
        .limit(1_000)
    ).scalars()
    return [datetime.fromisoformat(text) for text in found if text]


def keep_summary(db: sa.Connection, run_id: str, attempt: int, summary: dict[str, Any]) -> None:
    """Write what was proved into the run's record, as long as this attempt owns the run."""
    # The rival is a process that has taken the run over: its own summary stands.
    db.execute(
        runs.update()
        .where(runs.c.id == run_id, runs.c.attempts == attempt, runs.c.state.in_(OPEN))
        .values(proof=summary)
    )


def summary_before(db: sa.Connection, stream_id: str, run_id: str) -> dict[str, Any]:
    """What the stream's last run before this one said of its proof; empty where none did."""
    found = db.execute(
        sa.select(runs.c.proof)
        .where(runs.c.stream_id == stream_id, runs.c.id != run_id, runs.c.proof.is_not(None))
        .order_by(runs.c.created_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    return found or {}
