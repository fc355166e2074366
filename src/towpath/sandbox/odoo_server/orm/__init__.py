"""The engine behind the recordsets: fields and their values, domains, reading, writing, rights and names.

Everything here is about any model; what one model does differently belongs in ``models``.
Nothing here knows HTTP or a protocol.
"""

from __future__ import annotations

__all__: list[str] = []
