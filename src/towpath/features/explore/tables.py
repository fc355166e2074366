"""The tables of the explorer: saved queries, and what everybody ran."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from towpath.store import metadata

__all__ = ["query_history", "saved_queries"]

_MOMENT = sa.DateTime(timezone=True)

saved_queries = sa.Table(
    "saved_queries",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # The person's id, or the actor's name where there is no person (command line).
    sa.Column("owner", sa.Text, nullable=False, index=True),
    sa.Column("owner_name", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    sa.Column("sql", sa.Text, nullable=False),
    # How the answer is drawn; null: as a table.
    sa.Column("chart", JSONB),
    # Who else sees it: "everybody", or "group:<id>".
    sa.Column("shared_with", JSONB, nullable=False, server_default="[]"),
    sa.Column("revision", sa.BigInteger, nullable=False, server_default="1"),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Column("changed_at", _MOMENT, nullable=False, server_default=sa.func.now()),
)

query_history = sa.Table(
    "query_history",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("sql", sa.Text, nullable=False),
    sa.Column("as_of", sa.Text, nullable=False, server_default=""),
    sa.Column("tables", JSONB, nullable=False, server_default="[]"),
    # running, succeeded, failed, cancelled
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    sa.Column("rows", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("seconds", sa.Double, nullable=False, server_default="0"),
    sa.Column("at", _MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Index("query_history_owner_at_idx", "owner", "at"),
)
