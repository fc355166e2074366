"""Whether two addresses lead to the same Odoo database.

Odoo gives every database an identifier of its own (the system parameter ``database.uuid``), which a copy made
by Odoo does not share. Only administrators may read it, so it can be unknown; then host and name decide. What
is kept of it is a hash, because Odoo's own services take the identifier for more than a name.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress

from towpath.errors import TowpathError
from towpath.odoo import Access, Guard, Odoo, Pace, Retry

__all__ = ["differ", "fingerprint"]

_QUICK = Retry(attempts=1, attempts_when_slow=1)


def fingerprint(access: Access, pace: Pace, guard: Guard | None = None) -> str | None:
    """32 hexadecimal digits that tell the database, None when this user may not know it or nothing answers."""
    with suppress(TowpathError), Odoo(access, pace, retry=_QUICK, guard=guard) as odoo:
        found = odoo.search_read(
            "ir.config_parameter", [("key", "=", "database.uuid")], ["value"], limit=1, order="id"
        )
        if found and isinstance(found[0].get("value"), str):
            return hashlib.sha256(found[0]["value"].encode()).hexdigest()[:32]
    return None


def differ(one: str | None, other: str | None) -> bool | None:
    """Whether two fingerprints are of two databases; None when one of them is not known."""
    return None if one is None or other is None else one != other
