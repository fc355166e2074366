"""An earlier state of a table: a version of it, or a moment.

In SQL ``account_move at (version => 12)`` or ``account_move at (timestamp => '2026-11-01 08:00')``; for all
tables of a query at once ``--as-of``. How far back is a matter of the table's retention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from towpath.errors import InputError
from towpath.lake.log import Snapshot
from towpath.lake.retention import gone
from towpath.lake.table import Table

__all__ = ["AsOf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """Either a version or a moment (UTC)."""

    version: int | None = None
    moment: datetime | None = None

    def __str__(self) -> str:
        return str(self.version) if self.moment is None else self.moment.isoformat()

    @classmethod
    def from_text(cls, text: str) -> AsOf:
        """From a time in ISO 8601; without a zone it is UTC. InputError when it is none."""
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError as error:
            raise InputError(f"{text!r} is no time; write it like 2026-11-01T08:00 (UTC).") from error
        return cls(moment=moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))

    @classmethod
    def from_clause(cls, clause: Mapping[str, Any]) -> AsOf:
        """From the ``at`` clause of DuckDB's syntax tree; only plain values are possible."""
        value = clause["expr"]
        if value.get("class") == "CAST":
            value = value.get("child") or {}
        literal = value.get("literal") if value.get("class") == "CONSTANT" else None
        kind, text = (literal or {}).get("kind"), str((literal or {}).get("text") or "")
        if clause["unit"] == "VERSION" and kind == "INTEGER" and text.isdigit():
            return cls(version=int(text))
        if clause["unit"] == "TIMESTAMP" and kind == "STRING":
            return cls.from_text(text)
        raise InputError(
            "AT takes (version => 12) or (timestamp => '2026-11-01 08:00'), nothing to be computed."
        )

    def of(self, table: Table) -> Snapshot:
        """The table as it was then. InputError when that is not kept any more."""
        version = self.version if self.moment is None else table.version_at(self.moment)
        snapshot = table.require(version)
        if any(not table.storage.exists(path) for path in snapshot.files):
            raise gone(f"Version {snapshot.version}", table.require().metadata.configuration)
        return snapshot
