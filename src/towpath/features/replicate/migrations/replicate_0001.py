"""The tables of streams, runs and staged parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "replicate_0001"
down_revision = None
branch_labels = ("replicate",)
depends_on = ("connections_0001",)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "streams",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("connection_id", sa.Text, sa.ForeignKey("towpath.connections.id"), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("layer", sa.Text, nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("sync_type", sa.Text, nullable=False),
        sa.Column("fields", JSONB),
        sa.Column("filter", sa.Text),
        sa.Column("description", sa.Text, nullable=False, server_default=""),
        sa.Column("schema", sa.Text),
        sa.Column("money_decimals", sa.SmallInteger),
        sa.Column("active_run_id", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("layer", "folder", "table_name"),
        schema="towpath",
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("stream_id", sa.Text, nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        *map(_count, ("rows_read", "rows_inserted", "rows_updated", "rows_deleted", "calls", "bytes")),
        sa.Column("seconds", sa.Float, nullable=False, server_default="0"),
        sa.Column("cursor_before", JSONB),
        sa.Column("cursor_after", JSONB),
        sa.Column("remarks", JSONB, nullable=False, server_default="[]"),
        schema="towpath",
    )
    op.create_table(
        "staged_parts",
        sa.Column("stream_id", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("through", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_id", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("part", JSONB, nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="towpath",
    )
