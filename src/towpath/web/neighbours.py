"""Addresses of those who ask: as a proxy tells them, and how many are one and the same asker."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address, ip_network

__all__ = ["bare", "network"]

_WITH_PORT = re.compile(r"(\d+\.\d+\.\d+\.\d+):\d+|\[([0-9A-Fa-f:.]+)\](?::\d+)?")


def bare(hop: str) -> str:
    """An entry of ``X-Forwarded-For`` without the port that some proxies add: each request would be somebody else's."""
    found = _WITH_PORT.fullmatch(hop)
    return hop if found is None else found[1] or found[2]


def network(address: str) -> str:
    """What counts as one asker: of version 6 the /64 that every line has whole, else the address itself."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ip_network((known, 64), strict=False))
