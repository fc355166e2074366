"""A test that explains itself: what was found of an address and a key, part by part (S2.2-S2.5)."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from towpath.errors import (
    AskHumanError,
    DatabaseError,
    InputError,
    KeyRefusedError,
    NotFoundError,
    TowpathError,
)
from towpath.features.connections import service
from towpath.features.connections.shapes import ProbeOut, ProbeStep
from towpath.hub import Hub
from towpath.odoo import Found, Guard, probe

__all__ = ["explain"]

Step = Literal["address", "database", "key"]
Ask = Literal["address", "database", "login", "key"]


def explain(
    hub: Hub, url: str, *, database: str | None, login: str | None, key: str | None, guard: Guard
) -> ProbeOut:
    """Look at an Odoo and tell what was found; nothing is stored and whatever is wrong becomes a sentence."""
    server: Found | None = None
    try:
        # Without the key first, so that what is said of it stands beside what is known of the server.
        server = probe(url, database=database, guard=guard)
        found = probe(url, database=database, login=login, secret=key, guard=guard) if key else None
    except DatabaseError as problem:
        names = problem.details.get("databases")
        return _told(
            hub, server, problem, at="database", databases=names if isinstance(names, list) else None
        )
    except (KeyRefusedError, AskHumanError) as problem:
        return _told(hub, server, problem, at="key")
    except TowpathError as problem:
        at: Step = "key" if server is not None else "address"
        return _told(hub, server, problem, at=at, needs_login=isinstance(problem, InputError) and at == "key")
    return _found(hub, found or server, signed_in=found is not None)


def _found(hub: Hub, found: Found, *, signed_in: bool) -> ProbeOut:
    who = f"Signed in as {found.user_name}." if found.user_name else "The key is accepted."
    steps = [_address(found), _database(found)]
    steps.append(ProbeStep(step="key", ok=True if signed_in else None, sentence=who if signed_in else None))
    return ProbeOut(
        ok=signed_in,
        sentence=found.sentence,
        steps=steps,
        ask=None if signed_in else "key",
        url=found.access.url,
        version=str(found.version),
        databases=None if found.databases is None else list(found.databases),
        database=found.access.database,
        needs_login=not found.version.has_json2,
        user=found.user_name,
        clock_offset=found.clock_offset,
        suggested_name=_name(hub, found.access.url, found.access.database),
    )


def _told(
    hub: Hub,
    server: Found | None,
    problem: TowpathError,
    *,
    at: Step,
    databases: list[str] | None = None,
    needs_login: bool = False,
) -> ProbeOut:
    if server is not None:
        told = _found(hub, server, signed_in=False)
        steps = [step if step.step != at else _wrong(at, problem) for step in told.steps]
        ask: Ask = "login" if needs_login else at
        return told.model_copy(
            update={"sentence": problem.message, "steps": steps, "ask": ask}
            | ({"needs_login": True} if needs_login else {})
        )
    # A database that has to be named was asked for at an Odoo that answered.
    heard = at != "address"
    steps = [
        ProbeStep(step="address", ok=True, sentence="An Odoo answers there.")
        if heard
        else _wrong(at, problem),
        _wrong(at, problem) if heard else ProbeStep(step="database", ok=None, sentence=None),
        ProbeStep(step="key", ok=None, sentence=None),
    ]
    return ProbeOut(
        ok=False,
        sentence=problem.message,
        steps=steps,
        ask=at,
        url=None,
        version=None,
        databases=databases,
        database=None,
        needs_login=None,
        user=None,
        clock_offset=None,
        suggested_name=None,
    )


def _address(found: Found) -> ProbeStep:
    edition = " Enterprise" if found.version.enterprise else ""
    sentence = f"Odoo {found.version}{edition} answers at {found.access.url}."
    return ProbeStep(step="address", ok=True, sentence=sentence)


def _database(found: Found) -> ProbeStep:
    name = found.access.database
    if name is None:
        return ProbeStep(step="database", ok=True, sentence="The server chooses the database by its address.")
    alone = found.databases is not None and len(found.databases) == 1
    return ProbeStep(
        step="database",
        ok=True,
        sentence=f"{'The only database is' if alone else 'The database is'} “{name}”.",
    )


def _wrong(step: Step, problem: TowpathError) -> ProbeStep:
    return ProbeStep(step=step, ok=False, sentence=problem.message)


def _name(hub: Hub, url: str, database: str | None) -> str:
    """A name for the connection that is free: by the host's first label, or the database."""
    host = urlsplit(url).hostname or ""
    label = host.removeprefix("www.").partition(".")[0]
    plain = label if re.fullmatch(r"[a-z][a-z0-9-]+", label) and label != "localhost" else database or "odoo"
    text = re.sub(r"[^a-z0-9_]+", "_", plain.lower()).strip("_")
    first = (text if re.match(r"[a-z]", text) else f"odoo_{text}".rstrip("_"))[:36]
    for number in range(1, 1000):
        name = first if number == 1 else f"{first}_{number}"
        try:
            service.find(hub, name)
        except NotFoundError:
            return name
    return first
