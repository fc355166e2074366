"""Of which connection a stream was: tables from before commits said so are told by it, also when the stream is gone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "replicate_0005"
down_revision = "replicate_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Note it of the streams there are. One that was removed before left nothing that would tell it for certain.

    It is needed no later: a stream that an older release adds or removes meanwhile either stands in ``streams`` still, or
    its tables keep naming nobody.
    """
    op.create_table(
        "stream_owners",
        sa.Column("stream_id", sa.Text, primary_key=True),
        sa.Column("connection_id", sa.Text, nullable=False),
        schema="towpath",
    )
    op.execute(
        "insert into towpath.stream_owners (stream_id, connection_id) select id, connection_id from towpath.streams"
    )
