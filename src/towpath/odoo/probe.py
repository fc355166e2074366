"""The probe: from a typed address and credentials to a working access, or one sentence on what is wrong.

It asks little and changes nothing: the version, the list of databases, a sign-in, the clock. Whatever is
wrong is raised as the error whose kind says who can mend it; its message is the sentence for the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import SplitResult, urljoin, urlsplit

from towpath.errors import (
    AddressError,
    ConnectionLostError,
    DatabaseError,
    GiveUpError,
    KeyRefusedError,
    RightMissingError,
    SkipRecordError,
    TimedOutError,
    TowpathError,
)
from towpath.odoo.access import Access, ProtocolName
from towpath.odoo.address import Typed, read_address
from towpath.odoo.databases import choose_database, list_databases
from towpath.odoo.detect import ask_version, connect
from towpath.odoo.guard import Guard
from towpath.odoo.looks import looks_like
from towpath.odoo.sign_in import why_refused
from towpath.odoo.status import LABELS
from towpath.odoo.transport import Transport
from towpath.odoo.version import Version
from towpath.odoo.wire import Wire

__all__ = ["Found", "probe"]

PROBE_TIMEOUT = 20.0
"""Seconds for each of the probe's few requests."""

REDIRECTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the probe found; everything a connection needs."""

    access: Access
    """Ready for `towpath.odoo.client.Odoo`: address, database and protocol are settled."""

    version: Version
    databases: tuple[str, ...] | None
    """Databases of the server; None where it does not tell."""

    user_id: int | None
    """The user signed in; None when no secret was given."""

    user_name: str | None
    clock_offset: float | None
    """Seconds that Odoo's clock is ahead of this machine's (a second's precision); None when unknown."""

    sentence: str
    """The result for the person."""


def probe(
    typed: str,
    *,
    database: str | None = None,
    login: str | None = None,
    secret: str | None = None,
    protocol: ProtocolName | None = None,
    readable: Sequence[str] = (),
    guard: Guard | None = None,
    verify: bool = True,
    ca_file: str | None = None,
    timeout: float = PROBE_TIMEOUT,
) -> Found:
    """Find out how to reach the Odoo that a person means.

    typed: as typed or pasted. secret: API key or password; without one only the server is looked at.
    protocol: forces one. readable: models that the user must be able to read. guard: which network
    addresses may be used. timeout: seconds for each request.

    Raises AddressError (not reached, TLS, not an Odoo), DatabaseError (to be named, or unknown),
    KeyRefusedError, TwoFactorError, PlanError, RightMissingError, InputError (login missing), or
    RetryLaterError when the server is busy.
    """
    understood = read_address(typed)
    wire, version, told_by = _find_server(
        understood, guard=guard, verify=verify, ca_file=ca_file, timeout=timeout
    )
    try:
        databases = list_databases(wire)
        named = (database or "").strip() or understood.database
        access = Access(
            url=wire.url,
            database=choose_database(wire.url, named, databases, version=version, protocol=protocol),
            login=(login or "").strip() or None,
            secret=(secret or "").strip(),
            protocol=protocol,
            verify=verify,
            ca_file=ca_file,
        )
        user_id = name = None
        if access.secret:
            transport = _sign_in(access, wire, version, told_by, databases)
            access = replace(access, protocol=transport.protocol)
            user_id = transport.user_id()
            name = _user_name(transport, user_id)
            _check_rights(transport, readable)
        elif protocol is None:
            access = replace(access, protocol="json2" if version.has_json2 else told_by or "jsonrpc")
        clock = wire.clock()
        offset = None if clock is None else (clock - datetime.now(UTC)).total_seconds()
        return Found(
            access=access,
            version=version,
            databases=databases,
            user_id=user_id,
            user_name=name,
            clock_offset=offset,
            sentence=_sentence(access, version, name, offset),
        )
    finally:
        wire.close()


def _find_server(
    typed: Typed, *, guard: Guard | None, verify: bool, ca_file: str | None, timeout: float
) -> tuple[Wire, Version, ProtocolName | None]:
    """Try the candidates in turn and return an open wire to the first Odoo."""
    problems: list[TowpathError] = []
    for url in typed.candidates:
        wire = Wire(url, timeout=timeout, verify=verify, ca_file=ca_file, guard=guard)
        try:
            wire = _follow(wire, guard=guard, verify=verify, ca_file=ca_file, timeout=timeout)
            version, told_by = ask_version(wire)
        except TowpathError as error:
            problems.append(_as_address_error(wire, error))
            wire.close()
            if problems[-1].details.get("cause") == "unknown host":
                break
        except BaseException:
            wire.close()
            raise
        else:
            return wire, version, told_by
    raise _telling(problems)


def _follow(wire: Wire, *, guard: Guard | None, verify: bool, ca_file: str | None, timeout: float) -> Wire:
    """Follow redirects of the front page that stay on the host or go from http to https there."""
    for _ in range(REDIRECTS):
        reply = wire.send("GET", "/web/login", repeatable=True)
        if reply.status not in {301, 302, 303, 307, 308}:
            return wire
        here, there = urlsplit(wire.url), urlsplit(urljoin(reply.url, reply.headers.get("location", "")))
        if there.scheme == here.scheme and there.netloc.lower() == here.netloc.lower():
            return wire  # to another page of the same server, which its API does not mind
        if there.scheme != "https" or not _same_site(here.hostname, there.hostname):
            raise _elsewhere(here, there)
        wire.close()
        wire = Wire(f"https://{there.netloc}", timeout=timeout, verify=verify, ca_file=ca_file, guard=guard)
    raise AddressError(f"{wire.host} redirects in a circle; check its web server.")


def _elsewhere(here: SplitResult, there: SplitResult) -> AddressError:
    """Word a redirect that is not followed; odoo.com sends every name it does not know to its own front page."""
    if there.hostname in {"odoo.com", "www.odoo.com"} and (here.hostname or "").endswith(".odoo.com"):
        label = (here.hostname or "").removesuffix(".odoo.com")
        return AddressError(f"odoo.com knows no database “{label}”; check the first part of the address.")
    target = f"{there.scheme}://{there.netloc}"
    return AddressError(
        f"{here.netloc} leads on to {target}; type that address if it is your Odoo.",
        details={"location": target},
    )


def _same_site(here: str | None, there: str | None) -> bool:
    return (
        bool(here) and bool(there) and (here or "").removeprefix("www.") == (there or "").removeprefix("www.")
    )


def _as_address_error(wire: Wire, error: TowpathError) -> TowpathError:
    """Turn what is temporary trouble for a running connection into a question to whoever typed the address."""
    if isinstance(error, ConnectionLostError) or (
        isinstance(error, TimedOutError) and error.details.get("cause") == "slow to connect"
    ):
        return AddressError(error.message, details=error.details)
    if (
        not isinstance(error, (AddressError, GiveUpError))
        or error.details.get("cause")
        or "location" in error.details
    ):
        return error
    with suppress(TowpathError):
        reply = wire.send("GET", "/", repeatable=True)
        what, odoo = looks_like(reply)
        if odoo:
            return AddressError(
                f"{wire.host} shows a web page of Odoo but answers no API call; "
                "something in front of it blocks /jsonrpc, /xmlrpc and /web/version.",
                details={"seen": what},
            )
        return AddressError(
            f"{wire.host} is not an Odoo: it answers with {what}; check the address.", details={"seen": what}
        )
    return AddressError(error.message, details=error.details)


def _telling(problems: Sequence[TowpathError]) -> TowpathError:
    """Choose which candidate's problem tells the person most."""

    def rank(error: TowpathError) -> int:
        cause = error.details.get("cause")
        if "seen" in error.details or "location" in error.details or not isinstance(error, AddressError):
            return 0
        return {"tls": 1, "garbage": 2, "not tls": 3, "dropped": 3}.get(str(cause), 4)

    return min(problems, key=rank)


def _sign_in(
    access: Access,
    wire: Wire,
    version: Version,
    told_by: ProtocolName | None,
    databases: tuple[str, ...] | None,
) -> Transport:
    try:
        return connect(access, wire, version, told_by)
    except KeyRefusedError as error:
        raise why_refused(access, wire, error) from None
    except DatabaseError as error:
        if databases is not None and access.database in databases:
            raise  # it is there; something else is wrong with it
        raise DatabaseError(
            f"{wire.host} has no database “{access.database}”; check its name (the server does not list them)."
            if access.database
            else f"{wire.host} needs the name of the database; give it (the server does not list them).",
            details=error.details,
        ) from None


def _user_name(transport: Transport, user_id: int) -> str | None:
    with suppress(RightMissingError, SkipRecordError, GiveUpError):
        rows = transport.call("res.users", "read", {"fields": ["login"]}, ids=[user_id], repeatable=True)
        if rows and isinstance(rows, list):
            return str(rows[0].get("login") or "") or None
    return None


def _check_rights(transport: Transport, readable: Sequence[str]) -> None:
    for model in readable:
        transport.call(model, "search_count", {"domain": [("id", "=", 0)]}, repeatable=True)


def _sentence(access: Access, version: Version, name: str | None, offset: float | None) -> str:
    edition = " Enterprise" if version.enterprise else ""
    parts = [f"Odoo {version}{edition} at {access.url}"]
    if access.database:
        parts.append(f"database “{access.database}”")
    if name:
        parts.append(f"signed in as {name}")
    parts.append(f"over {LABELS[access.protocol or 'jsonrpc']}")
    sentence = ", ".join(parts)
    if offset is not None and abs(offset) > 5:
        sentence += (
            f"; its clock is {abs(offset):.0f} seconds {'ahead of' if offset > 0 else 'behind'} this one"
        )
    if name and access.protocol != "json2" and version.has_json2:
        sentence += (
            f"; {LABELS[access.protocol or 'jsonrpc']} ends with Odoo 22, so make an API key before that"
        )
    return f"{sentence}."
