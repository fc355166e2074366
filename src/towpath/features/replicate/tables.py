"""The tables of replication: streams, runs and batches of them, what a full read has staged, and what was proved."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from towpath.store import metadata

__all__ = [
    "batches",
    "owed_runs",
    "proof_ranges",
    "run_log",
    "runs",
    "staged_parts",
    "staged_ranges",
    "stream_owners",
    "streams",
]

_MOMENT = sa.DateTime(timezone=True)

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
    # Not run by itself while true; a person can still run it.
    sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
    # When it runs by itself (`schedule.py`), and when it does so next; None: by hand only.
    sa.Column("schedule", JSONB),
    sa.Column("next_run_at", _MOMENT, index=True),
    # The additional full sync (S2.19).
    sa.Column("full_schedule", JSONB),
    sa.Column("next_full_at", _MOMENT),
    # It runs whenever that stream has succeeded.
    sa.Column("after_stream_id", sa.Text),
    # End of that stream's newest run that was followed already.
    sa.Column("followed_at", _MOMENT),
    # How long old states of the table are kept, in words (S2.18).
    sa.Column("retention", sa.Text),
    # Every version of a record is kept in a table of its own.
    sa.Column("history", sa.Boolean, nullable=False, server_default=sa.false()),
    # Field -> hash, drop or truncate:N, for personal data.
    sa.Column("masks", JSONB, nullable=False, server_default="{}"),
    # Fields that are not stored are read again for all records after so many seconds.
    sa.Column("refresh_seconds", sa.Integer),
    sa.Column("refreshed_at", _MOMENT),
    # many2many fields that become link tables, and how often all links are compared.
    sa.Column("links", JSONB),
    sa.Column("links_seconds", sa.Integer),
    sa.Column("linked_at", _MOMENT),
    # How often names of linked records are compared.
    sa.Column("names_seconds", sa.Integer),
    sa.Column("named_at", _MOMENT),
    # None: the setting's.
    sa.Column("overlap_seconds", sa.Integer),
    # The longest that a record was seen to appear behind its stamp.
    sa.Column("late_seconds", sa.Float, nullable=False, server_default="0"),
    # When the model's fields were last looked at, when Odoo was last asked for changes, when upkeep last ran.
    sa.Column("described_at", _MOMENT),
    sa.Column("checked_at", _MOMENT),
    sa.Column("kept_up_at", _MOMENT),
    # Other fields, another filter or other masks were chosen: the next run reads everything again.
    sa.Column("reread_at", _MOMENT),
    # Odoo's figures before the last complete run: as long as they stay, there is nothing to read (`idle.py`).
    sa.Column("sight", JSONB),
    # Fields that raised while rows were read, and where: all is to be read again once they can be read (`missed.py`).
    sa.Column("missed", JSONB, nullable=False, server_default="{}"),
    sa.UniqueConstraint("layer", "folder", "table_name"),
)

stream_owners = sa.Table(
    "stream_owners",
    metadata,
    # No foreign keys: the tables of a stream that was removed stay, and so does whose they are.
    sa.Column("stream_id", sa.Text, primary_key=True),
    sa.Column("connection_id", sa.Text, nullable=False),
)

owed_runs = sa.Table(
    "owed_runs",
    metadata,
    # A stream whose time has come and whose run is not started yet.
    sa.Column("stream_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("since", _MOMENT, nullable=False),
    # When starting it was last in vain.
    sa.Column("tried_at", _MOMENT),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("stream_id", sa.Text, nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    # Of an open run: why it is told to end.
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
    # The run over many streams it was part of.
    sa.Column("batch", sa.BigInteger, index=True),
    # Odoo's count, the table's count and how their checksums compare (`proof.py`).
    sa.Column("proof", JSONB),
    # Address of the stream's table, and of those beside it -> the version this run left.
    sa.Column("versions", JSONB),
    # Name of the class of the error it ended with: who can mend it (`repair.py`).
    sa.Column("error_kind", sa.Text),
    # Started by its schedule or after another stream, and by no person (`spared.py`).
    sa.Column("by_itself", sa.Boolean, nullable=False, server_default=sa.false()),
    # Asked every second: when did the stream that another one runs after last end?
    sa.Index("runs_stream_id_ended_at_idx", "stream_id", "ended_at"),
    # Lists over all streams, page by page; and what is open, asked every second while somebody watches.
    sa.Index("runs_created_at_idx", "created_at", "id"),
    sa.Index("runs_open_idx", "id", postgresql_where=sa.text("state in ('queued', 'running')")),
)

run_log = sa.Table(
    "run_log",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    # Grows with every line that is written or changed: what a watcher has not seen yet.
    sa.Column("seq", sa.BigInteger, sa.Identity(), nullable=False, index=True),
    # See `progress.Report`.
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("expected", sa.BigInteger),
    sa.Column("message", sa.Text),
    sa.Column("at", _MOMENT, nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("updated_at", _MOMENT, nullable=False, server_default=sa.func.clock_timestamp()),
)

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("number", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("stream_ids", JSONB, nullable=False),
    # Stream id -> run id.
    sa.Column("run_ids", JSONB, nullable=False, server_default="{}"),
    sa.Column("state", sa.Text, nullable=False, server_default="running"),
    # Table address -> version, as published in the manifest.
    sa.Column("tables", JSONB, nullable=False, server_default="{}"),
    sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Column("ended_at", _MOMENT),
)

proof_ranges = sa.Table(
    "proof_ranges",
    metadata,
    sa.Column("stream_id", sa.Text, primary_key=True),
    sa.Column("low", sa.BigInteger, primary_key=True),
    # The ids of the range are ``low <= id < high``; None: without end.
    sa.Column("high", sa.BigInteger),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("checked_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    sa.Column("odoo_count", sa.BigInteger, nullable=False),
    sa.Column("table_count", sa.BigInteger, nullable=False),
    sa.Column("odoo_checksum", sa.Text, nullable=False),
    sa.Column("table_checksum", sa.Text, nullable=False),
    # Records that had to be read again because the two differed.
    sa.Column("repaired", sa.BigInteger, nullable=False, server_default="0"),
)

staged_ranges = sa.Table(
    "staged_ranges",
    metadata,
    sa.Column("stream_id", sa.Text, primary_key=True),
    sa.Column("low", sa.BigInteger, primary_key=True),
    sa.Column("high", sa.BigInteger),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("through", _MOMENT, nullable=False),
    # Seconds by which Odoo's clock was ahead of ours then; None where nobody looked.
    sa.Column("ahead", sa.Double),
    sa.Column("run_id", sa.Text, nullable=False),
    # Grows whenever a worker takes the range up: who holds an older number has lost it.
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("done", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("calls", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("bytes", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("remarks", JSONB, nullable=False, server_default="[]"),
    sa.Column("planned_at", _MOMENT, nullable=False, server_default=sa.func.now()),
)

staged_parts = sa.Table(
    "staged_parts",
    metadata,
    sa.Column("stream_id", sa.Text, primary_key=True),
    # First id of the range that the part belongs to; 0 where the read was not cut into ranges.
    sa.Column("low", sa.BigInteger, primary_key=True, server_default="0"),
    sa.Column("position", sa.Integer, primary_key=True),
    # Which fields and filter the part was read with; parts of another choice are of no use.
    sa.Column("signature", sa.Text, nullable=False),
    # Odoo's clock when the read began: what the cursor becomes.
    sa.Column("through", sa.DateTime(timezone=True), nullable=False),
    # Seconds by which it was ahead of ours then; None where nobody looked.
    sa.Column("ahead", sa.Double),
    sa.Column("last_id", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("part", JSONB, nullable=False),
    sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
