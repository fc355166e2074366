"""Signed checkpoints of the audit, removal of old rows behind one, and what filters of the audit need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "store_0003"
down_revision = "store_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and the indexes, and let a signed removal through the audit's trigger."""
    op.create_table(
        "audit_checkpoints",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.CheckConstraint("kind in ('checkpoint', 'removal')", name="kind"),
        schema="towpath",
    )
    op.execute(
        "create trigger audit_checkpoints_append_only before update or delete or truncate on towpath.audit_checkpoints "
        "for each statement execute function towpath.audit_is_append_only()"
    )
    op.create_index("audit_actor_idx", "audit", ["actor", "number"], schema="towpath")
    op.create_index("audit_action_idx", "audit", ["action", "number"], schema="towpath")
    op.execute("create index audit_from_idx on towpath.audit ((details ->> 'from'), number)")
    # Removal of rows is refused unless a statement says that all up to there are gone. PostgreSQL can not check its
    # signature; whoever verifies the chain does.
    op.execute(
        """
        create function towpath.audit_removal_is_signed() returns trigger language plpgsql as $$
        begin
            if exists (
                select from gone where number > coalesce(
                    (select max(number) from towpath.audit_checkpoints where kind = 'removal'), 0
                )
            ) then
                raise exception 'the audit is append-only';
            end if;
            return null;
        end $$
        """
    )
    op.execute("drop trigger audit_append_only on towpath.audit")
    op.execute(
        "create trigger audit_append_only before update or truncate on towpath.audit "
        "for each statement execute function towpath.audit_is_append_only()"
    )
    op.execute(
        "create trigger audit_removal after delete on towpath.audit referencing old table as gone "
        "for each statement execute function towpath.audit_removal_is_signed()"
    )
