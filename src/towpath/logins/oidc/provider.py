"""An issuer, and what it publishes about itself (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from towpath.errors import AddressError, ProtocolError, RetryLaterError
from towpath.odoo.guard import AddressGuard
from towpath.odoo.wire import Wire

__all__ = ["Metadata", "Provider", "discover", "fetch"]

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


def discover(provider: Provider) -> Metadata:
    """Ask an issuer for its addresses.

    :raises AddressError: the address is not allowed, or nothing of the kind lies there.
    :raises ProtocolError: it names itself otherwise, so its tokens could not be told from another's.
    :raises RetryLaterError: it does not answer.
    """
    issuer = provider.issuer.rstrip("/")
    told = fetch(provider, f"{issuer}/.well-known/openid-configuration")
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
