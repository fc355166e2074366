"""The version of an Odoo server, read from what it says about itself.

Versions tell little by themselves (apps and modules change more); what matters here is the protocol.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from towpath.errors import ProtocolError

__all__ = ["Version"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Version:
    """Such as 17.0, 19.0 or the Odoo Online release saas~18.4; compares by number."""

    major: int
    minor: int
    text: str = ""
    """As the server writes it, such as ``17.0-20240709`` or ``saas~18.4+e``."""

    enterprise: bool = False

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    @property
    def has_json2(self) -> bool:
        """Whether JSON-2 is there: 19.0, and online from 18.4 on (facts §2.1)."""
        return (self.major, self.minor) >= (18, 4)

    @property
    def has_rpc(self) -> bool:
        """Whether the two older protocols are there: to 21 (facts §0.3)."""
        return self.major < 22

    @classmethod
    def parse(cls, text: str, info: Sequence[Any] | None = None) -> Version:
        """Read ``server_version`` or ``version``; info, when given, is ``version_info``.

        >>> Version.parse("saas~18.4+e", ["saas~18", 4, 0, "final", 0, "e"]).has_json2
        True
        """
        found = re.search(r"(\d+)\.(\d+)", text) or (
            re.search(r"(\d+)\.(\d+)", f"{info[0]}.{info[1]}") if info and len(info) > 1 else None
        )
        if found is None:
            raise ProtocolError("The server did not say which Odoo it is; check the address.")
        edition = str(info[5]) if info and len(info) > 5 else ""
        return cls(
            major=int(found.group(1)),
            minor=int(found.group(2)),
            text=text[:80],
            enterprise="e" in edition or text.endswith("+e"),
        )
