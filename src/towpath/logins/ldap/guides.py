"""The checklist for a directory: what to make there, and what to bring back."""

from __future__ import annotations

from towpath.logins.guide import Guide, Step

__all__ = ["guide"]


def guide(audience: str) -> Guide:
    """The checklist for any directory."""
    steps = (
        Step(
            name="client",
            text="Make a user in the directory that may search and nothing else; bring back its name and password.",
        ),
        Step(
            name="certificate",
            text="Bring back the certificate of the authority that signed the directory's, unless the system trusts it "
            "already. Without TLS it is not possible.",
        ),
        Step(
            name="ids",
            text="Bring back the base under which people are, and the attribute by which they sign in: uid, or "
            "sAMAccountName in an Active Directory.",
        ),
    )
    return Guide(provider="ldap", title="LDAP", audience=audience, issuer="", steps=steps)
