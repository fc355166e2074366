"""The table's history: one line per commit still in the log, of Towpath and of other programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from towpath.lake.log import read_commit
from towpath.lake.storage import Storage

__all__ = ["Version", "read_history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One commit."""

    version: int
    at: datetime
    operation: str
    run_id: str
    counts: dict[str, int]
    """Rows inserted, updated, unchanged, deleted; empty for upkeep and other programs."""
    extra: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The values as a JSON object."""
        return {
            "version": self.version,
            "at": self.at.isoformat(),
            "operation": self.operation,
            "run_id": self.run_id,
            "counts": self.counts,
            "extra": self.extra,
        }


def read_history(storage: Storage, newest: int, limit: int | None = None) -> Iterator[Version]:
    """The commits from version `newest` down, `limit` at most, until one is not kept any more."""
    stop = -1 if limit is None else max(newest - limit, -1)
    for version in range(newest, stop, -1):
        try:
            actions = read_commit(storage, version)
        except FileNotFoundError:
            return
        info: dict[str, Any] = next(
            (action["commitInfo"] for action in actions if "commitInfo" in action), {}
        )
        note = _note(info.get("userMetadata"))
        yield Version(
            version=version,
            at=datetime.fromtimestamp(int(info.get("timestamp") or 0) / 1000, UTC),
            operation=str(info.get("operation") or ""),
            run_id=str(note.get("run_id") or ""),
            counts=dict(note.get("counts") or {}),
            extra=dict(note.get("extra") or {}),
        )


def _note(text: Any) -> dict[str, Any]:
    """What Towpath wrote beside a commit; empty when another program made it."""
    try:
        return dict(orjson.loads(text)["towpath"])
    except (TypeError, KeyError, ValueError):
        return {}
