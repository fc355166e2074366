"""How passwords and API keys are kept: never as text, and checked in a few microseconds once seen.

A password is stored as `$pbkdf2-sha512$<rounds>$<salt>$<hash>` in `res_users.password`, an API key as an index (its
first eight characters) and a digest in `res_users_apikeys`, as a real server does (facts §2.3). Few rounds: these
are sample users of a sandbox.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from functools import lru_cache

__all__ = ["hash_password", "key_columns", "new_key", "verify_password"]

_ROUNDS = 1000
_INDEX_SIZE = 8


def hash_password(password: str) -> str:
    """The text stored for a password."""
    salt = secrets.token_bytes(12)
    return _format(password, salt, _ROUNDS)


def verify_password(password: str, stored: str | None) -> bool:
    """True when `stored` was made from `password`; False for no or a foreign hash."""
    if not password or not stored:
        return False
    return _verify(
        hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest(), stored, _Secret(password)
    )


def new_key() -> str:
    """A fresh API key: 40 hexadecimal characters (160 bit)."""
    return secrets.token_hex(20)


def key_columns(key: str) -> tuple[str, str]:
    """(index, digest) under which an API key is stored."""
    return key[:_INDEX_SIZE], hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class _Secret:
    """A text that does not take part in the cache's key, so that the cache holds no password."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Secret)


@lru_cache(maxsize=512)
def _verify(_digest: bytes, stored: str, password: _Secret) -> bool:
    try:
        _, scheme, rounds, salt, _ = stored.split("$")
        if scheme != "pbkdf2-sha512":
            return False
        again = _format(password.text, base64.b64decode(salt), int(rounds))
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(again, stored)


def _format(password: str, salt: bytes, rounds: int) -> str:
    digest = hashlib.pbkdf2_hmac("sha512", password.encode("utf-8", "surrogatepass"), salt, rounds)
    return f"$pbkdf2-sha512${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"
