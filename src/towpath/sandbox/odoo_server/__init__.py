"""An honest emulator of the external API of Odoo 17.0 and 19.0 on PostgreSQL.

Here live the registry of models, the recordset ORM, the data and the wire protocols.
Nothing of the rest of Towpath may be imported here, and nothing of the rest may import this package.
"""

from __future__ import annotations

__all__: list[str] = []
