"""Keys: what is stored sealed, when it ends, and its change: of the master key and of Odoo's API keys.

Here live the commands, routes and page over the cabinet, reminders, and the rotation of Odoo's keys. How a secret is
sealed is ``towpath.secrets``; whose it is knows the feature that stored it.
"""

from __future__ import annotations

from towpath.plugins import Command, Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="keys",
    title="Secrets",
    summary="See which secrets are stored and when they end, and change them.",
    order=80,
    commands={
        "secrets": Command(
            target="towpath.features.keys.cli:secrets", help="List, set and rotate stored secrets."
        ),
    },
    routes="towpath.features.keys.api:router",
    slow_ticks=("towpath.features.keys.clock:tick",),
)
