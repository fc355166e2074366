"""OpenID Connect: sign in at Microsoft Entra, Google or any other issuer (code flow with PKCE).

Lives here: the proof alone. Who the person then is in Towpath is ``towpath.features.people``.
"""

from __future__ import annotations

from towpath.logins.oidc.flow import Begun, begin, finish
from towpath.logins.oidc.provider import Metadata, Provider, discover

__all__ = ["Begun", "Metadata", "Provider", "begin", "discover", "finish"]
