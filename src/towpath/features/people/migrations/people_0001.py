"""Users, groups, grants, sessions, tokens, and ways to sign in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "people_0001"
down_revision = None
branch_labels = ("people",)
depends_on = "connections_0001"

_MOMENT = sa.DateTime(timezone=True)


def _user() -> sa.ForeignKey:
    return sa.ForeignKey("towpath.users.id", ondelete="CASCADE")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "users",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("login", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("password_hash", sa.Text),
        sa.Column("password_set_at", _MOMENT),
        sa.Column("source", sa.Text, nullable=False, server_default="local"),
        sa.Column("language", sa.Text),
        sa.Column("theme", sa.Text),
        sa.Column("disabled_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("totp_since", _MOMENT),
        sa.Column("totp_step", sa.BigInteger),
        schema="towpath",
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("description", sa.Text, nullable=False, server_default=""),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        schema="towpath",
    )
    op.create_table(
        "memberships",
        sa.Column(
            "group_id", sa.Text, sa.ForeignKey("towpath.groups.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("user_id", sa.Text, _user(), primary_key=True),
        sa.Column("source", sa.Text, nullable=False, server_default="hand"),
        schema="towpath",
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, _user()),
        sa.Column("group_id", sa.Text, sa.ForeignKey("towpath.groups.id", ondelete="CASCADE")),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("connection_id", sa.Text, sa.ForeignKey("towpath.connections.id", ondelete="CASCADE")),
        sa.Column("source", sa.Text, nullable=False, server_default="hand"),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("(user_id is null) <> (group_id is null)", name="one_holder"),
        schema="towpath",
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("user_id", sa.Text, _user(), nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("used_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("code_needed", sa.Boolean, nullable=False),
        sa.Column("code_given_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        schema="towpath",
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("user_id", sa.Text, _user()),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rights", ARRAY(sa.Text), nullable=False),
        sa.Column("connection_ids", ARRAY(sa.Text)),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("used_at", _MOMENT),
        sa.Column("used_from", sa.Text),
        sa.Column("revoked_at", _MOMENT),
        schema="towpath",
    )
    op.create_table(
        "one_time_links",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("user_id", sa.Text, _user()),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
        schema="towpath",
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", _MOMENT, nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False),
        schema="towpath",
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Text, _user(), primary_key=True),
        sa.Column("code_hash", sa.LargeBinary, primary_key=True),
        sa.Column("used_at", _MOMENT),
        schema="towpath",
    )
    op.create_table(
        "sign_in_methods",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False, unique=True),
        sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("config", JSONB, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("changed_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        schema="towpath",
    )
    op.create_table(
        "identities",
        sa.Column(
            "method_id",
            sa.Text,
            sa.ForeignKey("towpath.sign_in_methods.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Text, _user(), nullable=False),
        sa.Column("linked_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        schema="towpath",
    )
    op.create_table(
        "oidc_flows",
        sa.Column("state_hash", sa.LargeBinary, primary_key=True),
        sa.Column(
            "method_id",
            sa.Text,
            sa.ForeignKey("towpath.sign_in_methods.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("verifier", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        schema="towpath",
    )
    op.create_index("memberships_user_id_idx", "memberships", ["user_id"], schema="towpath")
    op.create_index("grants_user_id_idx", "grants", ["user_id"], schema="towpath")
    op.create_index("grants_group_id_idx", "grants", ["group_id"], schema="towpath")
    op.create_index("sessions_user_id_idx", "sessions", ["user_id"], schema="towpath")
    op.create_index("api_tokens_user_id_idx", "api_tokens", ["user_id"], schema="towpath")
    op.create_index("one_time_links_user_id_idx", "one_time_links", ["user_id"], schema="towpath")
    op.create_index("sign_in_attempts_last_at_idx", "sign_in_attempts", ["last_at"], schema="towpath")
    op.create_index("identities_user_id_idx", "identities", ["user_id"], schema="towpath")
    # A role is given once; an index over expressions, as PostgreSQL 14 takes two nulls for different.
    op.execute(
        "create unique index grants_once_idx on towpath.grants "
        "(coalesce(user_id, ''), coalesce(group_id, ''), role, coalesce(connection_id, ''), source)"
    )
