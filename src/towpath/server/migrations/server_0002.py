"""Headers of an answer that belong to what it says, such as the ETag a client needs to go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "server_0002"
down_revision = "server_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; answers that stand already, and those of an older release, have none."""
    op.add_column("answers", sa.Column("headers", JSONB), schema="towpath")
