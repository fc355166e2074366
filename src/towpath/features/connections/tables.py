"""The table of connections."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from towpath.store import metadata

__all__ = ["connections"]

connections = sa.Table(
    "connections",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("database", sa.Text),
    sa.Column("login", sa.Text),
    sa.Column("protocol", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("tested_at", sa.DateTime(timezone=True)),
    sa.Column("test_message", sa.Text),
    # Whether it went well; null where nobody knows.
    sa.Column("test_ok", sa.Boolean),
    # The kind of error it ended with; null where it went well.
    sa.Column("test_problem", sa.Text),
    # A second connection to the same database whose user may read more; it tells deleted from hidden.
    sa.Column("witness_id", sa.Text, sa.ForeignKey("towpath.connections.id", ondelete="SET NULL")),
    # Which database it is, whatever its address; null where the user may not know.
    sa.Column("fingerprint", sa.Text),
    # Typed through the server: its name may never lead to a private address, whatever it led to then.
    sa.Column("guarded", sa.Boolean, nullable=False, server_default=sa.false()),
    # Calls to its database that a person allows, over all workers; null for no limit of its own.
    sa.Column("calls_per_second", sa.Float),
    sa.Column("calls_at_once", sa.Integer),
    # When people work in it, and what holds then (features.connections.hours).
    sa.Column("working_hours", JSONB(none_as_null=True)),
)
