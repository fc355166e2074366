"""The server's own tables."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from towpath.store import metadata

__all__ = ["answers"]

answers = sa.Table(
    "answers",
    metadata,
    # Who asked (a digest) and the key they chose.
    sa.Column("asker", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    # Digest of method, address and body: the same key with another request is a mistake.
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    # Null while the request is under way.
    sa.Column("status", sa.Integer),
    sa.Column("media_type", sa.Text),
    sa.Column("body", sa.LargeBinary),
    # The answer's headers that a client goes on with, by lower-case name; null in rows of an older release.
    sa.Column("headers", JSONB),
    sa.Index("answers_begun_at_idx", "begun_at"),
)
"""What was answered to requests with an ``Idempotency-Key``."""
