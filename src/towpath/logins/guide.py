"""What an administrator does at another service before people can sign in there: a short checklist, as data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AUDIENCES", "Guide", "Link", "Step"]

#: Who is to sign in: the company's own people, or people from outside with accounts of their own.
AUDIENCES = ("staff", "guests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page of the other service."""

    title: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step. Its sentence holds no value, so that it can be put into another language as a whole."""

    name: str
    text: str
    link: Link | None = None
    #: What is to be copied from here to there, or from there to here once it is known.
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """The way through another service, in order."""

    provider: str
    title: str
    audience: str
    #: The issuer's address as far as it is known: with ``<tenant id>`` where that is missing; empty where it is theirs.
    issuer: str
    steps: tuple[Step, ...]
