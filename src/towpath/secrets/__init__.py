"""Sealing secrets, wrapping and rotating keys, keeping secret values out of every text.

Lives here: envelope encryption, the master key, the table of sealed secrets, redaction by value.
Must not live here: what the secrets are for (that knows the feature that owns them), or other libraries' tokens.
"""

from __future__ import annotations

from towpath.secrets.cabinet import Cabinet, SecretInfo, any_sealed
from towpath.secrets.envelope import Vault
from towpath.secrets.keys import KeyRing, KeySource, key_source
from towpath.secrets.redaction import REDACTED, Redactor, redact, redactor
from towpath.secrets.secret import Secret

__all__ = [
    "REDACTED",
    "Cabinet",
    "KeyRing",
    "KeySource",
    "Redactor",
    "Secret",
    "SecretInfo",
    "Vault",
    "any_sealed",
    "key_source",
    "redact",
    "redactor",
]
