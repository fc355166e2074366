"""The kind of error the last test of a connection ended with, so that a person is led to where it is mended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "connections_0006"
down_revision = "connections_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what an older release tested has only its sentence."""
    op.add_column("connections", sa.Column("test_problem", sa.Text), schema="towpath")
