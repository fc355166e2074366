"""The table of sealed secrets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "secrets_0001"
down_revision = None
branch_labels = ("secrets",)
depends_on = "store_0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "secrets",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        schema="towpath",
    )
    op.create_index("secrets_key_id_idx", "secrets", ["key_id"], schema="towpath")
