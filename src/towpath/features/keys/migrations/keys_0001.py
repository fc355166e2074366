"""Rotations of Odoo keys that are under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "keys_0001"
down_revision = None
branch_labels = ("keys",)
depends_on = "connections_0001"


def upgrade() -> None:
    """Create the table."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "key_rotations",
        sa.Column(
            "connection_id",
            sa.Text,
            sa.ForeignKey("towpath.connections.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("key_name", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("started_at", moment, nullable=False, server_default=sa.func.now()),
        sa.Column("tried_at", moment, nullable=False, server_default=sa.func.now()),
        schema="towpath",
    )
