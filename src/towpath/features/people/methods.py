"""Ways to sign in beside the password: what an administrator configured, with the secret sealed apart."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from towpath.access import Role, who
from towpath.errors import ConflictError, InputError, NotFoundError
from towpath.features.people.tables import grants, sessions, sign_in_methods
from towpath.hub import Hub

if TYPE_CHECKING:  # their libraries are for who signs in that way
    from towpath.logins.ldap import Directory
    from towpath.logins.oidc import Provider

__all__ = [
    "Method",
    "add",
    "change",
    "directory_of",
    "find",
    "listed",
    "provider_of",
    "redirect_uri",
    "remove",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A way to sign in. Its secret is never part of it."""

    id: str
    #: A folder of ``towpath.logins``: ``oidc`` or ``ldap``.
    kind: str
    title: str
    enabled: bool
    config: Mapping[str, Any]
    created_at: datetime
    changed_at: datetime
    secret_set_at: datetime | None = None


def _owner(method_id: str) -> str:
    return f"sign-in/{method_id}"


def listed(hub: Hub, *, enabled: bool = False) -> list[Method]:
    """All ways by title, or only those that are offered."""
    query = sign_in_methods.select().order_by(sign_in_methods.c.title)
    if enabled:
        query = query.where(sign_in_methods.c.enabled)
    with hub.store.begin() as db:
        return [Method(**row._asdict()) for row in db.execute(query)]


def find(hub: Hub, method_id: str, *, kind: str | None = None) -> Method:
    """One way; of a kind and offered, where the kind is named.

    :raises NotFoundError: there is none.
    """
    with hub.store.begin() as db:
        row = db.execute(sign_in_methods.select().where(sign_in_methods.c.id == method_id)).one_or_none()
    if row is None or (kind is not None and (row.kind != kind or not row.enabled)):
        raise NotFoundError("There is no such way to sign in (any more); go back to the page of sign-in.")
    info = hub.cabinet.info(_owner(method_id))
    return Method(**row._asdict(), secret_set_at=info.set_at if info else None)


def add(hub: Hub, *, kind: str, title: str, config: Mapping[str, Any], secret: str | None) -> Method:
    """Keep a way to sign in. Test it next.

    :raises InputError: it is not complete.
    :raises ConflictError: the title is taken.
    """
    _check(kind, config)
    row = {"id": uuid.uuid4().hex[:12], "kind": kind, "title": _title(title), "config": dict(config)}
    with hub.store.begin() as db:
        made = db.execute(
            insert(sign_in_methods).values(row).on_conflict_do_nothing(index_elements=["title"])
        )
        if not made.rowcount:  # somebody else has it, perhaps since a moment
            raise ConflictError(
                f"There is a way to sign in called '{row['title']}' already; choose another title."
            )
        if secret:
            hub.cabinet.put(_owner(str(row["id"])), secret, connection=db)
        hub.store.audit(
            who(), "sign_in.add", f"sign-in/{row['title']}", details={"kind": kind}, connection=db
        )
    return find(hub, str(row["id"]))


def change(
    hub: Hub,
    method_id: str,
    *,
    title: str | None = None,
    enabled: bool | None = None,
    config: Mapping[str, Any] | None = None,
    secret: str | None = None,
    check: Callable[[Method], None] = lambda _: None,
) -> Method:
    """Change what is not None. An empty secret removes it. Not offered any more, its sessions end.

    :param check: looks at the way as it is before, while nobody else can change it; what it raises is raised.
    :raises InputError: it is not complete any more.
    :raises ConflictError: the title is taken.
    """
    news: dict[str, Any] = {"changed_at": sa.func.now()}
    if title is not None:
        news["title"] = _title(title)
    if enabled is not None:
        news["enabled"] = enabled
    try:
        with hub.store.begin() as db:
            # The rival is another administrator: who comes second is shown what the first has made of it.
            db.execute(
                sa.select(sign_in_methods.c.id).where(sign_in_methods.c.id == method_id).with_for_update()
            )
            known = find(hub, method_id)
            check(known)
            if config is not None:
                _check(known.kind, config)
                if secret is None and known.secret_set_at is not None:
                    _check_place(known, config)
                news["config"] = dict(config)
            told = sorted([*news.keys() - {"changed_at"}, *(["secret"] if secret is not None else [])])
            db.execute(sign_in_methods.update().where(sign_in_methods.c.id == method_id).values(news))
            if enabled is False:
                _end_sessions(db, method_id)
            if secret:
                hub.cabinet.put(_owner(method_id), secret, connection=db)
            elif secret is not None:
                hub.cabinet.remove(_owner(method_id), connection=db)
            hub.store.audit(
                who(), "sign_in.edit", f"sign-in/{known.title}", details={"changed": told}, connection=db
            )
    except sa.exc.IntegrityError:
        raise ConflictError(
            f"There is a way to sign in called '{title}' already; choose another title."
        ) from None
    return find(hub, method_id)


