"""Secrets, codes and recovery codes."""

from __future__ import annotations

import hmac
import secrets
import time

__all__ = ["address", "new_secret", "picture", "recovery_codes", "step_of"]

SECONDS = 30
#: Steps by which an app's clock may be off, either way.
DRIFT = 1
#: Letters and digits that nobody takes for others.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A fresh secret: 160 bits in base32."""
    import pyotp

    return pyotp.random_base32()


def address(secret: str, login: str, issuer: str = "Towpath") -> str:
    """The ``otpauth://`` address that an app takes, also as a link on a phone (S3.2fa.3)."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def picture(text: str) -> str:
    """A QR code as an SVG document without styles or scripts."""
    import segno

    return str(
        segno.make(text, error="m").svg_inline(scale=5, border=2, dark="#000", light="#fff", omitsize=True)
    )


def step_of(secret: str, code: str, *, at: float | None = None) -> int | None:
    """The number of the 30 seconds that a code is of; None when it is not valid now.

    The caller takes no step twice.
    """
    import pyotp

    given = "".join(code.split())
    if len(given) != 6 or not given.isascii() or not given.isdigit():
        return None
    totp = pyotp.TOTP(secret)
    now = int(time.time() if at is None else at) // SECONDS
    for step in (now, *(now + sign * off for off in range(1, DRIFT + 1) for sign in (-1, 1))):
        if hmac.compare_digest(totp.at(step * SECONDS), given):
            return step
    return None


def recovery_codes(count: int = 10) -> list[str]:
    """Fresh codes of about 49 bits each, for who has lost the app."""
    return [
        "-".join("".join(secrets.choice(_SIGNS) for _ in range(5)) for _ in range(2)) for _ in range(count)
    ]
