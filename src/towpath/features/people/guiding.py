"""The guide to a way to sign in: the checklist with the values of this Towpath, and what Towpath checks by itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from towpath.errors import NotFoundError
from towpath.features.people import methods
from towpath.features.people.tables import identities, sign_in_methods, users
from towpath.features.people.users import administers
from towpath.hub import Hub
from towpath.logins.guide import Guide

__all__ = [
    "PROVIDERS",
    "Administrators",
    "Check",
    "Guided",
    "administrators",
    "as_json",
    "guide",
    "provider_of",
]

#: Whom there is a guide for; the last is not an issuer.
PROVIDERS = ("entra", "google", "oidc", "ldap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What Towpath can see by itself before anybody signs in."""

    #: `redirect` or `administrators`.
    name: str
    ok: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Administrators:
    """Who administers the whole installation and is not disabled, by how they can sign in."""

    all: int
    #: Without the way in question: by a password of Towpath's own, or another way that is offered.
    otherwise: int
    #: By a password of Towpath's own together with one-time codes.
    with_codes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Guided:
    """A checklist, and the checks."""

    guide: Guide
    administrators: Administrators
    checks: tuple[Check, ...]


def guide(
    hub: Hub,
    provider: str,
    *,
    audience: str | None = None,
    tenant: str | None = None,
    method_id: str | None = None,
) -> Guided:
    """The guide to a way to sign in.

    :param provider: one of :data:`PROVIDERS`.
    :param audience: one of :data:`towpath.logins.guide.AUDIENCES`; None: what the way is for already, or staff.
    :param method_id: the way, where there is one already; the administrators are counted without it.
    :raises InputError: the tenant is no id.
    :raises NotFoundError: there is no such guide, or no such way.
    """
    if provider not in PROVIDERS:
        raise NotFoundError("There is a guide for entra, google, oidc and ldap; name one of them.")
    issuer = ""
    if method_id is not None:
        issuer = str(methods.find(hub, method_id).config.get("issuer", ""))
    left = administrators(hub, without=method_id)
    if provider == "ldap":
        from towpath.logins.ldap import guides as ldap

        return Guided(guide=ldap.guide(audience or "staff"), administrators=left, checks=(_kept(left),))
    from towpath.logins.oidc import guides as oidc

    audience = audience or ("guests" if oidc.PERSONAL in issuer else "staff")
    public = hub.settings.public_url
    # Nothing is listening yet where only the command line asks.
    redirect = methods.redirect_uri(hub) if public else f"<public address>{methods.redirect_uri(hub)}"
    told = oidc.guide(provider, redirect_uri=redirect, audience=audience, tenant=tenant)
    return Guided(guide=told, administrators=left, checks=(_taken(public, provider), _kept(left)))


def provider_of(method: methods.Method) -> str:
    """Which guide is for a way, of :data:`PROVIDERS`."""
    from towpath.logins.oidc.guides import provider_at

    return provider_at(str(method.config["issuer"])) if method.kind == "oidc" else "ldap"


def as_json(told: Guided) -> dict[str, Any]:
    """A guide as the API and the command line give it."""
    parts = asdict(told)
    return {**parts.pop("guide"), **parts}


def administrators(hub: Hub, *, without: str | None = None) -> Administrators:
    """How the administrators could sign in if the way ``without`` were gone."""
    offered = sa.exists().where(
        identities.c.user_id == users.c.id,
        identities.c.method_id == sign_in_methods.c.id,
        sign_in_methods.c.enabled,
        sign_in_methods.c.id.is_distinct_from(without),
    )
    password = users.c.password_hash.is_not(None)

    def counted(condition: sa.ColumnElement[bool]) -> sa.Function[int]:
        return sa.func.count(sa.case((condition, 1)))

    query = sa.select(
        sa.func.count().label("all"),
        counted(sa.or_(password, offered)).label("otherwise"),
        counted(sa.and_(password, users.c.totp_since.is_not(None))).label("with_codes"),
    ).where(administers())
    with hub.store.begin() as db:
        return Administrators(**db.execute(query).one()._asdict())


def _kept(left: Administrators) -> Check:
    return Check(name="administrators", ok=left.with_codes > 0, message=_who_is_left(left))


def _who_is_left(left: Administrators) -> str:
    """Never only one way in: when the other service fails, or its settings are wrong, somebody must be able to mend it."""
    if left.with_codes:
        return (
            f"Administrators who can sign in without this way: {left.otherwise} of {left.all}; with a password and "
            f"one-time codes: {left.with_codes}. Keep one at least."
        )
    if left.otherwise:
        return (
            f"Administrators who can sign in without this way: {left.otherwise} of {left.all}, but none with a password "
            "and one-time codes; set up codes for one of them first."
        )
    return (
        "No administrator could sign in without this way: when it fails, nobody could mend it. Give one of them a "
        "password and one-time codes first."
    )


def _taken(public: str, provider: str) -> Check:
    problem = _refused(urlsplit(public).hostname, urlsplit(public).scheme, provider)
    return Check(
        name="redirect",
        ok=problem is None,
        message="The service will take this redirect address." if problem is None else problem,
    )


def _refused(host: str | None, scheme: str, provider: str) -> str | None:
    """Why a service does not take the redirect address: it wants TLS, or its own machine; Google no bare number either."""
    if not host:
        return "The public address of this Towpath is not known; set TOWPATH_PUBLIC_URL."
    if host == "localhost" or (host == "127.0.0.1" and provider != "entra"):
        return None
    if scheme != "https":
        return "Services take only a redirect address with https; set TOWPATH_PUBLIC_URL to one."
    if provider == "google" and _number(host):
        return "Google takes no redirect address with a bare IP address; set TOWPATH_PUBLIC_URL to one with a name."
    return None


def _number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
