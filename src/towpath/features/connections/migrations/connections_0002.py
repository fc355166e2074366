"""A second, wider connection to the same database, which tells deleted records from hidden ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "connections_0002"
down_revision = "connections_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column(
        "connections",
        sa.Column("witness_id", sa.Text, sa.ForeignKey("towpath.connections.id", ondelete="SET NULL")),
        schema="towpath",
    )
