"""The first tables: facts, the audit chain, token buckets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "store_0001"
down_revision = None
branch_labels = ("store",)
depends_on = None


def upgrade() -> None:
    """Create the tables, and the trigger that keeps the audit append-only."""
    op.create_table(
        "meta",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", JSONB, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="towpath",
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("details", JSONB, nullable=False),
        sa.Column("prev_hash", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        schema="towpath",
    )
    op.create_index("audit_at_idx", "audit", ["at"], schema="towpath")
    op.create_index("audit_object_idx", "audit", ["object", "number"], schema="towpath")
    op.execute(
        """
        create function towpath.audit_is_append_only() returns trigger language plpgsql as $$
        begin
            raise exception 'the audit is append-only';
        end $$
        """
    )
    op.execute(
        "create trigger audit_append_only before update or delete or truncate on towpath.audit "
        "for each statement execute function towpath.audit_is_append_only()"
    )
    op.create_table(
        "rate_buckets",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("tokens", sa.Double, nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True)),
        schema="towpath",
    )
