"""How a table is named in the catalog: layer, folder, table.

Light on purpose (no pyarrow), so that whoever lists tables pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["TableRef"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRef:
    """One table of the catalog (features S2.9-S2.12): where it hangs and where its Delta files lie."""

    layer: str
    folder: str
    name: str
    uri: str
    """A folder, or an `s3://`, `gs://`, `az://` or `abfss://` address."""
    model: str = ""
    """The Odoo model it was read from; empty when it has none."""
    description: str = ""
    connection: str = ""
    """The connection whose Odoo it was read from; empty when it has none."""
    connection_id: str = ""
    """Its id, on which the rights of people hang; empty when it has none."""
    versions_uri: str = ""
    """The table that keeps every version of its rows; empty when there is none."""
    storage_options: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """Options of the object store; may hold secrets, hence not in the repr."""

    @property
    def path(self) -> str:
        """The full name people see: ``layer/folder/table``."""
        return "/".join(part for part in (self.layer, self.folder, self.name) if part)
