"""The issuer: discovery, keys, authorization with PKCE (it asks nobody), token.

It holds to OpenID Connect Core 1.0 and RFC 7636: codes work once, for the redirect address and client they were made
for, and only with the verifier. Faults make single answers wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

__all__ = ["FAULTS", "Issuer"]

FAULTS = frozenset(
    {
        "nonce",
        "audience",
        "expired",
        "signature",
        "issuer",
        "unsigned",
        "shared_secret",
        "party",
        "no_subject",
        "at_hash",
    }
)


class Issuer:
    """An issuer on a free port of this machine, for the length of a ``with`` block.

    ``person`` holds the claims of whoever signs in next; ``faults`` what goes wrong.
    """

    def __init__(self, *, client_id: str = "towpath", client_secret: str = "sandbox-secret") -> None:  # noqa: S107  # of the sandbox
        self.client_id = client_id
        #: None: a public client, which proves itself by PKCE alone.
        self.client_secret: str | None = client_secret
        self.person: dict[str, Any] = {
            "sub": "1",
            "name": "Ana",
            "email": "ana@example.com",
            "email_verified": True,
        }
        self.faults: set[str] = set()
        #: In place of the own address in discovery, as Microsoft writes ``.../{tenantid}/v2.0``.
        self.called: str | None = None
        #: How often each address was asked for.
        self.asked: Counter[str] = Counter()
        self._kid = "one"
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self._other = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self._codes: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                """Discovery, keys, authorization."""
                issuer._answer(self, None)

            def do_POST(self) -> None:
                """Token."""
                length = int(self.headers.get("Content-Length") or 0)
                issuer._answer(self, self.rfile.read(min(length, 100_000)).decode())

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def change_key(self, kid: str) -> None:
        """Sign with another key from now on, and publish that one alone."""
        self._kid = kid
        self._key = RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, name="oidc", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler, body: str | None) -> None:
        parts = urlsplit(request.path)
        self.asked[parts.path] += 1
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._send(request, 200, self._discovery())
        elif parts.path == "/keys":
            self._send(request, 200, {"keys": [self._key.as_dict(private=False)]})
        elif parts.path == "/authorize":
            self._authorize(request, asked)
        elif parts.path == "/token" and body is not None:
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._token(request, form)
        else:
            self._send(request, 404, {"error": "not_found"})

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.called or self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _authorize(self, request: BaseHTTPRequestHandler, asked: dict[str, str]) -> None:
        good = (
            asked.get("response_type") == "code"
            and asked.get("client_id") == self.client_id
            and "openid" in asked.get("scope", "").split()
            and asked.get("code_challenge_method") == "S256"
            and asked.get("code_challenge")
            and asked.get("redirect_uri")
        )
        if not good:
            self._send(request, 400, {"error": "invalid_request"})
            return
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = asked
        query = urlencode({"code": code, "state": asked.get("state", "")})
        request.send_response(302)
        request.send_header("Location", f"{asked['redirect_uri']}?{query}")
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _token(self, request: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        with self._lock:
            asked = self._codes.pop(form.get("code", ""), None)
        if not self._is_client(request, form):
            self._send(request, 401, {"error": "invalid_client"})
            return
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proved = base64.urlsafe_b64encode(challenge).decode().rstrip("=")
        if (
            asked is None
            or proved != asked["code_challenge"]
            or form.get("redirect_uri") != asked["redirect_uri"]
            or form.get("grant_type") != "authorization_code"
        ):
            self._send(request, 400, {"error": "invalid_grant"})
            return
        answer: dict[str, Any] = {
            "access_token": secrets.token_urlsafe(16),
            "token_type": "Bearer",
            "expires_in": 300,
        }
        self._send(request, 200, answer | {"id_token": self._id_token(asked, answer)})

    def _is_client(self, request: BaseHTTPRequestHandler, form: dict[str, str]) -> bool:
        given = request.headers.get("Authorization", "")
        if given.startswith("Basic "):
            name, _, secret = base64.b64decode(given[6:]).decode().partition(":")
            return (unquote(name), unquote(secret)) == (self.client_id, self.client_secret)
        return (form.get("client_id"), form.get("client_secret")) == (self.client_id, self.client_secret)

    def _id_token(self, asked: dict[str, str], answer: dict[str, Any]) -> str:
        now = int(time.time())
        issuer = (self.called or self.url).replace("{tenantid}", str(self.person.get("tid")))
        claims = {"iss": issuer, "aud": self.client_id, "iat": now, "exp": now + 300, **self.person}
        half = hashlib.sha256(str(answer["access_token"]).encode()).digest()[:16]
        claims["at_hash"] = base64.urlsafe_b64encode(half).decode().rstrip("=")
        if "nonce" in asked:
            claims["nonce"] = asked["nonce"]
        faults = self.faults
        if "nonce" in faults:
            claims["nonce"] = "another"
        if "audience" in faults:
            claims["aud"] = "somebody-else"
        if "party" in faults:
            claims |= {"aud": [self.client_id, "somebody-else"], "azp": "somebody-else"}
        if "expired" in faults:
            claims |= {"iat": now - 7200, "exp": now - 3600}
        if "at_hash" in faults:  # of the access token of somebody else
            claims["at_hash"] = (
                base64.urlsafe_b64encode(hashlib.sha256(b"another").digest()[:16]).decode().rstrip("=")
            )
        if "issuer" in faults:
            claims["iss"] = "https://issuer.invalid"
        if "no_subject" in faults:
            claims.pop("sub")
        if "unsigned" in faults:
            return ".".join((_part({"alg": "none"}), _part(claims), ""))
        if "shared_secret" in faults:  # the public key taken for a shared secret
            return ".".join((_part({"alg": "HS256", "kid": self._kid}), _part(claims), "AAAA"))
        key = self._other if "signature" in faults else self._key
        return jwt.encode({"alg": "RS256", "kid": self._kid}, claims, key)

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
