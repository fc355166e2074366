"""Connections: the Odoo databases Towpath knows, with their credentials sealed.

Here live adding, testing, listing and removing a connection, and opening one for the other features.
What is read over a connection is the other features' business.
"""

from __future__ import annotations

from towpath.plugins import Command, Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="connections",
    title="Connections",
    summary="Connect any Odoo database and see whether it can be read.",
    order=10,
    routes="towpath.features.connections.api:router",
    commands={
        "connection": Command(
            target="towpath.features.connections.cli:connection",
            help="Add, test, list, change and remove connections.",
        )
    },
)