def remove(hub: Hub, method_id: str) -> None:
    """Forget a way to sign in, who people are there, the roles it gave and the sessions that began by it.

    :raises NotFoundError: there is none.
    """
    from towpath.features.people.users import keep_administrator

    known = find(hub, method_id)
    with hub.store.begin() as db:
        db.execute(sign_in_methods.delete().where(sign_in_methods.c.id == method_id))
        _end_sessions(db, method_id)
        if db.execute(grants.delete().where(grants.c.source == method_id)).rowcount:
            keep_administrator(db)
        hub.cabinet.remove(_owner(method_id), connection=db)
        hub.store.audit(who(), "sign_in.remove", f"sign-in/{known.title}", connection=db)


def _end_sessions(db: sa.Connection, method_id: str) -> None:
    """Whoever came by a way that is not trusted any more does not stay."""
    its = (sessions.c.method == method_id) & sessions.c.ended_at.is_(None)
    db.execute(sessions.update().where(its).values(ended_at=sa.func.now()))


def redirect_uri(hub: Hub) -> str:
    """Where an issuer sends the browser back to; to be entered there."""
    return f"{hub.settings.public_url}/api/v1/sign-in/callback"


def provider_of(hub: Hub, method: Method) -> Provider:
    """The issuer of a way by OpenID Connect, with its secret."""
    from towpath.logins.oidc import Provider

    config = method.config
    return Provider(
        issuer=config["issuer"],
        client_id=config["client_id"],
        client_secret=_secret(hub, method.id),
        scopes=config.get("scopes") or "openid profile email",
        groups_claim=config.get("groups_claim") or "groups",
        tenants=tuple(config.get("tenants") or ()),
        acr_values=tuple(config.get("acr_values") or ()),
        domains=tuple(one.lower() for one in config.get("domains") or ()),
        private=hub.settings.private_addresses,
    )


def directory_of(hub: Hub, method: Method) -> Directory:
    """The directory of a way by LDAP, with the password of the user that searches."""
    from towpath.logins.ldap import Directory

    config = method.config
    return Directory(
        host=config["host"],
        port=int(config["port"]),
        tls=config["tls"],
        ca=config.get("ca") or None,
        bind_dn=config.get("bind_dn") or None,
        bind_password=_secret(hub, method.id),
        base=config["base"],
        filter=config["filter"],
        name_attribute=config.get("name_attribute") or "cn",
        email_attribute=config.get("email_attribute") or "mail",
        group_base=config.get("group_base") or "",
        group_filter=config.get("group_filter") or "",
        private=hub.settings.private_addresses,
    )


def _secret(hub: Hub, method_id: str) -> str | None:
    try:
        return hub.cabinet.get(_owner(method_id)).reveal()
    except NotFoundError:
        return None


def _check(kind: str, config: Mapping[str, Any]) -> None:
    if config.get("create_users") and not (config.get("template_role") or config.get("mapping")):
        # Odoo's page says that a blank template copies the administrator, its code does otherwise: we insist.
        raise InputError(
            "Say which role a person has who signs in for the first time, or which roles their groups give."
        )
    if kind == "oidc" and config.get("create_users"):
        _check_strangers(config)
    if kind == "ldap" and "%s" not in str(config.get("filter", "")):
        raise InputError("The filter has no %s where the login goes; correct it, such as (uid=%s).")


def _check_strangers(config: Mapping[str, Any]) -> None:
    """Where anybody in the world has an account, whoever comes for the first time is a stranger."""
    from towpath.logins.oidc.guides import PERSONAL

    issuer = str(config.get("issuer", ""))
    if urlsplit(issuer).hostname == "accounts.google.com" and not config.get("domains"):
        raise InputError(
            "Anybody has an account at Google; name the Workspace domains whose people are let in."
        )
    if PERSONAL in issuer and config.get("template_role") != Role.VIEWER.value:
        raise InputError(
            "Anybody can have a personal account at Microsoft; let people come for the first time as Viewer alone."
        )


def _check_place(known: Method, config: Mapping[str, Any]) -> None:
    """A stored secret goes to nobody else than whom it was given for: it could be read there.

    :raises InputError: another server would be asked with it, or in another way.
    """
    if any(known.config.get(name) != config.get(name) for name in ("issuer", "host", "port", "tls")):
        raise InputError(
            "The stored secret is not sent to another server than the one it was given for; enter the secret once more."
        )


def _title(text: str) -> str:
    title = " ".join(text.split())
    if not 1 <= len(title) <= 60 or not title.isprintable():
        raise InputError("A title is 1 to 60 printable characters; it is what the button says.")
    return title
