"""Which groups somebody belongs to, for features that share things with groups."""

from __future__ import annotations

import sqlalchemy as sa

from towpath.access import Actor
from towpath.features.people.tables import groups, memberships
from towpath.hub import Hub

__all__ = ["groups_of"]


def groups_of(hub: Hub, actor: Actor) -> dict[str, str]:
    """Names of the groups somebody is in, by id; none for the command line and the system."""
    if actor.user_id is None:
        return {}
    joined = groups.join(memberships, memberships.c.group_id == groups.c.id)
    query = sa.select(groups.c.id, groups.c.name).select_from(joined)
    query = query.where(memberships.c.user_id == actor.user_id).order_by(groups.c.name)
    with hub.store.begin() as db:
        return {row.id: row.name for row in db.execute(query)}
