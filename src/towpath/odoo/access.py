"""How to reach one Odoo database: its address, its name, who signs in and with what.

An `Access` is what a connection stores (the secret sealed elsewhere) and what a client needs. It holds no
open socket and is safe to share between threads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

__all__ = ["Access", "ProtocolName"]

ProtocolName: TypeAlias = Literal["json2", "jsonrpc", "xmlrpc"]
"""The three ways to call Odoo from outside: JSON-2 (19.0 and later), JSON-RPC and XML-RPC (to 21)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One Odoo database and the credentials for it. The secret never shows in `repr`."""

    url: str
    """Root address with scheme and without a trailing slash, such as ``https://acme.odoo.com``."""

    database: str | None = None
    """Name of the database; None lets the server decide by host name (JSON-2 only, S2.5)."""

    login: str | None = None
    """User name; JSON-2 does without, the two older protocols need it (S1.5)."""

    secret: str = field(default="", repr=False)
    """API key, or the password where the database still takes one."""

    protocol: ProtocolName | None = None
    """None lets the client ask the server once and choose."""

    timeout: float = 120.0
    """Seconds for one whole answer; Odoo itself stops a request after 120 by default (facts §2.3)."""

    verify: bool = True
    """Whether the TLS certificate is checked. False is for a test server only."""

    ca_file: str | None = None
    """File of PEM certificates to trust beside the system's, for a company's own authority."""

    @property
    def host(self) -> str:
        """Host and port as written in the address, in lower case."""
        return urlsplit(self.url).netloc.rpartition("@")[2].lower()

    @property
    def on_odoo_com(self) -> bool:
        """Whether the database lives on Odoo's own cloud, where calls are counted (facts §2.3)."""
        name = (urlsplit(self.url).hostname or "").lower()
        return name == "odoo.com" or name.endswith(".odoo.com")
