"""How many calls a person allows against the database of a connection, and the hours in which people work in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "connections_0007"
down_revision = "connections_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what stands already has no limits of its own."""
    for column in (
        sa.Column("calls_per_second", sa.Float),
        sa.Column("calls_at_once", sa.Integer),
        sa.Column("working_hours", JSONB),
    ):
        op.add_column("connections", column, schema="towpath")
