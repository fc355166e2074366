"""The tables that all features share, and the ``metadata`` that features add their own tables to.

How a feature brings tables: ``features/<name>/tables.py`` declares them on this ``metadata`` (so that they
lie in our schema), ``features/<name>/migrations/<name>_0001.py`` creates them::

    from alembic import op
    import sqlalchemy as sa

    revision = "replicate_0001"          # equal to the file's name
    down_revision = None                 # the next file names this one
    branch_labels = ("replicate",)       # only in the first file of a feature
    depends_on = "store_0001"

    def upgrade() -> None:
        op.create_table("streams", sa.Column("id", sa.Text, primary_key=True), schema="towpath")

A migration only goes up; what takes something away stands in a file named ``<name>_0002_post.py`` and runs
when no process of an older release is at work any more (see ``store.migrate``).
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

__all__ = ["SCHEMA", "audit", "audit_checkpoints", "meta", "metadata", "rate_buckets"]

SCHEMA = "towpath"

metadata = sa.MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    },
)

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", JSONB, nullable=False),
    sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
"""Single facts about this installation, such as its id."""

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("details", JSONB, nullable=False),
    sa.Column("prev_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)
"""Append-only (a trigger refuses change and removal), without gaps in ``number``, chained by ``hash``."""

audit_checkpoints = sa.Table(
    "audit_checkpoints",
    metadata,
    # "checkpoint": the chain came to this row. "removal": this row and all before it were taken away.
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("signature", sa.Text, nullable=False),
)
"""Signed statements over the audit (`store.checkpoints`); append-only too."""

rate_buckets = sa.Table(
    "rate_buckets",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("tokens", sa.Double, nullable=False),
    sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("paused_until", sa.DateTime(timezone=True)),
    # Calls a second: what trouble has left of them (null: no trouble), what a person allows, what it was before.
    sa.Column("rate", sa.Double),
    sa.Column("ceiling", sa.Double),
    sa.Column("full_rate", sa.Double),
    sa.Column("slowed_at", sa.DateTime(timezone=True)),
    sa.Column("slowed_why", sa.Text),
    sa.Column("grown_at", sa.DateTime(timezone=True)),
    # Calls of the ten seconds numbered ``slot`` since 1970 and of the six times ten before them.
    sa.Column("slot", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("counts", ARRAY(sa.Integer), nullable=False, server_default="{0,0,0,0,0,0,0}"),
    # Since when calls have come without a gap of twenty seconds.
    sa.Column("busy_since", sa.DateTime(timezone=True)),
)
"""Token buckets: ``tokens`` left at ``filled_at``; nothing is granted before ``paused_until`` (`store.buckets`)."""
