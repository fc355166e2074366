"""Whether the last test of a connection went well, for the list of sources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "connections_0004"
down_revision = "connections_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was tested by an older release stays unknown until the next test."""
    op.add_column("connections", sa.Column("test_ok", sa.Boolean), schema="towpath")
