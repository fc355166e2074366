"""Answers to requests that may be repeated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "server_0001"
down_revision = None
branch_labels = ("server",)
depends_on = "store_0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "answers",
        sa.Column("asker", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("status", sa.Integer),
        sa.Column("media_type", sa.Text),
        sa.Column("body", sa.LargeBinary),
        schema="towpath",
    )
    op.create_index("answers_begun_at_idx", "answers", ["begun_at"], schema="towpath")
