"""Whether a one-time code is asked for beside the password: of nobody, of all, or of those with certain roles."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.access import Grant, Role, who
from towpath.hub import Hub
from towpath.store.tables import meta

__all__ = ["KEPT", "code_roles", "set_code_roles", "wants_code"]

_NAME = "people.code_roles"


def code_roles(db: sa.Connection) -> list[Role]:
    """The roles whose holders must use one-time codes; all roles mean everybody."""
    kept = db.execute(sa.select(meta.c.value).where(meta.c.name == _NAME)).scalar_one_or_none()
    return [role for role in Role if role.value in (kept or [])]


#: What is kept, as a column of the one query of every request.
KEPT = sa.select(meta.c.value).where(meta.c.name == _NAME).scalar_subquery().label("code_roles")


def wants_code(kept: Sequence[str] | None, held: Sequence[Grant]) -> bool:
    """Whether somebody with these grants must use one-time codes, by :data:`KEPT`."""
    wanted = set(kept or ())
    return wanted >= set(Role) or any(grant.role in wanted for grant in held)


def set_code_roles(hub: Hub, roles: Collection[Role]) -> list[Role]:
    """Ask for one-time codes of those with these roles, from their next request on."""
    value = sorted(role.value for role in set(roles))
    with hub.store.begin() as db:
        row = insert(meta).values(name=_NAME, value=value)
        news = {"value": row.excluded.value, "changed_at": sa.func.now()}
        db.execute(row.on_conflict_do_update(index_elements=[meta.c.name], set_=news))
        hub.store.audit(who(), "sign_in.code_roles", "sign-in", details={"roles": value}, connection=db)
        return code_roles(db)
