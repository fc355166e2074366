"""Groups, and the roles that people and groups have, on one connection or on all."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from towpath.access import Role, who
from towpath.errors import ConflictError, InputError, NotFoundError
from towpath.features.people.tables import grants, groups, memberships, users
from towpath.features.people.users import keep_administrator
from towpath.hub import Hub

__all__ = [
    "Group",
    "Held",
    "add_group",
    "edit_group",
    "find_group",
    "grant",
    "groups_listed",
    "held",
    "join",
    "leave",
    "remove_group",
    "revoke",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group and who belongs to it."""

    id: str
    name: str
    description: str
    created_at: datetime
    #: Ids of people.
    members: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A role that a person or a group has."""

    id: str
    user_id: str | None
    group_id: str | None
    role: str
    connection_id: str | None
    #: ``hand``, or the way of signing in that gave it.
    source: str
    created_at: datetime


def add_group(hub: Hub, *, name: str, description: str = "") -> Group:
    """Make a group.

    :raises ConflictError: the name is taken.
    """
    row = {"id": uuid.uuid4().hex[:12], "name": _title(name), "description": description.strip()[:500]}
    try:
        with hub.store.begin() as db:
            db.execute(groups.insert().values(row))
            hub.store.audit(who(), "group.add", f"group/{row['name']}", connection=db)
            return _group(db, row["id"])
    except IntegrityError:
        raise ConflictError(f"There is a group '{row['name']}' already; choose another name.") from None


def edit_group(
    hub: Hub, group_id: str, news: Mapping[str, Any], *, check: Callable[[Group], None] = lambda _: None
) -> Group:
    """Change a group's name or description.

    :param check: looks at the group as it is before, while nobody else can change it; what it raises is raised.
    :raises NotFoundError: there is none.
    :raises ConflictError: the name is taken.
    """
    values = {"name": _title(news["name"])} if "name" in news else {}
    if "description" in news:
        values["description"] = str(news["description"]).strip()[:500]
    try:
        with hub.store.begin() as db:
            # The rival is another administrator: who comes second is shown what the first has made of it.
            db.execute(sa.select(groups.c.id).where(groups.c.id == group_id).with_for_update())
            before = _group(db, group_id)
            check(before)
            if values:
                db.execute(groups.update().where(groups.c.id == group_id).values(values))
                hub.store.audit(who(), "group.edit", f"group/{before.name}", details=values, connection=db)
            return _group(db, group_id)
    except IntegrityError:
        raise ConflictError(f"There is a group '{values['name']}' already; choose another name.") from None


def remove_group(hub: Hub, group_id: str) -> None:
    """Remove a group and what was granted to it.

    :raises ConflictError: no administrator would remain.
    """
    with hub.store.begin() as db:
        before = _group(db, group_id)
        db.execute(groups.delete().where(groups.c.id == group_id))
        keep_administrator(db)
        hub.store.audit(who(), "group.remove", f"group/{before.name}", connection=db)


def groups_listed(hub: Hub) -> list[Group]:
    """All groups by name."""
    with hub.store.begin() as db:
        return [Group(**row._asdict()) for row in db.execute(_GROUPS.order_by(groups.c.name).limit(2000))]


def find_group(hub: Hub, group_id: str) -> Group:
    """The group of that id.

    :raises NotFoundError: there is none.
    """
    with hub.store.begin() as db:
        return _group(db, group_id)


def join(hub: Hub, group_id: str, user_id: str) -> Group:
    """Let a person belong to a group; repeating changes nothing."""
    with hub.store.begin() as db:
        group = _group(db, group_id)
        login = _login(db, user_id)
        row = insert(memberships).values(group_id=group_id, user_id=user_id)
        if db.execute(row.on_conflict_do_nothing().returning(memberships.c.user_id)).first() is not None:
            hub.store.audit(
                who(), "group.join", f"group/{group.name}", details={"user": login}, connection=db
            )
        return _group(db, group_id)


def leave(hub: Hub, group_id: str, user_id: str) -> Group:
    """Let a person belong to a group no longer; repeating changes nothing.

    :raises ConflictError: no administrator would remain.
    """
    with hub.store.begin() as db:
        group = _group(db, group_id)
        login = _login(db, user_id)
        mine = (memberships.c.group_id == group_id) & (memberships.c.user_id == user_id)
        if db.execute(memberships.delete().where(mine)).rowcount:
            keep_administrator(db)
            hub.store.audit(
                who(), "group.leave", f"group/{group.name}", details={"user": login}, connection=db
            )
        return _group(db, group_id)


def held(hub: Hub, *, user_id: str | None = None, group_id: str | None = None) -> list[Held]:
    """What was granted, to all, to a person or to a group."""
    query = sa.select(*(grants.c[name] for name in Held.__slots__)).order_by(grants.c.created_at, grants.c.id)
    if user_id is not None:
        query = query.where(grants.c.user_id == user_id)
    if group_id is not None:
        query = query.where(grants.c.group_id == group_id)
    with hub.store.begin() as db:
        return [Held(**row._asdict()) for row in db.execute(query.limit(5000))]


def grant(
    hub: Hub,
    role: Role,
    *,
    user_id: str | None = None,
    group_id: str | None = None,
    connection_id: str | None = None,
    db: sa.Connection | None = None,
) -> Held:
    """Give a role to a person or a group, on a connection or (None) on all; repeating changes nothing.

    :raises InputError: neither or both are named.
    :raises NotFoundError: the person, group or connection is not known.
    """
    if (user_id is None) == (group_id is None):
        raise InputError("A role is given to a person or to a group; name one of them.")
    if db is None:
        with hub.store.begin() as own:
            return grant(hub, role, user_id=user_id, group_id=group_id, connection_id=connection_id, db=own)
    whom = f"user/{_login(db, user_id)}" if user_id else f"group/{_group(db, str(group_id)).name}"
    values = {"user_id": user_id, "group_id": group_id, "role": role.value, "connection_id": connection_id}
    new = insert(grants).values(id=uuid.uuid4().hex[:12], **values).on_conflict_do_nothing()
    try:
        with db.begin_nested():
            made = db.execute(new.returning(grants.c.id)).first() is not None
    except IntegrityError:
        raise NotFoundError("There is no such connection; see the list of connections.") from None
    same = [grants.c[name].is_not_distinct_from(value) for name, value in values.items()]
    query = sa.select(*(grants.c[name] for name in Held.__slots__)).where(*same, grants.c.source == "hand")
    found = Held(**db.execute(query).one()._asdict())
    if made:
        details = {"role": role.value, "connection": connection_id}
        hub.store.audit(who(), "grant.add", whom, details=details, connection=db)
    return found


def revoke(hub: Hub, grant_id: str) -> None:
    """Take a role back.

    :raises NotFoundError: it is not given.
    :raises ConflictError: no administrator would remain.
    """
    with hub.store.begin() as db:
        row = db.execute(grants.delete().where(grants.c.id == grant_id).returning(*grants.c)).one_or_none()
        if row is None:
            raise NotFoundError("That role is not given any more; load the list again.")
        keep_administrator(db)
        whom = f"user/{_login(db, row.user_id)}" if row.user_id else f"group/{_group(db, row.group_id).name}"
        details = {"role": row.role, "connection": row.connection_id}
        hub.store.audit(who(), "grant.remove", whom, details=details, connection=db)


_GROUPS = sa.select(
    groups,
    sa.func.array(
        sa.select(memberships.c.user_id)
        .where(memberships.c.group_id == groups.c.id)
        .order_by(memberships.c.user_id)
        .scalar_subquery()
    ).label("members"),
)


def _group(db: sa.Connection, group_id: str) -> Group:
    row = db.execute(_GROUPS.where(groups.c.id == group_id)).one_or_none()
    if row is None:
        raise NotFoundError("There is no such group; see the list of groups.")
    return Group(**row._asdict())


def _login(db: sa.Connection, user_id: str | None) -> str:
    login = db.execute(sa.select(users.c.login).where(users.c.id == user_id)).scalar_one_or_none()
    if login is None:
        raise NotFoundError("There is no such user; see the list of people.")
    return str(login)


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not 1 <= len(title) <= 100 or not title.isprintable():
        raise InputError("A group's name is 1 to 100 printable characters; correct it.")
    return title
