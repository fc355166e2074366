"""Which reminder of its end a secret has had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "secrets_0002"
down_revision = "secrets_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("secrets", sa.Column("reminded", sa.Integer), schema="towpath")
