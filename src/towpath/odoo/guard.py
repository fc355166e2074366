"""Which network addresses Towpath may connect to, checked at the moment of connecting.

A person can type any address into a connection. The check runs on the resolved IP address inside the
connection pool, so neither a redirect nor a name that changes its address later gets round it (SSRF).
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Protocol, TypeAlias

import httpcore2

from towpath.errors import AddressError

__all__ = ["AddressGuard", "Guard", "GuardedNetwork", "IpAddress"]

IpAddress: TypeAlias = IPv4Address | IPv6Address

METADATA = frozenset(
    ip_address(text)
    for text in ("169.254.169.254", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254")
)
"""Where clouds keep the credentials of their machines; some of them are not link-local."""


#: Addresses of version 6 whose last four bytes are one of version 4, which a translator on the way connects to: the
#: well-known and the local prefix of NAT64 (RFC 6052, RFC 8215), SIIT (RFC 7915), and what came before them (RFC 4291).
_TRANSLATED = tuple(
    ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")
)


class Guard(Protocol):
    """Decides on one address: returns why it may not be used, or None when it may."""

    def __call__(self, address: IpAddress) -> str | None:
        """Return a reason such as "is a link-local address", or None."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressGuard:
    """The default guard: never link-local, cloud metadata, multicast or unspecified addresses."""

    private: bool = True
    """Whether private and loopback addresses may be used. A hub that strangers can reach sets False."""

    def __call__(self, address: IpAddress) -> str | None:
        """Return why the address may not be used, or None."""
        if isinstance(address, IPv6Address):
            inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
            if inner is not None:
                return self(inner)
            if int(address) > 1 and any(address in network for network in _TRANSLATED):
                return self(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address in METADATA:
            return "is the metadata service of a cloud"
        if address.is_link_local:
            return "is a link-local address"
        if address.is_multicast or address.is_unspecified:
            return "is not the address of one machine"
        if not self.private and (not address.is_global or getattr(address, "is_site_local", False)):
            return "lies in a private network"
        return None


class GuardedNetwork(httpcore2.SyncBackend):
    """Opens TCP connections, only to addresses the guard lets through.

    Raises `towpath.errors.AddressError` when every address of a host is refused.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Resolve the host, drop refused addresses and connect to the first that answers."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(str(error)) from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        allowed, reason = [], "has no address"
        for text in addresses:
            why = self._guard(ip_address(text.partition("%")[0]))
            if why is None:
                allowed.append(text)
            else:
                reason = f"{text} {why}"
        if not allowed:
            raise AddressError(
                f"Towpath does not connect to {host}: {reason}; give the public address of the Odoo server."
            )
        for number, text in enumerate(allowed, 1):
            try:
                return super().connect_tcp(text, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(allowed):
                    raise
        raise httpcore2.ConnectError(f"{host} has no address")  # pragma: no cover
