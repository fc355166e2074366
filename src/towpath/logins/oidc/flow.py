"""The code flow with PKCE, and what an ID token has to prove (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # has no types
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from towpath.errors import ProtocolError, SignInError
from towpath.logins.identity import Identity
from towpath.logins.oidc.assurance import second_factor
from towpath.logins.oidc.provider import TENANT, Metadata, Provider, discover, fetch, keys_of

__all__ = ["Begun", "begin", "client_proof", "finish"]

#: Signatures by a key of the issuer alone: a shared secret, or none at all, proves nothing here.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
#: Seconds by which clocks may differ.
_LEEWAY = 60
#: A token that no known key fits, and one that can not be read at all.
_KEY_PROBLEMS = (InvalidKeyIdError, BadSignatureError)
_UNREADABLE = (JoseError, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A sign-in that is under way: where the browser goes, and what has to come back."""

    address: str
    state: str
    nonce: str
    verifier: str


def begin(provider: Provider, redirect_uri: str) -> Begun:
    """Where to send the browser.

    :raises TowpathError: see :func:`towpath.logins.oidc.discover`.
    """
    known = discover(provider)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    scopes = dict.fromkeys(["openid", *provider.scopes.split()])
    query = urlencode(
        {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
    )
    if len(provider.domains) == 1:  # Google then offers accounts of that company alone
        query += "&" + urlencode({"hd": provider.domains[0]})
    if provider.acr_values:
        query += "&" + urlencode({"acr_values": " ".join(provider.acr_values)})
    joint = "&" if urlsplit(known.authorization_endpoint).query else "?"
    return Begun(
        address=f"{known.authorization_endpoint}{joint}{query}", state=state, nonce=nonce, verifier=verifier
    )


def finish(
    provider: Provider, *, code: str, nonce: str, verifier: str, redirect_uri: str, told_by: str = ""
) -> Identity:
    """Who the person is, by the code that the browser brought.

    :param told_by: the issuer that the answer names, where it names one (RFC 9207): a code of another issuer is not
        brought to this one, nor one of this to another that wants to have it.
    :raises SignInError: the proof is not valid: signature, issuer, audience, time or nonce.
    :raises TowpathError: the issuer does not answer as it should.
    """
    known = discover(provider)
    if told_by and told_by != known.issuer and TENANT not in known.issuer:
        raise _refused("iss")
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    proof, headers = client_proof(provider, known)
    told = fetch(provider, known.token_endpoint, form=urlencode(form | proof).encode(), headers=headers)
    claims = _proved(provider, known, told, nonce)
    return _identity(provider, known, claims)


def client_proof(provider: Provider, known: Metadata) -> tuple[dict[str, str], dict[str, str]]:
    """Who asks the token endpoint: what it adds to the form, and to the headers (RFC 6749, 2.3.1)."""
    form, headers = {}, {}
    if provider.client_secret and not known.post_secret:
        pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        form["client_id"] = provider.client_id
        if provider.client_secret:
            form["client_secret"] = provider.client_secret
    return form, headers


def _proved(provider: Provider, known: Metadata, told: dict[str, Any], nonce: str) -> dict[str, Any]:
    """The claims of the ID token that the token endpoint told, once they are proved."""
    id_token = str(told.get("id_token", ""))
    try:
        token = _decoded(id_token, keys_of(provider, known))
    except _KEY_PROBLEMS:  # its keys may have been changed
        try:
            token = _decoded(id_token, keys_of(provider, known, renewed=True))
        except _UNREADABLE as problem:
            raise _refused(type(problem).__name__) from None
    except _UNREADABLE as problem:
        raise _refused(type(problem).__name__) from None
    claims = token.claims
    issuer = known.issuer
    if TENANT in issuer:
        tenant = claims.get("tid")
        if tenant not in provider.tenants:
            raise SignInError("Your company may not sign in here; ask an administrator of Towpath.")
        issuer = issuer.replace(TENANT, str(tenant))
    registry = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": provider.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(claims)
    except JoseError as problem:
        raise _refused(str(getattr(problem, "claim", "") or problem.error)) from None
    audience = claims["aud"]
    party = claims.get("azp")
    if isinstance(audience, list) and len(audience) > 1 and party != provider.client_id:
        raise _refused("azp")
    if party is not None and party != provider.client_id:
        raise _refused("azp")
    if "at_hash" in claims and claims["at_hash"] != _half(
        str(told.get("access_token", "")), token.header["alg"]
    ):
        raise _refused("at_hash")
    if provider.domains and str(claims.get("hd", "")).lower() not in provider.domains:
        raise SignInError("Your company may not sign in here; ask an administrator of Towpath.")
    return dict(claims)


def _decoded(id_token: str, keys: dict[str, Any]) -> jwt.Token:
    return jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS)  # type: ignore[arg-type]  # checked by it


def _half(access_token: str, algorithm: str) -> str:
    """What ``at_hash`` is to be: the left half of the hash that the signature goes by (Core 1.0, 3.1.3.6)."""
    name = f"sha{algorithm[-3:]}" if algorithm[-3:].isdigit() else "sha512"  # EdDSA with Ed25519
    digest = hashlib.new(name, access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")


def _refused(what: str) -> SignInError:
    return SignInError(
        "The sign-in service's answer does not prove who you are; try again, and tell an administrator if it stays so.",
        details={"check": what},
    )


def _identity(provider: Provider, known: Metadata, claims: dict[str, Any]) -> Identity:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
        raise ProtocolError("The sign-in service does not say who the person is.")
    email = claims.get("email") if isinstance(claims.get("email"), str) else None
    groups = claims.get(provider.groups_claim)
    # Entra writes any address its administrators like into `email`; `xms_edov` says that the domain is theirs.
    verified = claims.get("email_verified") is True or claims.get("xms_edov") in {True, "1", "true"}
    return Identity(
        # Subjects are unique by issuer only, and one configuration may stand for many tenants.
        subject=f"{claims['iss']}#{subject}",
        login=str(claims.get("preferred_username") or email or subject)[:100],
        name=str(claims.get("name") or email or claims.get("preferred_username") or subject)[:100],
        email=email,
        email_verified=bool(email) and verified and TENANT not in known.issuer,
        groups=frozenset(str(one) for one in groups)
        if isinstance(groups, list)
        else frozenset([groups] if isinstance(groups, str) else []),
        second_factor=second_factor(claims, provider.acr_values),
    )
