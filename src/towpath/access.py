"""Who acts, and what they may do: the one table of roles and rights.

An :class:`Actor` is a signed-in person, an API token or the system itself. What it may do follows from its grants
(a role on one connection, or on all) through :data:`MATRIX`, and for a token also from the scopes it was given.
:func:`acting` tells the code far below, such as the audit, for whom it works.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from towpath.errors import AccessError

__all__ = ["MATRIX", "Acting", "Actor", "Grant", "Right", "Role", "act_as", "acting", "who"]


class Role(StrEnum):
    """What a person is in Towpath. A person may have several roles, each on one connection or on all."""

    ADMIN = "admin"
    OPERATOR = "operator"
    APPROVER = "approver"
    ANALYST = "analyst"
    VIEWER = "viewer"
    AUDITOR = "auditor"

    @property
    def summary(self) -> str:
        """One sentence that tells a person what the role is for."""
        return _SUMMARIES[self]


_SUMMARIES = {
    Role.ADMIN: "Does everything, people and secrets included.",
    Role.OPERATOR: "Sets up what is replicated, runs it and keeps it running; sees no rows.",
    Role.APPROVER: "Sees how things stand and decides what is put to them.",
    Role.ANALYST: "Reads the data: catalog, SQL, exports.",
    Role.VIEWER: "Sees how things stand, without any row.",
    Role.AUDITOR: "Sees how things stand and reads the audit.",
}


class Right(StrEnum):
    """One thing that can be allowed. Features ask for these and need none of their own."""

    SEE = "see"
    READ_DATA = "read_data"
    RUN = "run"
    CONFIGURE = "configure"
    CONNECT = "connect"
    DECIDE = "decide"
    READ_AUDIT = "read_audit"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SECRETS = "manage_secrets"
    MANAGE_SETTINGS = "manage_settings"

    @property
    def summary(self) -> str:
        """What it allows, for a person."""
        return _RIGHTS[self]


_RIGHTS = {
    Right.SEE: "see connections, streams, runs and the catalog's structure",
    Right.READ_DATA: "read rows: catalog, SQL, exports",
    Right.RUN: "start, stop and repeat runs",
    Right.CONFIGURE: "add and change streams, schedules and exports",
    Right.CONNECT: "add, change and remove connections",
    Right.DECIDE: "decide approvals",
    Right.READ_AUDIT: "read and check the audit",
    Right.MANAGE_PEOPLE: "manage people, groups, roles and ways to sign in",
    Right.MANAGE_SECRETS: "set and rotate secrets",
    Right.MANAGE_SETTINGS: "change limits and settings of the whole installation",
}

MATRIX: dict[Right, frozenset[Role]] = {
    Right.SEE: frozenset(Role),
    Right.READ_DATA: frozenset({Role.ADMIN, Role.ANALYST}),
    Right.RUN: frozenset({Role.ADMIN, Role.OPERATOR}),
    Right.CONFIGURE: frozenset({Role.ADMIN, Role.OPERATOR}),
    Right.CONNECT: frozenset({Role.ADMIN, Role.OPERATOR}),
    Right.DECIDE: frozenset({Role.ADMIN, Role.APPROVER}),
    Right.READ_AUDIT: frozenset({Role.ADMIN, Role.AUDITOR}),
    Right.MANAGE_PEOPLE: frozenset({Role.ADMIN}),
    Right.MANAGE_SECRETS: frozenset({Role.ADMIN}),
    Right.MANAGE_SETTINGS: frozenset({Role.ADMIN}),
}
"""Which roles have a right. The page of roles in the workspace and in the documentation is made from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role, on one connection (its id) or, with None, on the whole installation."""

    role: Role
    connection_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who asks for something, with what they may do."""

    #: As the audit names it: ``user:<login>``, ``token:<id>``, ``cli:<system user>``, ``system``.
    name: str
    grants: tuple[Grant, ...]
    #: The person behind it; None for the command line and the system.
    user_id: str | None = None
    #: For people: the name to greet with.
    title: str = ""
    #: The session or token it came by, so that it can be shown and revoked; None for the command line.
    session_id: str | None = None
    token_id: str | None = None
    #: What a session waits for before anything is granted: a one-time ``code``, or that the person sets one up (``enrol``).
    pending: str | None = None
    #: What a token was limited to when it was made; None means no limit beyond the grants.
    scopes: frozenset[Right] | None = None

    def may(self, right: Right, connection_id: str | None = None) -> bool:
        """Whether the right is given: on that connection, or for None on the whole installation."""
        return self._scoped(right) and any(
            grant.role in MATRIX[right] and grant.connection_id in {None, connection_id}
            for grant in self.grants
        )

    def may_somewhere(self, right: Right) -> bool:
        """Whether the right is given on at least one connection."""
        return self._scoped(right) and any(grant.role in MATRIX[right] for grant in self.grants)

    def connections(self, right: Right) -> frozenset[str] | None:
        """Ids of the connections the right is given on; None means all, those to come included."""
        if not self._scoped(right):
            return frozenset()
        held = [grant.connection_id for grant in self.grants if grant.role in MATRIX[right]]
        return None if None in held else frozenset(one for one in held if one is not None)

    def require(self, right: Right, connection_id: str | None = None) -> None:
        """Go on only with the right.

        :raises AccessError: it is missing; the sentence says which roles have it.
        """
        if not self.may(right, connection_id):
            raise self.missing(right)

    def missing(self, right: Right) -> AccessError:
        """The refusal for a right that is missing."""
        roles = " or ".join(sorted(role.value.capitalize() for role in MATRIX[right]))
        return AccessError(
            f"You may not {right.summary} here; that takes the role {roles}. Ask an administrator of Towpath.",
            details={"right": right.value},
        )

    def _scoped(self, right: Right) -> bool:
        return self.scopes is None or right in self.scopes


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """For whom the code works at the moment, and from where they asked."""

    name: str
    address: str | None = None
    request_id: str | None = None


_ACTING: ContextVar[Acting] = ContextVar("towpath_acting", default=Acting(name="cli"))  # noqa: B039  # frozen


def acting() -> Acting:
    """For whom the code works; the command line's user unless somebody was named by :func:`act_as`."""
    return _ACTING.get()


def who() -> str:
    """The name of :func:`acting`, for the audit."""
    return _ACTING.get().name


@contextlib.contextmanager
def act_as(name: str, *, address: str | None = None, request_id: str | None = None) -> Iterator[None]:
    """Work for somebody inside the ``with`` block, also in threads that anyio starts from it."""
    token = _ACTING.set(Acting(name=name, address=address, request_id=request_id))
    try:
        yield
    finally:
        _ACTING.reset(token)
