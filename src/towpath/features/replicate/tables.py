"""The tables of replication: streams, their runs, and the parts a full read has staged so far."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from towpath.store import metadata

__all__ = ["runs", "staged_parts", "streams"]

streams = sa.Table(
    "streams",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("connection_id", sa.Text, sa.ForeignKey("towpath.connections.id"), nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("layer", sa.Text, nullable=False),
    sa.Column("folder", sa.Text, nullable=False),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("sync_type", sa.Text, nullable=False),
    # None: the stored fields the user may read, without binaries.
    sa.Column("fields", JSONB),
    sa.Column("filter", sa.Text),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    # The model as it was at the last run, to report what changed since.
    sa.Column("schema", sa.Text),
    # Decimals of the monetary columns, settled at the first run so that their type stays; None: floats.
    sa.Column("money_decimals", sa.SmallInteger),
    # The run that holds the stream; taken and given back by one conditional update.
    sa.Column("active_run_id", sa.Text),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.UniqueConstraint("layer", "folder", "table_name"),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("stream_id", sa.Text, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("message", sa.Text),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("started_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rows_read", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rows_inserted", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rows_updated", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rows_deleted", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("calls", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("bytes", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("seconds", sa.Float, nullable=False, server_default="0"),
    sa.Column("cursor_before", JSONB),
    sa.Column("cursor_after", JSONB),
    # Drift, dropped fields, values that did not fit: what a person should know.
    sa.Column("remarks", JSONB, nullable=False, server_default="[]"),
)

staged_parts = sa.Table(
    "staged_parts",
    metadata,
    sa.Column("stream_id", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    # Which fields and filter the part was read with; parts of another choice are of no use.
    sa.Column("signature", sa.Text, nullable=False),
    # Odoo's clock when the read began: what the cursor becomes.
    sa.Column("through", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_id", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("part", JSONB, nullable=False),
    sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
