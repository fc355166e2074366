"""From an identity at another service to a person of ours: known, linked, or made; and the roles their groups give."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.access import Grant, Role
from towpath.errors import ConflictError, SignInError
from towpath.features.people import users
from towpath.features.people.methods import Method
from towpath.features.people.tables import grants, identities
from towpath.features.people.tables import users as table
from towpath.hub import Hub
from towpath.logins.identity import Identity

__all__ = ["enter", "known_by_login"]


def enter(hub: Hub, method: Method, identity: Identity) -> str:
    """The id of the person; what their groups give them is brought up to date.

    :raises SignInError: they are not known here, and may not come for the first time.
    """
    by = f"sign-in:{method.title}"
    with hub.store.begin() as db:
        # Rival: the same person at the same moment in another window.
        db.execute(
            sa.select(
                sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(method.id + identity.subject, 0))
            )
        )
        user_id = _known(db, method, identity) or _linked(hub, db, method, identity, by)
        if user_id is None:
            if not method.config.get("create_users"):
                hub.store.audit(by, "session.begin", "user/unknown", "refused", connection=db)
            else:
                user_id = _made(hub, db, method, identity, by)
        if user_id is not None:
            _called(db, method, identity)
            _bring(hub, db, method, identity, user_id, by)
    if user_id is None:
        raise SignInError("You are not known here yet; ask an administrator of Towpath to add you.")
    return user_id


def known_by_login(hub: Hub, method: Method, login: str) -> str | None:
    """The id of the person who came by that login last; only a guess, as it may be somebody else's by now."""
    there = (identities.c.method_id == method.id) & (identities.c.login == login)
    query = sa.select(identities.c.user_id).where(there).order_by(identities.c.linked_at.desc()).limit(1)
    with hub.store.begin() as db:
        found: str | None = db.execute(query).scalar_one_or_none()
    return found


def _known(db: sa.Connection, method: Method, identity: Identity) -> str | None:
    this = (identities.c.method_id == method.id) & (identities.c.subject == identity.subject)
    found: str | None = db.execute(sa.select(identities.c.user_id).where(this)).scalar_one_or_none()
    return found


def _linked(hub: Hub, db: sa.Connection, method: Method, identity: Identity, by: str) -> str | None:
    """A person of ours with the same e-mail address, when that is wanted and the service vouches for it."""
    if not (method.config.get("link_by_email") and identity.email and identity.email_verified):
        return None
    # Of the letters that differ by case alone, only ASCII ones are the same: casefold() makes two domains one
    # (``straße.de`` is not ``strasse.de``), and whoever owns one of them would come in as who owns the other.
    same = sa.func.lower(sa.collate(table.c.email, "C")) == _small(identity.email)
    found = db.execute(sa.select(table.c.id, table.c.login).where(same).limit(2)).all()
    if len(found) != 1:  # an address that two people share tells nothing
        return None
    _note(db, method, identity, found[0].id)
    hub.store.audit(by, "sign_in.link", f"user/{found[0].login}", connection=db)
    return str(found[0].id)


def _small(address: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in address)


def _made(hub: Hub, db: sa.Connection, method: Method, identity: Identity, by: str) -> str:
    login = _free_login(db, identity, method)
    name = "".join(sign for sign in identity.name if sign.isprintable()).strip()[:100] or login
    email = (
        identity.email
        if identity.email and re.fullmatch(r"[^@\s\x00]{1,64}@[^@\s\x00]{1,190}", identity.email)
        else None
    )
    user = users.add(db, login=login, name=name, email=email, source=method.kind)
    _note(db, method, identity, user.id)
    if role := method.config.get("template_role"):
        given = {
            "user_id": user.id,
            "role": role,
            "connection_id": method.config.get("template_connection_id"),
        }
        _insert(db, given, source="hand")
    hub.store.audit(by, "user.add", f"user/{user.login}", connection=db)
    return user.id


def _free_login(db: sa.Connection, identity: Identity, method: Method) -> str:
    """A login of theirs that is free. Somebody of ours who has it is another person as far as we know."""
    plain = re.sub(r"[^a-z0-9._@+-]+", "-", identity.login.casefold()).strip("-._@+")[:80] or "person"
    for number in range(1, 1000):
        login = plain if number == 1 else f"{plain}-{number}"
        if db.execute(sa.select(table.c.id).where(table.c.login == login)).first() is None:
            return login
    raise ConflictError(
        f"Too many people are called '{plain}'; ask an administrator to add you to {method.title}."
    )


def _note(db: sa.Connection, method: Method, identity: Identity, user_id: str) -> None:
    db.execute(identities.insert().values(method_id=method.id, subject=identity.subject, user_id=user_id))


def _called(db: sa.Connection, method: Method, identity: Identity) -> None:
    this = (identities.c.method_id == method.id) & (identities.c.subject == identity.subject)
    news = identities.c.login.is_distinct_from(identity.login)
    db.execute(identities.update().where(this & news).values(login=identity.login))


def _insert(db: sa.Connection, given: dict[str, Any], *, source: str) -> bool:
    import uuid

    row = insert(grants).values(id=uuid.uuid4().hex[:12], source=source, **given)
    try:
        with db.begin_nested():
            return bool(db.execute(row.on_conflict_do_nothing()).rowcount)
    except sa.exc.IntegrityError:  # the connection is gone
        return False


def _bring(hub: Hub, db: sa.Connection, method: Method, identity: Identity, user_id: str, by: str) -> None:
    """Give the roles that the groups of now give, and take back those that groups of before gave."""
    wanted = {
        Grant(role=Role(one["role"]), connection_id=one.get("connection_id"))
        for one in method.config.get("mapping") or ()
        if one.get("group") in identity.groups and one.get("role") in set(Role)
    }
    mine = (grants.c.user_id == user_id) & (grants.c.source == method.id)
    held = {
        Grant(role=Role(row.role), connection_id=row.connection_id): row.id
        for row in db.execute(sa.select(grants).where(mine))
    }
    if wanted == set(held):
        return
    for grant in sorted(wanted - set(held), key=str):
        _insert(
            db,
            {"user_id": user_id, "role": grant.role.value, "connection_id": grant.connection_id},
            source=method.id,
        )
    gone = [held[grant] for grant in set(held) - wanted]
    try:
        with db.begin_nested():
            db.execute(grants.delete().where(grants.c.id.in_(gone)))
            if gone:
                users.keep_administrator(db)
    except ConflictError:
        gone = []  # they are the last administrator: nobody is shut out by a group somewhere else
    details = {"given": sorted(f"{g.role}@{g.connection_id or '*'}" for g in wanted), "taken": len(gone)}
    login = users.find(db, user_id).login
    hub.store.audit(by, "grant.groups", f"user/{login}", details=details, connection=db)
