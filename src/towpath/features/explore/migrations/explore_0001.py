"""Saved queries and the history of queries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "explore_0001"
down_revision = None
branch_labels = ("explore",)
depends_on = "store_0001"


def upgrade() -> None:
    """Create the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "saved_queries",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("owner_name", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False, server_default=""),
        sa.Column("sql", sa.Text, nullable=False),
        sa.Column("chart", JSONB),
        sa.Column("shared_with", JSONB, nullable=False, server_default="[]"),
        sa.Column("revision", sa.BigInteger, nullable=False, server_default="1"),
        sa.Column("created_at", moment, nullable=False, server_default=sa.func.now()),
        sa.Column("changed_at", moment, nullable=False, server_default=sa.func.now()),
        schema="towpath",
    )
    op.create_index("saved_queries_owner_idx", "saved_queries", ["owner"], schema="towpath")
    op.create_table(
        "query_history",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("sql", sa.Text, nullable=False),
        sa.Column("as_of", sa.Text, nullable=False, server_default=""),
        sa.Column("tables", JSONB, nullable=False, server_default="[]"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False, server_default=""),
        sa.Column("rows", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("seconds", sa.Double, nullable=False, server_default="0"),
        sa.Column("at", moment, nullable=False, server_default=sa.func.now()),
        schema="towpath",
    )
    op.create_index("query_history_owner_at_idx", "query_history", ["owner", "at"], schema="towpath")
