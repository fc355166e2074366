"""Whether an address was typed through the server, and so may not lead into private networks, ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "connections_0005"
down_revision = "connections_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what an older release stored came from the command line."""
    op.add_column(
        "connections",
        sa.Column("guarded", sa.Boolean, nullable=False, server_default=sa.false()),
        schema="towpath",
    )
