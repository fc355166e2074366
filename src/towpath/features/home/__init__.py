"""Home: how the whole installation stands, what needs a person, and what it is set to.

Here live the overview, the effective settings and what the storage holds. What is shown comes from the other
features' services; nothing here changes anything.
"""

from __future__ import annotations

from towpath.plugins import Command, Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="home",
    title="Overview",
    summary="See how everything stands and what needs a person.",
    order=5,
    commands={
        "overview": Command(
            target="towpath.features.home.cli:overview",
            help="Show how everything stands and what needs a person.",
        ),
        "settings": Command(
            target="towpath.features.home.cli:settings", help="Show what every setting is at the moment."
        ),
    },
    routes="towpath.features.home.api:router",
    measures="towpath.features.home.measures:measures",
)
