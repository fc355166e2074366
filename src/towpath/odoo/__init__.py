"""Speak to any Odoo from outside: protocols, errors, budget, schema, values, domains.

Here lives everything that knows Odoo's wire and its field types. Nothing here knows of Towpath's tables,
streams, stores or settings; it imports only `towpath.errors`. What makes Arrow batches (`towpath.odoo.columns`,
`towpath.odoo.values`) is imported by its own name, because it brings pyarrow.
"""

from __future__ import annotations

from towpath.odoo.access import Access, ProtocolName
from towpath.odoo.client import Odoo
from towpath.odoo.domain import Domain
from towpath.odoo.drift import Drift
from towpath.odoo.guard import AddressGuard, Guard
from towpath.odoo.model_list import ModelInfo
from towpath.odoo.names import Names
from towpath.odoo.pace import Gate, Pace, pace_for
from towpath.odoo.page_size import PageSize
from towpath.odoo.probe import Found, probe
from towpath.odoo.retry import Attempt, Retry, RetryObserver
from towpath.odoo.schema import Field, Model, discover
from towpath.odoo.transport import Transport, open_transport
from towpath.odoo.version import Version

__all__ = [
    "Access",
    "AddressGuard",
    "Attempt",
    "Domain",
    "Drift",
    "Field",
    "Found",
    "Gate",
    "Guard",
    "Model",
    "ModelInfo",
    "Names",
    "Odoo",
    "Pace",
    "PageSize",
    "ProtocolName",
    "Retry",
    "RetryObserver",
    "Transport",
    "Version",
    "discover",
    "open_transport",
    "pace_for",
    "probe",
]
