"""People: who may sign in, what they may do, and how they prove who they are.

Here live users, groups, grants, sessions and API tokens. Proofs of identity are ``towpath.logins``; what the roles
may do is the table in ``towpath.access``.
"""

from __future__ import annotations

from towpath.plugins import Command, Feature

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="people",
    title="People",
    summary="Let people sign in, and say what each may see and do.",
    order=85,
    commands={
        "user": Command(
            target="towpath.features.people.cli:user", help="Add people, give them roles, help them sign in."
        ),
        "token": Command(target="towpath.features.people.cli:token", help="Make and revoke API tokens."),
        "sign-in": Command(
            target="towpath.features.people.cli_methods:sign_in",
            help="Let people sign in at OpenID issuers and directories.",
        ),
    },
    routes="towpath.features.people.api:router",
)
