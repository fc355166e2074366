"""From what a person typed or pasted to the root addresses worth trying.

People paste what stands in their browser: with or without scheme, with /web, /odoo or a whole client URL
behind it, with spaces round it, with a user name in it, in capitals, with letters of any language (S1.6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import idna

from towpath.errors import AddressError

__all__ = ["Typed", "read_address"]

PLAIN_PORTS = {80, 8069, 8070, 8071, 8072, 8080, 8000, 3000}
"""Ports where Odoo is met without TLS; others are tried with TLS first."""

TLS_PORTS = {443, 8443, 4443}

HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was understood of a typed address."""

    candidates: tuple[str, ...]
    """Root addresses to try, best first, each without a trailing slash."""

    database: str | None = None
    """Database named in the address (``?db=``), if any."""

    @property
    def host(self) -> str:
        """Host and port, as shown to people."""
        return urlsplit(self.candidates[0]).netloc


def read_address(text: str) -> Typed:
    """Understand a typed address; raises AddressError with a sentence when it can not be one.

    >>> read_address(" ACME.odoo.com/web/login#action=1 ").candidates
    ('https://acme.odoo.com', 'http://acme.odoo.com')
    >>> read_address("localhost:8069/odoo").candidates
    ('http://localhost:8069', 'https://localhost:8069')
    """
    parts = _split(_tidy(text))
    if parts.username or parts.password:
        raise AddressError("The address holds a user name or password; give those in their own fields.")
    host = _host(parts.hostname or "", text)
    try:
        port = parts.port
    except ValueError:
        raise AddressError("The port in the address is not a number from 1 to 65535.") from None
    if port == 0:
        raise AddressError("The port in the address is not a number from 1 to 65535.")
    database = next(iter(parse_qs(parts.query).get("db", [])), None)
    if parts.scheme:
        schemes = [parts.scheme]
    elif port in PLAIN_PORTS or (_inside(host) and port not in TLS_PORTS):
        schemes = ["http", "https"]
    else:
        schemes = ["https", "http"]
    return Typed(
        candidates=tuple(_root(scheme, host, port) for scheme in schemes),
        database=unquote(database) if database else None,
    )


def _tidy(text: str) -> str:
    text = re.sub(r"[\s\u200b\ufeff]+", "", text.strip().strip("<>\"'`“”«»"))
    if not text:
        raise AddressError(
            "No address was given; type the one you open Odoo with, such as mycompany.odoo.com."
        )
    if len(text) > 2_000:
        raise AddressError("The address is too long; type only the part up to the first single slash.")
    return text.replace("\\", "/")


def _split(text: str) -> SplitResult:
    scheme, found, rest = text.partition("://")
    if not found:
        scheme, rest = "", text.lstrip("/")
    scheme = scheme.lower()
    if scheme in {"http", "https", ""}:
        pass
    elif scheme in {"htp", "htttp", "ttp", "hhtp"}:
        scheme = ""
    elif scheme in {"htps", "htttps", "ttps", "hhtps"}:
        scheme = "https"
    else:
        raise AddressError(f"An address of Odoo begins with https:// or http://, not with {scheme[:20]}://.")
    if re.fullmatch(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*", rest):
        rest = f"[{rest}]"
    try:
        return urlsplit(f"{scheme}://{rest}" if scheme else f"//{rest}")
    except ValueError:
        raise AddressError("The address can not be read; check its brackets and the port.") from None


def _host(name: str, typed: str) -> str:
    if ":" in name:
        try:
            return f"[{IPv6Address(name.partition('%')[0])}]"
        except ValueError:
            raise AddressError(f"“{typed.strip()[:80]}” is not an address; check the spelling.") from None
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise AddressError(f"“{name[:80]}” is not the name of a server; check the spelling.") from None
    name = name.lower().rstrip(".")
    if not HOST.fullmatch(name) or len(name) > 253:
        raise AddressError(f"“{typed.strip()[:80]}” is not an address; type one such as mycompany.odoo.com.")
    return name


def _inside(host: str) -> bool:
    """Whether a host lies on this machine or in a private network, where Odoo mostly has no certificate."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return not ip_address(host.strip("[]")).is_global
    except ValueError:
        return False


def _root(scheme: str, host: str, port: int | None) -> str:
    usual = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{host}" if port in {None, usual} else f"{scheme}://{host}:{port}"
