"""The table of rotations of Odoo keys that are under way."""

from __future__ import annotations

import sqlalchemy as sa

from towpath.store import metadata

__all__ = ["key_rotations"]

key_rotations = sa.Table(
    "key_rotations",
    metadata,
    sa.Column(
        "connection_id",
        sa.Text,
        sa.ForeignKey("towpath.connections.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    # The new key's name in Odoo: by it a key is found whose answer was lost.
    sa.Column("key_name", sa.Text, nullable=False),
    # "asked": Odoo is asked for a key. "made": it is sealed beside the old one. "switched": the old one is to be revoked.
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
