"""The log of a run, the kind of error it ended with, and indexes for lists of runs over all streams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "replicate_0003"
down_revision = "replicate_0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the column, the table and the indexes."""
    op.add_column("runs", sa.Column("error_kind", sa.Text), schema="towpath")
    op.create_index("runs_created_at_idx", "runs", ["created_at", "id"], schema="towpath")
    op.create_index(
        "runs_open_idx",
        "runs",
        ["id"],
        schema="towpath",
        postgresql_where=sa.text("state in ('queued', 'running')"),
    )
    op.create_table(
        "run_log",
        sa.Column("run_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("seq", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("expected", sa.BigInteger),
        sa.Column("message", sa.Text),
        sa.Column("at", _MOMENT, nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("updated_at", _MOMENT, nullable=False, server_default=sa.func.clock_timestamp()),
        schema="towpath",
    )
    op.create_index("run_log_seq_idx", "run_log", ["seq"], schema="towpath")
