"""Schedules, upkeep, masks and refreshes of streams; batches of runs; id ranges that are read or proved apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "replicate_0002"
down_revision = "replicate_0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and tables."""
    for column in (
        sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("schedule", JSONB),
        sa.Column("next_run_at", _MOMENT),
        sa.Column("full_schedule", JSONB),
        sa.Column("next_full_at", _MOMENT),
        sa.Column("after_stream_id", sa.Text),
        sa.Column("followed_at", _MOMENT),
        sa.Column("retention", sa.Text),
        sa.Column("history", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("masks", JSONB, nullable=False, server_default="{}"),
        sa.Column("refresh_seconds", sa.Integer),
        sa.Column("refreshed_at", _MOMENT),
        sa.Column("links", JSONB),
        sa.Column("links_seconds", sa.Integer),
        sa.Column("linked_at", _MOMENT),
        sa.Column("names_seconds", sa.Integer),
        sa.Column("named_at", _MOMENT),
        sa.Column("overlap_seconds", sa.Integer),
        sa.Column("late_seconds", sa.Float, nullable=False, server_default="0"),
        sa.Column("described_at", _MOMENT),
        sa.Column("checked_at", _MOMENT),
        sa.Column("kept_up_at", _MOMENT),
        sa.Column("reread_at", _MOMENT),
        sa.Column("sight", JSONB),
    ):
        op.add_column("streams", column, schema="towpath")
    op.create_index("streams_next_run_at_idx", "streams", ["next_run_at"], schema="towpath")
    for column in (
        sa.Column("batch", sa.BigInteger),
        sa.Column("proof", JSONB),
        sa.Column("versions", JSONB),
    ):
        op.add_column("runs", column, schema="towpath")
    op.create_index("runs_batch_idx", "runs", ["batch"], schema="towpath")
    op.create_index("runs_stream_id_ended_at_idx", "runs", ["stream_id", "ended_at"], schema="towpath")
    op.create_table(
        "owed_runs",
        sa.Column("stream_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("tried_at", _MOMENT),
        schema="towpath",
    )
    op.create_table(
        "batches",
        sa.Column("number", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("stream_ids", JSONB, nullable=False),
        sa.Column("run_ids", JSONB, nullable=False, server_default="{}"),
        sa.Column("state", sa.Text, nullable=False, server_default="running"),
        sa.Column("tables", JSONB, nullable=False, server_default="{}"),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("ended_at", _MOMENT),
        schema="towpath",
    )
    op.create_table(
        "proof_ranges",
        sa.Column("stream_id", sa.Text, primary_key=True),
        sa.Column("low", sa.BigInteger, primary_key=True),
        sa.Column("high", sa.BigInteger),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("checked_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("odoo_count", sa.BigInteger, nullable=False),
        sa.Column("table_count", sa.BigInteger, nullable=False),
        sa.Column("odoo_checksum", sa.Text, nullable=False),
        sa.Column("table_checksum", sa.Text, nullable=False),
        sa.Column("repaired", sa.BigInteger, nullable=False, server_default="0"),
        schema="towpath",
    )
    op.create_table(
        "staged_ranges",
        sa.Column("stream_id", sa.Text, primary_key=True),
        sa.Column("low", sa.BigInteger, primary_key=True),
        sa.Column("high", sa.BigInteger),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("through", _MOMENT, nullable=False),
        sa.Column("ahead", sa.Double),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("done", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("calls", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("bytes", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("remarks", JSONB, nullable=False, server_default="[]"),
        sa.Column("planned_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        schema="towpath",
    )
    op.add_column(
        "staged_parts",
        sa.Column("low", sa.BigInteger, nullable=False, server_default="0"),
        schema="towpath",
    )
    op.add_column("staged_parts", sa.Column("ahead", sa.Double), schema="towpath")
    op.drop_constraint("staged_parts_pkey", "staged_parts", schema="towpath", type_="primary")
    op.create_primary_key(
        "staged_parts_pkey", "staged_parts", ["stream_id", "low", "position"], schema="towpath"
    )
