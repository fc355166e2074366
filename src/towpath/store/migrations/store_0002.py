"""What makes a token bucket adapt: its own rate, why it was slowed, and how many calls were made lately."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "store_0002"
down_revision = "store_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    moment = sa.DateTime(timezone=True)
    for column in (
        sa.Column("rate", sa.Double),
        sa.Column("ceiling", sa.Double),
        sa.Column("full_rate", sa.Double),
        sa.Column("slowed_at", moment),
        sa.Column("slowed_why", sa.Text),
        sa.Column("grown_at", moment),
        sa.Column("slot", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("counts", ARRAY(sa.Integer), nullable=False, server_default="{0,0,0,0,0,0,0}"),
        sa.Column("busy_since", moment),
    ):
        op.add_column("rate_buckets", column, schema="towpath")
