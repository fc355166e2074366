"""Envelope encryption: each secret has a data key of its own, and the master key wraps only data keys.

The sealed text is ``tp1.<key id>.<wrapped data key>.<secret>``, the last two in URL-safe base64 as a 12-byte
nonce and AES-256-GCM's output. The owner's name is additional data of both layers, so a sealed text that was
copied to another owner does not open. A rotation changes the middle part only.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import threading
from typing import TYPE_CHECKING

from towpath.errors import DamagedError
from towpath.secrets.keys import KeyRing, KeySource
from towpath.secrets.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["Vault"]

_VERSION = "tp1"
_NONCE = 12


class Vault:
    """Seals and opens secrets with the keys of one source. Thread-safe; notices when a key file changes."""

    def __init__(self, source: KeySource) -> None:
        self.source = source
        self._ring: KeyRing | None = None
        self._stamp: object = None
        self._guard = threading.Lock()

    def seal(self, plaintext: str | Secret, owner: str) -> str:
        """Seal a text for an owner, such as ``connection/acme``. Raises InputError when there is no master key."""
        value = plaintext if isinstance(plaintext, Secret) else Secret(plaintext)
        data_key = secrets.token_bytes(32)
        body = _encrypt(data_key, value.reveal().encode("utf-8", "surrogatepass"), f"{_VERSION}|{owner}")
        return self._wrap(data_key, owner, body)

    def open(self, sealed: str, owner: str) -> Secret:
        """The secret in a sealed text.

        Raises DamagedError when the text was changed, belongs to another owner or its master key is gone.
        """
        data_key, body = self._unwrap(sealed, owner)
        plain = _decrypt(data_key, body, f"{_VERSION}|{owner}")
        return Secret(plain.decode("utf-8", "surrogatepass"))

    def rewrap(self, sealed: str, owner: str) -> str:
        """The same secret under the current master key; the given text itself when it already is."""
        if key_id_of(sealed) == self.ring().current:
            return sealed
        data_key, body = self._unwrap(sealed, owner)
        return self._wrap(data_key, owner, body)

    def ring(self, *, fresh: bool = False) -> KeyRing:
        """The keys, read again when their source has changed or ``fresh`` is asked for."""
        with self._guard:
            stamp = self.source.stamp()
            if self._ring is None or fresh or stamp is None or stamp != self._stamp:
                self._ring = self.source.read()
                self._stamp = self.source.stamp()
            return self._ring

    def _wrap(self, data_key: bytes, owner: str, body: bytes) -> str:
        ring = self.ring()
        wrapped = _encrypt(ring.keys[ring.current], data_key, f"{_VERSION}|{ring.current}|{owner}")
        return ".".join((_VERSION, ring.current, _text(wrapped), _text(body)))

    def _unwrap(self, sealed: str, owner: str) -> tuple[bytes, bytes]:
        version, key_id, wrapped, body = _parts(sealed)
        if version != _VERSION:
            raise DamagedError("A stored secret has a form this release does not know; update Towpath.")
        key = self.ring().keys.get(key_id) or self.ring(fresh=True).keys.get(key_id)
        if key is None:
            raise DamagedError(
                f"A stored secret was sealed with master key {key_id}, which is not in {self.source.name}; "
                "restore that key, or enter the secret again.",
                details={"key_id": key_id, "owner": owner},
            )
        return _decrypt(key, _bytes(wrapped), f"{_VERSION}|{key_id}|{owner}"), _bytes(body)


def key_id_of(sealed: str) -> str:
    """The id of the master key a sealed text needs. Raises DamagedError when it is no sealed text."""
    return _parts(sealed)[1]


def _parts(sealed: str) -> tuple[str, str, str, str]:
    parts = sealed.split(".")
    if len(parts) != 4:
        raise DamagedError("A stored secret is damaged; enter it again.")
    return parts[0], parts[1], parts[2], parts[3]


def _encrypt(key: bytes, plain: bytes, additional: str) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(key).encrypt(nonce, plain, additional.encode())


def _decrypt(key: bytes, text: bytes, additional: str) -> bytes:
    from cryptography.exceptions import InvalidTag

    try:
        return _cipher(key).decrypt(text[:_NONCE], text[_NONCE:], additional.encode())
    except (InvalidTag, ValueError):
        raise DamagedError(
            "A stored secret is damaged or belongs to something else; enter it again."
        ) from None


def _cipher(key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        # strict: a character outside the alphabet would otherwise be passed over, and changes go unseen
        return base64.b64decode(
            text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True
        )
    except (binascii.Error, ValueError):
        raise DamagedError("A stored secret is damaged; enter it again.") from None
