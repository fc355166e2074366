"""Try an issuer as far as that goes without a person."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from towpath.errors import KeyRefusedError, ProtocolError
from towpath.logins.oidc.flow import client_proof
from towpath.logins.oidc.provider import Provider, discover, fetch, published

__all__ = ["STEPS", "examine"]

STEPS = ("discovery", "keys", "client")


def examine(provider: Provider, redirect_uri: str) -> Iterator[str]:
    """One sentence for each of :data:`STEPS` that is right; ends with the error of the first that is not.

    The client is tried by asking for a token with a code that is none: an issuer looks at who asks first
    (RFC 6749, 5.2: ``invalid_client`` against ``invalid_grant``).

    :raises TowpathError: what is wrong, in one sentence.
    """
    known = discover(provider, fresh=True)
    yield f"{known.issuer} answers as an OpenID issuer."
    try:
        keys = KeySet.import_key_set(published(provider, known.jwks_uri, at_most=0.0)).keys  # type: ignore[arg-type]  # checked by it
    except (JoseError, ValueError, KeyError, TypeError):
        raise ProtocolError("What the issuer publishes as its keys is not a set of keys.") from None
    if not keys:
        raise ProtocolError("The issuer publishes no key, so nothing that it says can be checked.")
    yield f"Keys to check its tokens by: {len(keys)}."
    proof, headers = client_proof(provider, known)
    form = {
        "grant_type": "authorization_code",
        "code": "a-code-that-is-none",
        "redirect_uri": redirect_uri,
        "code_verifier": "a" * 43,
        **proof,
    }
    try:
        fetch(provider, known.token_endpoint, form=urlencode(form).encode(), headers=headers)
    except ProtocolError as problem:
        error = str(problem.details.get("error", ""))
        if error in {"invalid_client", "unauthorized_client"}:
            raise KeyRefusedError(
                "The issuer does not take this client id with this secret; correct them, or make a new secret there."
            ) from None
        if error != "invalid_grant":
            yield f"Whether it takes the client id and secret shows at the first sign-in (it says: {error or '-'})."
            return
    yield "It knows this client id and takes its secret."
