"""Upkeep: checkpoints, joining small parts, and removing what no kept version needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import pyarrow as pa

from towpath.commit_point import commit_point
from towpath.lake.checkpoint import read_removed, write_checkpoint
from towpath.lake.commit import Change
from towpath.lake.log import LOG, File, Snapshot, list_log, read_commit
from towpath.lake.parts import PART_BYTES, PART_ROWS, read_part, write_part
from towpath.lake.retention import kept_files, kept_log
from towpath.lake.storage import Storage

__all__ = ["Swept", "checkpoint_due", "compact", "sweep", "sweep_due", "write_due_checkpoint"]

SWEEP_EVERY = 50
_EVERY = 10
#: Seconds a staged file is left alone, however short the retention: its run may still be at work.
_AT_WORK = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep removed."""

    parts: int = 0
    """Parts of versions older than the retention."""
    orphans: int = 0
    """Staged parts no commit ever named, and half-written files of writers that died."""
    log_files: int = 0
    size: int = 0
    """Bytes of all of them."""


def checkpoint_due(snapshot: Snapshot, before: int) -> bool:
    """Whether a checkpoint is due: every ten versions unless `delta.checkpointInterval` says otherwise."""
    every = max(1, int(snapshot.metadata.configuration.get("delta.checkpointInterval") or _EVERY))
    return snapshot.version > 0 and snapshot.version // every > max(before, 0) // every


def sweep_due(snapshot: Snapshot, before: int) -> bool:
    """Whether it is time to remove what is no longer needed: every fifty versions."""
    return snapshot.version // SWEEP_EVERY > max(before, 0) // SWEEP_EVERY


def write_due_checkpoint(storage: Storage, snapshot: Snapshot, *, since: float = 0.0) -> None:
    """Write the checkpoint of `snapshot` with the removals made after `since` (seconds since 1970).

    A sweep, which has just deleted the files of older ones, forgets those; all else remembers every removal.
    """
    removed = _removed(storage, snapshot)
    write_checkpoint(
        storage,
        snapshot,
        {
            path: remove
            for path, remove in removed.items()
            if (remove.get("deletionTimestamp") or 0) >= since * 1000
        },
    )


def _removed(storage: Storage, snapshot: Snapshot) -> dict[str, Mapping[str, Any]]:
    """Removals the log still tells of, by path, files that are in the table again left out."""
    commits, checkpoints = list_log(storage)
    start = max((number for number in checkpoints if number <= snapshot.version), default=-1)
    found: dict[str, Mapping[str, Any]] = {}
    if start >= 0:
        for remove in read_removed(storage, checkpoints[start]):
            found[unquote(remove["path"])] = _tombstone(remove)
    for number in range(start + 1, snapshot.version + 1):
        if number in commits:
            for action in read_commit(storage, number):
                if "remove" in action:
                    found[unquote(action["remove"]["path"])] = _tombstone(action["remove"])
    return {path: remove for path, remove in found.items() if path not in snapshot.files}


def _tombstone(remove: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a checkpoint keeps of a removal."""
    return {"deletionTimestamp": remove.get("deletionTimestamp"), "size": remove.get("size")}


def compact(storage: Storage, snapshot: Snapshot | None, *, key: str = "id") -> Change | None:
    """The change that joins runs of neighbouring small parts; None when there are none."""
    if snapshot is None:
        return None
    add, remove = [], []
    for group in _runs(snapshot.ordered()):
        rows = pa.concat_tables([read_part(storage, file.path, snapshot.metadata.schema) for file in group])
        rows = rows.combine_chunks().sort_by(key)
        add.append(write_part(storage, rows, prefix="compacted", key=key))
        remove += group
    if not add:
        return None
    commit_point("compacted_files_written")
    return Change(add=add, fresh=add, remove=remove, data_change=False, operation="OPTIMIZE")


def _runs(files: Sequence[File]) -> list[list[File]]:
    """Neighbours that together fill at most one part."""
    runs: list[list[File]] = [[]]
    rows = size = 0
    for file in files:
        count = file.rows if file.rows is not None else PART_ROWS
        if runs[-1] and (rows + count > PART_ROWS or size + 4 * file.size > PART_BYTES):
            runs.append([])
            rows = size = 0
        runs[-1].append(file)
        rows += count
        size += 4 * file.size
    return [run for run in runs if len(run) > 1]


def sweep(
    storage: Storage, snapshot: Snapshot | None, *, orphans_after: float | None, now: datetime
) -> Swept:
    """See `Table.sweep`."""
    moment = now.timestamp()
    settings = snapshot.metadata.configuration if snapshot else {}
    keep_files, keep_log = kept_files(settings), kept_log(settings)
    orphan_age = max(keep_files, _AT_WORK) if orphans_after is None else orphans_after
    removed = _removed(storage, snapshot) if snapshot else {}
    active = snapshot.files if snapshot else {}
    old: list[str] = []
    orphans: list[str] = []
    size = 0
    for entry in storage.entries():
        part = entry.path.endswith(".parquet") and not entry.path.startswith(f"{LOG}/")
        if not (part or entry.path.endswith(".tmp")) or entry.path in active:
            continue
        if entry.path in removed:
            gone = (removed[entry.path].get("deletionTimestamp") or 0) / 1000
            if moment - gone <= keep_files:
                continue
            old.append(entry.path)
        elif moment - entry.modified > orphan_age:
            orphans.append(entry.path)
        else:
            continue
        size += entry.size
    # The log still tells of files that are gone now, which no reader opens. The other way round a sweep that died
    # would leave files that nothing tells of.
    storage.delete([*old, *orphans])
    commit_point("swept")
    expired: list[str] = []
    if snapshot is not None:
        write_due_checkpoint(storage, snapshot, since=moment - keep_files)
        if settings.get("delta.enableExpiredLogCleanup", "true").lower() != "false":
            expired = _expired(storage, moment - keep_log)
            storage.delete(expired)
    return Swept(parts=len(old), orphans=len(orphans), log_files=len(expired), size=size)


def _expired(storage: Storage, since: float) -> list[str]:
    """Log files no version within the retention needs: all before the last checkpoint older than `since`.

    The commit of that checkpoint itself stays: it names the writers' cursors.
    """
    commits: dict[int, float] = {}
    checkpoints: set[int] = set()
    numbered: list[tuple[int, str]] = []
    for entry in storage.entries(LOG):
        name = entry.path[len(LOG) + 1 :]
        if not name[:20].isdigit():
            continue
        numbered.append((int(name[:20]), entry.path))
        if name[20:] == ".json":
            commits[int(name[:20])] = entry.modified
        elif name[20:] == ".checkpoint.parquet":
            checkpoints.add(int(name[:20]))
    keep = max((number for number in checkpoints if commits.get(number, since + 1) <= since), default=-1)
    return [path for number, path in numbered if number < keep]
