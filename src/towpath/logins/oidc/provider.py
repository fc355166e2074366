"""An issuer, and what it publishes about itself (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from towpath.errors import AddressError, ProtocolError, RetryLaterError
from towpath.odoo.guard import AddressGuard
from towpath.odoo.wire import Wire
from towpath.web.kept import Kept

__all__ = ["Metadata", "Provider", "discover", "fetch", "keys_of", "published"]

#: Bytes of one answer, and seconds for it.
_LARGEST, _PATIENCE = 1_000_000, 10.0
#: What Microsoft's issuers for many tenants write in place of the tenant.
TENANT = "{tenantid}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An issuer as an administrator configured it."""

    issuer: str
    client_id: str
    client_secret: str | None
    scopes: str = "openid profile email"
    #: The claim that lists a person's groups or roles.
    groups_claim: str = "groups"
    #: Of an issuer for many tenants, those whose people may come (Microsoft's ``tid``).
    tenants: tuple[str, ...] = ()
    #: Google Workspace domains whose people may come (the claim ``hd``); empty for anybody.
    domains: tuple[str, ...] = ()
    #: Values of the claim ``acr`` that stand for a second factor; asked for, and looked for in the answer.
    acr_values: tuple[str, ...] = ()
    #: Whether it may lie in a private network.
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What an issuer says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    post_secret: bool


#: What issuers published, for an hour: anybody may begin a sign-in, and is not to make us ask an issuer each time.
_DOCUMENTS: Kept[dict[str, Any]] = Kept(3600.0, most=100)
#: What was fetched once more for a token that no known key fits: twice a minute, whatever tokens are brought.
_RENEWED: Kept[dict[str, Any]] = Kept(30.0, most=100)


def published(provider: Provider, url: str, *, at_most: float | None = None) -> dict[str, Any]:
    """What an issuer publishes at an address of its own, as of an hour ago at most.

    :param at_most: seconds that it may be old instead.
    :raises TowpathError: like :func:`fetch`.
    """
    return _DOCUMENTS.get((url, provider.private), lambda: fetch(provider, url), at_most=at_most)


def keys_of(provider: Provider, known: Metadata, *, renewed: bool = False) -> dict[str, Any]:
    """The issuer's keys, as a JWK set (RFC 7517).

    :param renewed: the known ones do not fit, and may have been changed since.
    """
    if not renewed:
        return published(provider, known.jwks_uri)
    return _RENEWED.get(
        (known.jwks_uri, provider.private), lambda: published(provider, known.jwks_uri, at_most=0.0)
    )


def discover(provider: Provider, *, fresh: bool = False) -> Metadata:
    """An issuer's addresses.

    :param fresh: ask it now, whatever is known.
    :raises AddressError: the address is not allowed, or nothing of the kind lies there.
    :raises ProtocolError: it names itself otherwise, so its tokens could not be told from another's.
    :raises RetryLaterError: it does not answer.
    """
    issuer = provider.issuer.rstrip("/")
    told = published(provider, f"{issuer}/.well-known/openid-configuration", at_most=0.0 if fresh else None)
    named = str(told.get("issuer", ""))
    if named.rstrip("/") != issuer and TENANT not in named:
        raise ProtocolError(
            f"The issuer calls itself {named[:200]!r} and not {issuer!r}; type its address as it writes it."
        )
    if TENANT in named and not provider.tenants:
        raise AddressError(
            "This issuer signs in people of any company; name the tenants that may come, or take your own tenant's address."
        )
    places = {}
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        places[name] = str(told.get(name, ""))
        _check(provider, places[name])
    if "S256" not in (told.get("code_challenge_methods_supported") or ["S256"]):
        raise ProtocolError("The issuer does not support PKCE with S256; use one that does.")
    ways = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Metadata(issuer=named, post_secret="client_secret_basic" not in ways, **places)


def fetch(
    provider: Provider, url: str, *, form: bytes | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """One JSON object from an issuer; posts ``form`` where there is one.

    :raises AddressError: the address is not allowed, or does not lead to an issuer.
    :raises ProtocolError: it refuses, or the answer is no JSON object.
    """
    _check(provider, url)
    parts = urlsplit(url)
    wire = Wire(
        f"{parts.scheme}://{parts.netloc}",
        timeout=_PATIENCE,
        max_answer=_LARGEST,
        guard=AddressGuard(private=provider.private),
        connections=1,
    )
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        more = dict(headers or {}) | {"Accept": "application/json"}
        if form is not None:
            more["Content-Type"] = "application/x-www-form-urlencoded"
        reply = wire.send("GET" if form is None else "POST", path, content=form, headers=more)
    except AddressError as problem:
        raise AddressError(problem.message.replace("the Odoo server", "the issuer")) from None
    except RetryLaterError:
        raise RetryLaterError("The sign-in service does not answer; try again in a while.") from None
    finally:
        wire.close()
    try:
        found = reply.json()
    except ValueError:
        found = None
    if reply.status != 200 or not isinstance(found, dict):
        raise ProtocolError(
            f"{parts.netloc} did not answer as an OpenID issuer does (status {reply.status}); check its address.",
            details={"error": str(found.get("error", ""))[:100]} if isinstance(found, dict) else None,
        )
    return found


def _check(provider: Provider, url: str) -> None:
    """Only TLS; inside a private network that is allowed, plain HTTP to this machine too."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0  # a port that is none shows when it is asked for
    except ValueError:
        raise AddressError(f"{url[:200]!r} is not an address; correct the issuer.") from None
    local = provider.private and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not named or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise AddressError(f"{url[:200]!r} is not an https address; correct the issuer.")
    if parts.username or parts.password:
        raise AddressError("The issuer's address holds a password; leave it out.")
