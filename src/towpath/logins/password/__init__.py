"""Passwords: Argon2id digests (RFC 9106) and a check of how long a guesser would need.

Lives here: what can be said of a password alone. Who it belongs to, and how often one may try, is
``towpath.features.people``.
"""

from __future__ import annotations

from towpath.logins.password.digest import digest, fits, outdated
from towpath.logins.password.strength import check

__all__ = ["check", "digest", "fits", "outdated"]
