"""When a person is deleted: what goes with them, and what stays."""

from __future__ import annotations

from typing import Any

from towpath import plugins
from towpath.access import who
from towpath.errors import ConflictError, NotFoundError
from towpath.features.people import second_factor
from towpath.features.people.tables import users
from towpath.features.people.users import User, find, keep_administrator
from towpath.hub import Hub

__all__ = ["delete"]


def delete(hub: Hub, user_id: str, *, by: str | None = None) -> User:
    """Delete a person with all that is theirs alone: sessions, tokens, roles, codes, what features keep for them.

    The audit keeps what they did, under their login. What others see of theirs, such as shared queries, stays.

    :param by: id of who asks, where it is a person.
    :raises ConflictError: it is themselves, or nobody who may manage people would remain.
    :raises NotFoundError: there is no such person (any more).
    """
    if by == user_id:
        raise ConflictError("You can not delete yourself; ask another administrator.")
    with hub.store.begin() as db:
        gone = find(db, user_id)
        for feature in plugins.features():
            if feature.person_deleted:
                forget: Any = plugins.load(feature.person_deleted)
                forget(db, user_id)
        second_factor.forget(hub, db, user_id)
        # Rival: another administrator who deletes the same person; one of the two finds nobody.
        if db.execute(users.delete().where(users.c.id == user_id).returning(users.c.id)).first() is None:
            raise NotFoundError("There is no such user any more; see the list of people.")
        keep_administrator(db)
        details = {"id": user_id, "name": gone.name}
        hub.store.audit(who(), "user.delete", f"user/{gone.login}", details=details, connection=db)
    return gone
