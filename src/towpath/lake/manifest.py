"""Manifests: which version of each table belongs together, one small JSON file per run or batch.

They lie under `_manifests` in the lake's root, beside the layers, and are put there only if none of that name
is, so that a manifest never changes. Tables are named relative to the root: a lake that moves keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from towpath.errors import DamagedError, InputError, NotFoundError
from towpath.lake.storage import open_storage

__all__ = ["FOLDER", "Manifest", "forget", "newest", "publish", "read"]

FOLDER = "_manifests"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The versions that one run (or batch of runs) left."""

    id: str
    """Letters, digits, `.`, `_` and `-`, 200 at most."""
    tables: Mapping[str, int]
    """Versions by the tables' addresses, as in `TableRef.uri`."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


def publish(root: str, manifest: Manifest, options: Mapping[str, str] | None = None) -> Manifest:
    """Put a manifest; returns what stands under its name, which is that of whoever came first.

    `root` is the lake's (`Settings.lake_root`), `options` its `storage_options`. Repeating it after a crash
    does no harm. Raises InputError for a name that is none, FixSettingsError or ConnectionLostError when the
    file can not be put.
    """
    path = _path(manifest.id)
    top = root.rstrip("/") + "/"
    body = {
        "id": manifest.id,
        "at": manifest.at.astimezone(UTC).isoformat(),
        "tables": {uri.removeprefix(top): int(version) for uri, version in sorted(manifest.tables.items())},
    }
    data = orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    open_storage(root, options).create(path, data)
    return read(root, manifest.id, options)


def read(root: str, name: str, options: Mapping[str, str] | None = None) -> Manifest:
    """The manifest of a run or batch.

    Raises NotFoundError with the newest names when there is none, DamagedError when it can not be read.
    """
    try:
        data = bytes(open_storage(root, options).read(_path(name)))
    except FileNotFoundError:
        known = ", ".join(newest(root, 3, options))
        hint = f"the newest are: {known}." if known else "no run has left one yet."
        raise NotFoundError(f"There is no manifest of the run {name}; {hint}") from None
    try:
        body: dict[str, Any] = orjson.loads(data)
        versions = {_uri(root, table): int(version) for table, version in body["tables"].items()}
        return Manifest(id=str(body["id"]), tables=versions, at=datetime.fromisoformat(body["at"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedError(
            f"The manifest of the run {name} can not be read; run its streams again."
        ) from error


def newest(root: str, limit: int, options: Mapping[str, str] | None = None) -> list[str]:
    """Names of the manifests, the one put last first."""
    found = [entry for entry in open_storage(root, options).entries(FOLDER) if entry.path.endswith(".json")]
    found.sort(key=lambda entry: (entry.modified, entry.path), reverse=True)
    return [entry.path.removeprefix(f"{FOLDER}/").removesuffix(".json") for entry in found[:limit]]


def forget(root: str, before: datetime, options: Mapping[str, str] | None = None) -> int:
    """Remove the manifests put before a moment, whose versions are no longer kept; returns how many."""
    storage = open_storage(root, options)
    old = [entry.path for entry in storage.entries(FOLDER) if entry.modified < before.timestamp()]
    storage.delete(old)
    return len(old)


def _path(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name[:200]!r} is no name of a run; it has letters, digits, '.', '_' and '-' only."
        )
    return f"{FOLDER}/{name}.json"


def _uri(root: str, table: str) -> str:
    whole = "://" in table or table.startswith("/")
    return table if whole else f"{root.rstrip('/')}/{table}"
