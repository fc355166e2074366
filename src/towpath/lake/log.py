"""Reading the Delta log: which files are the table now, its schema, and how far each writer has come.

The protocol: a table's folder has `_delta_log/00000000000000000007.json` with one action a line, and now
and then a Parquet checkpoint that sums up all before it. Towpath writes reader version 1 and writer
version 2, which every Delta reader knows (facts §4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import orjson
import pyarrow as pa

from towpath.errors import DamagedError, InputError
from towpath.lake.columns import read_schema
from towpath.lake.storage import Storage

__all__ = [
    "LOG",
    "File",
    "Mark",
    "Metadata",
    "Snapshot",
    "advance",
    "commit_path",
    "file_of",
    "list_log",
    "load",
    "read_commit",
]

LOG = "_delta_log"
_COMMIT = re.compile(r"_delta_log/(\d{20})\.json")
_CHECKPOINT = re.compile(r"_delta_log/(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10}))?\.parquet")
_READABLE = {"timestampNtz"}
_WRITABLE = {"appendOnly", "invariants", "timestampNtz"}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One Parquet part that belongs to the table."""

    path: str
    size: int
    rows: int | None
    low: Any
    """Least key of the part; None when the writer gave no statistics."""
    high: Any
    deleted: int | None
    """Rows marked as deleted in the source; None when unknown."""
    modified: int
    stats: str | None
    add: Mapping[str, Any] = field(repr=False)
    """The whole `add` action, for checkpoints."""

    def bounds(self, key: str) -> tuple[Any, Any]:
        """Least and greatest value of a column, (None, None) where the statistics do not say."""
        if key == "id":
            return self.low, self.high
        stats = orjson.loads(self.stats or "{}")
        return (stats.get("minValues") or {}).get(key), (stats.get("maxValues") or {}).get(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The table's `metaData` action."""

    raw: Mapping[str, Any]
    schema: pa.Schema

    @property
    def description(self) -> str:
        """What the table holds, in words."""
        return str(self.raw.get("description") or "")

    @property
    def configuration(self) -> dict[str, str]:
        """Table properties such as `delta.logRetentionDuration`."""
        return dict(self.raw.get("configuration") or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far one writer has come, as the newest commit of Towpath tells."""

    sequence: int
    cursor: dict[str, Any]
    run_id: str
    counts: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """The values as a JSON object."""
        return {
            "sequence": self.sequence,
            "cursor": self.cursor,
            "run_id": self.run_id,
            "counts": self.counts,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The table as one version shows it."""

    version: int
    protocol: Mapping[str, Any]
    metadata: Metadata
    files: dict[str, File]
    transactions: dict[str, int]
    marks: dict[str, Mark]
    timestamp: int = 0
    """Milliseconds since 1970 of the newest commit; 0 when read from a checkpoint alone."""

    def ordered(self) -> list[File]:
        """The files by least key, those without statistics first."""
        return sorted(self.files.values(), key=lambda file: (file.low is not None, file.low or 0, file.path))

    def require_writable(self) -> None:
        """Raise InputError when another program gave the table features Towpath can not keep up."""
        writer = int(self.protocol.get("minWriterVersion") or 1)
        extra = set(self.protocol.get("writerFeatures") or ()) - _WRITABLE
        if 2 < writer < 7 or extra or writer > 7:
            named = ", ".join(sorted(extra)) or f"writer version {writer}"
            raise InputError(
                f"Another program has given the table features Towpath can not write ({named}); "
                "let Towpath write to a table of its own."
            )
        if self.metadata.raw.get("partitionColumns"):
            raise InputError(
                "The table is partitioned, which Towpath does not write; use a table of its own."
            )


def commit_path(version: int) -> str:
    """Where the commit of a version lies, relative to the table."""
    return f"{LOG}/{version:020d}.json"


def read_commit(storage: Storage, version: int) -> list[dict[str, Any]]:
    """The actions of one version; FileNotFoundError when it does not exist (any more)."""
    data = bytes(storage.read(commit_path(version)))
    try:
        return [orjson.loads(line) for line in data.splitlines() if line.strip()]
    except orjson.JSONDecodeError as error:
        raise DamagedError(
            f"Version {version} of the table can not be read: its commit is not valid JSON."
        ) from error


def load(storage: Storage, version: int | None = None) -> Snapshot | None:
    """The newest snapshot, or the one of `version`; None where there is no table.

    Raises InputError when the version is not kept any more, DamagedError on a torn log.
    """
    for _ in range(5):
        try:
            return _load(storage, version)
        except FileNotFoundError:  # upkeep elsewhere removed old log files after we had listed them
            continue
    raise DamagedError(
        "The table's log names files that are not there; restore it or read the table in full."
    )


def _load(storage: Storage, version: int | None) -> Snapshot | None:
    """One attempt of `load`; FileNotFoundError when the log changed meanwhile."""
    hint = _hint(storage) if version is None else None
    commits, checkpoints = list_log(storage, hint)
    if hint is not None and hint not in checkpoints:  # the checkpoint it names is gone
        commits, checkpoints = list_log(storage, None)
    if not commits and not checkpoints:
        return None
    newest = max([*commits, *checkpoints])
    wanted = newest if version is None else version
    if wanted > newest:
        raise InputError(f"The table has no version {wanted}; its newest is {newest}.")
    start = max((number for number in checkpoints if number <= wanted), default=-1)
    state = _State()
    if start >= 0:
        from towpath.lake.checkpoint import read_checkpoint

        for action in read_checkpoint(storage, checkpoints[start]):
            state.apply(action)
    for number in range(start + 1, wanted + 1):
        if number not in commits:
            if version is not None:
                raise InputError(
                    f"Version {version} of the table is not kept any more; take a newer one.",
                    details={"gone": version},
                )
            raise DamagedError(
                f"The table's log lacks version {number}; restore it or read the table in full."
            )
        state.apply_commit(read_commit(storage, number))
    if not state.has_marks:  # they live in commits alone, none of which came after the checkpoint
        _marks_before(storage, state, start)
    return state.snapshot(wanted)


def advance(storage: Storage, before: Snapshot) -> Snapshot:
    """`before` with the commits made since; itself when there is none."""
    if (
        storage.local is not None  # two looks are cheaper than a listing; of an object store they are not
        and not storage.exists(commit_path(before.version + 1))
        and storage.exists(commit_path(before.version))  # else the log may have been cleaned up past us
    ):
        return before
    commits, checkpoints = list_log(storage, before.version)
    newest = max([*commits, *checkpoints], default=before.version)
    if newest <= before.version:
        return before
    if any(number not in commits for number in range(before.version + 1, newest + 1)):
        found = load(storage)
        if found is None:
            raise DamagedError("The table's log is gone; read the table in full.")
        return found
    state = _State(before)
    try:
        for number in range(before.version + 1, newest + 1):
            state.apply_commit(read_commit(storage, number))
    except FileNotFoundError:  # upkeep elsewhere was faster than we
        return load(storage) or before
    return state.snapshot(newest)


def _hint(storage: Storage) -> int | None:
    """The version of the last checkpoint, if the log names one."""
    try:
        return int(orjson.loads(bytes(storage.read(f"{LOG}/_last_checkpoint")))["version"])
    except (FileNotFoundError, orjson.JSONDecodeError, KeyError, TypeError):
        return None


def list_log(storage: Storage, start: int | None = None) -> tuple[set[int], dict[int, list[str]]]:
    """Commits, and complete checkpoints with their files; only from version `start` on when given."""
    commits: set[int] = set()
    parts: dict[tuple[int, int], list[str]] = {}
    after = None if start is None else f"{LOG}/{start:020d}"
    for entry in storage.entries(LOG, after=after):
        if found := _COMMIT.fullmatch(entry.path):
            commits.add(int(found[1]))
        elif found := _CHECKPOINT.fullmatch(entry.path):
            parts.setdefault((int(found[1]), int(found[3] or 1)), []).append(entry.path)
    complete = {number: paths for (number, count), paths in parts.items() if len(paths) == count}
    return commits, complete


def _marks_before(storage: Storage, state: _State, last: int) -> None:
    """Look back from version `last` for the newest commit of Towpath; each names the marks of all writers."""
    for number in range(last, -1, -1):
        try:
            actions = read_commit(storage, number)
        except FileNotFoundError:  # older ones have been cleaned up
            return
        for action in actions:
            if "commitInfo" in action and state.take_marks(action["commitInfo"]):
                return


class _State:
    """A snapshot in the making: actions are applied in order."""

    def __init__(self, before: Snapshot | None = None) -> None:
        self.protocol: Mapping[str, Any] = before.protocol if before else {}
        self.metadata = before.metadata if before else None
        self.files = dict(before.files) if before else {}
        self.transactions = dict(before.transactions) if before else {}
        self.marks = dict(before.marks) if before else {}
        self.has_marks = before is not None
        self.timestamp = before.timestamp if before else 0

    def apply_commit(self, actions: list[dict[str, Any]]) -> None:
        """Apply one version: removals first, since a commit may name a path once in each role."""
        for action in sorted(actions, key=lambda found: "remove" not in found):
            self.apply(action)

    def apply(self, action: Mapping[str, Any]) -> None:
        """Apply one action; kinds we do not know are none of ours to mind."""
        if (add := action.get("add")) is not None:
            if add.get("deletionVector"):
                raise InputError(
                    "The table has deletion vectors, which Towpath can not read; purge them first."
                )
            path = unquote(add["path"])
            self.files[path] = file_of(path, add)
        elif (remove := action.get("remove")) is not None:
            self.files.pop(unquote(remove["path"]), None)
        elif (txn := action.get("txn")) is not None:
            self.transactions[txn["appId"]] = int(txn["version"])
        elif (metadata := action.get("metaData")) is not None:
            self.metadata = Metadata(raw=metadata, schema=read_schema(metadata["schemaString"]))
        elif (protocol := action.get("protocol")) is not None:
            _require_readable(protocol)
            self.protocol = protocol
        elif (info := action.get("commitInfo")) is not None:
            self.timestamp = int(info.get("timestamp") or 0)
            self.take_marks(info)

    def take_marks(self, info: Mapping[str, Any]) -> bool:
        """Read the writers' marks of a commit of ours; False when another program made it."""
        try:
            noted = orjson.loads(info["userMetadata"])["towpath"]["marks"]
            self.marks = {app: Mark(**mark) for app, mark in noted.items()}
        except (KeyError, TypeError, orjson.JSONDecodeError):
            return False
        self.has_marks = True
        return True

    def snapshot(self, version: int) -> Snapshot:
        if self.metadata is None or not self.protocol:
            raise DamagedError("The table's log names no schema; restore it or read the table in full.")
        _require_plain_names(self.metadata)
        return Snapshot(
            version=version,
            protocol=self.protocol,
            metadata=self.metadata,
            files=self.files,
            transactions=self.transactions,
            # a mark whose transaction another program has moved on is not the truth any more
            marks={
                app: mark for app, mark in self.marks.items() if self.transactions.get(app) == mark.sequence
            },
            timestamp=self.timestamp,
        )


def file_of(path: str, add: Mapping[str, Any]) -> File:
    """The part that an `add` action names."""
    text = add.get("stats")
    try:
        stats = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        stats = {}
    rows = stats.get("numRecords")
    return File(
        path=path,
        size=int(add["size"]),
        rows=rows,
        low=(stats.get("minValues") or {}).get("id"),
        high=(stats.get("maxValues") or {}).get("id"),
        deleted=_marked(stats, rows),
        modified=int(add.get("modificationTime") or 0),
        stats=text,
        add=add,
    )


def _marked(stats: Mapping[str, Any], rows: int | None) -> int | None:
    empty = (stats.get("nullCount") or {}).get("_towpath_deleted_at")
    return None if rows is None or empty is None else rows - empty


def _require_readable(protocol: Mapping[str, Any]) -> None:
    version = int(protocol.get("minReaderVersion") or 1)
    extra = set(protocol.get("readerFeatures") or ()) - _READABLE
    if version > 3 or extra:
        named = ", ".join(sorted(extra)) or f"reader version {version}"
        raise InputError(f"Another program has given the table features Towpath can not read: {named}.")


def _require_plain_names(metadata: Metadata) -> None:
    if metadata.configuration.get("delta.columnMapping.mode", "none") != "none":
        raise InputError("The table maps column names, which Towpath can not read; turn column mapping off.")
