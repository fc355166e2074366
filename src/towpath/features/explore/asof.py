"""An earlier state of a table: a version of it, a moment, or what one run left.

In SQL ``account_move at (version => 12)`` or ``account_move at (timestamp => '2026-11-01 08:00')``; for all
tables of a query at once ``--as-of`` with a time or ``run:ID``. How far back is a matter of the table's retention.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from towpath.errors import InputError
from towpath.lake.log import Snapshot
from towpath.lake.manifest import read
from towpath.lake.retention import gone
from towpath.lake.table import Table

__all__ = ["AsOf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """A version, a moment (UTC), or the versions of a run's manifest."""

    version: int | None = None
    moment: datetime | None = None
    run: str = ""
    versions: tuple[tuple[str, int], ...] = ()
    """Of a run: address and version of each table."""

    def __str__(self) -> str:
        if self.run:
            return f"run:{self.run}"
        return str(self.version) if self.moment is None else self.moment.isoformat()

    @classmethod
    def from_text(cls, text: str) -> AsOf:
        """From a time in ISO 8601; without a zone it is UTC. InputError when it is none."""
        try:
            moment = datetime.fromisoformat(text.strip())
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise InputError(f"{text[:100]!r} is no time; write it like 2026-11-01T08:00 (UTC).") from error
        return cls(moment=moment)

    @classmethod
    def from_run(cls, run: str, root: str, options: Mapping[str, str] | None = None) -> AsOf:
        """What a run (or batch) left, by its manifest in the lake of `root`. NotFoundError when it has none."""
        found = read(root, run, options)
        return cls(run=found.id, versions=tuple(sorted(found.tables.items())))

    @classmethod
    def from_option(cls, text: str, root: str, options: Mapping[str, str] | None = None) -> AsOf:
        """What `--as-of` says: a time, or `run:ID` of a run in the lake of `root`."""
        kind, colon, name = text.strip().partition(":")
        return cls.from_run(name, root, options) if colon and kind == "run" else cls.from_text(text)

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
        version = self._version(table)
        snapshot = table.require(version)
        if any(not table.storage.exists(path) for path in snapshot.files):
            raise gone(f"Version {snapshot.version}", table.require().metadata.configuration)
        return snapshot

    def _version(self, table: Table) -> int | None:
        if self.moment is not None:
            return table.version_at(self.moment)
        if not self.run:
            return self.version
        found = dict(self.versions).get(table.uri)
        if found is None:
            name = table.uri.rstrip("/").rpartition("/")[2]
            raise InputError(f"The run {self.run} has no state of the table {name}; ask for its tables only.")
        return found
