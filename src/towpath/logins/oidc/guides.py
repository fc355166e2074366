"""Checklists for Microsoft Entra, Google and any other issuer: what to make there, and what to bring back.

The order and the names follow the services' own pages (features ``S3.azure_signin``, ``S3.google_signin``). Towpath
itself uses the code flow with PKCE (:mod:`towpath.logins.oidc.flow`), so nothing of the implicit flow is asked for.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from towpath.errors import InputError
from towpath.logins.guide import Guide, Link, Step

__all__ = ["PERSONAL", "PROVIDERS", "guide", "provider_at"]

PROVIDERS = ("entra", "google", "oidc")

_MICROSOFT = "https://login.microsoftonline.com"
#: The tenant that stands for all personal accounts at Microsoft; it is the same for everybody.
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
_GOOGLE = "https://accounts.google.com"
#: A tenant by its id. Entra's discovery answers to a domain as well, but then names itself by the id.
_TENANT = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
_NAME = "Towpath"

_REGISTRATIONS = Link(
    title="App registrations",
    address="https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade/quickStartType~/null/sourceType/Microsoft_AAD_IAM",
)
_PLATFORM = Link(title="Google Auth Platform", address="https://console.cloud.google.com/auth/overview")
_AUDIENCE = Link(title="Audience", address="https://console.cloud.google.com/auth/audience")
_CLIENTS = Link(title="Clients", address="https://console.cloud.google.com/auth/clients")


def provider_at(issuer: str) -> str:
    """Whose an issuer's address is, of :data:`PROVIDERS`."""
    host = urlsplit(issuer).hostname
    return {"login.microsoftonline.com": "entra", "accounts.google.com": "google"}.get(host or "", "oidc")


def guide(provider: str, *, redirect_uri: str, audience: str = "staff", tenant: str | None = None) -> Guide:
    """The checklist for one of :data:`PROVIDERS`.

    :param redirect_uri: where this Towpath wants browsers to be sent back to.
    :param audience: one of :data:`towpath.logins.guide.AUDIENCES`.
    :param tenant: Entra's directory (tenant) id, once it is known.
    :raises InputError: the tenant is no id.
    """
    guests = audience == "guests"
    if provider == "entra":
        return _entra(redirect_uri, tenant, guests=guests)
    if provider == "google":
        return _google(redirect_uri, guests=guests)
    return _other(redirect_uri, audience)


def _entra(redirect_uri: str, tenant: str | None, *, guests: bool) -> Guide:
    tenant = (tenant or "").strip().lower()
    if tenant and not _TENANT.fullmatch(tenant):
        raise InputError(
            "A tenant id is 32 hexadecimal digits in five groups; copy Directory (tenant) ID from the overview."
        )
    issuer = f"{_MICROSOFT}/{PERSONAL if guests else tenant or '<tenant id>'}/v2.0"
    steps = (
        Step(
            name="place",
            text="Open App registrations in Microsoft Entra and choose New registration.",
            link=_REGISTRATIONS,
        ),
        Step(
            name="name",
            text="Give it this name. People see it when they are asked to agree.",
            value=_NAME,
        ),
        _accounts(guests=guests),
        Step(
            name="redirect",
            text="Redirect URI: choose the platform Web and enter exactly this address. Then register.",
            value=redirect_uri,
        ),
        Step(
            name="boxes",
            text="Under Authentication tick no token box: access tokens and ID tokens of the implicit and hybrid flows "
            "stay off. Towpath uses the authorization code with PKCE.",
        ),
        Step(
            name="secret",
            text="Under Certificates & secrets make a client secret and bring back its value, not its id. Note the day "
            "it ends: Towpath can not see it.",
        ),
        _ids(guests=guests),
        Step(
            name="issuer",
            text="The issuer is the same for all personal accounts."
            if guests
            else "The issuer follows from the tenant id.",
            value=issuer,
        ),
        Step(
            name="admission",
            text="Anybody can have a personal account, and Microsoft does not vouch for its e-mail address. Let guests "
            "come without being added only while you wait for them, with the smallest role, and switch it off then.",
        )
        if guests
        else Step(
            name="roles",
            text="For roles by groups make App roles there and assign them to groups; the claim with the groups is then "
            "called roles.",
        ),
    )
    return Guide(
        provider="entra", title="Microsoft Entra", audience=_audience(guests), issuer=issuer, steps=steps
    )


def _accounts(*, guests: bool) -> Step:
    if guests:
        text = (
            "Supported account types: personal Microsoft accounts only. This is for guests from outside; for your own "
            "staff add another way, with a single tenant."
        )
    else:
        text = (
            "Supported account types: single tenant, that is accounts of your organization only. Personal accounts are "
            "for guests, and belong into a way of their own."
        )
    return Step(name="accounts", text=text)


def _ids(*, guests: bool) -> Step:
    return Step(
        name="ids",
        text="From its overview bring back the application (client) ID."
        if guests
        else "From its overview bring back the application (client) ID and the directory (tenant) ID.",
    )


def _google(redirect_uri: str, *, guests: bool) -> Guide:
    steps = (
        Step(
            name="place",
            text="Open the Google Auth Platform, choose or make a project, and give the app this name.",
            link=_PLATFORM,
            value=_NAME,
        ),
        Step(
            name="accounts",
            text="Audience: External, which personal accounts need. While the app is in testing, add each guest under "
            "Test users; there can be 100."
            if guests
            else "Audience: Internal, so that only people of your Workspace can sign in. Without a Workspace there is "
            "only External, with the people as test users.",
            link=_AUDIENCE,
        ),
        Step(
            name="scopes",
            text="Leave the scopes as they are. Towpath asks for openid, profile and email alone.",
        ),
        Step(
            name="client",
            text="Under Clients create a client of the type Web application; no JavaScript origin is needed.",
            link=_CLIENTS,
        ),
        Step(
            name="redirect",
            text="Authorized redirect URIs: enter exactly this address. Then create.",
            value=redirect_uri,
        ),
        Step(
            name="ids",
            text="Bring back the client ID and the client secret; the secret is shown only once.",
        ),
        Step(
            name="issuer",
            text="The issuer is the same for everybody at Google.",
            value=_GOOGLE,
        ),
        Step(
            name="admission",
            text="Add each guest under People with their e-mail address and switch on the link by e-mail: Google vouches "
            "for addresses."
            if guests
            else "Where people may come without being added, name your Workspace domains: anybody can have an account "
            "at Google.",
        ),
    )
    return Guide(provider="google", title="Google", audience=_audience(guests), issuer=_GOOGLE, steps=steps)


def _other(redirect_uri: str, audience: str) -> Guide:
    steps = (
        Step(
            name="client",
            text="Make a client for a web application there, with the authorization code and PKCE (S256).",
        ),
        Step(name="redirect", text="Redirect address: enter exactly this one.", value=redirect_uri),
        Step(
            name="boxes",
            text="Implicit and hybrid flows stay off. ID tokens are to be signed with a key pair, such as RS256 or "
            "ES256, not with the shared secret.",
        ),
        Step(
            name="ids",
            text="Bring back the client ID, and the client secret where there is one. A public client has none: PKCE "
            "protects it alone.",
        ),
        Step(
            name="issuer",
            text="The issuer is what its page /.well-known/openid-configuration calls issuer, to the letter.",
        ),
    )
    return Guide(provider="oidc", title="OpenID Connect", audience=audience, issuer="", steps=steps)


def _audience(guests: bool) -> str:  # the one thing it tells
    return "guests" if guests else "staff"
