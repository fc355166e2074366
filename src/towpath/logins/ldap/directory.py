"""Find an entry by its login, and bind as it with the password."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Literal

from ldap3 import NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from towpath.errors import (
    AddressError,
    FixSettingsError,
    InputError,
    KeyRefusedError,
    NotFoundError,
    RetryLaterError,
    SignInError,
)
from towpath.logins.identity import Identity
from towpath.odoo.guard import AddressGuard

__all__ = ["STEPS", "Directory", "examine", "look", "prove"]

STEPS = ("reach", "bind", "search")

_CONNECT, _ANSWER = 5, 10
_SEARCHER = "The directory refuses the user that searches; correct its name and password."
_REFUSED = "The login or the password is not right; check both and try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """A directory as an administrator configured it (S3.ldap.3-5)."""

    host: str
    port: int
    tls: Literal["ldaps", "starttls"]
    #: PEM of the authority that signed its certificate; None: those that the system trusts.
    ca: str | None
    #: The user that searches; None: anonymous.
    bind_dn: str | None
    bind_password: str | None
    base: str
    #: With ``%s`` where the login goes, such as ``(uid=%s)``.
    filter: str
    name_attribute: str = "cn"
    email_attribute: str = "mail"
    #: Where and how groups are found by their member, with ``%s`` for its name; empty: ``memberOf`` alone.
    group_base: str = ""
    group_filter: str = ""
    private: bool = False


def prove(directory: Directory, login: str, password: str) -> Identity:
    """Who the person is, once the directory takes their password.

    :raises SignInError: nobody of that login, more than one, or the password is wrong; the sentence is the same.
    :raises RetryLaterError: the directory does not answer.
    :raises FixSettingsError: it refuses us: address, certificate, or the user that searches.
    """
    # A bind with a name and no password is an anonymous one, and succeeds (RFC 4513, 5.1.2).
    if not password or not login:
        raise SignInError(_REFUSED)
    with _searching(directory) as connection:
        found = _entries(directory, connection, login)
        entry = found[0] if len(found) == 1 else None
        groups = _groups(directory, connection, entry) if entry is not None else frozenset()
    # Where there is nobody a bind is tried all the same, so that both take as long.
    dn = entry["dn"] if entry is not None else f"cn=nobody,{directory.base}"
    with _connected(directory, dn, password) as (_, bound):
        if not bound or entry is None:
            raise SignInError(_REFUSED)
    return _identity(directory, entry, login, groups)


def look(directory: Directory, login: str) -> Identity:
    """Who would sign in by a login, without their password.

    :raises NotFoundError: nobody fits the filter, or more than one.
    :raises TowpathError: the directory can not be asked.
    """
    with _searching(directory) as connection:
        found = _entries(directory, connection, login)
        if len(found) != 1:
            raise NotFoundError(
                f"Nobody fits {directory.filter} with this login in {directory.base}; correct the filter or the base."
                if not found
                else f"More than one entry fits {directory.filter} with this login, so nobody could sign in by it; make "
                "the filter narrower."
            )
        return _identity(directory, found[0], login, _groups(directory, connection, found[0]))


def _identity(directory: Directory, entry: dict[str, Any], login: str, groups: frozenset[str]) -> Identity:
    values = entry["attributes"]
    email = _first(values.get(directory.email_attribute))
    return Identity(
        subject=_first(values.get("entryUUID")) or _first(values.get("objectGUID")) or entry["dn"],
        login=login,
        name=_first(values.get(directory.name_attribute)) or login,
        email=email,
        email_verified=email is not None,
        groups=groups,
    )


def examine(directory: Directory) -> Iterator[str]:
    """One sentence for each of :data:`STEPS` that is right; ends with the error of the first that is not.

    :raises TowpathError: what is wrong, in one sentence.
    """
    with _connected(directory, directory.bind_dn, directory.bind_password) as (connection, bound):
        yield f"{directory.host} answers over TLS, and its certificate is trusted."
        if not bound:
            raise KeyRefusedError(_SEARCHER)
        yield (
            f"It lets {directory.bind_dn} in." if directory.bind_dn else "It lets anybody in without a name."
        )
        found = _search(connection, directory.base, "(objectClass=*)", ["1.1"], most=1)
        if not found:
            raise FixSettingsError(f"There is nothing to be seen in {directory.base}; correct the base.")
        yield f"{directory.base} can be searched."


@contextlib.contextmanager
def _searching(directory: Directory) -> Iterator[Any]:
    with _connected(directory, directory.bind_dn, directory.bind_password) as (connection, bound):
        if not bound:
            raise KeyRefusedError(_SEARCHER)
        yield connection


@contextlib.contextmanager
def _connected(directory: Directory, user: str | None, password: str | None) -> Iterator[tuple[Any, bool]]:
    tls = Tls(
        validate=ssl.CERT_REQUIRED,
        version=ssl.PROTOCOL_TLS_CLIENT,
        ca_certs_data=directory.ca or None,
        valid_names=[directory.host],
        sni=directory.host,
    )
    server = Server(
        _address(directory),  # the one that was checked: the name may lead elsewhere a moment later
        port=directory.port,
        use_ssl=directory.tls == "ldaps",
        tls=tls,
        get_info=NONE,
        connect_timeout=_CONNECT,
    )
    connection = Connection(
        server,
        user=user or None,
        password=password if user else None,
        receive_timeout=_ANSWER,
        read_only=True,
        check_names=False,
        auto_referrals=False,
    )
    try:
        connection.open()
        if directory.tls == "starttls" and not connection.start_tls():
            raise FixSettingsError("The directory does not speak StartTLS; use LDAPS, or its other port.")
        yield connection, bool(connection.bind())
    except (LDAPException, OSError) as problem:
        raise _explained(directory, problem) from None
    finally:
        with contextlib.suppress(LDAPException, OSError):
            connection.unbind()
        if connection.socket is not None:  # it leaves it open where TLS did not come about
            connection.socket.close()


def _explained(directory: Directory, problem: Exception) -> Exception:
    text = str(problem).lower()
    if "certificate" in text or "tls" in text or "ssl" in text or "hostname" in text:
        return AddressError(
            f"The certificate of {directory.host} is not trusted, or it speaks no TLS there; give the certificate of "
            "its authority, and check name and port."
        )
    return RetryLaterError(
        f"The directory at {directory.host}:{directory.port} does not answer; try again later."
    )


def _address(directory: Directory) -> str:
    guard = AddressGuard(private=directory.private)
    try:
        found = socket.getaddrinfo(directory.host, directory.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressError(f"{directory.host} has no address; check the name.") from None
    why = "has no address"
    for entry in found:
        address = str(entry[4][0])
        refused = guard(ip_address(address.partition("%")[0]))
        if refused is None:
            return address
        why = f"{address} {refused}"
    raise AddressError(f"Towpath does not connect to {directory.host}: {why}; see TOWPATH_PRIVATE_ADDRESSES.")


def _entries(directory: Directory, connection: Any, login: str) -> list[dict[str, Any]]:
    """What fits the login: nothing, one entry, or two of several."""
    if "%s" not in directory.filter:
        raise InputError("The filter has no %s where the login goes; correct it, such as (uid=%s).")
    text = directory.filter.replace("%s", escape_filter_chars(login))
    text = text if text.startswith("(") else f"({text})"
    wanted = [directory.name_attribute, directory.email_attribute, "entryUUID", "objectGUID", "memberOf"]
    return _search(connection, directory.base, text, wanted, most=2)


def _groups(directory: Directory, connection: Any, entry: dict[str, Any]) -> frozenset[str]:
    names = {str(one) for one in _all(entry["attributes"].get("memberOf"))}
    if directory.group_filter:
        text = directory.group_filter.replace("%s", escape_filter_chars(entry["dn"]))
        text = text if text.startswith("(") else f"({text})"
        for group in _search(connection, directory.group_base or directory.base, text, ["cn"], most=500):
            names.add(group["dn"])
            names.update(str(one) for one in _all(group["attributes"].get("cn")))
    return frozenset(names)


def _search(
    connection: Any, base: str, text: str, attributes: list[str], *, most: int
) -> list[dict[str, Any]]:
    try:
        connection.search(base, text, SUBTREE, attributes=attributes, size_limit=most, time_limit=_ANSWER)
    except LDAPException as problem:
        if "filter" in str(problem).lower() or "Filter" in type(problem).__name__:
            raise InputError("The directory's filter is not valid; write it as (uid=%s).") from None
        raise
    if connection.result["result"] not in {0, 4}:  # 4: there are more than were asked for
        raise FixSettingsError(
            f"The directory does not let us search in {base} ({connection.result['description']}); correct the base, "
            "or the user that searches."
        )
    return [one for one in connection.response or () if one.get("type") == "searchResEntry"]


def _all(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _first(value: Any) -> str | None:
    for one in _all(value):
        text = one.hex() if isinstance(one, bytes) else str(one)
        if text:
            return text
    return None
