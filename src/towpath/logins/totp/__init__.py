"""One-time codes of authenticator apps (RFC 6238): 6 digits, 30 seconds, SHA-1, as all apps know them (S3.2fa.1).

Lives here: the codes and the picture that an app scans. Whose they are, and that none is taken twice, is
``towpath.features.people``.
"""

from __future__ import annotations

from towpath.logins.totp.codes import address, new_secret, picture, recovery_codes, step_of

__all__ = ["address", "new_secret", "picture", "recovery_codes", "step_of"]
