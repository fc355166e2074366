"""Signing what must not be forged later: Ed25519, with the private key sealed in the cabinet.

A :class:`SigningKey` signs; a :class:`PublicKey` checks and may be shown to anybody. Whoever can write into the
database but has no master key can neither sign nor put a key of their own in the place of ours.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from towpath.errors import InputError

if TYPE_CHECKING:
    from towpath.secrets.cabinet import Cabinet

__all__ = ["OWNER", "PublicKey", "SigningKey", "keys_by_id", "signing_key"]

#: Whose secret the private key is.
OWNER = "audit/signing"
_RAW = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half: 32 bytes, shown in base64."""

    raw: bytes

    @classmethod
    def read(cls, text: str) -> PublicKey:
        """The key in a text: 32 bytes in base64, or PEM as :meth:`pem` gives it.

        :raises InputError: it is neither.
        """
        lines = [line.strip() for line in text.strip().splitlines() if not line.startswith("-----")]
        try:
            raw = base64.b64decode("".join(lines), validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        # PEM holds the key behind twelve bytes that name the algorithm (RFC 8410).
        if len(raw) not in {_RAW, _RAW + 12}:
            raise InputError("This is no Ed25519 public key; take the one that `towpath audit key` shows.")
        return cls(raw[-_RAW:])

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name the key."""
        return hashlib.sha256(b"towpath signing key\0" + self.raw).hexdigest()[:16]

    @property
    def text(self) -> str:
        """The key in base64."""
        return base64.b64encode(self.raw).decode("ascii")

    @property
    def pem(self) -> str:
        """The key as other tools read it, such as ``openssl pkeyutl -verify -rawin``."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")

    def signed(self, message: bytes, signature: str) -> bool:
        """Whether the signature (base64) is this key's over exactly this message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            given = base64.b64decode(signature, validate=True)
            Ed25519PublicKey.from_public_bytes(self.raw).verify(given, message)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


class SigningKey:
    """The private half. It signs and gives the public half, and shows itself in no other way."""

    __slots__ = ("_raw", "public")

    def __init__(self, raw: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self._raw = raw
        public = Ed25519PrivateKey.from_private_bytes(raw).public_key()
        self.public = PublicKey(public.public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, message: bytes) -> str:
        """The signature over a message, in base64."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return base64.b64encode(Ed25519PrivateKey.from_private_bytes(self._raw).sign(message)).decode("ascii")


def signing_key(cabinet: Cabinet) -> SigningKey:
    """The key of this installation, made when it is first needed; processes that start at once agree on one."""
    import secrets

    held = cabinet.made(OWNER, lambda: base64.b64encode(secrets.token_bytes(_RAW)).decode("ascii"))
    return SigningKey(base64.b64decode(held.reveal()))


def keys_by_id(*keys: PublicKey) -> Mapping[str, PublicKey]:
    """Keys to trust, by the id that a signed statement names."""
    return {key.id: key for key in keys}
