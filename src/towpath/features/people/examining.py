"""Try a way to sign in, step by step, so that it shows which one does not hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from towpath.access import Role
from towpath.errors import TowpathError
from towpath.features.people import methods
from towpath.features.people.methods import Method
from towpath.hub import Hub
from towpath.logins.identity import Identity

__all__ = ["Step", "examine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a test."""

    #: `discovery`, `keys`, `client` of an issuer; `reach`, `bind`, `search`, `person`, `roles` of a directory.
    name: str
    #: None: not tried, as one before it failed.
    ok: bool | None
    message: str


def examine(hub: Hub, method_id: str, *, redirect_uri: str, login: str | None = None) -> list[Step]:
    """Try a way as far as that goes without a person; with ``login`` a directory is asked for that one too.

    :raises NotFoundError: there is no such way.
    """
    known = methods.find(hub, method_id)
    if known.kind == "oidc":
        from towpath.logins.oidc import examining as oidc

        return _walked(oidc.STEPS, oidc.examine(methods.provider_of(hub, known), redirect_uri))
    from towpath.logins import ldap

    directory = methods.directory_of(hub, known)
    if not login:
        return _walked(ldap.STEPS, ldap.examine(directory))

    def whole() -> Iterator[str]:
        yield from ldap.examine(directory)
        person = ldap.look(directory, login)
        groups = ", ".join(sorted(person.groups)[:10]) or "-"
        yield f"{person.login} is {person.name} ({person.email or '-'}). Groups: {groups}."
        yield _roles(known, person)

    return _walked((*ldap.STEPS, "person", "roles"), whole())


def _walked(names: Iterable[str], walk: Iterator[str]) -> list[Step]:
    steps: list[Step] = []
    failed = False
    for name in names:
        try:
            steps.append(Step(name=name, ok=None, message="") if failed else _right(name, next(walk)))
        except TowpathError as problem:
            failed = True
            steps.append(Step(name=name, ok=False, message=problem.message))
    return steps


def _right(name: str, message: str) -> Step:
    return Step(name=name, ok=True, message=message)


def _roles(method: Method, person: Identity) -> str:
    config = method.config
    told = [
        f"{one['group']} > {Role(one['role']).value} ({one.get('connection_id') or '*'})"
        for one in config.get("mapping") or ()
        if one.get("group") in person.groups
    ]
    given = ", ".join(told) or "-"
    if not config.get("create_users"):
        return f"Roles by groups: {given}. Who has no account here yet is not let in."
    return f"Roles by groups: {given}. At the first sign-in: {config.get('template_role') or '-'}."
