"""A small honest OpenID Connect issuer to test against, which can be told to lie."""

from __future__ import annotations

from towpath.sandbox.oidc_issuer.issuer import FAULTS, Issuer

__all__ = ["FAULTS", "Issuer"]
