"""Whether a run started by itself: such a one leaves when working hours begin in which none does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "replicate_0006"
down_revision = "replicate_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; runs there are, and those of an older release, stay as if a person had started them."""
    column = sa.Column("by_itself", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("runs", column, schema="towpath")
