"""LDAP: sign in with the directory's password (S3.ldap), over TLS alone.

Lives here: the proof alone, and the only use of ``ldap3``. Who the person then is in Towpath is
``towpath.features.people``.
"""

from __future__ import annotations

from towpath.logins.ldap.directory import STEPS, Directory, examine, look, prove

__all__ = ["STEPS", "Directory", "examine", "look", "prove"]
