"""Connectors: the kinds of systems Towpath connects, as other systems ask for them under ``/si`` (S4.18, S4.19).

Here live the registry and the health of each kind. A single connection's health is ``features.connections``.
"""

from __future__ import annotations

from towpath.plugins import Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="connectors",
    title="Connectors",
    summary="Tell other systems what is connected and whether it can be reached.",
    order=70,
    integrations="towpath.features.connectors.api:router",
)
