"""Whether one-time codes of ours belong to a session, and how a directory calls somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "people_0002"
down_revision = "people_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns. Who came by an OpenID issuer before was trusted to have been asked there."""
    op.add_column(
        "sessions",
        sa.Column("own_codes", sa.Boolean, nullable=False, server_default=sa.true()),
        schema="towpath",
    )
    op.execute(
        "update towpath.sessions set own_codes = false "
        "where method in (select id from towpath.sign_in_methods where kind = 'oidc')"
    )
    op.add_column("identities", sa.Column("login", sa.Text), schema="towpath")
