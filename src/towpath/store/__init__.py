"""Towpath's own PostgreSQL: the engine, migrations, the audit chain, token buckets.

Lives here: how to reach the database (embedded or given), how its tables come to be, what all features share.
Must not live here: a feature's own tables (they stand in the feature's folder), or anything about Odoo.
"""

from __future__ import annotations

from towpath.store.audit import AuditCheck, AuditEntry, AuditHead
from towpath.store.database import Store
from towpath.store.embedded import EmbeddedPostgres
from towpath.store.tables import SCHEMA, metadata

__all__ = ["SCHEMA", "AuditCheck", "AuditEntry", "AuditHead", "EmbeddedPostgres", "Store", "metadata"]
