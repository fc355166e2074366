"""Asking a server which Odoo it is, and choosing the protocol to call it by (design decision 4)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from towpath.errors import (
    AddressError,
    DatabaseError,
    GiveUpError,
    KeyRefusedError,
    ProtocolError,
    TowpathError,
)
from towpath.odoo.access import Access, ProtocolName
from towpath.odoo.jsonrpc import json_service
from towpath.odoo.transport import Transport, open_transport
from towpath.odoo.version import Version
from towpath.odoo.wire import Wire
from towpath.odoo.xmlrpc import xml_service

__all__ = ["ask_version", "connect", "greet"]


def ask_version(wire: Wire, *, timeout: float | None = None) -> tuple[Version, ProtocolName | None]:
    """Return the version and the protocol that told it (None for the plain page of 19.0 and later).

    Raises the error of the last way tried when none works; connection trouble ends the search at once.
    """
    with suppress(GiveUpError):
        reply = wire.send("GET", "/web/version", repeatable=True, timeout=timeout)
        if reply.status == 200 and reply.is_json:
            with suppress(ValueError):
                return _version(reply.json(), "version"), None
    try:
        return _version(
            json_service(wire, "common", "version", [], repeatable=True, timeout=timeout)
        ), "jsonrpc"
    except TowpathError as first:
        if first.details.get("cause") not in {None, "garbage"} or first.details.get("status") in {
            429,
            502,
            503,
            504,
        }:
            raise
        try:
            answer = xml_service(wire, "common", "version", [], repeatable=True, timeout=timeout)
        except TowpathError:
            raise first from None
        return _version(answer), "xmlrpc"


def greet(wire: Wire, protocol: ProtocolName | None) -> None:
    """Make the cheapest call there is, to see the server's clock; an older Odoo would render a page for a GET."""
    if protocol == "jsonrpc":
        json_service(wire, "common", "version", [], repeatable=True)
    elif protocol == "xmlrpc":
        xml_service(wire, "common", "version", [], repeatable=True)
    else:
        wire.send("GET", "/web/version", repeatable=True)


def connect(access: Access, wire: Wire, version: Version, told_by: ProtocolName | None) -> Transport:
    """Return the best transport that takes the credentials: JSON-2 first, then JSON-RPC, then XML-RPC.

    JSON-2 takes API keys only, so a password with a login goes on to the older protocols while they last.
    Raises KeyRefusedError, DatabaseError or InputError when no protocol takes them.
    """
    if access.protocol is not None:
        transport = open_transport(access, wire)
        transport.user_id()
        return transport
    older = version.has_rpc and bool(access.login) and bool(access.database)
    if version.has_json2:
        try:
            transport = open_transport(replace(access, protocol="json2"), wire)
            transport.user_id()
        except (KeyRefusedError, DatabaseError, AddressError) as error:
            if not older or (isinstance(error, AddressError) and error.details.get("cause")):
                raise
        else:
            return transport
    protocol: ProtocolName = "xmlrpc" if told_by == "xmlrpc" else "jsonrpc"
    transport = open_transport(replace(access, protocol=protocol), wire)
    try:
        transport.user_id()
    except AddressError:
        if protocol == "xmlrpc":
            raise
        transport = open_transport(replace(access, protocol="xmlrpc"), wire)
        transport.user_id()
    return transport


def _version(answer: Any, name: str = "server_version") -> Version:
    if not isinstance(answer, dict) or not isinstance(answer.get(name), str):
        raise ProtocolError("The server did not say which Odoo it is; check the address.")
    info = answer.get(f"{name}_info")
    return Version.parse(answer[name], info if isinstance(info, list) else None)
