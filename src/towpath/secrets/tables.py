"""The table of sealed secrets."""

from __future__ import annotations

import sqlalchemy as sa

__all__ = ["secrets"]

secrets = sa.Table(
    "secrets",
    sa.MetaData(schema="towpath"),
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
    sa.Column("used_at", sa.DateTime(timezone=True)),
    # The last reminder of its end, in days before; null where none was given.
    sa.Column("reminded", sa.Integer),
)
"""One row per secret; ``owner`` says whose it is ("connection/acme/key"), ``key_id`` which master key wraps it."""
