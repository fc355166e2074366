"""The table of connections."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "connections_0001"
down_revision = None
branch_labels = ("connections",)
depends_on = "store_0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "connections",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("database", sa.Text),
        sa.Column("login", sa.Text),
        sa.Column("protocol", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("tested_at", sa.DateTime(timezone=True)),
        sa.Column("test_message", sa.Text),
        schema="towpath",
    )
