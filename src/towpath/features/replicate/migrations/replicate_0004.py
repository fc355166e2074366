"""Fields that could not be read for a while, by stream."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "replicate_0004"
down_revision = "replicate_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    column = sa.Column("missed", JSONB, nullable=False, server_default="{}")
    op.add_column("streams", column, schema="towpath")
