"""What tells one Odoo database from another, whatever its address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "connections_0003"
down_revision = "connections_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("connections", sa.Column("fingerprint", sa.Text), schema="towpath")
