"""Speak to any Odoo from outside: protocols, errors, budget, schema, values, domains.

Here lives everything that knows Odoo's wire and its field types. Nothing here knows of Towpath's tables,
streams, stores or settings; it imports only `towpath.errors`.
"""

from __future__ import annotations

from towpath.odoo.access import Access, ProtocolName
from towpath.odoo.client import Odoo
from towpath.odoo.guard import AddressGuard, Guard
from towpath.odoo.model_list import ModelInfo
from towpath.odoo.pace import Gate, Pace, pace_for
from towpath.odoo.page_size import PageSize
from towpath.odoo.probe import Found, probe
from towpath.odoo.retry import Attempt, Retry, RetryObserver
from towpath.odoo.transport import Transport, open_transport
from towpath.odoo.version import Version

__all__ = [
    "Access",
    "AddressGuard",
    "Attempt",
    "Found",
    "Gate",
    "Guard",
    "ModelInfo",
    "Odoo",
    "Pace",
    "PageSize",
    "ProtocolName",
    "Retry",
    "RetryObserver",
    "Transport",
    "Version",
    "open_transport",
    "pace_for",
    "probe",
]
