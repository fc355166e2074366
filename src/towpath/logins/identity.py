"""Who somebody is at another service, once they have proved it there."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Identity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What another service says of a person."""

    #: What never changes there and is given to nobody else.
    subject: str
    #: A name to sign in by; only a suggestion, as the other service may give it to somebody else later.
    login: str
    name: str
    email: str | None
    #: Whether the service vouches that the address is the person's own.
    email_verified: bool
    groups: frozenset[str]
    #: Whether the service says that it asked for a second factor.
    second_factor: bool = False
